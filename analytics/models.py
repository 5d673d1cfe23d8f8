"""What was counted: cells that add up, and distinct identities, which do not. Never a person."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tally(models.Model):
    """Hold one count of one batch: when it was taken and how many events it had seen."""

    reference = models.CharField(max_length=60, unique=True)
    counted_at = models.DateTimeField()
    events = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.reference} at {self.counted_at:%Y-%m-%d %H:%M}"


class DeliveryCount(models.Model):
    """Count the deliveries of one cell; every delivery is in exactly one, so these add up.

    Within one channel a person has one delivery a batch: people need no column of their own here.
    """

    tally = models.ForeignKey(Tally, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10)
    country = models.CharField(max_length=2)
    language = models.CharField(max_length=8, help_text=_("the language asked for"))
    text_language = models.CharField(max_length=8, help_text=_("the language of the text sent"))
    state = models.CharField(max_length=10)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tally", "channel", "country", "language", "text_language", "state"],
                name="one_delivery_cell",
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.country} {self.language} {self.state}"


class ReachCount(models.Model):
    """Count distinct identities of one country, one language or all; a sum of these means nothing.

    Who has both channels counts once. `low` has a receipt; `high` also has those who may have been
    reached. Empty country and language stand for the whole batch.
    """

    class Method(models.TextChoices):
        """Name how doubles were left out; rows of different methods are never compared."""

        KEYED_HASH = "keyed_hash", _("same keyed hash of the number")

    tally = models.ForeignKey(Tally, on_delete=models.CASCADE, related_name="reach")
    country = models.CharField(max_length=2, blank=True, default="")
    language = models.CharField(max_length=8, blank=True, default="")
    low = models.PositiveIntegerField()
    high = models.PositiveIntegerField()
    method = models.CharField(max_length=12, choices=Method.choices, default=Method.KEYED_HASH)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["tally", "country", "language"], name="one_reach_cell"),
        )

    def __str__(self) -> str:
        return f"{self.country or 'all'} {self.language or 'all'}"


class Opening(models.Model):
    """Count how often one short link was opened on one day: openings, and nothing of who opened it.

    `language` is the one asked for: that of the code, or that of an older link, whose code is the
    original's.
    """

    code = models.CharField(max_length=8)
    language = models.CharField(max_length=8)
    day = models.DateField()
    count = models.PositiveBigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["code", "language", "day"], name="one_opening_cell"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.language} {self.day}"
