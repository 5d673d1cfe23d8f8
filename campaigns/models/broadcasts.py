"""Broadcasts: one sending of one message to one segment, its frozen editions and its occurrences."""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.partners import Partner
from campaigns.models.segments import Segment
from cms.models import MessagePage

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def make_code() -> str:
    """Return eight letters and digits that cannot be misread."""
    return "".join(secrets.choice(_LETTERS) for _ in range(8))


class Broadcast(models.Model):
    """Hold one sending: what, to whom, when, by whom, and how far it has come."""

    class State(models.TextChoices):
        """Name the steps of a broadcast."""

        DRAFT = "draft", _("draft")
        ASKED = "asked", _("waits for approval")
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned with a reason")
        VOID = "void", _("approval void: something changed")
        HELD = "held", _("held back")
        MISSED = "missed", _("missed its time")
        LAUNCHED = "launched", _("launched")
        CANCELLED = "cancelled", _("cancelled")

    code = models.CharField(max_length=8, unique=True, default=make_code, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="broadcasts")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="broadcasts"
    )
    message = models.ForeignKey(MessagePage, on_delete=models.PROTECT, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT)
    # A broadcast that goes out at once takes the moment of its approval as its time.
    at_once = models.BooleanField(default=False)
    send_at = models.DateTimeField()
    in_quiet_hours = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    note = models.CharField(max_length=300, blank=True, default="")
    # A form posted twice carries one token, so it makes one broadcast.
    form_token = models.CharField(max_length=40, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.message.title} ({self.code})"

    @property
    def reference(self) -> str:
        """Return the opaque name that messaging knows this broadcast by."""
        return f"broadcast:{self.code}"


# Its author may still ask for approval.
CHANGEABLE = (Broadcast.State.DRAFT, Broadcast.State.RETURNED, Broadcast.State.VOID)
# Nothing of it is planned yet, and it may come to that.
NOT_LAUNCHED = (*CHANGEABLE, Broadcast.State.ASKED, Broadcast.State.APPROVED)


class Edition(models.Model):
    """Hold the message's frozen text in one language and channel."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="editions")
    channel = models.CharField(max_length=10)
    language = models.CharField(max_length=8)
    text = models.TextField()
    parts = models.PositiveSmallIntegerField()
    alphabet = models.CharField(max_length=4)
    template_ref = models.CharField(max_length=64, blank=True, default="")
    revision = models.PositiveBigIntegerField()
    reviewed = models.BooleanField()

    class Meta:
        ordering = ("channel", "language")
        constraints = (
            models.UniqueConstraint(
                fields=["broadcast", "channel", "language"], name="one_edition"
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.language}"


class Occurrence(models.Model):
    """Hold one firing of a broadcast's time; unique, so that many clocks launch it once."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="occurrences")
    occurs_at = models.DateTimeField()
    launched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["broadcast", "occurs_at"], name="one_occurrence"),
        )

    def __str__(self) -> str:
        return f"{self.broadcast_id} at {self.occurs_at:%Y-%m-%d %H:%M}"
