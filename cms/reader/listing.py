"""Every address of the readers' side: all that is live, in every language that the site is in.

It asks the database a fixed number of times, however many pages there are. Writing an address is
`cms.reader.addresses`; saying what stands at one, `cms.reader.finding`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cms.models import (
    Alert,
    ContactPoint,
    MessagePage,
    PlainPage,
    RoutePage,
    Story,
    TranslationState,
)
from cms.reader import addresses, tracing
from cms.reader.addresses import Listed
from cms.reader.finding import homes_by_language, to_be_read
from cms.reader.showing import ON_PAGES, Shown, part_of, show_entries
from cms.reader.tracing import Kind
from locales.countries import NAMED_COUNTRIES
from locales.languages import LAST_RESORT

ROOT = (
    Listed("/", Kind.CHOOSER),
    Listed("/robots.txt", Kind.MACHINE),
    Listed("/sitemap.xml", Kind.MACHINE),
    Listed("/site.webmanifest", Kind.MACHINE),
    Listed("/icon.svg", Kind.MACHINE),
    Listed("/reader.js", Kind.MACHINE),
    Listed("/keeper.js", Kind.MACHINE),
)
ENTRIES: tuple[Any, ...] = (*ON_PAGES, Alert)


@dataclass(frozen=True, slots=True)
class Stock:
    """What is shown today: entries, and on which parts of which route (by its pk) there are any."""

    stories: tuple[str, ...]
    alerts: tuple[str, ...]
    countries: tuple[str, ...]
    parts: Mapping[int, set[Kind]]


def list_addresses(*, today: date) -> list[Listed]:
    """Return every address of the site today, in every language that the site is in."""
    languages = tuple(homes_by_language())
    stock = take_stock(today=today)
    return [
        *ROOT,
        *_list_fixed(languages, stock),
        *_list_routes(languages, stock),
        *_list_pages(languages, MessagePage, today=today),
        *_list_pages(languages, PlainPage, today=today),
    ]


def _list_fixed(languages: Iterable[str], stock: Stock) -> Iterator[Listed]:
    for language in languages:
        yield Listed(addresses.home_path(language), Kind.HOME, language)
        yield Listed(addresses.search_path(language), Kind.SEARCH, language)
        yield Listed(addresses.countries_path(language), Kind.COUNTRIES, language)
        for country in stock.countries:
            yield Listed(addresses.country_path(language, country), Kind.COUNTRY, language)
        for key in stock.stories:
            yield Listed(addresses.story_path(language, key), Kind.STORY, language)
        for key in stock.alerts:
            yield Listed(addresses.alert_path(language, key), Kind.ALERT, language)


def _list_routes(languages: Iterable[str], stock: Stock) -> Iterator[Listed]:
    for group in group_pages(RoutePage):
        for language, slug in group.named_in(languages):
            parts = stock.parts.get(group.shown[0].migration_route_id, set())
            yield Listed(addresses.page_path(language, slug), Kind.ROUTE, language, group.key)
            for part in addresses.PARTS:
                # Help is always offered, were it only by country.
                if part in parts or part == Kind.HELP:
                    path = addresses.part_path(language, slug, part)
                    yield Listed(path, part, language, group.key)
            yield Listed(addresses.keep_path(language, slug), Kind.KEEP, language)
            yield Listed(addresses.kept_list_path(language, slug), Kind.KEPT_LIST, language)
            yield Listed(addresses.file_path(language, slug), Kind.FILE, language)
            yield Listed(addresses.leaflet_path(language, slug), Kind.LEAFLET, language)
        yield from _list_short(group)


def _list_pages(languages: Iterable[str], model: Any, *, today: date) -> Iterator[Listed]:
    kind = Kind.PLAIN if model is PlainPage else Kind.MESSAGE
    for group in group_pages(model):
        if not group.is_over(today):
            for language, slug in group.named_in(languages):
                yield Listed(addresses.page_path(language, slug), kind, language, group.key)
            yield from _list_short(group)


# ---- Pages by what they are translations of ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """One page in all its languages: the rows that can be read; its original and all rows, live or not."""

    shown: tuple[Any, ...]
    original: Any
    rows: tuple[Any, ...]

    def named_in(self, languages: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Give each language with the page's name in it, or else the original's."""
        own = {language: row.slug for language, row in self.editions.items()}
        for language in languages:
            yield language, own.get(language, self.original.slug)

    @property
    def key(self) -> str:
        """Return what is the same for the page in all its languages."""
        return str(self.shown[0].translation_key)

    @property
    def editions(self) -> dict[str, Any]:
        """Return the rows that can be read, by language."""
        return {row.locale.language_code: row for row in self.shown}

    def is_over(self, today: date) -> bool:
        """Tell whether this is a message that has outlived its date."""
        days: list[date] = [
            row.expires for row in (*self.shown, self.original) if hasattr(row, "expires")
        ]
        if not days:
            return False
        tracing.change_on(*(day for day in days if day > today))
        return bool(min(days) <= today)


def group_pages(model: Any) -> list[Group]:
    """Return every page of a kind that can be read in some language."""
    tracing.use(f"kind:{model._meta.model_name}")
    live = to_be_read(model.objects.all())
    editions: dict[Any, list[Any]] = {}
    for row in live.select_related("locale").order_by("path"):
        editions.setdefault(row.translation_key, []).append(row)
    rows: dict[Any, list[Any]] = {}
    every = model.objects.filter(translation_key__in=list(editions)).select_related("locale")
    for row in every.order_by("path"):
        rows.setdefault(row.translation_key, []).append(row)
    return [
        Group(tuple(shown), _find_original(rows[key], otherwise=shown[0]), tuple(rows[key]))
        for key, shown in editions.items()
    ]


def _find_original(rows: Iterable[Any], *, otherwise: Any) -> Any:
    originals = (row for row in rows if row.translation_state == TranslationState.ORIGINAL)
    return next(originals, otherwise)


def _list_short(group: Group) -> Iterator[Listed]:
    # A link that was sent works on while its own page is behind or down: it leads to the nearest.
    for row in group.rows:
        if code := getattr(row, "code", ""):
            yield Listed(addresses.short_path(code), Kind.SHORT, row.locale.language_code)


# ---- What is shown -----------------------------------------------------------------------------


def take_stock(*, today: date) -> Stock:
    """Find out what readers are shown today, by the rules by which their pages are made."""
    shown = {model: _show_all(model, today) for model in ENTRIES}
    reached = {code for item in shown[ContactPoint] for code in item.entry.reach_from}
    return Stock(
        stories=tuple(item.entry.key for item in shown[Story]),
        alerts=tuple(item.entry.key for item in shown[Alert]),
        countries=tuple(sorted(reached & NAMED_COUNTRIES)),
        parts=_find_parts(shown),
    )


def _show_all(model: Any, today: date) -> list[Shown]:
    tracing.use(f"kind:{model._meta.model_name}")
    # What is shown does not depend on the language, only its wording does.
    return show_entries(model.objects.all(), language=LAST_RESORT, today=today)


def _find_parts(shown: dict[Any, list[Shown]]) -> dict[int, set[Kind]]:
    parts: dict[int, set[Kind]] = {}
    for model in ON_PAGES:
        by_pk = {item.entry.pk: part for item in shown[model] if (part := part_of(item.entry))}
        for pk, *routes in model.objects.filter(pk__in=by_pk).values_list(
            "pk", "routes", "legs__route"
        ):
            for route in filter(None, routes):
                parts.setdefault(route, set()).add(by_pk[pk])
    return parts
