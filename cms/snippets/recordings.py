"""Recordings in the CMS: their list and their form."""

from typing import Any

from django.forms import Select
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.models import Recording
from cms.snippets.entries import group, offer_languages
from locales.languages import get_language


def _say_length(recording: Recording) -> str:
    return f"{recording.seconds // 60}:{recording.seconds % 60:02}"


def _say_language(recording: Recording) -> str:
    return get_language(recording.language).endonym


def _say_size(recording: Recording) -> Any:
    return filesizeformat(recording.size)


class RecordingViewSet(SnippetViewSet):
    """List and upload recordings; length and size are read from the file."""

    model = Recording
    icon = "media"
    list_display = [
        "title",
        Column("language", label=_("Language"), accessor=_say_language, sort_key="language"),
        Column("length", label=_("Length"), accessor=_say_length),
        Column("size", label=_("Size"), accessor=_say_size, sort_key="size"),
        BooleanColumn("voice_agreed", label=_("Speaker agreed")),
    ]
    list_filter = ["language", "voice_agreed"]
    search_fields = ["title", "transcript"]
    ordering = ["title"]
    copy_view_enabled = False
    panels = [
        MultiFieldPanel(
            [
                FieldPanel("title"),
                FieldPanel("language", widget=Select(choices=offer_languages())),
                FieldPanel(
                    "file",
                    help_text=_(
                        "Opus, 24 kbit/s and 2 MB at most. One minute of speech is 0.2 MB."
                    ),
                ),
            ],
            heading=_("Recording"),
        ),
        group(_("Words and consent"), "transcript", "voice_agreed"),
    ]
