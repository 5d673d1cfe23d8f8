"""Alerts: something that holds for a few days only, and takes itself down."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail_localize.fields import SynchronizedField, TranslatableField

from cms.models.editorial import Entry
from cms.models.translated import ORIGINALS

LONGEST = timedelta(days=14)


class Alert(Entry):
    """One warning or change for a route or a country; its review date is its end."""

    title = models.CharField(_("title"), max_length=120)
    begins = models.DateField(_("begins"))
    facts = ParentalManyToManyField(
        "cms.Fact",
        blank=True,
        limit_choices_to=ORIGINALS,
        related_name="alerts",
        verbose_name=_("facts"),
    )
    contact_points = ParentalManyToManyField(
        "cms.ContactPoint",
        blank=True,
        limit_choices_to=ORIGINALS,
        related_name="alerts",
        verbose_name=_("contact points"),
    )

    translatable_fields = [
        *(TranslatableField(name) for name in ("title", "statement", "caution")),
        SynchronizedField("key", overridable=False),
        *(SynchronizedField(name) for name in ("begins", "expires", "review_by", "take_down")),
    ]

    lasting_field = "expires"

    class Meta(Entry.Meta):
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")

    def __str__(self) -> str:
        return f"{self.key}: {self.title}"

    def clean(self) -> None:
        """Refuse an alert without an end, or with one too far away to be looked after."""
        super().clean()
        if self.expires is None:
            raise ValidationError({"expires": _("Say on which day the alert ends.")})
        begins: date | None = self.begins  # a form may have left it empty
        if begins is not None and not begins < self.expires <= begins + LONGEST:
            days = LONGEST.days
            words = _("An alert ends after it begins, and within %(days)s days.") % {"days": days}
            raise ValidationError({"expires": words})
        self.review_by = self.expires

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Let every alert take itself down on the day that is its review date too."""
        self.take_down = True
        self.review_by = self.expires or self.review_by
        super().save(*args, **kwargs)
