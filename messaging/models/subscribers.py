"""Subscribers: one opted-in channel identity each. Not a person: phones are shared and change hands.

Plain Django models on purpose: no revision, search index, snippet or admin may copy a number. What a
row says of consent is drawn from the ledger (`messaging.consenting.standing`); the ledger is the truth.
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """Name the channels a message can go by."""

    SMS = "sms", "SMS"
    WHATSAPP = "whatsapp", "WhatsApp"


class Purpose(models.TextChoices):
    """Name what a yes is for; each is asked for by itself."""

    MESSAGES = "messages", _("information")
    SURVEY = "survey", _("a question now and then")
    URGENT = "urgent", _("urgent alerts")


class Subscriber(models.Model):
    """Hold one channel identity: its address sealed, its language, its chosen country, its consent."""

    class State(models.TextChoices):
        """Name the states of a subscription; only the first may be sent to."""

        SUBSCRIBED = "subscribed", _("subscribed")
        ASKED = "asked", _("asked whether to go on")
        STOPPED = "stopped", _("stopped")

    # The uid exists before the first save: the ciphertext is bound to it.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    number_hash = models.BinaryField(max_length=16, db_index=True)
    number_sealed = models.BinaryField(max_length=320)
    # Of the sealed bytes, so that a rotation finds what is left in one index.
    key_id = models.PositiveIntegerField(default=1, db_index=True)
    language = models.CharField(max_length=8)
    country = models.CharField(max_length=2)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBSCRIBED)
    # What she said yes to, each by itself, and until when; written by `messaging.consenting.consent` only.
    messages = models.BooleanField(default=True)
    survey = models.BooleanField(default=False)
    urgent = models.BooleanField(default=False)
    joined_at = models.DateTimeField()
    consent_until = models.DateTimeField(null=True, blank=True)
    survey_until = models.DateTimeField(null=True, blank=True)
    urgent_until = models.DateTimeField(null=True, blank=True)
    # Days, not moments: enough to know who fell silent, too little to follow anybody.
    heard_on = models.DateField(null=True, blank=True)
    asked_on = models.DateField(null=True, blank=True)
    # Until when WhatsApp takes free text: a day after her last message. Emptied when it is over.
    window_until = models.DateTimeField(null=True, blank=True)
    # Of those that failed at her phone: many networks tell of no phone (`messaging.consenting.reaching`).
    unanswered = models.PositiveSmallIntegerField(
        default=0, help_text=_("messages since the last receipt that says delivered")
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["channel", "number_hash"], name="one_identity"),
        )
        indexes = (
            # Holds all that eligibility asks of a row, so that the table itself is not read.
            models.Index(
                fields=[
                    *("country", "language", "channel", "messages"),
                    *("consent_until", "number_hash", "id"),
                ],
                name="audience",
                condition=models.Q(state="subscribed"),
            ),
            models.Index(
                fields=["state", "asked_on"],
                name="leaving",
                condition=models.Q(state__in=["asked", "stopped"]),
            ),
            models.Index(fields=["heard_on"], name="silent"),
            models.Index(
                fields=["window_until"],
                name="window_over",
                condition=models.Q(window_until__isnull=False),
            ),
        )

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


class VolunteeredCount(models.Model):
    """Count the sex and age band that people chose to tell, by month; tied to nobody."""

    month = models.DateField()
    country = models.CharField(max_length=2)
    sex = models.CharField(max_length=10)
    age_band = models.CharField(max_length=10)
    people = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["month", "country", "sex", "age_band"], name="one_volunteered_count"
            ),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.country} {self.sex} {self.age_band}: {self.people}"
