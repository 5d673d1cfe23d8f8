"""Claims in the CMS: their list and their form."""

from django.utils.translation import gettext_lazy as _

from cms.models import Claim
from cms.panels import NoticePanel
from cms.snippets.entries import FIGURE, EntryViewSet, group, group_standing, list_columns


class ClaimViewSet(EntryViewSet):
    """List and edit claims."""

    model = Claim
    icon = "openquote"
    list_display = list_columns("statement")
    list_filter = ["routes", "translation_state", "confidence", "partner_safety"]
    search_fields = ["key", "statement", "answer"]
    panels = [
        NoticePanel(),
        group(_("Claim and answer"), "key", "statement", "answer", "softer_answer"),
        group(_("About"), "types", "routes", "legs", "countries"),
        group(_("Heard"), "seen_on", "first_heard", "last_heard", "spread", "harm", collapsed=True),
        group(_("Figure"), *FIGURE, collapsed=True),
        group(_("What it uses"), "facts", "pathways", "contact_points", collapsed=True),
        *group_standing(),
    ]
