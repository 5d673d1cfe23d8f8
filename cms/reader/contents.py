"""Everything that can be read in one language, by what it is: a search without words, and by titles."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.models import Alert, Entry, MessagePage, PlainPage, RoutePage, Story
from cms.reader import addresses
from cms.reader.addresses import PARTS
from cms.reader.finding import choose_edition
from cms.reader.listing import Group, group_pages, take_stock
from cms.reader.showing import Phrase, show_entries
from cms.reader.tracing import Kind
from cms.reader.wayfinding import PART_WORDS
from locales.countries import NAMED_COUNTRIES, country_name

# What a result is, in words; the order is that of equals among the results.
KIND_WORDS: dict[Kind, Promise] = {
    Kind.ALERT: _("Warning"),
    Kind.ROUTE: _("Route"),
    **PART_WORDS,
    Kind.COUNTRY: _("Help near you"),
    Kind.COUNTRIES: _("Help near you"),
    Kind.MESSAGE: _("In short"),
    Kind.STORY: _("What somebody lived through"),
    Kind.PLAIN: _("About this service"),
    Kind.HOME: _("First page"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One page: its title in the nearest language, its address in the one asked for."""

    kind: Kind
    title: Phrase
    address: str
    below: tuple["Line", ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """What is of one kind."""

    words: Promise
    lines: tuple[Line, ...]


def list_contents(asked: str, *, language: str, today: date) -> list[Section]:
    """Return every page with its title; addresses are in `asked`, words in the nearest `language`."""
    stock = take_stock(today=today)
    sections = [
        Section(_("Warnings"), _list_entries(Alert, asked, language=language, today=today)),
        Section(_("Routes"), _list_routes(stock.parts, asked, language)),
        Section(_("Help near you"), _list_countries(stock.countries, asked, language)),
        Section(_("In short"), _list_messages(asked, language, today=today)),
        Section(
            _("What people lived through"),
            _list_entries(Story, asked, language=language, today=today),
        ),
        Section(_("About this service"), _list_plain(asked, language)),
    ]
    return [section for section in sections if section.lines]


def list_titles(asked: str, *, language: str, today: date) -> Iterator[Line]:
    """Give every page that has a title of its own; what a route's parts hold is not looked at."""
    yield from _list_entries(Alert, asked, language=language, today=today)
    yield from _list_routes({}, asked, language)
    yield from _list_messages(asked, language, today=today)
    yield from _list_entries(Story, asked, language=language, today=today)
    yield from _list_plain(asked, language)


def _list_routes(filled: Mapping[int, set[Kind]], asked: str, language: str) -> tuple[Line, ...]:
    lines = []
    for group in group_pages(RoutePage):
        page: Any = choose_edition(group.editions, language)
        slug = _name_in(group, asked)
        parts = filled.get(page.migration_route_id, set())
        below = [
            Line(part, Phrase(str(PART_WORDS[part]), language), address)
            for part in PARTS
            if part in parts or part == Kind.HELP
            for address in (addresses.part_path(asked, slug, part),)
        ]
        address = addresses.page_path(asked, slug)
        lines.append(Line(Kind.ROUTE, _title(page), address, tuple(below)))
    return _sort(lines)


def _list_messages(asked: str, language: str, *, today: date) -> tuple[Line, ...]:
    lines = []
    for group in group_pages(MessagePage):
        if not group.is_over(today):
            page: Any = choose_edition(group.editions, language)
            # A nudge has no title of its own for the web.
            titled = (row for row in (page, group.original) if row.web_title)
            title = next((_title(row, "web_title") for row in titled), _title(page))
            address = addresses.page_path(asked, _name_in(group, asked))
            lines.append(Line(Kind.MESSAGE, title, address))
    return _sort(lines)


def _list_plain(asked: str, language: str) -> tuple[Line, ...]:
    return tuple(
        Line(
            Kind.PLAIN,
            _title(choose_edition(group.editions, language)),
            addresses.page_path(asked, _name_in(group, asked)),
        )
        for group in group_pages(PlainPage)
    )


def _list_entries(
    model: type[Entry], asked: str, *, language: str, today: date
) -> tuple[Line, ...]:
    kind, build = (
        (Kind.ALERT, addresses.alert_path) if model is Alert else (Kind.STORY, addresses.story_path)
    )
    shown = show_entries(model.objects.all(), language=language, today=today)
    return _sort(Line(kind, item.texts["title"], build(asked, item.entry.key)) for item in shown)


def _list_countries(codes: Iterable[str], asked: str, language: str) -> tuple[Line, ...]:
    return _sort(
        Line(
            Kind.COUNTRY,
            Phrase(country_name(code, language), language),
            addresses.country_path(asked, code),
        )
        for code in codes
        if code in NAMED_COUNTRIES
    )


def _name_in(group: Group, language: str) -> str:
    return next(slug for _language, slug in group.named_in([language]))


def _title(row: Any, field: str = "title") -> Phrase:
    return Phrase(getattr(row, field), row.locale.language_code)


def _sort(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: line.title.text))
