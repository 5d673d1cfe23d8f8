"""Routes in the CMS: their list and their form."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.models import Route
from cms.snippets.entries import group


class RouteViewSet(SnippetViewSet):
    """List routes; what is in them changes rarely."""

    model = Route
    icon = "site"
    list_display = ["name", "code", "confidence", "demo"]
    search_fields = ["code", "name"]
    ordering = ["name"]
    inspect_view_enabled = True
    panels = [
        group(_("Names"), "code", "name"),
        InlinePanel(
            "names",
            heading=_("Official names"),
            panels=[FieldPanel("authority"), FieldPanel("name")],
        ),
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
        group(_("Neighbours"), "neighbours", collapsed=True),
        group(_("How far it is checked"), "demo", "confidence", "caution", "sources"),
    ]
