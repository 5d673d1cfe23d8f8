"""Clearances: a country is open for sign-up and sending only once its papers are in order."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Clearance(models.Model):
    """Record the papers of one country: impact assessment, hosting, partner agreement, incident contact."""

    country = models.CharField(max_length=2, unique=True)
    assessed_on = models.DateField(
        null=True, blank=True, help_text=_("the data protection impact assessment")
    )
    hosting = models.CharField(max_length=200, blank=True, default="")
    agreement = models.CharField(max_length=200, blank=True, default="")
    incident_contact = models.CharField(max_length=200, blank=True, default="")
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.country

    @property
    def is_complete(self) -> bool:
        """Say whether every paper is named."""
        return bool(self.assessed_on and self.hosting and self.agreement and self.incident_contact)

    @property
    def is_open(self) -> bool:
        """Say whether people of this country may join and be sent to."""
        return self.is_complete and self.opened_at is not None and self.closed_at is None
