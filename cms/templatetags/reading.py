"""What the readers' templates ask for. Here, and nowhere below, the clock is read."""

from datetime import date
from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language as get_active
from wagtail.models import Page

from cms import enclosed, showing, wayfinding
from cms.models import HomePage, MessagePage, PlainPage, Precision, Route, RoutePage
from cms.styles import STYLE
from locales.cldr import write_date
from locales.countries import country_name
from locales.languages import LAST_RESORT, Language, get_language

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


@register.simple_tag
def page_language(page: Page) -> Language:
    """Return the language of a page."""
    return get_language(page.locale.language_code)


@register.simple_tag
def tongues_of(page: Page) -> list[wayfinding.Tongue]:
    """Return the languages that the page can be switched to."""
    return wayfinding.list_tongues(page)


@register.simple_tag
def content_of(page: RoutePage | MessagePage) -> showing.Content:
    """Return what a route's or a message's page shows today."""
    today = timezone.localdate()
    if isinstance(page, MessagePage):
        return showing.show_message(page, today=today)
    return showing.show_route(page, today=today)


@register.simple_tag
def texts_of(page: MessagePage) -> dict[str, showing.Phrase]:
    """Return the message's own words for the web."""
    return showing.message_texts(page)


@register.simple_tag
def overview_of(home: HomePage) -> wayfinding.Overview:
    """Return what the first page lists."""
    return wayfinding.show_home(home)


@register.simple_tag
def further_reading(page: MessagePage) -> list[RoutePage]:
    """Return the pages of the routes that a message is about."""
    return wayfinding.routes_of(page)


@register.simple_tag
def languages_of(route: Route) -> list[Language]:
    """Return the languages spoken on a route."""
    return wayfinding.spoken_on(route)


@register.simple_tag
def plain_links(page: Page) -> list[wayfinding.PlainLink]:
    """Return the ways to the plain pages."""
    return wayfinding.list_plain_pages(page)


@register.simple_tag
def body_of(page: PlainPage) -> dict[str, Any]:
    """Return the blocks of a plain page and the language they are in."""
    blocks, language = enclosed.read_body(page)
    return {"blocks": blocks, "language": language}


@register.simple_tag
def sound_of(page_or_shown: MessagePage | showing.Shown) -> enclosed.Sound | None:
    """Return the recording of a message's page or of a story."""
    if isinstance(page_or_shown, showing.Shown):
        return enclosed.sound_of(page_or_shown.row, page_or_shown.entry)
    return enclosed.sound_of(page_or_shown, page_or_shown.source)


@register.simple_tag
def picture_of(page: MessagePage) -> enclosed.Picture | None:
    """Return the picture of a message's page."""
    return enclosed.picture_of(page)


@register.simple_tag(takes_context=True)
def say(context: Context, phrase: showing.Phrase | str) -> SafeString | str:
    """Write a phrase, marked with its language where that is not the page's."""
    if not isinstance(phrase, showing.Phrase):
        return phrase
    language: Any = context["language"]
    if phrase.language == language.code:
        return format_html("{}", phrase.text)
    other = get_language(phrase.language)
    return format_html(
        '<span lang="{}" dir="{}">{}</span>', other.code, other.direction, phrase.text
    )


@register.filter
def exact_to(day: date, precision: str) -> str:
    """Write a date as exactly as it is known."""
    if precision == Precision.YEAR:
        return str(day.year)
    language = get_active() or LAST_RESORT
    return write_date(day, language, only_month=precision == Precision.MONTH)


@register.simple_tag(takes_context=True)
def names_of(context: Context, codes: list[str], kind: str) -> str:
    """Write codes of countries or languages as names."""
    language: Any = context["language"]
    if kind == "countries":
        return ", ".join(country_name(code, language.code) for code in codes)
    return ", ".join(get_language(code).endonym for code in codes)
