"""How far each language of each thing can be relied on: the rules of `cms.freshness.stand`, set-based."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Substr

from cms.freshness import Standing, stand
from cms.models import DRAFTS, HarmClass, HomePage, RoutePage, TranslationState
from cms.overdue import TEXTS, TITLES, originals_of
from cms.standing import flagged, outdated
from cms.upkeep.items import EVERYTHING, HARMS, TITLE_LENGTH, Scope, key_of, rank_of, unite

# Route pages and home pages have a title alone, but that too must be there in every language.
SHOWN: dict[str, Any] = {model._meta.model_name: model for model in (*TEXTS, RoutePage, HomePage)}


@dataclass(frozen=True, slots=True)
class Cell:
    """One language of one thing; no row stands for a missing one."""

    language: str
    standing: Standing
    pk: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One original with its languages."""

    kind: str
    pk: int
    key: str
    title: str
    harm: HarmClass | None
    translation_key: UUID
    cells: tuple[Cell, ...] = ()

    @property
    def model(self) -> Any:
        """Return its model."""
        return SHOWN[self.kind]


# ---- Which rows stand how ----------------------------------------------------------------------


def of_standing(model: Any, standing: Standing) -> QuerySet[Any]:
    """Return the rows of a model that stand so, as `standing_of` tells it; none can be missing."""
    late = Q(pk__in=outdated(model).values("pk"))
    changed = Q(pk__in=flagged(model).values("pk"))
    unread = Q(translation_state=TranslationState.UNREVIEWED)
    read = ~Q(translation_state__in=DRAFTS)
    wanted = {
        Standing.OUTDATED: late,
        Standing.MACHINE: ~late & Q(translation_state=TranslationState.MACHINE),
        Standing.IN_TRANSLATION: ~late & unread & Q(live=False),
        Standing.NEEDS_REVIEW: ~late & ((unread & Q(live=True)) | (read & changed)),
        Standing.UP_TO_DATE: ~late & read & ~changed,
    }
    rows = model.objects.order_by()
    found: QuerySet[Any] = rows.filter(wanted[standing]) if standing in wanted else rows.none()
    return found


def standings_of(
    things: Iterable[tuple[Any, UUID]],
) -> dict[tuple[str, UUID], dict[str, Cell]]:
    """Return how each language of so many things stands: two queries for any number and any kinds."""
    keys: dict[Any, list[UUID]] = {}
    for model, key in things:
        keys.setdefault(model, []).append(key)
    marks = {(row[0], row[1], row[2]) for row in unite(_marks(keys))}
    found: dict[tuple[str, UUID], dict[str, Cell]] = {}
    for kind, key, language, pk, state, live in unite(_rows(keys)):
        standing = stand(
            state,
            live=live,
            is_outdated=(kind, pk, "outdated") in marks,
            rests_on_changed=(kind, pk, "flagged") in marks,
        )
        found.setdefault((kind, key), {})[language] = Cell(language, standing, pk)
    return found


def _rows(keys: dict[Any, list[UUID]]) -> list[QuerySet[Any]]:
    return [
        model.objects.filter(translation_key__in=some)
        .order_by()
        .annotate(of_kind=_word(model._meta.model_name))
        .values_list(
            "of_kind",
            "translation_key",
            "locale__language_code",
            "pk",
            "translation_state",
            "live",
        )
        for model, some in keys.items()
    ]


def _marks(keys: dict[Any, list[UUID]]) -> list[QuerySet[Any]]:
    return [
        rows.filter(translation_key__in=some)
        .order_by()
        .annotate(of_kind=_word(model._meta.model_name), mark=_word(mark))
        .values_list("of_kind", "pk", "mark")
        for model, some in keys.items()
        for rows, mark in ((outdated(model), "outdated"), (flagged(model), "flagged"))
        if not rows.query.is_empty()
    ]


def _word(word: str) -> Value:
    return Value(word, output_field=CharField())


# ---- The matrix --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the matrix is narrowed to: a standing holds in one of the languages, or in any."""

    scope: Scope = EVERYTHING
    standing: str = ""

    @property
    def models(self) -> tuple[Any, ...]:
        """Return the kinds that are asked for."""
        kind, route, harm = self.scope.kind, self.scope.route, self.scope.harm
        wanted = [SHOWN[kind]] if kind else SHOWN.values()
        return tuple(
            model
            for model in wanted
            if (not route or hasattr(model, "routes"))
            and (not harm or hasattr(model, "harm_class"))
        )


def list_lines(wanted: Wanted, *, languages: Sequence[str]) -> Any:
    """Return the originals asked for as rows for `read_lines`, kind by kind, to be counted and cut."""
    parts = [_lines(model, place, wanted, languages) for place, model in enumerate(wanted.models)]
    order = ("place", "rank", "named", "called", "pk")
    return unite(parts).order_by(*order) if parts else []


def read_lines(rows: Iterable[Sequence[Any]], *, languages: Sequence[str]) -> list[Line]:
    """Return lines with their cells: two queries for any number of rows."""
    made = [_make_line(*row) for row in rows]
    cells = standings_of((line.model, line.translation_key) for line in made)
    return [
        replace(
            line,
            cells=tuple(
                cells[line.kind, line.translation_key].get(code) or Cell(code, Standing.MISSING)
                for code in languages
            ),
        )
        for line in made
    ]


def count_ready(wanted: Wanted) -> tuple[int, dict[str, int]]:
    """Return how many originals are asked for, and how many are up to date in each language.

    The standing that is asked for does not count: a share of what is missing would be nothing.
    """
    originals, ready = [], []
    for place, model in enumerate(wanted.models):
        here = Value(place, output_field=IntegerField())
        every = wanted.scope.narrow(originals_of(model))
        rows = of_standing(model, Standing.UP_TO_DATE)
        if wanted.scope.route or wanted.scope.harm:
            rows = rows.filter(translation_key__in=every.values("translation_key"))
        counted = rows.annotate(place=here).values("place", "locale__language_code")
        ready.append(
            counted.annotate(count=Count("pk")).values_list(
                "place", "locale__language_code", "count"
            )
        )
        total = every.annotate(place=here).values("place").annotate(count=Count("pk"))
        originals.append(total.values_list("place", "count"))
    languages: dict[str, int] = {}
    for _place, language, count in unite(ready):
        languages[language] = languages.get(language, 0) + count
    return sum(count for _place, count in unite(originals)), languages


def _lines(model: Any, place: int, wanted: Wanted, languages: Sequence[str]) -> Any:
    rows = _standing_so(wanted.scope.narrow(originals_of(model)), wanted, languages)
    return rows.annotate(
        place=Value(place, output_field=IntegerField()),
        of_kind=_word(model._meta.model_name),
        named=key_of(model),
        called=Substr(TITLES.get(model, "title"), 1, TITLE_LENGTH),
        rank=rank_of(model),
    ).values_list("place", "of_kind", "pk", "named", "called", "rank", "translation_key")


def _standing_so(rows: QuerySet[Any], wanted: Wanted, languages: Sequence[str]) -> Any:
    """Leave the originals that stand as asked for in one of the languages asked for."""
    if not wanted.standing:
        return rows
    asked = wanted.scope.languages or languages
    model = rows.model
    if wanted.standing != Standing.MISSING:
        such = of_standing(model, Standing(wanted.standing))
        such = such.filter(locale__language_code__in=asked)
        return rows.filter(translation_key__in=such.values("translation_key"))
    siblings = model.objects.filter(
        translation_key=OuterRef("translation_key"), locale__language_code__in=asked
    ).order_by()
    counted = siblings.values("translation_key").annotate(count=Count("pk")).values("count")
    # An original is there in its own language, so there is always one of all.
    there = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    return rows.annotate(there=there).filter(there__lt=len(asked))


def _make_line(*values: Any) -> Line:
    _place, kind, pk, key, title, rank, translation_key = values
    return Line(kind, pk, key, title, _harm(rank), translation_key)


def _harm(rank: int) -> HarmClass | None:
    return HARMS[rank] if rank < len(HARMS) else None
