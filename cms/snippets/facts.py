"""Facts in the CMS: their list and their form."""

from django.utils.translation import gettext_lazy as _

from cms.models import Fact
from cms.panels import NoticePanel
from cms.snippets.entries import FIGURE, EntryViewSet, group, group_standing, list_columns


class FactViewSet(EntryViewSet):
    """List and edit facts."""

    model = Fact
    icon = "info-circle"
    list_display = list_columns("statement")
    list_filter = ["kind", "routes", "translation_state", "confidence", "partner_safety"]
    search_fields = ["key", "statement"]
    panels = [
        NoticePanel(),
        group(_("Statement"), "key", "statement", "softer_statement"),
        group(_("About"), "kind", "topics", "routes", "legs", "countries"),
        group(_("Figure"), *FIGURE, "period", "conflicting_values", collapsed=True),
        *group_standing(),
    ]
