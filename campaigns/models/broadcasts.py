"""Broadcasts: one sending of one message to one segment, its frozen editions and its occurrences."""

import secrets
from dataclasses import replace

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaigns import Campaign
from campaigns.models.partners import Partner
from campaigns.models.schedules import Schedule
from campaigns.models.segments import Segment
from cms.models import MessagePage
from messaging.sending.eligibility import Audience

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
        LEFT = "left", _("did not go out")
        LAUNCHED = "launched", _("launched")
        OVER = "over", _("its last time is over")
        CANCELLED = "cancelled", _("cancelled")

    code = models.CharField(max_length=8, unique=True, default=make_code, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="broadcasts")
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="broadcasts"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="broadcasts"
    )
    # Who asked for its approval last: she decides about it as little as its author.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    message = models.ForeignKey(MessagePage, on_delete=models.PROTECT, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT)
    # A broadcast that goes out at once takes the moment of its approval as its time.
    at_once = models.BooleanField(default=False)
    send_at = models.DateTimeField()
    # One that recurs is only a pattern: each of its times makes a broadcast of its own, with a batch.
    schedule = models.OneToOneField(
        Schedule, null=True, blank=True, on_delete=models.PROTECT, related_name="broadcast"
    )
    pattern = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="sendings"
    )
    # The one that did not go out, which this one is to make up for.
    instead_of = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="made_up_by"
    )
    in_quiet_hours = models.BooleanField(default=False)
    # In the evening of each person's own zone, instead of at one moment for all.
    in_evening = models.BooleanField(default=False)
    # The last moment at which anybody may still get it; none but its truth where it is empty.
    send_before = models.DateTimeField(null=True, blank=True)
    # The order in which a person's channels are tried; empty is that of the segment.
    channels = models.JSONField(default=list, blank=True)
    # By channel the id of the sender that it comes from; the house chooses where none is named.
    senders = models.JSONField(default=dict, blank=True)
    # The one whose message was not true any more, and which this one puts right.
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    note = models.CharField(max_length=300, blank=True, default="")
    # What held it back at its time: codes, put into words for whoever reads them.
    held_by = models.JSONField(default=list, blank=True)
    # A form posted twice carries one token, so it makes one broadcast.
    form_token = models.CharField(max_length=40, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=["partner", "-created_at"], name="desk_list"),
            models.Index(fields=["send_at"], name="desk_calendar"),
        )

    def __str__(self) -> str:
        return f"{self.message.title} ({self.code})"

    @property
    def reference(self) -> str:
        """Return the opaque name that messaging knows this broadcast by."""
        return f"broadcast:{self.code}"

    @property
    def audience(self) -> Audience:
        """Return its rule in messaging's words, with the limits of its campaign and its own channels."""
        rule = self.segment.audience
        if self.channels:
            rule = replace(rule, channels=tuple(self.channels))
        # What puts something right goes to everybody who was told it.
        if self.campaign is not None and self.campaign.most_per_week and not rule.received:
            # Never more than the house allows, where it sets a limit.
            caps = [rule.most, self.campaign.most_per_week]
            rule = replace(rule, most=min(cap for cap in caps if cap))
        return rule

    @property
    def recurs_by(self) -> Schedule | None:
        """Return the schedule that it has, or that it was made by."""
        return self.pattern.schedule if self.pattern else self.schedule


# Its author may still ask for approval.
CHANGEABLE = (Broadcast.State.DRAFT, Broadcast.State.RETURNED, Broadcast.State.VOID)
# Nothing of it is planned yet, and it may come to that.
NOT_LAUNCHED = (*CHANGEABLE, Broadcast.State.ASKED, Broadcast.State.APPROVED)
# It did not go out at its time, and a person has to say what now.
UNDECIDED = (Broadcast.State.MISSED, Broadcast.State.HELD)


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

    # Of one that recurs: its schedule, beside the broadcast that this time made.
    schedule = models.ForeignKey(
        Schedule, null=True, blank=True, on_delete=models.PROTECT, related_name="occurrences"
    )
    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="occurrences")
    occurs_at = models.DateTimeField()
    launched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["broadcast", "occurs_at"], name="one_occurrence"),
            models.UniqueConstraint(fields=["schedule", "occurs_at"], name="one_time"),
        )

    def __str__(self) -> str:
        return f"{self.broadcast_id} at {self.occurs_at:%Y-%m-%d %H:%M}"
