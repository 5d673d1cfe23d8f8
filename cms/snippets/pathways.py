"""Pathways in the CMS: their list and their form."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, InlinePanel

from cms.models import Pathway
from cms.panels import NoticePanel
from cms.snippets.entries import FIGURE, EntryViewSet, group, group_standing, list_columns


class PathwayViewSet(EntryViewSet):
    """List and edit pathways."""

    model = Pathway
    icon = "arrow-right"
    list_display = list_columns("name")
    list_filter = ["kind", "routes", "translation_state", "confidence"]
    search_fields = ["key", "name", "statement"]
    panels = [
        NoticePanel(),
        group(_("Statement"), "key", "name", "statement"),
        group(
            _("What a reader must know"),
            "who_can",
            "who_cannot",
            "who_applies",
            "who_decides",
            "places",
            "cost",
            "deadline",
            "official_url",
            "scams_seen",
            "not_known",
        ),
        group(_("About"), "kind", "also", "routes", "legs", "countries", "destination"),
        group(_("Figure"), *FIGURE, collapsed=True),
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
        group(_("What it uses"), "facts", "contact_points", collapsed=True),
        *group_standing(),
    ]
