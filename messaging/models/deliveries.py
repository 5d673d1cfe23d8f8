"""Deliveries: one subscriber's copy of one batch, its attempts, its price, the ledger of its events."""

from django.conf import settings
from django.db import models

from messaging.models.batches import Batch, BatchText
from messaging.models.senders import Sender
from messaging.models.subscribers import Subscriber
from messaging.states import State


class Delivery(models.Model):
    """Hold one subscriber's copy: at most one per batch, in exactly one named state."""

    # Every index is written again at each step, so there are only those that a query needs.
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    # Without a constraint: a person's row can go while what was sent stays counted.
    subscriber = models.ForeignKey(
        Subscriber,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="deliveries",
    )
    # One value for all channels of one identity within a batch, so that people are counted once.
    person = models.BigIntegerField(default=0)
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, db_index=False)
    text = models.ForeignKey(BatchText, on_delete=models.PROTECT, db_index=False)
    # Copies, so that counting needs no person: country and language as they were at launch.
    channel = models.CharField(max_length=10)
    country = models.CharField(max_length=2)
    language = models.CharField(max_length=8)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    rank = models.SmallIntegerField(null=True, default=0)
    reason = models.CharField(max_length=40, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    send_before = models.DateTimeField()
    owner = models.CharField(max_length=40, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    submitting_at = models.DateTimeField(null=True)
    provider_ref = models.CharField(max_length=64, blank=True, default="")
    # Unforeseen errors with this one row; after three of them it fails and the rest goes on.
    strikes = models.PositiveSmallIntegerField(default=0)
    # Unknown still, and nothing more to be hoped for.
    settled_at = models.DateTimeField(null=True)
    # Its text was taken out of what the provider keeps.
    redacted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["batch", "subscriber"], name="one_delivery"),
        )
        indexes = (
            models.Index(
                # Batch by batch: what waits of a paused one is not read by every claim.
                fields=["sender", "batch", "not_before", "id"],
                name="delivery_due",
                condition=models.Q(state=State.PLANNED),
            ),
            models.Index(
                fields=["lease_until"],
                name="delivery_lease",
                condition=models.Q(state__in=[State.CLAIMED, State.SUBMITTING]),
            ),
            models.Index(
                fields=["batch"],
                name="delivery_moving",
                condition=models.Q(state__in=[State.PLANNED, State.CLAIMED, State.SUBMITTING]),
            ),
            models.Index(
                fields=["submitting_at"],
                name="delivery_unknown",
                condition=models.Q(state=State.UNKNOWN),
            ),
            models.Index(fields=["subscriber", "submitting_at"], name="delivery_frequency"),
            # Refused on WhatsApp, so that an SMS may go instead: few, and looked for at each tick.
            models.Index(
                fields=["batch"],
                name="delivery_refused",
                condition=models.Q(state=State.FAILED, channel="whatsapp", provider_ref=""),
            ),
        )

    def __str__(self) -> str:
        return f"Delivery {self.pk}"


class Attempt(models.Model):
    """Record one call to a provider for one delivery, written before the call."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, db_index=False)
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["delivery", "number"], name="one_attempt"),)

    def __str__(self) -> str:
        return f"Attempt {self.number} of delivery {self.delivery_id}"


class Absence(models.Model):
    """Record that one attempt is missing from the provider's list: looked at twice, decided by a person."""

    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, related_name="absences", db_index=False
    )
    attempt = models.PositiveSmallIntegerField()
    first_at = models.DateTimeField()
    # The second look, long enough after the first: only now it is proven.
    proven_at = models.DateTimeField(null=True)
    # Who said that it is to be sent after all, and when.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["delivery", "attempt"], name="one_absence"),)

    def __str__(self) -> str:
        return f"Attempt {self.attempt} of delivery {self.delivery_id} is missing"


class Event(models.Model):
    """Record the first time a delivery reached a state: one line of the ledger, never changed."""

    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.CharField(max_length=40, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["delivery", "state"], name="one_event"),)

    def __str__(self) -> str:
        return f"{self.state} of delivery {self.delivery_id}"


class Bill(models.Model):
    """Hold what a provider asked for one delivery, as it said later."""

    delivery = models.OneToOneField(Delivery, on_delete=models.CASCADE, related_name="bill")
    parts = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=10, decimal_places=5, null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["at"], name="bill_open", condition=models.Q(amount__isnull=True)),
        )

    def __str__(self) -> str:
        return f"Bill of delivery {self.delivery_id}"
