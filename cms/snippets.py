"""The lists and forms of the CMS for what is no page: facts, pathways, claims, contact points."""

from typing import Any

from django.forms import CheckboxSelectMultiple
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms.freshness import Age, age_of_entry
from cms.models import Claim, ContactPoint, Entry, Fact, Pathway, Route, Source
from cms.panels import NoticePanel

AGES = {
    Age.FRESH: _("fresh"),
    Age.DUE: _("due this week"),
    Age.STALE: _("stale"),
    Age.EXPIRED: _("expired"),
}


def _say_age(entry: Entry) -> Any:
    return AGES[age_of_entry(entry, today=timezone.localdate())]


def _columns(*first: str) -> list[Any]:
    return [
        "key",
        *first,
        Column("locale", label=_("Language"), sort_key="locale"),
        Column("review_by", label=_("Review by"), sort_key="review_by"),
        Column("freshness", label=_("Freshness"), accessor=_say_age),
        Column(
            "translation_state",
            label=_("Translation"),
            accessor="get_translation_state_display",
            sort_key="translation_state",
        ),
        LiveStatusTagColumn(),
    ]


def _field(name: str) -> FieldPanel:
    if name == "routes":
        return FieldPanel(name, widget=CheckboxSelectMultiple)
    return FieldPanel(name)


def _group(heading: Any, *names: str, collapsed: bool = False) -> MultiFieldPanel:
    return MultiFieldPanel(
        [_field(name) for name in names],
        heading=heading,
        classname="collapsed" if collapsed else "",
    )


def _standing() -> list[Any]:
    """Return the groups that every entry has below its own."""
    return [
        _group(_("Date and source"), "true_as_of", "as_of_precision", "review_by", "sources"),
        MultiFieldPanel(
            [
                FieldPanel("confidence"),
                FieldPanel("caution"),
                FieldPanel("fix_first"),
                FieldPanel("status", read_only=True),
                FieldPanel("sendable", read_only=True),
                FieldPanel("translation_state", read_only=True),
            ],
            heading=_("How far it is checked"),
        ),
        _group(_("Safety of partners"), "partner_safety", "sensitive_in", collapsed=True),
    ]


_FIGURE = ("value", "value_is", "unit")


class FactViewSet(SnippetViewSet):
    """List and edit facts."""

    model = Fact
    icon = "info-circle"
    list_display = _columns("statement")
    list_filter = ["kind", "routes", "translation_state", "confidence", "partner_safety"]
    search_fields = ["key", "statement"]
    ordering = ["key"]
    panels = [
        NoticePanel(),
        _group(_("Statement"), "key", "statement", "softer_statement"),
        _group(_("About"), "kind", "topics", "routes", "countries"),
        _group(_("Figure"), *_FIGURE, "period", "conflicting_values", collapsed=True),
        *_standing(),
    ]


class PathwayViewSet(SnippetViewSet):
    """List and edit pathways."""

    model = Pathway
    icon = "arrow-right"
    list_display = _columns("name")
    list_filter = ["kind", "routes", "translation_state", "confidence"]
    search_fields = ["key", "name", "statement"]
    ordering = ["key"]
    panels = [
        NoticePanel(),
        _group(_("Statement"), "key", "name", "statement"),
        _group(
            _("What a reader must know"),
            "who_can",
            "who_cannot",
            "who_applies",
            "who_decides",
            "places",
            "cost",
            "deadline",
            "official_url",
            "not_known",
        ),
        _group(_("About"), "kind", "also", "routes", "countries", "destination"),
        _group(_("Figure"), *_FIGURE, collapsed=True),
        InlinePanel(
            "figures",
            heading=_("Further figures"),
            panels=[
                FieldPanel("value"),
                FieldPanel("value_is"),
                FieldPanel("unit"),
                FieldPanel("period"),
            ],
        ),
        _group(_("What it uses"), "facts", "contact_points", collapsed=True),
        *_standing(),
    ]


class ClaimViewSet(SnippetViewSet):
    """List and edit claims."""

    model = Claim
    icon = "openquote"
    list_display = _columns("statement")
    list_filter = ["routes", "translation_state", "confidence", "partner_safety"]
    search_fields = ["key", "statement", "answer"]
    ordering = ["key"]
    panels = [
        NoticePanel(),
        _group(_("Claim and answer"), "key", "statement", "answer", "softer_answer"),
        _group(_("About"), "types", "routes", "countries"),
        _group(
            _("Heard"), "seen_on", "first_heard", "last_heard", "spread", "harm", collapsed=True
        ),
        _group(_("Figure"), *_FIGURE, collapsed=True),
        _group(_("What it uses"), "facts", "pathways", "contact_points", collapsed=True),
        *_standing(),
    ]


class ContactPointViewSet(SnippetViewSet):
    """List and edit contact points."""

    model = ContactPoint
    icon = "mobile-alt"
    list_display = [
        *_columns("name"),
        Column("result", label=_("Last test"), accessor="get_result_display"),
    ]
    list_filter = ["kind", "routes", "result", "translation_state", "has_expired"]
    search_fields = ["key", "name", "statement", "number"]
    ordering = ["key"]
    panels = [
        NoticePanel(),
        _group(_("What it is"), "key", "name", "statement", "kind"),
        _group(_("How to reach it"), "number", "reach_from", "other", "url", "hours", "languages"),
        _group(_("What it does"), "cost", "suits", "does_not", "sensitivity", "lines"),
        _group(_("Last test"), "last_tested_on", "tested_by", "result", "has_expired", "expires"),
        _group(_("About"), "routes", "countries"),
        *_standing(),
    ]


class RouteViewSet(SnippetViewSet):
    """List routes; what is in them changes rarely."""

    model = Route
    icon = "site"
    list_display = ["name", "code", "confidence", "demo"]
    search_fields = ["code", "name"]
    ordering = ["name"]
    inspect_view_enabled = True
    panels = [
        _group(_("Names"), "code", "name", "frontex_name", "iom_name"),
        InlinePanel(
            "legs",
            heading=_("Legs"),
            panels=[
                FieldPanel("country"),
                FieldPanel("role"),
                FieldPanel("place"),
            ],
        ),
        InlinePanel(
            "languages",
            heading=_("Languages"),
            panels=[
                FieldPanel("code"),
                FieldPanel("varieties"),
                FieldPanel("audio_first"),
            ],
        ),
        _group(_("How far it is checked"), "demo", "confidence", "caution", "sources"),
    ]


class SourceViewSet(SnippetViewSet):
    """List and edit sources."""

    model = Source
    icon = "link"
    list_display = ["publisher", "title", "mark", "published", "checked_on"]
    list_filter = ["kind", "mark"]
    search_fields = ["key", "publisher", "title"]
    ordering = ["publisher", "title"]
    panels = [
        _group(
            _("Publication"), "key", "publisher", "title", "url", "kind", "language", "published"
        ),
        _group(_("How far it is checked"), "mark", "reports", "checked_on"),
    ]


class ContentGroup(SnippetViewSetGroup):
    """Gather the lists under one entry of the menu."""

    menu_label = _("Content")
    menu_icon = "list-ul"
    menu_order = 150
    items = (
        FactViewSet,
        PathwayViewSet,
        ClaimViewSet,
        ContactPointViewSet,
        RouteViewSet,
        SourceViewSet,
    )
