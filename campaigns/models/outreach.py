"""Outreach: people met face to face, counted by heads."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.broadcasts import make_code
from campaigns.models.campaigns import Campaign
from campaigns.models.partners import Partner


class OutreachSession(models.Model):
    """Hold one event face to face: when and in which country, never where exactly or with whom."""

    code = models.CharField(max_length=8, unique=True, default=make_code, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="sessions")
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    country = models.CharField(max_length=2)
    routes = models.JSONField(default=list)
    held_on = models.DateField()
    form_token = models.CharField(max_length=40, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("-held_on", "-made_at")

    def __str__(self) -> str:
        return f"Session {self.code}"


class Heads(models.Model):
    """Count the people of one sex and age band at one session, as whoever held it saw them."""

    class Sex(models.TextChoices):
        """Name what was seen; nobody was asked."""

        FEMALE = "female", _("women and girls")
        MALE = "male", _("men and boys")
        UNKNOWN = "unknown", _("not counted apart")

    class Age(models.TextChoices):
        """Name the bands of age that reports use."""

        CHILD = "under_18", _("under 18")
        YOUNG = "18_24", _("18 to 24")
        ADULT = "25_plus", _("25 and older")
        UNKNOWN = "unknown", _("not counted apart")

    session = models.ForeignKey(OutreachSession, on_delete=models.CASCADE, related_name="heads")
    sex = models.CharField(max_length=8, choices=Sex.choices)
    age = models.CharField(max_length=8, choices=Age.choices)
    people = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["session", "sex", "age"], name="one_head_count"),
        )

    def __str__(self) -> str:
        return f"{self.people} heads"
