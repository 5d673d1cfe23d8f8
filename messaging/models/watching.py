"""Counters that hold back abuse, alarms for a person, what retention did, the beats of the clock, and
how far walks along long tables have come.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Allowance(models.Model):
    """Count what was used of one limit on one day; the key is a keyed hash, never a number."""

    scope = models.CharField(max_length=20)
    key = models.BinaryField(max_length=16)
    day = models.DateField(db_index=True)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["scope", "key", "day"], name="one_allowance"),
        )

    def __str__(self) -> str:
        return f"{self.scope} on {self.day}: {self.used}"


class Alarm(models.Model):
    """Hold something a person has to look at: what, since when, how much; about nobody in particular."""

    class Kind(models.TextChoices):
        """Name what was noticed."""

        MANY_STOPS = "many_stops", _("far more people than usual said stop")
        STOP_PAGE = "stop_page", _("the stop page is used in bulk")
        MANY_SIGN_UPS = "sign_ups", _("sign-ups have reached a limit")
        SEALS = "seals", _("a number could not be opened")
        BREAKER = "breaker", _("a sender was halted: its provider refuses or does not answer")
        PAUSED = "paused", _("a broadcast paused itself: too much of it fails")
        STUCK = "stuck", _("messages are due and nothing moves")
        FORGED = "forged", _("a receipt came for a message that was never sent")
        DOUBLED = "doubled", _("a provider lists a message more than once")
        LOST = "lost", _("a provider's callbacks did not come: it had to be asked")
        CODES = "codes", _("a provider used a code that is not in the table")
        TEMPLATES = "templates", _("WhatsApp paused, refused or changed a wording")
        POISON = "poison", _("a message could not be prepared, and failed alone")
        # Of the desk; whoever raises these closes them.
        URGENT = "urgent", _("somebody wrote of danger and waits for an answer")
        MISSED = "missed", _("a broadcast missed its time")
        HELD = "held", _("a broadcast was held back at its time")
        VOID = "void", _("the approval of a broadcast is void: something changed")

    kind = models.CharField(max_length=20, choices=Kind.choices)
    country = models.CharField(max_length=2, blank=True, default="")
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "country"],
                name="one_open_alarm",
                condition=models.Q(closed_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} since {self.opened_at:%Y-%m-%d}"


class RetentionRun(models.Model):
    """Record one run of one rule of retention: what was due, and how many rows went."""

    rule = models.CharField(max_length=30)
    at = models.DateTimeField()
    before = models.DateTimeField(help_text=_("what is older than this had to go"))
    removed = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0, help_text=_("still due after the run"))

    class Meta:
        indexes = (models.Index(fields=["rule", "-at"], name="retention_last"),)

    def __str__(self) -> str:
        return f"{self.rule} on {self.at:%Y-%m-%d}: {self.removed}"


class Beat(models.Model):
    """Say when one of the clock's ticks last ended, so that a dead clock is seen."""

    name = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(default=0)
    # When it last failed, and the kind of error; a later success leaves them to be seen.
    failed_at = models.DateTimeField(null=True, blank=True)
    failed_with = models.CharField(max_length=60, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"


class Walk(models.Model):
    """Say how far a walk along a table that only grows has come, so that nothing is read twice."""

    name = models.CharField(max_length=40, unique=True)
    reached = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.reached}"
