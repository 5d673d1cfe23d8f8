"""What the readers' templates ask for. Here, and nowhere below, the clock is read."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language as get_active

from cms.models import HomePage, MessagePage, PlainPage, Precision, Route, RoutePage, Story
from cms.reader import enclosed, showing, wayfinding
from cms.reader.addresses import (
    Place,
    alert_path,
    countries_path,
    keep_path,
    part_builder,
    search_path,
    story_path,
)
from cms.reader.serving import place_of
from cms.reader.tracing import Kind
from locales.cldr import write_date
from locales.countries import country_name
from locales.languages import LANGUAGES, LAST_RESORT, Language, get_language

# A number in groups within a sentence; no amount, which has commas, and no part of one.
_NUMBER = re.compile(r"(?<![\d.,])\+?\d(?:[ ./-]?\d){5,}(?![.,]?\d)")
_ISOLATED = '{}<bdi dir="ltr">{}</bdi>'

register = template.Library()


@register.simple_tag(takes_context=True)
def tongues_here(context: Context) -> list[wayfinding.Tongue]:
    """Return every language of the site, with the address of what is shown here in each."""
    place = place_here(context)
    return wayfinding.list_tongues(place, asked=_asked(context)) if place else []


@register.simple_tag(takes_context=True)
def address_in(context: Context, language: str) -> str:
    """Return where this stands in a language; nothing where it is not in that yet."""
    place: Place | None = context.get("place")
    return place.path_in(language) if place and place.is_in(language) else ""


@register.simple_tag(takes_context=True)
def countries_here(context: Context) -> str:
    """Return the address of the choice of a country, in the language that she asked for."""
    return countries_path(_asked(context))


@register.simple_tag(takes_context=True)
def search_here(context: Context) -> str:
    """Return the address of the search, in the language that she asked for."""
    return search_path(_asked(context))


@register.simple_tag(takes_context=True)
def help_here(context: Context) -> str:
    """Return the address of the help on the route that this page, or this part, is about."""
    return _beside(context, part_builder(Kind.HELP))


@register.simple_tag(takes_context=True)
def keep_here(context: Context) -> str:
    """Return the address where the route that this page is about can be kept and passed on."""
    return _beside(context, keep_path)


def _beside(context: Context, build: Callable[[str, str], str]) -> str:
    place = place_here(context)
    return replace(place, build=build).path_in(_asked(context)) if place else ""


@register.simple_tag(takes_context=True)
def entry_address(context: Context, item: showing.Shown) -> str:
    """Return the address of a story or an alert of its own."""
    build = story_path if isinstance(item.entry, Story) else alert_path
    return build(_asked(context), item.entry.key)


@register.simple_tag(takes_context=True)
def tiles_of(context: Context, content: showing.Content) -> list[wayfinding.Tile]:
    """Return the ways to the parts of the route whose page this is."""
    place = place_here(context)
    return wayfinding.list_tiles(content, place, language=_asked(context)) if place else []


def place_here(context: Context) -> Place | None:
    """Return where what is shown stands: the view's word, or its page's in a preview."""
    place: Place | None = context.get("place")
    page: Any = context.get("page")
    return place_of(page) if place is None and page else place


def _asked(context: Context) -> str:
    asked: Language | None = context.get("asked")
    language: Language = context["language"]
    return (asked or language).code


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


@register.simple_tag(takes_context=True)
def further_reading(context: Context, row: Any) -> list[wayfinding.RouteLink]:
    """Return the ways to the routes that a message, a story or an alert is about."""
    source = row.source if isinstance(row, MessagePage) else row
    return wayfinding.routes_of(source, language=_asked(context))


@register.simple_tag
def languages_of(route: Route) -> list[Language]:
    """Return the languages spoken on a route."""
    return wayfinding.spoken_on(route)


@register.simple_tag(takes_context=True)
def plain_links(context: Context) -> list[wayfinding.PlainLink]:
    """Return the ways to the plain pages, in the language that she asked for or the nearest."""
    return wayfinding.list_plain_pages(_asked(context))


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
def any_sound(stories: tuple[showing.Shown, ...]) -> bool:
    """Tell whether any of these stories can be listened to."""
    return any(enclosed.sound_of(item.row, item.entry) for item in stories)


@register.simple_tag
def picture_of(page: MessagePage) -> enclosed.Picture | None:
    """Return the picture of a message's page."""
    return enclosed.picture_of(page)


@register.filter
def with_room(stories: tuple[showing.Shown, ...]) -> list[tuple[showing.Shown, bool]]:
    """Return stories, each with whether there is room for all its words among the others."""
    return showing.choose_whole(stories)


@register.simple_tag(takes_context=True)
def say(context: Context, phrase: showing.Phrase | str) -> SafeString | str:
    """Write a phrase, marked with its language where that is not the page's."""
    if not isinstance(phrase, showing.Phrase):
        return phrase
    language: Any = context["language"]
    other = get_language(phrase.language)
    text = isolate_numbers(phrase.text, other)
    if phrase.language == language.code:
        return text
    return format_html('<span lang="{}" dir="{}">{}</span>', other.code, other.direction, text)


@register.filter
def isolate_numbers(text: str, language: Language) -> SafeString:
    """Write a text in which telephone numbers keep their order; from right to left it would be turned."""
    if language.direction == "ltr":
        return format_html("{}", text)
    pairs, end = [], 0
    for found in _NUMBER.finditer(text):
        pairs.append((text[end : found.start()], found[0]))
        end = found.end()
    return format_html("{}{}", format_html_join("", _ISOLATED, pairs), text[end:])


@register.filter
def kilobytes(size: int) -> int:
    """Return a size in kilobytes, whole ones: nobody pays for less."""
    return max(1, round(size / 1000))


@register.filter
def exact_to(day: date, precision: str) -> str:
    """Write a date as exactly as it is known."""
    if precision == Precision.YEAR:
        return str(day.year)
    language = get_active() or LAST_RESORT
    return write_date(day, language, only_month=precision == Precision.MONTH)


@register.simple_tag(takes_context=True)
def names_of(context: Context, codes: list[str], kind: str) -> SafeString | str:
    """Write codes of countries or languages as names."""
    language: Any = context["language"]
    if kind == "countries":
        return ", ".join(country_name(code, language.code) for code in codes)
    named = ((code, _name_language(code)) for code in codes)
    return format_html_join(", ", '<bdi lang="{}">{}</bdi>', named)


def _name_language(code: str) -> str:
    # One wrong code never takes the page down on which a number stands.
    return get_language(code).endonym if code in LANGUAGES else code
