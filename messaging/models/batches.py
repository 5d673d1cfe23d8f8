"""Batches: one broadcast as messaging sees it, with its frozen texts, choices and lanes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.senders import Sender
from messaging.models.subscribers import Channel, Purpose


class Batch(models.Model):
    """Hold one group of deliveries under an opaque reference; its owner lives above this layer."""

    class State(models.TextChoices):
        """Name the states of a batch."""

        PLANNING = "planning", _("planning")
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        CANCELLED = "cancelled", _("cancelled")
        FINISHED = "finished", _("finished")

    reference = models.CharField(max_length=60, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNING)
    audience = models.JSONField(
        help_text=_("the frozen rule: topics, countries, languages, channels")
    )
    # What its people must have said yes to, beside the rule: the last gate asks by it.
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.MESSAGES)
    priority = models.SmallIntegerField(default=0)
    size = models.PositiveIntegerField(default=0, help_text=_("people planned at launch"))
    # So many, drawn by chance, are planned before all others; 0 once everybody is.
    first = models.PositiveIntegerField(default=0)
    text_valid_until = models.DateTimeField()
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    # When its deliveries were removed; what was counted of them by then stays as it was.
    purged_at = models.DateTimeField(null=True, blank=True)
    # Counted anew from the rows, never added to.
    counts = models.JSONField(default=dict, help_text=_("deliveries by state, as they were then"))
    counted_at = models.DateTimeField(null=True, blank=True)
    # When a count was begun, which holds others back; what the last one cost; since when nothing has
    # changed; and how many a second were settled one way or another.
    counting_at = models.DateTimeField(null=True, blank=True)
    count_ms = models.PositiveIntegerField(default=0)
    still_since = models.DateTimeField(null=True, blank=True)
    rate = models.FloatField(default=0.0)
    paused_reason = models.CharField(max_length=40, blank=True, default="")
    # What was known when it paused itself: whoever lets it go on has seen that much.
    tried_before = models.PositiveIntegerField(default=0)
    failed_before = models.PositiveIntegerField(default=0)
    # Left out by chance, so that an effect can be measured: how many of ten thousand, and how many.
    holdout = models.PositiveSmallIntegerField(default=0)
    held_out = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.reference


class BatchText(models.Model):
    """Hold one frozen text of a batch, in one language and channel."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="texts")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    language = models.CharField(max_length=8)
    body = models.TextField()
    template_ref = models.CharField(max_length=64, blank=True, default="")
    parts = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["batch", "channel", "language"], name="one_text"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.language}"


class BatchChoice(models.Model):
    """Say which text a subscriber of one channel and language gets: her own or a fallback."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="choices")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    language = models.CharField(max_length=8)
    text = models.ForeignKey(BatchText, on_delete=models.CASCADE)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["batch", "channel", "language"], name="one_choice"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.language}"


class BatchLane(models.Model):
    """Say from which sender and in which window one channel and country is served."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="lanes")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    country = models.CharField(max_length=2)
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT)
    reason = models.CharField(max_length=200, blank=True, default="")
    # Ids of those who may take over, in their order.
    fallbacks = models.JSONField(default=list)
    not_before = models.DateTimeField()
    send_before = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["batch", "channel", "country"], name="one_lane"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.country}"
