"""Schedules: the rule by which a broadcast goes out again and again, and where it stands."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.recurring import DAILY, MONTHLY, WEEKLY, Rhythm


class Schedule(models.Model):
    """Hold one rule in local time and its next day; each moment is worked out when it is needed."""

    class Every(models.TextChoices):
        """Name the kinds of rule."""

        DAILY = DAILY, _("every day")
        WEEKLY = WEEKLY, _("every week")
        MONTHLY = MONTHLY, _("every month")

    every = models.CharField(max_length=8, choices=Every.choices)
    weekdays = models.JSONField(default=list, help_text=_("1 is Monday, 7 is Sunday"))
    month_day = models.PositiveSmallIntegerField(default=1)
    at = models.TimeField()
    zone = models.CharField(max_length=60)
    starts_on = models.DateField()
    ends_on = models.DateField()
    # So many hours after each of its times nobody gets it any more; no last moment where it is 0.
    lasts_hours = models.PositiveSmallIntegerField(default=0)
    # The next of its days; none before it is approved and after its last.
    next_on = models.DateField(null=True, blank=True)
    # When that is in UTC as far as is known today: a law may move it.
    next_at = models.DateTimeField(null=True, blank=True, db_index=True)
    paused_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.every} at {self.at:%H:%M} ({self.zone})"

    @property
    def rhythm(self) -> Rhythm:
        """Return its rule."""
        return Rhythm(
            every=self.every,
            at=self.at,
            zone=self.zone,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            weekdays=tuple(self.weekdays),
            month_day=self.month_day,
            lasts_hours=self.lasts_hours,
        )
