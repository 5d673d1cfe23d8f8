"""The morning round: which contact points are to be tried today, and what came of trying one.

A point that nobody has reached for a month is not given to anybody any more (`cms.freshness`), so it is
tried some days before that. What is wrong or closed is tried again after a week: it may have come back.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet

from campaigns import audit
from campaigns.models import Partner
from cms.freshness import TESTED_WITHIN
from cms.models import ContactPoint, TestResult
from cms.overdue import originals_of
from cms.reviewing import note_test

MOST_A_DAY = 10
_AHEAD = timedelta(days=7)
_AGAIN = timedelta(days=7)
RESULTS = (TestResult.REACHED, TestResult.WRONG, TestResult.CLOSED)


@dataclass(frozen=True, slots=True)
class Round:
    """Hold what is to be tried today, how much more is due, and what was tried today already."""

    due: tuple[ContactPoint, ...]
    later: int
    done: tuple[ContactPoint, ...]


def plan_round(countries: Collection[str], *, today: date) -> Round:
    """Return today's round among what can be reached from some countries; from all where none is named."""
    done = _within(_find_points().filter(last_tested_on=today).order_by("key"), countries)
    due = _within(_find_due(today), countries)
    room = max(0, MOST_A_DAY - len(done))
    return Round(due=tuple(due[:room]), later=len(due[room:]), done=tuple(done))


def countries_of(partners: Collection[Partner]) -> set[str]:
    """Return the countries of some partners; none where one of them works everywhere."""
    if not all(partner.countries for partner in partners):
        return set()
    return {code for partner in partners for code in partner.countries}


def find_point(pk: int, countries: Collection[str]) -> ContactPoint | None:
    """Return a contact point that belongs to a round in these countries."""
    return next(iter(_within(_find_points().filter(pk=pk), countries)), None)


def note_result(point: ContactPoint, result: TestResult, *, by: User, now: datetime) -> None:
    """Write down what came of trying a point; the same again on one day changes nothing."""
    if point.last_tested_on == now.date() and point.result == result:
        return
    with transaction.atomic():
        note_test(point, result, by=by, now=now)
        audit.note(
            "tested",
            kind="contact",
            # Editors choose keys, and the audit refuses what looks like a text or a number.
            code=point.key if audit.takes_code(point.key) else f"id-{point.pk}",
            actor=by.pk,
            details={"result": result.value},
            now=now,
        )


def _find_points() -> QuerySet[ContactPoint]:
    points: QuerySet[ContactPoint] = originals_of(ContactPoint).filter(live=True)
    return points.exclude(number="", other="")


def _find_due(today: date) -> QuerySet[ContactPoint]:
    untested = Q(last_tested_on__isnull=True) | Q(result=TestResult.UNTESTED)
    fading = Q(last_tested_on__lte=today - TESTED_WITHIN + _AHEAD)
    failed = ~Q(result=TestResult.REACHED) & Q(last_tested_on__lte=today - _AGAIN)
    due = _find_points().filter(untested | fading | failed).exclude(last_tested_on=today)
    return due.order_by(F("last_tested_on").asc(nulls_first=True), "key")


def _within(points: QuerySet[ContactPoint], countries: Collection[str]) -> list[ContactPoint]:
    # What is reached from nowhere in particular is reached from everywhere.
    return [
        point
        for point in points
        if not countries or not point.reach_from or set(point.reach_from) & set(countries)
    ]
