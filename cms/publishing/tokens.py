"""What a row of content is called in the answers that use it, and which lists it stands on.

The names are those of `cms.reader.tracing`. A row that changes is told by its own name; the lists are
told only where it comes or goes, so that a corrected word makes nothing anew that does not show it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from wagtail.models import Page

from cms.models import ContactPoint, Entry, MessagePage, TranslationState

# Columns that decide whether and where a row is shown, beside the lists themselves.
STANDING = frozenset(
    {
        "live",
        "status",
        "has_expired",
        "expires",
        "key",
        "kind",
        "begins",
        "countries",
        "reach_from",
        "partner_safety",
        "softer_statement",
        "softer_answer",
        "result",
        "consent_id",
        "migration_route_id",
        "slug",
        "url_path",
        "code",
    }
)
# A page's title is what lists call it; an entry's is told with its text. In lists a translation has
# an address of its own only while it keeps up with its original.
KEEPS_UP = "current_as_of"
OF_PAGES = STANDING | {"title", "translation_state", "changed_at", KEEPS_UP}


@dataclass(frozen=True, slots=True)
class Place:
    """One row as it stands: `lists` it is on, and what decides how it is shown there."""

    is_shown: bool
    own: frozenset[str]
    lists: frozenset[str]
    standing: tuple[Any, ...]


def tokens_of(before: Place | None, after: Place | None) -> set[str]:
    """Return what to tell of a row that stood in one place and stands in another; None is nowhere."""
    places = [place for place in (before, after) if place is not None and place.is_shown]
    if not places:
        return set()
    told = {token for place in places for token in place.own}
    has_moved = before is None or after is None or before != after
    if has_moved:
        told |= {token for place in places for token in place.lists}
    return told


def places_of(model: type[Model], rows: Iterable[Any]) -> dict[int, Place]:
    """Return where rows of one model stand, with a few queries for all of them."""
    rows = list(rows)
    lists = _read_lists(model, [row.pk for row in rows])
    kept = _kept_by_original(model, rows)
    columns = sorted(OF_PAGES if issubclass(model, Page) else STANDING)
    return {
        row.pk: Place(
            is_shown=row.live or row.translation_key in kept,
            own=frozenset({f"text:{row.translation_key}"}),
            lists=frozenset(lists.get(row.pk, ())) | _named_lists(model, row),
            standing=tuple(_standing(row, name) for name in columns if decides(row, name)),
        )
        for row in rows
    }


def decides(row: Any, name: str) -> bool:
    """Tell whether a column decides where a row is shown: an original never falls behind."""
    state = getattr(row, "translation_state", TranslationState.ORIGINAL)
    return name != KEEPS_UP or state != TranslationState.ORIGINAL


def _standing(row: Any, name: str) -> Any:
    value = getattr(row, name, None)
    if name.startswith("softer_"):
        return bool(value)  # that there is one decides, not its words
    return tuple(value) if isinstance(value, list) else value


def _kept_by_original(model: type[Model], rows: list[Any]) -> set[Any]:
    """Return the keys of originals that are not live themselves, and stand behind what is."""
    keys = [
        row.translation_key
        for row in rows
        if not row.live and getattr(row, "translation_state", "") == TranslationState.ORIGINAL
    ]
    if not keys:
        return set()
    live = model._base_manager.filter(translation_key__in=keys, live=True)
    return set(live.values_list("translation_key", flat=True))


def _named_lists(model: type[Model], row: Any) -> frozenset[str]:
    found = {f"kind:{model._meta.model_name}"}
    if issubclass(model, ContactPoint):
        found |= {f"country:{code}" for code in row.reach_from or [""]}
    return frozenset(found)


def _read_lists(model: type[Model], pks: list[Any]) -> dict[int, set[str]]:
    """Return the routes' lists by row: those of its own routes, and those of its legs."""
    found: dict[int, set[str]] = {}
    paths: tuple[str, ...] = ("routes", "legs__route") if issubclass(model, Entry) else ()
    if issubclass(model, MessagePage):
        paths = ("routes",)
    pks = [pk for pk in pks if pk is not None]
    for path in paths if pks else ():
        on = model._base_manager.filter(pk__in=pks, **{f"{path}__isnull": False})
        for pk, route in on.order_by().values_list("pk", path):
            found.setdefault(pk, set()).add(f"route:{route}:{model._meta.model_name}")
    return found
