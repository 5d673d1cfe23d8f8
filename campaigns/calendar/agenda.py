"""The agenda: what is planned when. Of other partners only times and countries come out of here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import takewhile

from django.db.models import Q, QuerySet

from campaigns.models import Broadcast
from campaigns.permissions import Person, visible_to
from campaigns.recurring import Rhythm, is_near
from campaigns.series import find_moved

_State = Broadcast.State
# What is given up, or will go out at a time nobody knows yet, is in no calendar.
_ENDED = (_State.CANCELLED, _State.LEFT)
_PROMISED = (_State.ASKED, _State.APPROVED, _State.LAUNCHED)
_TIMED = Q(at_once=False) | Q(state__in=[_State.APPROVED, _State.LAUNCHED])
_ONCE = Q(schedule__isnull=True)
# Rules that are looked at again and again while people turn over the pages.
_RULES_KEPT = 2_000
_MOMENT, _HOUR = timedelta(microseconds=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """Hold one time of one of the person's own broadcasts; `recurs` where a rule makes it."""

    moment: datetime
    broadcast: int
    recurs: bool = False


@dataclass(frozen=True, slots=True)
class Busy:
    """Hold one time at which another partner sends, and to which countries: none named is all."""

    moment: datetime
    countries: tuple[str, ...]


def list_own(user: Person, start: datetime, end: datetime, *, now: datetime) -> list[Slot]:
    """Return the times of a person's own broadcasts from `start` to before `end`, in their order."""
    mine = visible_to(user).exclude(state__in=_ENDED).order_by().select_related(None)
    once = _between(mine.filter(_TIMED), start, end).values_list("send_at", "pk")
    slots = [Slot(moment, pk) for moment, pk in once]
    for broadcast, times in _list_series(mine, max(start, now), end):
        slots += [Slot(moment, broadcast.pk, recurs=True) for moment in times]
    return sorted(slots, key=lambda slot: (slot.moment, slot.broadcast))


def list_busy(user: Person, start: datetime, end: datetime, *, now: datetime) -> list[Busy]:
    """Return when others send or mean to from `start` to before `end`, in no order."""
    others = Broadcast.objects.filter(state__in=_PROMISED).exclude(
        pk__in=visible_to(user).order_by().select_related(None).values("pk")
    )
    others = others.order_by()
    once = _between(others.filter(_TIMED), start, end)
    busy = [
        Busy(moment, tuple(countries))
        for moment, countries in once.values_list("send_at", "segment__countries")
    ]
    for broadcast, times in _list_series(others, max(start, now), end):
        countries = tuple(broadcast.segment.countries)
        busy += [Busy(moment, countries) for moment in times]
    return busy


def _between(
    broadcasts: QuerySet[Broadcast], start: datetime, end: datetime
) -> QuerySet[Broadcast]:
    return broadcasts.filter(_ONCE, send_at__gte=start, send_at__lt=end)


def _list_series(
    broadcasts: QuerySet[Broadcast], start: datetime, end: datetime
) -> Iterator[tuple[Broadcast, list[datetime]]]:
    """Yield those that recur with their times, those left out that were moved elsewhere."""
    rows = list(_going_on(broadcasts))
    known = [one.schedule_id for one in rows if one.schedule_id]
    moved = find_moved(known, after=start) if known else {}
    for one in rows:
        gone = moved.get(one.schedule_id or 0, [])
        times = _times_of(one, start, end)
        yield one, [moment for moment in times if not is_near(moment, gone)]


def _going_on(broadcasts: QuerySet[Broadcast]) -> QuerySet[Broadcast]:
    """Return those that recur and have times to come."""
    going_on = broadcasts.filter(schedule__isnull=False, schedule__paused_at__isnull=True)
    rows = going_on.exclude(state=_State.OVER).select_related("schedule", "segment")
    return rows.only("schedule", "segment__countries")


def _times_of(broadcast: Broadcast, start: datetime, end: datetime) -> Iterator[datetime]:
    if broadcast.schedule is None or start >= end:
        return iter(())
    # By whole hours, so that what was worked out is found again; the first moment of one counts too.
    first, last = _begin_hour(start) - _MOMENT, _begin_hour(end + _HOUR)
    times = _list_times(broadcast.schedule.rhythm, first, last)
    return (moment for moment in times if start <= moment < end)


def _begin_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


@lru_cache(maxsize=_RULES_KEPT)
def _list_times(rhythm: Rhythm, after: datetime, end: datetime) -> tuple[datetime, ...]:
    days = (end - after).days + 2
    return tuple(takewhile(lambda one: one < end, rhythm.moments(after=after, most=days)))
