"""Segments: saved rules for whom. Whom they yield is asked of messaging, now, after consent."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.partners import Partner
from messaging.sending.eligibility import Audience


def topic_of(route_code: str) -> str:
    """Return the topic under which subscribers ask for a route."""
    return f"route:{route_code}"


class Segment(models.Model):
    """Hold one rule: routes asked for, and limits on countries, languages and channels."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="segments")
    name = models.CharField(max_length=120)
    routes = models.JSONField(default=list, help_text=_("codes of routes"))
    countries = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True)
    channels = models.JSONField(default=list)
    joined_from = models.DateField(null=True, blank=True)
    joined_until = models.DateField(null=True, blank=True)
    # Nothing was handed over to her in so many days.
    not_reached_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # Whom this broadcast was handed over to: what a correction goes to.
    received = models.CharField(max_length=64, blank=True, default="", editable=False)
    # Chosen by name again, unlike a rule that was made for one broadcast.
    is_saved = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["partner", "name"], name="one_segment"),)

    def __str__(self) -> str:
        return self.name

    @property
    def audience(self) -> Audience:
        """Return the rule in messaging's words."""
        return Audience(
            topics=tuple(topic_of(code) for code in self.routes),
            countries=tuple(self.countries),
            languages=tuple(self.languages),
            channels=tuple(self.channels),
            # Whoever has been told what is not true is put right, however much she got.
            most=0 if self.received else settings.MOST_PER_WEEK,
            joined_from=self.joined_from,
            joined_until=self.joined_until,
            not_reached_days=self.not_reached_days or 0,
            received=self.received,
        )

    def as_data(self) -> dict[str, Any]:
        """Return the rule as plain data for a snapshot."""
        return self.audience.as_data()
