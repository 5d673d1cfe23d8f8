"""How often the links of a message, or of routes, were opened: for pages, rounded, small numbers hidden."""

from dataclasses import dataclass
from typing import Any

from analytics.disclosure import hide_small, publish
from analytics.reach import name_language
from analytics.visits import openings_by_code, openings_by_language
from cms.models import MessagePage, RoutePage, TranslationState
from locales.languages import LANGUAGES, Direction, get_language


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """Hold how often one language's link was opened; None where it may not be shown."""

    code: str
    name: str
    endonym: str
    direction: Direction
    opened: int | None


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold how often a message's links were opened in all; each opening is in one row."""

    total: int | None
    rows: tuple[OpenedRow, ...]


def opened_report(message: MessagePage, *, language: str = "en") -> Opened:
    """Return how often a message was opened in each language that it is in, whoever sent it."""
    editions = MessagePage.objects.filter(translation_key=message.translation_key)
    codes = dict(editions.values_list("code", "locale__language_code"))
    # One that was never opened is not told from one that was opened a few times.
    counts = dict.fromkeys(codes.values(), 0) | openings_by_language(codes)
    rows = [_make_row(code, opened, language) for code, opened in hide_small(counts).items()]
    return Opened(
        total=publish(sum(counts.values())),
        rows=tuple(sorted(rows, key=lambda row: (-(row.opened or 0), row.name))),
    )


@dataclass(frozen=True, slots=True)
class RouteRow:
    """Hold how often the links of one route were opened in all languages; None where hidden."""

    title: str
    language: str
    direction: Direction
    opened: int | None


@dataclass(frozen=True, slots=True)
class RoutesOpened:
    """Hold how often the links of all routes were opened; each opening is in one row."""

    total: int | None
    rows: tuple[RouteRow, ...]


def routes_report(*, language: str = "en") -> RoutesOpened:
    """Return how often each route was opened by its short links, named in `language` where it can be."""
    pages = list(RoutePage.objects.select_related("locale").order_by("path"))
    opened = openings_by_code(page.code for page in pages)
    counts: dict[Any, int] = {}
    named: dict[Any, RoutePage] = {}
    for page in pages:
        key = page.translation_key
        counts[key] = counts.get(key, 0) + opened.get(page.code, 0)
        is_original = page.translation_state == TranslationState.ORIGINAL
        if page.locale.language_code == language or (is_original and key not in named):
            named[key] = page
    rows = [
        _make_route(named[key], count) for key, count in hide_small(counts).items() if key in named
    ]
    return RoutesOpened(
        total=publish(sum(counts.values())),
        rows=tuple(sorted(rows, key=lambda row: (-(row.opened or 0), row.title))),
    )


def _make_route(page: RoutePage, opened: int | None) -> RouteRow:
    language = get_language(page.locale.language_code)
    return RouteRow(page.title, language.code, language.direction, opened)


def _make_row(code: str, opened: int | None, language: str) -> OpenedRow:
    known = LANGUAGES.get(code)
    return OpenedRow(
        code=code,
        name=name_language(code, language),
        endonym=known.endonym if known else code,
        direction=known.direction if known else "ltr",
        opened=opened,
    )
