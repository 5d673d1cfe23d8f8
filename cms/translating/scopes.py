"""What one PO file holds: one thing, or all the texts of a route."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from wagtail.models import Page

from cms.models import (
    Alert,
    Claim,
    ContactPoint,
    Fact,
    MessagePage,
    Pathway,
    Route,
    RoutePage,
    Story,
    TranslationState,
)
from cms.translating.naming import Name, NoSuchThing, find_original, name_of

ROUTE = "route"
_OF_A_ROUTE: tuple[tuple[Any, str], ...] = (
    (RoutePage, "migration_route"),
    (MessagePage, "routes"),
    *((model, "routes") for model in (Fact, Pathway, Claim, ContactPoint, Alert, Story)),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a file is for, and the originals whose texts it holds."""

    name: Name
    title: str
    originals: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """An original with its row in one language, if there is one."""

    name: Name
    original: Any
    row: Any | None
    language: str


def find_scope(name: Name) -> Scope:
    """Return what a file of this name holds; raise NoSuchThing where nothing has the name."""
    if name.kind != ROUTE:
        original = find_original(name)
        return Scope(name, title_of(original), (original,))
    route = Route.objects.filter(code=name.key).first()
    if route is None:
        raise NoSuchThing(str(name))
    return Scope(name, route.name, tuple(_originals_of(route)))


def title_of(row: Any) -> str:
    """Return what a person calls a thing."""
    return str(row.title) if isinstance(row, Page) else str(row)


def pair_up(originals: Iterable[Any], *, language: str) -> list[Pair]:
    """Return each original with its row in one language; a few queries for each kind."""
    groups: dict[Any, list[Any]] = {}
    for original in originals:
        groups.setdefault(type(original), []).append(original)
    return [pair for model, group in groups.items() for pair in _pair_up(model, group, language)]


def _pair_up(model: Any, originals: list[Any], language: str) -> Iterator[Pair]:
    keys = [original.translation_key for original in originals]
    found = model.objects.filter(translation_key__in=keys, locale__language_code=language)
    rows = {row.translation_key: row for row in found.select_related("locale", "latest_revision")}
    for original in originals:
        yield Pair(name_of(original), original, rows.get(original.translation_key), language)


def _originals_of(route: Route) -> Iterator[Any]:
    for model, path in _OF_A_ROUTE:
        found = model.objects.filter(
            **{path: route}, live=True, translation_state=TranslationState.ORIGINAL
        )
        # What serves nobody any more needs no translation.
        for original in found.select_related("locale").order_by("pk"):
            if not getattr(original, "has_expired", False):
                yield original
