"""Subscribers: one opted-in channel identity each. Not a person: phones are shared and change hands.

Plain Django models on purpose: no revision, search index, snippet or admin may copy a number.
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """Name the channels a message can go by."""

    SMS = "sms", "SMS"
    WHATSAPP = "whatsapp", "WhatsApp"


class Subscriber(models.Model):
    """Hold one channel identity: its address sealed, its language and its chosen country."""

    class State(models.TextChoices):
        """Name the states of a subscription."""

        SUBSCRIBED = "subscribed", _("subscribed")
        STOPPED = "stopped", _("stopped")

    # The uid exists before the first save: the ciphertext is bound to it.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    number_hash = models.BinaryField(max_length=16, db_index=True)
    number_sealed = models.BinaryField(max_length=160)
    language = models.CharField(max_length=8)
    country = models.CharField(max_length=2)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBSCRIBED)
    joined_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["channel", "number_hash"], name="one_identity"),
        )
        indexes = (models.Index(fields=["state", "country", "language"], name="audience"),)

    def __str__(self) -> str:
        return f"Subscriber {self.uid.hex[:8]}"


class Topic(models.Model):
    """Note that a subscriber asked for a topic, such as `route:cmed`; messaging does not read it."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="topics")
    name = models.CharField(max_length=40)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["subscriber", "name"], name="one_topic"),)
        indexes = (models.Index(fields=["name", "subscriber"], name="topic_audience"),)

    def __str__(self) -> str:
        return self.name
