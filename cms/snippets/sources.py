"""Sources in the CMS: their list and their form."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.models import Source
from cms.snippets.entries import group


class SourceViewSet(SnippetViewSet):
    """List and edit sources."""

    model = Source
    icon = "link"
    list_display = ["publisher", "title", "mark", "published", "checked_on"]
    list_filter = ["kind", "mark"]
    search_fields = ["key", "publisher", "title"]
    ordering = ["publisher", "title"]
    panels = [
        group(
            _("Publication"), "key", "publisher", "title", "url", "kind", "language", "published"
        ),
        group(_("How far it is checked"), "mark", "reports", "checked_on"),
    ]
