"""What providers send us: receipts as they came, and messages from people with their text sealed."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.subscribers import Channel, Subscriber


class StoredReceipt(models.Model):
    """Keep one receipt until a worker folds it into its delivery; doubled ones are not kept twice."""

    delivery_id = models.BigIntegerField()
    attempt = models.PositiveSmallIntegerField()
    ref = models.CharField(max_length=64)
    word = models.CharField(max_length=30)
    state = models.CharField(max_length=10, blank=True, default="")
    reason = models.CharField(max_length=40, blank=True, default="")
    received_at = models.DateTimeField()
    folded_at = models.DateTimeField(null=True)
    # About something that was never sent: kept as evidence, a bounded number of them, and not applied.
    refused = models.BooleanField(default=False)

    class Meta:
        constraints = (
            # Begins with the delivery, so that it finds the receipts of one as well.
            models.UniqueConstraint(fields=["delivery_id", "ref", "word"], name="one_receipt"),
        )
        indexes = (
            models.Index(fields=["id"], name="receipt_refused", condition=models.Q(refused=True)),
            models.Index(
                fields=["id"], name="receipt_waiting", condition=models.Q(folded_at__isnull=True)
            ),
            models.Index(fields=["received_at"], name="receipt_age"),
        )

    def __str__(self) -> str:
        return f"Receipt {self.word} for delivery {self.delivery_id}"


class InboundMessage(models.Model):
    """Keep one message from a person, its text sealed, unique on the provider's id."""

    class Kind(models.TextChoices):
        """Name what the text was read as."""

        STOP = "stop", _("stop")
        START = "start", _("start")
        HELP = "help", _("help")
        MINE = "mine", _("what do you know about me")
        JOIN = "join", _("joining")
        OTHER = "other", _("something else")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ref = models.CharField(max_length=64, unique=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    subscriber = models.ForeignKey(Subscriber, null=True, on_delete=models.SET_NULL)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # Empty once its time is over; the row stays, so that a replay is known for ever.
    text_sealed = models.BinaryField()
    key_id = models.PositiveIntegerField(default=1, db_index=True)
    received_at = models.DateTimeField(db_index=True)
    # Its text was taken out of what the provider keeps.
    redacted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            # Rows stay for ever, texts do not: what is left to empty is few among many.
            models.Index(
                fields=["received_at"], name="inbound_text", condition=~models.Q(text_sealed=b"")
            ),
        )

    def __str__(self) -> str:
        return f"Inbound {self.uid.hex[:8]}"
