"""From a question to its answer: find the rows, have them shown as readers see them, give them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet

from cms.api.asking import Asked, AskedEntries, AskedPart, AskedRoutes
from cms.api.finding import givable_routes, narrow, with_links
from cms.api.giving import give_entry, give_route
from cms.api.schemas import LICENCE
from cms.models import HomePage, Route, RoutePage, TranslationState
from cms.reader.showing import show_entries
from cms.standing import outdated
from locales.languages import CONTENT_LANGUAGES, LANGUAGES, Language

Answer = dict[str, Any]


def read_entries(rows: QuerySet[Any], asked: AskedEntries, *, today: date) -> Answer:
    """Answer with one part of the entries among the rows that fit."""
    fitting = narrow(rows, asked)
    part = list(fitting.order_by("key").values_list("pk", flat=True)[_cut(asked)])
    entries = _show(rows.model.objects.filter(pk__in=part), asked, today)
    return _answer(asked, today) | _part(asked, total=fitting.count(), entries=entries)


def read_entry(rows: QuerySet[Any], key: str, *, asked: Asked, today: date) -> Answer | None:
    """Answer with the entry of a key; None where there is none to give."""
    # PostgreSQL cannot even be asked about a NUL.
    entries = [] if "\0" in key else _show(rows.filter(key=key), asked, today)
    return _answer(asked, today) | {"entry": entries[0]} if entries else None


def read_routes(asked: AskedRoutes, *, today: date) -> Answer:
    """Answer with one part of the routes that readers can find."""
    fitting = givable_routes(asked).order_by("code")
    routes = _give_routes(fitting[_cut(asked)], asked.language)
    return _answer(asked, today) | _part(asked, total=fitting.count(), entries=routes)


def read_route(code: str, *, asked: Asked, today: date) -> Answer | None:
    """Answer with the route of a code; None where readers can find none."""
    routes = (
        [] if "\0" in code else _give_routes(givable_routes().filter(code=code), asked.language)
    )
    return _answer(asked, today) | {"entry": routes[0]} if routes else None


def read_languages(asked: AskedPart, *, today: date) -> Answer:
    """Answer with one part of the table of languages."""
    homes = HomePage.objects.live().values_list("locale__language_code", flat=True)
    published = set(homes)
    everything = [_give_language(language, published) for language in LANGUAGES.values()]
    part = everything[_cut(asked)]
    return _answer(asked, today) | _part(asked, total=len(everything), entries=part)


# ---- What every answer has ---------------------------------------------------------------------


def _answer(asked: Asked, today: date) -> Answer:
    return {"language": asked.language, "day": today, "licence": LICENCE}


def _part(asked: AskedPart, *, total: int, entries: list[Answer]) -> Answer:
    return {"total": total, "limit": asked.limit, "offset": asked.offset, "entries": entries}


def _cut(asked: AskedPart) -> slice:
    return slice(asked.offset, asked.offset + asked.limit)


# ---- What each is made of ----------------------------------------------------------------------


def _show(rows: QuerySet[Any], asked: Asked, today: date) -> list[Answer]:
    shown = show_entries(with_links(rows, today=today), language=asked.language, today=today)
    return [give_entry(item, language=asked.language) for item in shown]


def _give_routes(rows: QuerySet[Route], language: str) -> list[Answer]:
    routes = list(rows.prefetch_related("sources", "names", "legs", "languages", "neighbours"))
    pages = _choose_pages(routes, language)
    return [give_route(route, pages[route.pk], language=language) for route in routes]


def _choose_pages(routes: Iterable[Route], language: str) -> dict[int, tuple[RoutePage, RoutePage]]:
    """Return for each route its original page, and the one whose title is read in a language."""
    pages = (
        RoutePage.objects.live()
        .filter(migration_route__in=[route.pk for route in routes])
        .exclude(pk__in=outdated(RoutePage))
        .select_related("locale")
    )
    originals = {}
    translated = {}
    for page in pages:
        if page.translation_state == TranslationState.ORIGINAL:
            originals[page.migration_route_id] = page
        if page.locale.language_code == language:
            translated[page.migration_route_id] = page
    return {pk: (page, translated.get(pk, page)) for pk, page in originals.items()}


def _give_language(language: Language, published: set[str]) -> Answer:
    return {
        "code": language.code,
        "name": language.name,
        "endonym": language.endonym,
        "direction": language.direction,
        "script": language.script,
        "fallbacks": language.fallbacks,
        "is_content_language": language.code in CONTENT_LANGUAGES,
        "is_published": language.code in published,
    }
