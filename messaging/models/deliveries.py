"""Deliveries: one subscriber's copy of one batch, its attempts, and the ledger of its events."""

from django.db import models

from messaging.models.batches import Batch, BatchText
from messaging.models.senders import Sender
from messaging.models.subscribers import Subscriber
from messaging.states import State


class Delivery(models.Model):
    """Hold one subscriber's copy: at most one per batch, in exactly one named state."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="deliveries")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="deliveries")
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT)
    text = models.ForeignKey(BatchText, on_delete=models.PROTECT)
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

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["batch", "subscriber"], name="one_delivery"),
        )
        indexes = (
            models.Index(
                fields=["sender", "not_before", "id"],
                name="delivery_due",
                condition=models.Q(state=State.PLANNED),
            ),
            models.Index(
                fields=["lease_until"],
                name="delivery_lease",
                condition=models.Q(state__in=[State.CLAIMED, State.SUBMITTING]),
            ),
            models.Index(fields=["batch", "state"], name="delivery_count"),
        )

    def __str__(self) -> str:
        return f"Delivery {self.pk}"


class Attempt(models.Model):
    """Record one call to a provider for one delivery, written before the call."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE)
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["delivery", "number"], name="one_attempt"),)

    def __str__(self) -> str:
        return f"Attempt {self.number} of delivery {self.delivery_id}"


class Event(models.Model):
    """Record the first time a delivery reached a state: one line of the ledger, never changed."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="events")
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.CharField(max_length=40, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["delivery", "state"], name="one_event"),)

    def __str__(self) -> str:
        return f"{self.state} of delivery {self.delivery_id}"
