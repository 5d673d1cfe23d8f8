"""Routes: ordered legs with their languages, and the reader's page of each."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import CommentPanel, FieldPanel, TitleFieldPanel
from wagtail.models import Orderable, Page, PageManager
from wagtail_localize.fields import SynchronizedField, TranslatableField

from cms.models.codes import CodesField
from cms.models.editorial import Confidence
from cms.models.short_codes import ShortLinked
from cms.models.slugs import BelowHome
from cms.models.translated import Titled
from cms.panels import LanguagesPanel, NoticePanel


class LegRole(models.TextChoices):
    """What a country is on a route."""

    ORIGIN = "origin", _("origin")
    DEPARTURE = "departure", _("departure")
    TRANSIT = "transit", _("transit")
    DESTINATION = "destination", _("destination")
    RETURN = "return", _("return")


class Route(ClusterableModel):
    """One migration route; not a line to one place: an ordered set of legs."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    neighbours = ParentalManyToManyField(
        "self",
        blank=True,
        verbose_name=_("neighbours"),
        help_text=_("Routes that people change to, or that share a country with it."),
    )
    demo = models.BooleanField(_("has demonstration content"), default=False)
    confidence = models.CharField(_("confidence"), max_length=1, choices=Confidence)
    caution = models.TextField(_("caution"), blank=True)
    sources = ParentalManyToManyField("cms.Source", blank=True, verbose_name=_("sources"))

    class Meta:
        ordering = ["name"]
        verbose_name = _("route")
        verbose_name_plural = _("routes")

    def __str__(self) -> str:
        return self.name


class RouteName(Orderable):
    """What one authority calls a route."""

    route = ParentalKey(Route, on_delete=models.CASCADE, related_name="names")
    authority = models.CharField(_("authority"), max_length=60)
    name = models.CharField(_("name"), max_length=120)

    class Meta(Orderable.Meta):
        verbose_name = _("official name")
        verbose_name_plural = _("official names")

    def __str__(self) -> str:
        return f"{self.name} ({self.authority})"


class Leg(Orderable):
    """One country in one role."""

    route = ParentalKey(Route, on_delete=models.CASCADE, related_name="legs")
    country = models.CharField(_("country"), max_length=2)
    role = models.CharField(_("role"), max_length=12, choices=LegRole)
    place = models.CharField(_("place"), max_length=80, blank=True)

    class Meta(Orderable.Meta):
        verbose_name = _("leg")
        verbose_name_plural = _("legs")

    def __str__(self) -> str:
        return f"{self.route.code}: {self.country} ({self.role})"


class RouteLanguage(Orderable):
    """One language spoken on a route, most useful first."""

    route = ParentalKey(Route, on_delete=models.CASCADE, related_name="languages")
    code = models.CharField(_("language"), max_length=12)
    varieties = CodesField(_("varieties"))
    audio_first = models.BooleanField(_("audio first"), default=False)

    class Meta(Orderable.Meta):
        verbose_name = _("language of a route")
        verbose_name_plural = _("languages of routes")

    def __str__(self) -> str:
        return self.code


class RoutePage(Titled, ShortLinked, BelowHome, Page):
    """The reader's page of one route in one language; its title is the route's name there."""

    # Not `route`: Wagtail's pages have a method of that name.
    migration_route = models.ForeignKey(
        Route, on_delete=models.PROTECT, related_name="pages", verbose_name=_("route")
    )
    # In the original the route's own caution holds; a translation keeps its wording here.
    caution = models.TextField(
        _("caution"),
        blank=True,
        help_text=_("What must be checked before use. Readers do not see it."),
    )

    objects: Any = PageManager()

    # An older draft never brings back an older link.
    standing_fields = (*Titled.standing_fields, "code")

    template = "cms/route_page.html"
    parent_page_types = ["cms.HomePage"]
    subpage_types: list[str] = []
    translatable_fields: list[Any] = [
        TranslatableField("title"),
        TranslatableField("caution"),
        TranslatableField("slug"),
        SynchronizedField("migration_route"),
    ]
    # Without a schedule: what goes live on a day of its own would pass by its readers.
    settings_panels = [CommentPanel()]
    content_panels = [
        NoticePanel(),
        TitleFieldPanel("title"),
        FieldPanel("migration_route"),
        FieldPanel("caution"),
        FieldPanel("translation_state", read_only=True),
        LanguagesPanel(heading=_("Languages")),
    ]

    class Meta:
        verbose_name = _("route page")
        verbose_name_plural = _("route pages")
