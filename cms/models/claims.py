"""Claims: what people hear from smugglers, with the honest answer. Never by whom it was heard."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail_localize.fields import SynchronizedField, TranslatableField

from cms.models.codes import CodesField
from cms.models.editorial import Entry, Figured
from cms.models.reviews import NotPublishable
from cms.models.translated import ORIGINALS, TranslationState


class ClaimType(models.TextChoices):
    """The closed list of what is promised."""

    SAFE_JOURNEY = "safe_journey", _("the journey is safe")
    SHORT_JOURNEY = "short_journey", _("the journey is short")
    GUARANTEED_ARRIVAL = "guaranteed_arrival", _("arrival is certain")
    GUARANTEED_JOB_OR_PAPERS = "guaranteed_job_or_papers", _("a job or papers are certain")
    PAY_LATER_OR_REFUND = "pay_later_or_refund", _("pay later, or get it back")
    OFFICIAL_PERMISSION_OR_INSIDER = "official_permission_or_insider", _("someone inside helps")
    BETTER_TIME_NOW = "better_time_now", _("now is the time")
    NO_LEGAL_WAY_EXISTS = "no_legal_way_exists", _("there is no legal way")


class Claim(Figured, Entry):
    """One claim as heard; `statement` is the claim, `answer` the reply."""

    types = CodesField(_("types"), vocabulary=ClaimType.choices)
    answer = models.TextField(_("answer"))
    softer_answer = models.TextField(
        _("softer answer"), blank=True, help_text=_("For countries where the first can do harm.")
    )
    seen_on = models.CharField(
        _("seen on"),
        max_length=120,
        blank=True,
        help_text=_("A place or a platform, never a person."),
    )
    first_heard = models.DateField(_("first heard"), null=True, blank=True)
    last_heard = models.DateField(_("last heard"), null=True, blank=True)
    spread = models.CharField(_("spread"), max_length=120, blank=True)
    harm = models.CharField(_("harm"), max_length=120, blank=True)
    facts = ParentalManyToManyField(
        "cms.Fact",
        blank=True,
        limit_choices_to=ORIGINALS,
        related_name="claims",
        verbose_name=_("facts"),
    )
    pathways = ParentalManyToManyField(
        "cms.Pathway",
        blank=True,
        limit_choices_to=ORIGINALS,
        related_name="claims",
        verbose_name=_("pathways"),
    )
    contact_points = ParentalManyToManyField(
        "cms.ContactPoint",
        blank=True,
        limit_choices_to=ORIGINALS,
        related_name="claims",
        verbose_name=_("contact points"),
    )

    translatable_fields = [
        TranslatableField("statement"),
        TranslatableField("answer"),
        TranslatableField("softer_answer"),
        TranslatableField("caution"),
        SynchronizedField("key", overridable=False),
        SynchronizedField("review_by"),
        SynchronizedField("true_as_of"),
    ]

    class Meta(Entry.Meta):
        verbose_name = _("claim")
        verbose_name_plural = _("claims")

    def check_publishable(self) -> None:
        """Refuse wording that can endanger a partner where no softer one stands beside it."""
        super().check_publishable()
        is_original = self.translation_state == TranslationState.ORIGINAL
        if is_original and self.partner_safety and not self.softer_answer:
            raise NotPublishable(_("This can endanger a partner: write a softer wording as well."))
