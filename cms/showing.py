"""What a reader is shown: frozen values made from the live entries, in her language where it exists.

Where a text is not in her language the original stands in, and says which language it is in.
Nobody knows where a reader is, so wording that can endanger a partner anywhere is softened for all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from wagtail.models import Page

from cms.freshness import Age, age_of_entry
from cms.links import make_link
from cms.models import (
    Claim,
    ContactPoint,
    Entry,
    Fact,
    FactKind,
    HomePage,
    MessagePage,
    Pathway,
    Route,
    RoutePage,
    Source,
    Status,
    TestResult,
    TranslationState,
)
from locales.countries import country_name
from locales.languages import get_language


@dataclass(frozen=True, slots=True)
class Phrase:
    """One text and the language it is in."""

    text: str
    language: str

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry as a reader sees it; `entry` is the original, its texts are Phrases."""

    entry: Any
    texts: dict[str, Phrase]
    sources: tuple[Source, ...]
    age: Age
    is_draft: bool

    @property
    def is_late(self) -> bool:
        """Tell whether its review date has passed."""
        return self.age in {Age.STALE, Age.EXPIRED}

    @property
    def was_reached(self) -> bool:
        """Tell whether the last test of a contact point found somebody."""
        return bool(self.entry.result == TestResult.REACHED)

    @property
    def dialled(self) -> str:
        """Return the number as a telephone takes it."""
        return "".join(sign for sign in self.entry.number if sign.isdigit() or sign == "+")


@dataclass(frozen=True, slots=True)
class Place:
    """The contact points that can be reached from one country, or from anywhere."""

    name: str
    contacts: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """Everything on one page, by kind."""

    risks: tuple[Shown, ...] = ()
    rules: tuple[Shown, ...] = ()
    pathways: tuple[Shown, ...] = ()
    claims: tuple[Shown, ...] = ()
    places: tuple[Place, ...] = ()
    is_draft: bool = False
    is_demo: bool = False
    is_over: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to show yet."""
        return not (self.risks or self.rules or self.pathways or self.claims or self.places)


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language that a page can be switched to; no address means not yet."""

    code: str
    endonym: str
    address: str
    is_current: bool


TEXTS: dict[type[Entry], tuple[str, ...]] = {
    Fact: ("statement",),
    Pathway: (
        "name",
        "statement",
        "who_can",
        "who_cannot",
        "who_decides",
        "places",
        "cost",
        "deadline",
    ),
    Claim: ("statement", "answer"),
    ContactPoint: ("name", "statement", "hours", "cost", "suits", "does_not"),
}
SOFTER = {Fact: "statement", Claim: "answer"}


def show_route(page: RoutePage, *, today: date) -> Content:
    """Gather what the route's page shows."""
    found = {model: model.objects.filter(routes=page.migration_route) for model in TEXTS}
    return _gather(page, found, today)


def show_message(page: MessagePage, *, today: date) -> Content:
    """Gather what the message's page shows of what it uses; nothing once it has expired."""
    source = page.source
    if is_over(page, today=today):
        return Content(is_over=True)
    found = {model: model.objects.filter(messages=source) for model in TEXTS}
    return _gather(page, found, today)


def is_over(page: MessagePage, *, today: date) -> bool:
    """Tell whether a message has outlived its date."""
    return min(page.expires, page.source.expires) <= today


def message_texts(page: MessagePage) -> dict[str, Phrase]:
    """Return the message's title and summary for the web."""
    source = page.source
    texts = {name: _phrase(page, source, name) for name in ("web_title", "web_summary")}
    # A nudge has no text of its own for the web; its title says enough.
    texts["web_title"] = texts["web_title"] or Phrase(page.title, page.locale.language_code)
    return texts


@dataclass(frozen=True, slots=True)
class Overview:
    """What the first page lists: routes with content and without, and whether it is for show."""

    filled: tuple[RoutePage, ...]
    empty: tuple[RoutePage, ...]
    is_demo: bool


def show_home(home: HomePage) -> Overview:
    """Gather the route pages of one language."""
    pages = (
        RoutePage.objects.live().child_of(home).select_related("migration_route").order_by("title")
    )
    filled = {
        route
        for model in TEXTS
        for route in model.objects.filter(live=True).values_list("routes", flat=True).distinct()
    }
    return Overview(
        filled=tuple(page for page in pages if page.migration_route_id in filled),
        empty=tuple(page for page in pages if page.migration_route_id not in filled),
        is_demo=any(model.objects.filter(status=Status.DEMO).exists() for model in TEXTS),
    )


def routes_of(page: MessagePage) -> list[RoutePage]:
    """Return the pages of a message's routes, in its language or else in its source's."""
    source = page.source
    pages = RoutePage.objects.live().filter(
        migration_route__in=source.routes.all(), locale_id__in=[page.locale_id, source.locale_id]
    )
    best: dict[int, RoutePage] = {}
    for found in pages.select_related("locale").order_by("title"):
        if found.locale_id == page.locale_id or found.migration_route_id not in best:
            best[found.migration_route_id] = found
    return list(best.values())


def spoken_on(route: Route) -> list[Any]:
    """Return the languages of a route, most useful first."""
    return [get_language(row.code) for row in route.languages.all()]


def list_tongues(page: Page) -> list[Tongue]:
    """Return every language of the site, with this page's address where it is in that language."""
    here = {
        other.locale_id: other
        for other in type(page).objects.live().filter(translation_key=page.translation_key)
    }
    homes = HomePage.objects.live().select_related("locale").order_by("path")
    tongues = []
    for home in homes:
        code = home.locale.language_code
        other = here.get(home.locale_id)
        address = _address(other, code) if other is not None else ""
        endonym = get_language(code).endonym
        tongues.append(Tongue(code, endonym, address, home.locale_id == page.locale_id))
    return tongues


def _address(page: Page, language: str) -> str:
    if isinstance(page, MessagePage):
        return make_link("", language=language, code=page.code)
    return str(page.url or "")


# ---- Gathering ---------------------------------------------------------------------------------


def _gather(page: RoutePage | MessagePage, found: dict[Any, QuerySet[Any]], today: date) -> Content:
    shown = {model: _show_all(rows, page, today) for model, rows in found.items()}
    everything = [item for items in shown.values() for item in items]
    return Content(
        risks=_of_kind(shown[Fact], FactKind.RISK),
        rules=_of_kind(shown[Fact], FactKind.RULE),
        pathways=tuple(shown[Pathway]),
        claims=tuple(shown[Claim]),
        places=_by_country(shown[ContactPoint], page.locale.language_code),
        is_draft=page.is_unreviewed or any(item.is_draft for item in everything),
        is_demo=getattr(page, "status", "") == Status.DEMO
        or any(item.entry.status == Status.DEMO for item in everything),
    )


def _show_all(rows: QuerySet[Any], page: Page, today: date) -> list[Shown]:
    originals = (
        rows.filter(translation_state=TranslationState.ORIGINAL, live=True)
        .select_related("locale")
        .prefetch_related("sources")
        .order_by("key")
    )
    keys = [original.translation_key for original in originals]
    translated = {
        row.translation_key: row
        for row in rows.model.objects.filter(
            translation_key__in=keys, locale=page.locale_id, live=True
        ).select_related("locale")
    }
    shown = [
        _show(original, translated.get(original.translation_key, original), today)
        for original in originals
    ]
    # Nobody is sent to a door that is known to be shut.
    return [item for item in shown if item.age != Age.EXPIRED]


def _show(original: Entry, row: Entry, today: date) -> Shown:
    texts = {name: _phrase(row, original, name) for name in TEXTS[type(original)]}
    soft = SOFTER.get(type(original))
    if soft and original.partner_safety:
        texts[soft] = _phrase(row, original, f"softer_{soft}") or texts[soft]
    return Shown(
        entry=original,
        texts=texts,
        sources=tuple(original.sources.all()),
        age=age_of_entry(original, today=today),
        is_draft=row.translation_state == TranslationState.UNREVIEWED,
    )


def _phrase(row: Any, original: Any, name: str) -> Phrase:
    text = getattr(row, name)
    chosen = row if text else original
    return Phrase(getattr(chosen, name), chosen.locale.language_code)


def _of_kind(items: Iterable[Shown], kind: str) -> tuple[Shown, ...]:
    return tuple(item for item in items if item.entry.kind == kind)


def _by_country(items: Iterable[Shown], language: str) -> tuple[Place, ...]:
    groups: dict[tuple[str, ...], list[Shown]] = {}
    for item in items:
        groups.setdefault(tuple(item.entry.reach_from), []).append(item)
    places = [
        Place(", ".join(country_name(code, language) for code in codes), tuple(contacts))
        for codes, contacts in groups.items()
    ]
    return tuple(sorted(places, key=lambda place: (not place.name, place.name)))
