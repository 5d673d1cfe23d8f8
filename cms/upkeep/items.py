"""What asks for an editor, of every kind in one list, worst harm first.

One query finds what is late, due or out of reach among all kinds, another what is behind; neither
grows with the number of rows. Only what is live is named, for only that can mislead anybody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    DateField,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Substr

from cms.freshness import Age, Reach
from cms.models import ContactPoint, HarmClass, MessagePage, PlainPage, Story
from cms.overdue import (
    DATED,
    TEXTS,
    TITLES,
    dead_contacts,
    is_of_age,
    originals_of,
    review_field,
    withdrawn_stories,
)
from cms.standing import flagged, outdated
from cms.uses import USES

KINDS = {model._meta.model_name: model for model in TEXTS}
HARMS = (HarmClass.HIGH, HarmClass.MEDIUM, HarmClass.LOW)
TITLE_LENGTH = 160


class Need(StrEnum):
    """Why a thing asks for an editor."""

    LATE = "late"
    DUE = "due"
    DEAD = "dead"
    BEHIND = "behind"


class Reason(StrEnum):
    """What it is, more exactly."""

    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    EXPIRED = "expired"
    STALE = "stale"
    DUE = "due"
    NEVER = Reach.NEVER.value
    LONG_AGO = Reach.LONG_AGO.value
    WRONG = Reach.WRONG.value
    CLOSED = Reach.CLOSED.value
    OUTDATED = "outdated"
    USE_CHANGED = "use_changed"


NEED_OF = {
    **dict.fromkeys((Reason.WITHDRAWN, Reason.ENDED, Reason.EXPIRED, Reason.STALE), Need.LATE),
    Reason.DUE: Need.DUE,
    **dict.fromkeys((Reason.NEVER, Reason.LONG_AGO, Reason.WRONG, Reason.CLOSED), Need.DEAD),
    **dict.fromkeys((Reason.OUTDATED, Reason.USE_CHANGED), Need.BEHIND),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a list is narrowed to; an empty field narrows nothing."""

    kind: str = ""
    route: str = ""
    harm: str = ""
    languages: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[Any, ...]:
        """Return the kinds that are asked for; what has no routes is not on one."""
        wanted = [KINDS[self.kind]] if self.kind else TEXTS
        return tuple(model for model in wanted if not self.route or hasattr(model, "routes"))

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Leave only the originals that are asked for."""
        if self.route:
            rows = rows.filter(routes__code=self.route)
        return rows.filter(harm_class=self.harm) if self.harm else rows


EVERYTHING = Scope()
Place = tuple[str, UUID]


@dataclass(frozen=True, slots=True)
class Wording:
    """One language of a thing."""

    language: str
    pk: int


@dataclass(frozen=True, slots=True)
class Item:
    """One original that asks for an editor.

    `day` is the date that the reason is about, where it has one; `wordings` are the texts affected.
    """

    reason: Reason
    kind: str
    pk: int
    key: str
    title: str
    harm: HarmClass
    day: date | None
    translation_key: UUID
    review_by: date | None = None
    expires: date | None = None
    written: datetime | None = None
    result: str = ""
    wordings: tuple[Wording, ...] = ()

    @property
    def need(self) -> Need:
        """Return why it asks for an editor."""
        return NEED_OF[self.reason]

    @property
    def model(self) -> Any:
        """Return its model."""
        return KINDS[self.kind]


# ---- What is late, due or out of reach ---------------------------------------------------------

COLUMNS = (
    "reason",
    "of_kind",
    "pk",
    "named",
    "called",
    "rank",
    "day",
    "translation_key",
    "review",
    "ends",
    "current_as_of",
    "tested",
)


def list_overdue(*, today: date, scope: Scope = EVERYTHING) -> list[Item]:
    """Return what is late, due this week or out of reach, worst harm first and then by date."""
    parts = [_late_or_due(model, today, scope) for model in scope.models if model in DATED]
    if ContactPoint in scope.models:
        parts.append(_out_of_reach(today, scope))
    return sorted((_make_item(*row) for row in unite(parts)), key=_worst_first)


def _worst_first(item: Item) -> tuple[Any, ...]:
    return HARMS.index(item.harm), item.day or date.min, item.key, item.kind


def _make_item(*values: Any) -> Item:
    reason, kind, pk, key, title, rank, *rest = values
    return Item(Reason(reason), kind, pk, key, title, HARMS[rank], *rest)


def _late_or_due(model: Any, today: date, scope: Scope) -> Any:
    review = review_field(model)
    ages = {age: is_of_age(model, age, today) for age in (Age.EXPIRED, Age.STALE, Age.DUE)}
    has_ended = ages[Age.EXPIRED] & (Q(expires=None) | Q(expires__gt=today))
    reasons = [
        When(has_ended, then=Value(Reason.ENDED.value)),
        When(ages[Age.EXPIRED], then=Value(Reason.EXPIRED.value)),
        When(ages[Age.STALE], then=Value(Reason.STALE.value)),
    ]
    wanted = Q(live=True) & (ages[Age.EXPIRED] | ages[Age.STALE] | ages[Age.DUE])
    if model is Story:
        withdrawn = Q(pk__in=withdrawn_stories().values("pk"))
        wanted |= withdrawn
        reasons.insert(0, When(withdrawn, then=Value(Reason.WITHDRAWN.value)))
    day = Case(
        When(has_ended, then=Value(None)),
        When(ages[Age.EXPIRED], then=F("expires")),
        When(Q(expires__isnull=False) & Q(expires__lt=F(review)), then=F("expires")),
        default=F(review),
        output_field=DateField(),
    )
    reason = Case(*reasons, default=Value(Reason.DUE.value), output_field=CharField())
    return _columns(model, scope.narrow(originals_of(model).filter(wanted)), reason=reason, day=day)


def _out_of_reach(today: date, scope: Scope) -> Any:
    said = (Reach.WRONG.value, Reach.CLOSED.value)
    reason = Case(
        When(result__in=said, then=F("result")),
        When(result=Reach.REACHED.value, last_tested_on__isnull=False, then=Value("long_ago")),
        default=Value(Reason.NEVER.value),
        output_field=CharField(),
    )
    # What has expired is late already, and nobody is sent there.
    rows = dead_contacts(today=today).exclude(is_of_age(ContactPoint, Age.EXPIRED, today))
    return _columns(ContactPoint, scope.narrow(rows), reason=reason, day=F("last_tested_on"))


def _columns(model: Any, rows: QuerySet[Any], *, reason: Any, day: Any) -> Any:
    """Give every kind the same columns, so that one query can ask for all of them."""
    no_day = Value(None, output_field=DateField())
    has_dates = model is not PlainPage
    return rows.annotate(
        reason=reason,
        of_kind=Value(model._meta.model_name, output_field=CharField()),
        named=key_of(model),
        called=Substr(TITLES[model], 1, TITLE_LENGTH),
        rank=rank_of(model),
        day=day,
        review=F(review_field(model)) if has_dates else no_day,
        ends=F("expires") if has_dates else no_day,
        tested=F("result") if model is ContactPoint else Value("", output_field=CharField()),
    ).values_list(*COLUMNS)


# What a thing is called by where it has no key of its own; the same in every language.
KEYS = {"plainpage": "slug", "homepage": "slug", "routepage": "migration_route__code"}


def key_of(model: Any) -> F:
    """Return the key of a row as a column."""
    return F(KEYS.get(model._meta.model_name, "key"))


def rank_of(model: Any) -> Any:
    """Return the place of a row's harm among HARMS as a column; one more where a kind has none."""
    if not hasattr(model, "harm_class"):
        return Value(len(HARMS), output_field=IntegerField())
    return Case(
        *(When(harm_class=harm, then=Value(place)) for place, harm in enumerate(HARMS)),
        default=Value(len(HARMS) - 1),
        output_field=IntegerField(),
    )


# ---- What is behind ----------------------------------------------------------------------------


def list_behind(*, scope: Scope = EVERYTHING) -> list[Item]:
    """Return what has live texts that are behind, with those texts; `complete` gives the titles."""
    parts = [
        _behind(rows, reason, scope)
        for model in scope.models
        for rows, reason in (
            (flagged(model), Reason.USE_CHANGED),
            (outdated(model), Reason.OUTDATED),
        )
        if model in USES or reason == Reason.OUTDATED
    ]
    texts: dict[Place, list[Any]] = {}
    for row in unite(parts):
        texts.setdefault((row[0], row[1]), []).append(row)
    return sorted((_gather(rows) for rows in texts.values()), key=_worst_first)


def _behind(rows: QuerySet[Any], reason: Reason, scope: Scope) -> Any:
    model = rows.model
    rows = rows.filter(live=True).order_by()
    if scope.languages:
        rows = rows.filter(locale__language_code__in=scope.languages)
    if scope.route or scope.harm:
        originals = scope.narrow(originals_of(model))
        rows = rows.filter(translation_key__in=originals.values("translation_key"))
    original = originals_of(model).filter(translation_key=OuterRef("translation_key"))
    return rows.annotate(
        of_kind=Value(model._meta.model_name, output_field=CharField()),
        rank=Subquery(original.annotate(rank=rank_of(model)).values("rank")[:1]),
        reason=Value(reason.value, output_field=CharField()),
        named=key_of(model),
    ).values_list(
        "of_kind",
        "translation_key",
        "rank",
        "reason",
        "named",
        "current_as_of",
        "locale__language_code",
        "pk",
    )


def _gather(rows: Sequence[Any]) -> Item:
    kind, translation_key, rank, _reason, key = rows[0][:5]
    by_age = sorted(rows, key=lambda row: row[7])
    return Item(
        # What rests on something changed is looked at first: the original itself may be wrong.
        reason=max(Reason(row[3]) for row in rows),
        kind=kind,
        pk=0,
        key=key,
        title="",
        harm=HARMS[len(HARMS) - 1 if rank is None else rank],
        day=min(row[5] for row in rows).date(),
        translation_key=translation_key,
        wordings=tuple(Wording(row[6], row[7]) for row in {row[7]: row for row in by_age}.values()),
    )


# ---- What a list shows of each -----------------------------------------------------------------


def complete(items: Sequence[Item]) -> list[Item]:
    """Add to the items of one list their titles and the languages they are in: two queries."""
    titles = _read_titles([item for item in items if not item.pk])
    wordings = _read_wordings([item for item in items if not item.wordings])
    return [_fill(item, titles, wordings) for item in items]


def _fill(
    item: Item, titles: dict[Place, tuple[int, str]], wordings: dict[Place, tuple[Wording, ...]]
) -> Item:
    place = item.kind, item.translation_key
    pk, title = titles.get(place, (item.pk, item.title))
    return replace(item, pk=pk, title=title, wordings=item.wordings or wordings.get(place, ()))


def _read_titles(items: Sequence[Item]) -> dict[Place, tuple[int, str]]:
    parts = [
        _of_kind(originals_of(model), items)
        .annotate(called=Substr(TITLES[model], 1, TITLE_LENGTH))
        .values_list("of_kind", "translation_key", "pk", "called")
        for model in {item.model for item in items}
    ]
    return {(row[0], row[1]): (row[2], row[3]) for row in unite(parts)}


def _read_wordings(items: Sequence[Item]) -> dict[Place, tuple[Wording, ...]]:
    parts = [
        _of_kind(model.objects.filter(live=True).order_by(), items).values_list(
            "of_kind", "translation_key", "locale__language_code", "pk"
        )
        for model in {item.model for item in items}
    ]
    found: dict[Place, list[Wording]] = {}
    for kind, key, language, pk in unite(parts):
        found.setdefault((kind, key), []).append(Wording(language, pk))
    return {
        place: tuple(sorted(some, key=lambda wording: wording.pk)) for place, some in found.items()
    }


def _of_kind(rows: QuerySet[Any], items: Iterable[Item]) -> Any:
    kind = rows.model._meta.model_name
    keys = [item.translation_key for item in items if item.kind == kind]
    return rows.filter(translation_key__in=keys).annotate(
        of_kind=Value(kind, output_field=CharField())
    )


def first_ends(items: Iterable[Item]) -> dict[int, date]:
    """Return the first review or expiry date of what each message among the items uses."""
    messages = [item.pk for item in items if item.model is MessagePage]
    if not messages:
        return {}
    rows = MessagePage.objects.filter(pk__in=messages).order_by()
    parts = [
        rows.filter(**{f"{path}__isnull": False})
        .values("pk")
        .annotate(first=Min(f"{path}__review_by"), ends=Min(f"{path}__expires"))
        .values_list("pk", "first", "ends")
        for path in USES[MessagePage]
    ]
    found: dict[int, date] = {}
    for pk, *days in unite(parts):
        for day in days:
            if day is not None:
                found[pk] = min(day, found.get(pk, day))
    return found


def unite(parts: Sequence[QuerySet[Any]]) -> Any:
    """Return the rows of all parts by one query; parts must have the same columns."""
    if len(parts) < 2:
        return parts[0] if parts else ()
    return parts[0].union(*parts[1:], all=True)
