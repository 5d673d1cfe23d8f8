"""Facts: one statement, one figure, one date each."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail_localize.fields import SynchronizedField, TranslatableField

from cms.models.codes import CodesField
from cms.models.editorial import Entry, Figured
from cms.models.reviews import NotPublishable
from cms.models.translated import TranslationState


class FactKind(models.TextChoices):
    """What a fact speaks about."""

    RISK = "risk", _("risk")
    RULE = "rule", _("rule")
    PATHWAY = "pathway", _("legal way")
    FIGURE = "figure", _("figure")


class RiskTopic(models.TextChoices):
    """The closed list of risks."""

    DROWNING_UNSEAWORTHY = "drowning_unseaworthy", _("unsafe boats and drowning")
    LOST_AT_SEA_DRIFT = "lost_at_sea_drift", _("lost at sea")
    DEHYDRATION_HEAT = "dehydration_heat", _("heat and thirst")
    ABANDONMENT = "abandonment", _("being left behind")
    VEHICLE_ACCIDENT = "vehicle_accident", _("vehicle accidents")
    VIOLENCE_ROBBERY = "violence_robbery", _("violence and robbery")
    KIDNAPPING_RANSOM = "kidnapping_ransom", _("kidnapping for ransom")
    TRAFFICKING_FORCED_LABOUR = "trafficking_forced_labour", _("trafficking and forced work")
    SEXUAL_EXPLOITATION_GBV = "sexual_exploitation_gbv", _("sexual violence and exploitation")
    DETENTION_ARREST = "detention_arrest", _("arrest and detention")
    INTERCEPTION_RETURN = "interception_return", _("being stopped and taken back")
    EXPULSION_DESERT = "expulsion_desert", _("expulsion to the desert")
    EXTORTION_DEBT = "extortion_debt", _("extortion and debt")
    DOCUMENT_FRAUD = "document_fraud", _("false documents")
    JOB_SCAM = "job_scam", _("false job offers")
    CONFLICT_LANDMINES = "conflict_landmines", _("fighting and landmines")
    FAMILY_SEPARATION = "family_separation", _("losing family")
    HEALTH_PREGNANCY_CHILD = "health_pregnancy_child", _("health, pregnancy and children")


class Fact(Figured, Entry):
    """One claim about the world, with its source, its date and its review date."""

    kind = models.CharField(_("kind"), max_length=8, choices=FactKind)
    topics = CodesField(_("topics"), vocabulary=RiskTopic.choices)
    period = models.CharField(
        _("period"),
        max_length=21,
        blank=True,
        help_text=_("First and last day: 2025-01-01/2025-12-13."),
    )
    conflicting_values = models.CharField(
        _("other figures"), max_length=80, blank=True, help_text=_("What other sources say.")
    )
    softer_statement = models.TextField(
        _("softer statement"), blank=True, help_text=_("For countries where the first can do harm.")
    )

    translatable_fields = [
        TranslatableField("statement"),
        TranslatableField("softer_statement"),
        TranslatableField("caution"),
        SynchronizedField("key", overridable=False),
        SynchronizedField("kind"),
        SynchronizedField("review_by"),
        SynchronizedField("true_as_of"),
    ]

    class Meta(Entry.Meta):
        verbose_name = _("fact")
        verbose_name_plural = _("facts")

    def check_publishable(self) -> None:
        """Refuse what nobody could check, and hard wording without a softer one beside it."""
        super().check_publishable()
        if self.translation_state != TranslationState.ORIGINAL:
            return
        if self.partner_safety and not self.softer_statement:
            raise NotPublishable(_("This can endanger a partner: write a softer wording as well."))
        if not self.sources.all():
            raise NotPublishable(_("Name a source: nobody can check a fact without one."))
        if not self.confidence:
            raise NotPublishable(_("Say who says so: choose the confidence."))
        if self.value is not None and not self.unit:
            raise NotPublishable(_("Say what the figure counts: give its unit."))
