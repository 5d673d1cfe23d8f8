"""Contact points in the CMS: their list and their form."""

from django.utils.translation import gettext_lazy as _

from cms.models import ContactPoint
from cms.panels import NoticePanel
from cms.snippets.entries import EntryViewSet, group, group_standing, list_columns
from cms.upkeep.columns import SignColumn, sign_of_reach


class ContactPointViewSet(EntryViewSet):
    """List and edit contact points."""

    model = ContactPoint
    icon = "mobile-alt"
    list_display = list_columns(
        "name", SignColumn("result", sign_of_reach, "last_tested_on", label=_("Last test"))
    )
    list_filter = ["kind", "routes", "result", "translation_state", "has_expired"]
    search_fields = ["key", "name", "statement", "number"]
    panels = [
        NoticePanel(),
        group(_("What it is"), "key", "name", "statement", "kind"),
        group(_("How to reach it"), "number", "reach_from", "other", "url", "hours", "languages"),
        group(_("What it does"), "cost", "suits", "does_not", "sensitivity", "lines"),
        group(_("About"), "routes", "legs", "countries"),
        *group_standing(),
    ]
