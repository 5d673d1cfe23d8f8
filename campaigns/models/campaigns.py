"""Campaigns: an effort of a partner on some routes, with an end; nothing of it is kept for ever."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.partners import Partner


class Campaign(models.Model):
    """Hold one effort: whose, to what end, for whom, on which routes, and from when to when."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="campaigns")
    name = models.CharField(max_length=120)
    routes = models.JSONField(default=list, help_text=_("codes of routes"))
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    objective = models.TextField(blank=True, default="")
    audience = models.TextField(blank=True, default="", help_text=_("whom it is for, in words"))
    indicators = models.JSONField(default=list, blank=True, help_text=_("how its effect is known"))
    # Of everybody in its audiences so many are left out by chance; fixed once something was sent.
    holdout_percent = models.PositiveSmallIntegerField(default=0)
    # Messages a person gets in a week from whatever partner; never more than the house allows.
    most_per_week = models.PositiveSmallIntegerField(null=True, blank=True)
    # On top of the quiet hours of each country, in each person's own time.
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    purged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=["partner", "name"], name="one_campaign"),
            models.CheckConstraint(
                condition=Q(holdout_percent__lte=50), name="most_get_the_message"
            ),
        )

    def __str__(self) -> str:
        return self.name


class JoinWord(models.Model):
    """Hold a word that people send to join: where, for which routes, in which campaign."""

    word = models.CharField(max_length=40)
    folded = models.CharField(max_length=80, editable=False)
    country = models.CharField(max_length=2)
    routes = models.JSONField(default=list, help_text=_("codes of routes"))
    languages = models.JSONField(default=list, help_text=_("those offered, in this order"))
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="words"
    )
    # Answers somebody who sends START and nothing else from this country.
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("country", "word")
        constraints = (models.UniqueConstraint(fields=["folded", "country"], name="one_join_word"),)

    def __str__(self) -> str:
        return f"{self.word} ({self.country})"
