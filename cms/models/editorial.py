"""What every editorial thing carries: where it stands, how sure it is, and in which translation."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.models import DraftStateMixin, RevisionMixin, TranslatableMixin

from cms.models.codes import CodesField


class TranslationState(models.TextChoices):
    """How far a text can be trusted as a translation."""

    ORIGINAL = "original", _("original")
    UNREVIEWED = "unreviewed", _("draft translation, checked by nobody")
    REVIEWED = "reviewed", _("translation read by a second person")


# What uses an entry points at its original; readers see it in their own language.
ORIGINALS = {"translation_state": TranslationState.ORIGINAL.value}


class Status(models.TextChoices):
    """Whether a person has checked this at its source."""

    DEMO = "demo", _("demonstration, not checked")
    CHECKED = "checked", _("checked")


class Confidence(models.TextChoices):
    """Who says so."""

    A = "A", _("A: stated by the publisher")
    B = "B", _("B: reported by others")
    C = "C", _("C: our own knowledge")


class Precision(models.TextChoices):
    """How exact a date is; a month or year is kept as its last day."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


class ValueIs(models.TextChoices):
    """How a figure is meant."""

    EXACT = "exact", _("exactly")
    ABOUT = "about", _("about")
    AT_LEAST = "at_least", _("at least")
    AT_MOST = "at_most", _("at most")
    MORE_THAN = "more_than", _("more than")


class Sensitivity(models.TextChoices):
    """Whether a thing may reach a phone unasked."""

    PUSH_OK = "push_ok", _("may be sent unasked")
    ON_REQUEST = "on_request", _("only when asked for")


class Translated(models.Model):
    """A text that knows whether it is the original."""

    translation_state = models.CharField(
        _("translation state"),
        max_length=12,
        choices=TranslationState,
        default=TranslationState.ORIGINAL,
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Mark a copy made for translation as unreviewed, by whatever tool it was made."""
        if self.translation_state == TranslationState.ORIGINAL and self._copies_an_original():
            self.translation_state = TranslationState.UNREVIEWED
        super().save(*args, **kwargs)

    @property
    def is_unreviewed(self) -> bool:
        """Tell whether this is a translation that nobody has read."""
        return self.translation_state == TranslationState.UNREVIEWED

    def _copies_an_original(self) -> bool:
        model: Any = type(self)
        siblings = model.objects.filter(
            translation_key=self.translation_key,  # type: ignore[attr-defined]
            translation_state=TranslationState.ORIGINAL,
        )
        return bool(siblings.exclude(pk=self.pk).exists())


class Editorial(Translated):
    """Where a thing stands on its way to being sent."""

    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.DEMO)
    # Nothing in the product sets this yet: checking at the source is a person's act.
    sendable = models.BooleanField(_("may be sent to real people"), default=False)
    confidence = models.CharField(
        _("confidence"), max_length=1, choices=Confidence, blank=True, default=""
    )
    caution = models.TextField(
        _("caution"),
        blank=True,
        help_text=_("What must be checked before use. Readers do not see it."),
    )
    partner_safety = models.BooleanField(
        _("can endanger a partner"),
        default=False,
        help_text=_("The wording can endanger a local partner in some countries."),
    )

    class Meta:
        abstract = True


class Entry(DraftStateMixin, RevisionMixin, TranslatableMixin, Editorial, ClusterableModel):
    """One dated, sourced statement about a route, in one language."""

    key = models.CharField(
        _("key"), max_length=20, help_text=_("A stable name, the same in every language: CM-R1.")
    )
    routes = ParentalManyToManyField("cms.Route", blank=True, verbose_name=_("routes"))
    sources = ParentalManyToManyField("cms.Source", blank=True, verbose_name=_("sources"))
    statement = models.TextField(_("statement"))
    countries = CodesField(_("countries"))
    true_as_of = models.DateField(
        _("true as of"), null=True, blank=True, help_text=_("Empty where the source has no date.")
    )
    as_of_precision = models.CharField(
        _("exact to the"), max_length=5, choices=Precision, blank=True, default=""
    )
    review_by = models.DateField(_("review by"), help_text=_("The day on which it goes stale."))
    sensitive_in = CodesField(
        _("sensitive in"), help_text=_("Countries where the wording can endanger a partner.")
    )
    fix_first = models.BooleanField(_("mend before all others"), default=False)

    class Meta:
        abstract = True
        ordering = ["key"]
        unique_together = [("translation_key", "locale"), ("key", "locale")]

    def __str__(self) -> str:
        return f"{self.key}: {self.statement[:80]}"


class Figured(models.Model):
    """A statement that may carry a figure."""

    value = models.DecimalField(_("figure"), max_digits=16, decimal_places=3, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=80, blank=True)
    value_is = models.CharField(
        _("the figure is"), max_length=10, choices=ValueIs, blank=True, default=""
    )

    class Meta:
        abstract = True
