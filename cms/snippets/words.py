"""Listed words in the CMS: what the linter looks for in a nudge."""

from django.forms import Select
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.models import ListedWord
from cms.snippets.entries import offer_languages


class ListedWordViewSet(SnippetViewSet):
    """List and edit the words that betray or alarm, language by language."""

    model = ListedWord
    icon = "tag"
    menu_label = _("Word lists")
    list_display = [
        "word",
        "language",
        Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
    ]
    list_filter = ["language", "kind"]
    search_fields = ["word"]
    ordering = ["language", "kind", "word"]
    panels = [
        FieldPanel("word", help_text=_("In its base form; it is also found with an ending.")),
        FieldPanel("language", widget=Select(choices=offer_languages())),
        FieldPanel("kind"),
    ]
