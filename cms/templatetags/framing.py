"""What the frame of every reader's page asks for, whether or not a page of the tree is behind it."""

from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cms.reader import addresses
from cms.reader.styles import STYLE
from locales.languages import Language, get_language

# A page that nobody minds, loaded by a tap and never by us.
EXIT_ADDRESS = "https://www.google.com/"

register = template.Library()


@register.simple_tag
def page_style() -> SafeString:
    """Return the style exactly as its hash knows it."""
    return mark_safe(STYLE)  # noqa: S308 - a constant of ours


@register.simple_tag
def exit_address() -> str:
    """Return where the quick exit leads."""
    return EXIT_ADDRESS


@register.simple_tag(takes_context=True)
def frame_language(context: Context) -> Language:
    """Return the language of what is shown: the view's own word, or else its page's."""
    named: Language | None = context.get("language")
    page: Any = context.get("page")
    return named or get_language(page.locale.language_code)


@register.simple_tag(takes_context=True)
def join_here(context: Context) -> str:
    """Return where messages can be asked for, in the language that she asked for."""
    language: Language = context.get("asked") or context["language"]
    return settings.CMS_JOIN_PATH.format(language=language.code)


@register.simple_tag(takes_context=True)
def ways_on(context: Context) -> list[SafeString]:
    """Return the links that every page ends with: the first page, help, the search, the stop page."""
    language: Language = context.get("asked") or context["language"]
    ways = (
        (addresses.home_path(language.code), _("First page")),
        (addresses.countries_path(language.code), _("Help near you")),
        (addresses.search_path(language.code), _("Search")),
        (settings.CMS_STOP_PATH.format(language=language.code), _("Stop messages")),
    )
    return [format_html('<a href="{}">{}</a>', address, words) for address, words in ways]
