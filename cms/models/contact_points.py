"""Contact points: where to get help, one line or one office each, with when it was last tested."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision
from wagtail_localize.fields import SynchronizedField, TranslatableField

from cms.models.changes import update_content
from cms.models.codes import CodesField
from cms.models.editorial import Entry, Sensitivity
from cms.models.reviews import NotPublishable
from cms.models.translated import TranslationState
from cms.models.vocabularies import check_countries, check_languages


class ContactKind(models.TextChoices):
    """The closed list of kinds of help."""

    EMERGENCY_SEA = "emergency_sea", _("emergency at sea")
    EMERGENCY_LAND = "emergency_land", _("emergency on land")
    HOTLINE_INFO = "hotline_info", _("information line")
    UNHCR_OFFICE = "unhcr_office", _("UNHCR office")
    IOM_OFFICE_OR_RETURN = "iom_office_or_return", _("IOM office")
    MIGRANT_RESPONSE_CENTRE = "migrant_response_centre", _("response centre")
    EMBASSY_CONSULATE = "embassy_consulate", _("embassy or consulate")
    LEGAL_AID = "legal_aid", _("legal aid")
    SHELTER_GBV_TRAFFICKING = "shelter_gbv_trafficking", _("shelter and protection")
    MEDICAL_MHPSS = "medical_mhpss", _("medical and psychological help")
    FAMILY_TRACING = "family_tracing", _("finding family")
    REPORT_FRAUD_SEA = "report_fraud_sea", _("reporting fraud or abuse by staff")


class TestResult(models.TextChoices):
    """What came of the last test."""

    __test__ = False  # pytest would take the name for a test

    UNTESTED = "untested", _("never tested")
    REACHED = "reached", _("reached")
    WRONG = "wrong", _("wrong number or place")
    CLOSED = "closed", _("closed")


# Somebody has tried: nobody is sent there again.
DEAD = frozenset({TestResult.WRONG.value, TestResult.CLOSED.value})


class ContactPoint(Entry):
    """One line or one office."""

    kind = models.CharField(_("kind"), max_length=24, choices=ContactKind)
    name = models.CharField(_("name"), max_length=120)
    number = models.CharField(
        _("number"), max_length=40, blank=True, help_text=_("As it is dialled from there.")
    )
    other = models.CharField(_("address, e-mail or radio"), max_length=200, blank=True)
    url = models.URLField(_("web page"), max_length=500, blank=True)
    reach_from = CodesField(_("can be reached from"), validators=[check_countries])
    hours = models.CharField(_("hours"), max_length=120, blank=True)
    languages = CodesField(_("languages spoken"), validators=[check_languages])
    cost = models.CharField(_("cost"), max_length=120, blank=True)
    suits = models.CharField(_("suits"), max_length=120, blank=True)
    does_not = models.CharField(_("does not"), max_length=200, blank=True)
    sensitivity = models.CharField(
        _("sensitivity"), max_length=10, choices=Sensitivity, default=Sensitivity.ON_REQUEST
    )
    last_tested_on = models.DateField(_("last tested on"), null=True, blank=True)
    tested_by = models.CharField(_("tested by"), max_length=80, blank=True)
    result = models.CharField(
        _("result"), max_length=8, choices=TestResult, default=TestResult.UNTESTED
    )
    lines = models.PositiveSmallIntegerField(
        _("number of lines"), null=True, blank=True, help_text=_("Where it stands for several.")
    )
    # A test is a tap, not an edit: it counts at once, whatever drafts there are.
    standing_fields = (*Entry.standing_fields, "last_tested_on", "tested_by", "result")

    translatable_fields = [
        *(
            TranslatableField(name)
            for name in ("name", "statement", "hours", "cost", "suits", "does_not", "caution")
        ),
        SynchronizedField("key", overridable=False),
        *(
            SynchronizedField(name)
            for name in ("kind", "number", "other", "url", "review_by", "has_expired", "result")
        ),
    ]

    class Meta(Entry.Meta):
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")

    def __str__(self) -> str:
        return f"{self.key}: {self.name}"

    def check_publishable(self) -> None:
        """Refuse what is known to be shut, unless it leads elsewhere now, and what leads nowhere."""
        super().check_publishable()
        stands = ContactPoint.objects.filter(pk=self.pk).first()
        if self.result in DEAD and (stands is None or stands.way == self.way):
            words = _(
                "The last test says: %(result)s. Test it again, or give another number first."
            )
            raise NotPublishable(words % {"result": self.get_result_display()})
        is_original = self.translation_state == TranslationState.ORIGINAL
        if is_original and not any((*self.way, self.url)):
            raise NotPublishable(_("Give a number, an address or a web page first."))

    def publish(self, revision: Revision, user: Any = None, **kwargs: Any) -> Any:
        """Publish as every entry, and forget the last test where it reached another number."""
        before = ContactPoint.objects.get(pk=self.pk)
        done = super().publish(revision, user=user, **kwargs)
        after = ContactPoint.objects.get(pk=self.pk)
        if after.translation_state == TranslationState.ORIGINAL and after.way != before.way:
            rows = ContactPoint.objects.filter(translation_key=self.translation_key)
            update_content(rows, result=TestResult.UNTESTED, last_tested_on=None, tested_by="")
        return done

    @property
    def way(self) -> tuple[str, str]:
        """Return what a test reaches: the number, and the address, e-mail or radio."""
        return (self.number, self.other)
