"""Senders, their templates, what each country allows, and the fence that stops everything."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.subscribers import Channel


class Sender(models.Model):
    """Hold a number or name that messages come from, and the lease of whoever drains it now."""

    name = models.CharField(max_length=60, unique=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    provider = models.CharField(max_length=20)
    address = models.CharField(max_length=40, help_text=_("a number in E.164, or a name"))
    parts_per_second = models.PositiveIntegerField(default=1)
    active = models.BooleanField(default=True)
    drained_by = models.CharField(max_length=40, blank=True, default="")
    drained_until = models.DateTimeField(null=True, blank=True)
    resting_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Template(models.Model):
    """Hold a wording that WhatsApp has seen: its digest, the provider's reference, its state."""

    class State(models.TextChoices):
        """Name the states of an approval; only approved wording is sent."""

        PENDING = "pending", _("waiting for WhatsApp")
        APPROVED = "approved", _("approved by WhatsApp")
        REJECTED = "rejected", _("refused by WhatsApp")

    sender = models.ForeignKey(Sender, on_delete=models.PROTECT)
    name = models.CharField(max_length=80)
    language = models.CharField(max_length=8)
    category = models.CharField(max_length=20)
    body = models.TextField()
    digest = models.CharField(max_length=64)
    ref = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["sender", "name", "language", "digest"], name="one_wording"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class CountryRule(models.Model):
    """Hold what a country allows: names as senders, replies by SMS; dated and of uneven certainty."""

    class Answer(models.TextChoices):
        """Name the answers the sources give."""

        YES = "yes", _("yes")
        REGISTRATION = "registration", _("after registration")
        NO = "no", _("no")
        CONFLICT = "conflict", _("sources differ")

    country = models.CharField(max_length=2, unique=True)
    alpha_sender = models.CharField(max_length=12, choices=Answer.choices)
    two_way = models.CharField(max_length=12, choices=Answer.choices)
    remarks = models.TextField(blank=True)
    confidence = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.country


class Fence(models.Model):
    """Hold the one switch that lets anything be sent; raised by hand after a restore."""

    send_enabled = models.BooleanField(default=True)
    epoch = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"Fence {self.epoch}: {'open' if self.send_enabled else 'closed'}"
