"""What providers send us: receipts as they came, and messages from people with their text sealed."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.subscribers import Channel, Subscriber


class StoredReceipt(models.Model):
    """Keep one receipt until a worker folds it into its delivery; doubled ones are not kept twice."""

    delivery_id = models.BigIntegerField(db_index=True)
    attempt = models.PositiveSmallIntegerField()
    ref = models.CharField(max_length=64)
    word = models.CharField(max_length=30)
    state = models.CharField(max_length=10, blank=True, default="")
    reason = models.CharField(max_length=40, blank=True, default="")
    received_at = models.DateTimeField()
    folded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["ref", "word"], name="one_receipt"),)
        indexes = (
            models.Index(
                fields=["id"], name="receipt_waiting", condition=models.Q(folded_at__isnull=True)
            ),
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
        OTHER = "other", _("something else")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ref = models.CharField(max_length=64, unique=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    subscriber = models.ForeignKey(Subscriber, null=True, on_delete=models.SET_NULL)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text_sealed = models.BinaryField()
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Inbound {self.uid.hex[:8]}"
