"""Pathways: legal ways, with whom they are for, whom they are not for, and how few the places are."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.models import Orderable
from wagtail_localize.fields import SynchronizedField, TranslatableField

from cms.models.codes import CodesField
from cms.models.editorial import Entry, Figured
from cms.models.reviews import NotPublishable
from cms.models.translated import ORIGINALS


class PathwayKind(models.TextChoices):
    """The closed list of legal ways."""

    LABOUR_BILATERAL = "labour_bilateral", _("work under an agreement or a quota")
    LABOUR_SKILLED = "labour_skilled", _("skilled work")
    STUDY_TRAINING = "study_training", _("study and training")
    FAMILY_REUNIFICATION = "family_reunification", _("joining family")
    RESETTLEMENT = "resettlement", _("resettlement")
    COMPLEMENTARY_HUMANITARIAN = "complementary_humanitarian", _("humanitarian admission")
    COMPLEMENTARY_EDUCATION_LABOUR = (
        "complementary_education_labour",
        _("study or work for refugees"),
    )
    ASYLUM_IN_COUNTRY = "asylum_in_country", _("asylum")
    REGIONAL_FREE_MOVEMENT = "regional_free_movement", _("free movement in the region")
    REGULARISATION_AND_PERMITS = "regularisation_and_permits", _("permits where you are")
    VOLUNTARY_RETURN_REINTEGRATION = "voluntary_return_reintegration", _("going home by choice")
    LOCAL_OPPORTUNITY_TVET = "local_opportunity_tvet", _("work and training at home")


class Pathway(Figured, Entry):
    """One legal way; what nobody knows yet is empty, never guessed."""

    kind = models.CharField(_("kind"), max_length=32, choices=PathwayKind)
    also = CodesField(_("also"), vocabulary=PathwayKind.choices)
    name = models.CharField(_("name"), max_length=120)
    destination = CodesField(_("leads to"))
    who_can = models.TextField(_("who can"), blank=True)
    who_cannot = models.TextField(_("who cannot"), blank=True)
    who_applies = models.CharField(_("who applies"), max_length=200, blank=True)
    who_decides = models.TextField(_("who decides"), blank=True)
    places = models.TextField(_("places"), blank=True)
    cost = models.TextField(_("cost"), blank=True)
    deadline = models.TextField(
        _("window"), blank=True, help_text=_("When one can apply, and until when.")
    )
    official_url = models.URLField(_("official page"), max_length=500, blank=True)
    scams_seen = models.TextField(
        _("scams seen"), blank=True, help_text=_("What is sold in its name; “none heard of” if so.")
    )
    not_known = CodesField(
        _("not known yet"), help_text=_("What an editor must still find out, with commas between.")
    )
    facts = ParentalManyToManyField(
        "cms.Fact",
        blank=True,
        limit_choices_to=ORIGINALS,
        related_name="pathways",
        verbose_name=_("facts"),
    )
    contact_points = ParentalManyToManyField(
        "cms.ContactPoint",
        blank=True,
        limit_choices_to=ORIGINALS,
        related_name="pathways",
        verbose_name=_("contact points"),
    )

    translatable_fields = [
        *(
            TranslatableField(name)
            for name in (
                "name",
                "statement",
                "who_can",
                "who_cannot",
                "who_decides",
                "places",
                "cost",
                "deadline",
                "who_applies",
                "scams_seen",
                "caution",
            )
        ),
        SynchronizedField("key", overridable=False),
        *(SynchronizedField(name) for name in ("kind", "official_url", "review_by", "true_as_of")),
    ]

    # Without these it would promise more than anybody knows (R-C14).
    required_to_publish = (
        "who_can",
        "who_cannot",
        "who_decides",
        "who_applies",
        "cost",
        "places",
        "deadline",
        "official_url",
        "scams_seen",
    )

    class Meta(Entry.Meta):
        verbose_name = _("pathway")
        verbose_name_plural = _("pathways")

    def __str__(self) -> str:
        return f"{self.key}: {self.name}"

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the names of the fields that a reader must know and that nobody has filled."""
        return tuple(name for name in self.required_to_publish if not getattr(self, name))

    def check_publishable(self) -> None:
        """Refuse a pathway that does not say what a reader must know."""
        super().check_publishable()
        if self.missing:
            labels = {field.name: field.verbose_name for field in self._meta.fields}
            names = [str(labels[name]) for name in self.missing]
            words = _("A pathway cannot go live before it says: %(names)s.")
            raise NotPublishable(words % {"names": ", ".join(names)})


class Figure(Figured, Orderable):
    """One of several figures of a pathway: places of a year, applicants of a call."""

    pathway = ParentalKey(Pathway, on_delete=models.CASCADE, related_name="figures")
    period = models.CharField(_("period"), max_length=40, blank=True)

    class Meta(Orderable.Meta):
        verbose_name = _("figure")
        verbose_name_plural = _("figures")

    def __str__(self) -> str:
        return f"{self.value} {self.unit} {self.period}".strip()
