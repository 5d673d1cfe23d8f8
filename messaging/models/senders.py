"""Senders, what each may send where, what has been used of it, and the fence that stops everything."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.subscribers import Channel


class Sender(models.Model):
    """Hold a number or name that messages come from: what it may do, its pace, and whether it is halted."""

    class Kind(models.TextChoices):
        """Name what an address is; people can answer only numbers and short codes."""

        NUMBER = "number", _("number")
        SHORT_CODE = "short_code", _("short code")
        NAME = "name", _("name, which nobody can answer")
        POOL = "pool", _("pool or service, where the provider chooses")

    name = models.CharField(max_length=60, unique=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.NUMBER)
    address = models.CharField(
        max_length=200, help_text=_("a number in E.164, a name, or the provider's id of a pool")
    )
    two_way = models.BooleanField(default=False, help_text=_("people can answer it"))
    # Lower goes first where several may serve a country.
    priority = models.SmallIntegerField(default=0)
    parts_per_second = models.PositiveIntegerField(default=1)
    quiet_share = models.PositiveSmallIntegerField(
        default=20, help_text=_("per cent of the rate kept back for replies")
    )
    daily_cap = models.PositiveIntegerField(default=0, help_text=_("messages a day; 0 is no limit"))
    people_per_day = models.PositiveIntegerField(
        default=0, help_text=_("people in any 24 hours, as WhatsApp limits them; 0 is no limit")
    )
    portfolio = models.CharField(
        max_length=60, blank=True, default="", help_text=_("senders that share that limit")
    )
    active = models.BooleanField(default=True)
    # From when the next part may go out, by the database's clock: one rate for any number of workers.
    free_at = models.DateTimeField(null=True, blank=True)
    replies_free_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)
    # The breaker: open since, why, and when one message may try again.
    halted_at = models.DateTimeField(null=True, blank=True)
    halted_reason = models.CharField(max_length=40, blank=True, default="")
    resting_until = models.DateTimeField(null=True, blank=True)
    failures_in_row = models.PositiveIntegerField(default=0)
    window_at = models.DateTimeField(null=True, blank=True)
    window_calls = models.PositiveIntegerField(default=0)
    window_failures = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class SenderCountry(models.Model):
    """Say where a sender stands in one country, and what one part costs there."""

    class State(models.TextChoices):
        """Name the steps of a registration; only an active one is offered."""

        DRAFT = "draft", _("not asked for yet")
        SUBMITTED = "submitted", _("asked for")
        ACTIVE = "active", _("may send")
        REFUSED = "refused", _("refused")

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, related_name="countries")
    country = models.CharField(max_length=2)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    cost = models.DecimalField(
        max_digits=10, decimal_places=5, null=True, blank=True, help_text=_("for one part")
    )
    currency = models.CharField(max_length=3, default="USD")
    remarks = models.TextField(blank=True, default="")
    checked_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["sender", "country"], name="one_sender_country"),
        )

    def __str__(self) -> str:
        return f"{self.sender_id} in {self.country}: {self.state}"


class SenderHour(models.Model):
    """Count what a sender was given in one hour, so that a day's limit can be kept."""

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, db_index=False)
    hour = models.DateTimeField()
    messages = models.PositiveIntegerField(default=0)
    parts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["sender", "hour"], name="one_sender_hour"),)

    def __str__(self) -> str:
        return f"{self.sender_id} at {self.hour:%Y-%m-%d %H}: {self.messages}"


class Template(models.Model):
    """Hold a wording that WhatsApp has seen: its digest, the provider's reference, its state."""

    class State(models.TextChoices):
        """Name the states of an approval; only approved wording is sent."""

        PENDING = "pending", _("waiting for WhatsApp")
        APPROVED = "approved", _("approved by WhatsApp")
        REJECTED = "rejected", _("refused by WhatsApp")
        PAUSED = "paused", _("paused by WhatsApp")
        DISABLED = "disabled", _("switched off by WhatsApp")

    sender = models.ForeignKey(Sender, on_delete=models.PROTECT)
    name = models.CharField(max_length=80)
    language = models.CharField(max_length=8)
    category = models.CharField(max_length=20)
    body = models.TextField()
    digest = models.CharField(max_length=64)
    ref = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    # What WhatsApp said: why it refuses, and the category it made of ours, which sets the price.
    reason = models.CharField(max_length=200, blank=True, default="")
    found_category = models.CharField(max_length=20, blank=True, default="")
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["sender", "name", "language", "digest"], name="one_wording"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"

    @property
    def billed_as(self) -> str:
        """Return the category that sets its price: WhatsApp's own word where there is one."""
        return (self.found_category or self.category).lower()


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
    # Must be the one that the deployment carries: a database of yesterday sends nothing.
    epoch = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(null=True, blank=True)
    # Which database this is, as PostgreSQL tells it: a restored or promoted one is another.
    place = models.CharField(max_length=80, blank=True, default="")
    # After a restore: which of the checks have passed, and how.
    checks = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"Fence {self.epoch}: {'open' if self.send_enabled else 'closed'}"
