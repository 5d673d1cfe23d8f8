"""Running: how a broadcast fares by country and language, what it has cost, and what goes wrong.

Counted from the rows, but seldom: what was counted is kept for twenty times as long as that took. Each
process keeps its own.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db.models import Count

from campaigns.approval.approving import list_standing
from campaigns.going_out.trouble_words import explain_trouble, is_trouble
from campaigns.models import Broadcast
from campaigns.reckoning.costs import count_costs
from campaigns.reckoning.rounding import SMALL
from messaging.models import Batch, BatchLane, Delivery
from messaging.states import HANDED_OVER, MOVING, State

_RESTS = 20
_SHORTEST = 4.0
_ARRIVED = (State.DELIVERED, State.READ)
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Group:
    """Count the people of one country or language: all, who wait, were reached for, have it, failed."""

    name: str
    people: int
    waiting: int
    handed: int
    arrived: int
    failed: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Hold what went wrong for how many, and what to do."""

    people: int
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Running:
    """Hold how a broadcast fares; groups of few people are left out and only said to be there."""

    countries: tuple[Group, ...]
    languages: tuple[Group, ...]
    more_countries: bool
    more_languages: bool
    troubles: tuple[Trouble, ...]
    halted: bool
    spent: Decimal
    expected: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class _Counts:
    rows: list[tuple[str, str, str, str, int]]
    spent: Decimal


def read_running(broadcast: Broadcast, *, now: datetime) -> Running | None:
    """Return how a launched broadcast fares; None where it is not, or is too small to be told apart."""
    batch = Batch.objects.filter(reference=broadcast.reference, purged_at__isnull=True).first()
    if batch is None or batch.size < SMALL:
        return None
    counts = _count_now_and_then(broadcast, batch, now=now)
    countries = _group((country, state, n) for country, _l, state, _r, n in counts.rows)
    languages = _group((language, state, n) for _c, language, state, _r, n in counts.rows)
    figures = _read_approved(broadcast)
    return Running(
        countries=_show(countries),
        languages=_show(languages),
        more_countries=len(_show(countries)) < len(countries),
        more_languages=len(_show(languages)) < len(languages),
        troubles=_list_troubles(counts.rows),
        halted=_is_halted(batch),
        spent=counts.spent,
        expected=Decimal(figures["cost"]) if "cost" in figures else None,
        currency=figures.get("currency", "USD"),
    )


def _count_now_and_then(broadcast: Broadcast, batch: Batch, *, now: datetime) -> _Counts:
    # Whoever pauses or cancels sees what that has changed.
    key = f"running.{batch.pk}.{batch.state}"
    known: _Counts | None = cache.get(key)
    if known is not None:
        return known
    began = time.monotonic()
    rows = Delivery.objects.filter(batch=batch).order_by()
    grouped = rows.values_list("country", "language", "state", "reason").annotate(n=Count("pk"))
    spent = sum(count_costs(broadcast, today=now.date()).values(), Decimal(0))
    counts = _Counts(list(grouped), spent)
    cache.set(key, counts, max(_SHORTEST, _RESTS * (time.monotonic() - began)))
    return counts


def _group(rows: Iterable[tuple[str, str, int]]) -> list[Group]:
    states: dict[str, Counter[str]] = defaultdict(Counter)
    for name, state, people in rows:
        states[name][state] += people
    groups = [
        Group(
            name=name,
            people=counts.total(),
            waiting=_add(counts, MOVING),
            handed=_add(counts, (*HANDED_OVER, State.FAILED)),
            arrived=_add(counts, _ARRIVED),
            failed=counts[State.FAILED],
        )
        for name, counts in states.items()
    ]
    return sorted(groups, key=lambda group: (-group.people, group.name))


def _add(counts: Mapping[str, int], states: Iterable[str]) -> int:
    return sum(counts.get(state, 0) for state in set(states))


def _show(groups: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(group for group in groups if group.people >= SMALL)[:_SHOWN]


def _list_troubles(rows: Iterable[tuple[str, str, str, str, int]]) -> tuple[Trouble, ...]:
    people: Counter[tuple[str, str]] = Counter()
    for _country, _language, state, reason, number in rows:
        if is_trouble(state):
            # Several reasons have the same words.
            people[explain_trouble(state, reason)] += number
    return tuple(Trouble(number, *said) for said, number in people.most_common())


def _is_halted(batch: Batch) -> bool:
    """Say whether messages wait for a sender that stands still."""
    if batch.state not in {Batch.State.RUNNING, Batch.State.PAUSED}:
        return False
    return BatchLane.objects.filter(batch=batch, sender__halted_at__isnull=False).exists()


def _read_approved(broadcast: Broadcast) -> dict[str, Any]:
    standing = list_standing(broadcast)
    figures: dict[str, Any] = standing[0].snapshot.get("figures", {}) if standing else {}
    return figures
