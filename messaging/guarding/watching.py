"""Watching: alarms for a person to look at. An alarm holds back nothing and is about nobody.

Every STOP is honoured whatever the alarm says: it may be an attack, or one of our texts that was wrong.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Min, Sum

from messaging.guarding import limits
from messaging.models import Alarm, Allowance

FEWEST_STOPS = 50
TIMES_USUAL = 5
_STOPS = "stops"
_SLICE_MINUTES, _SLICES_OF_HOUR = 10, 6
_USUAL_DAYS = 28
_MINUTE = timedelta(minutes=1)

log = logging.getLogger("waymark.watching")


def raise_alarm(kind: str, *, country: str = "", now: datetime) -> None:
    """Open an alarm of a kind and country, or count once more on the one that is open."""
    if _count_on(kind, country, now=now):
        return
    try:
        with transaction.atomic():
            Alarm.objects.create(kind=kind, country=country, opened_at=now, last_at=now)
    except IntegrityError:
        _count_on(kind, country, now=now)
    else:
        log.warning("alarm: %s %s", kind, country)


def close_alarm(kind: str, *, unless: Callable[[], bool], now: datetime) -> bool:
    """Close the open alarm of a kind, unless what it is about goes on; say whether it was closed."""
    if not Alarm.objects.filter(kind=kind, closed_at__isnull=True).exists():
        return False
    with transaction.atomic():
        # First: whoever raises it now waits here, or is waited for and then seen.
        rows = Alarm.objects.select_for_update().filter(kind=kind, closed_at__isnull=True)
        found = [row.pk for row in rows]
        if not found or unless():
            return False
        return bool(Alarm.objects.filter(pk__in=found).update(closed_at=now))


def note_stop(*, now: datetime) -> None:
    """Count one STOP, from wherever it came, and raise the alarm when there are far too many."""
    limits.count(_STOPS, _slice_of(now), now=now)
    # In a flood every write costs the next STOP time: one a minute is enough for an alarm.
    fresh = Alarm.objects.filter(
        kind=Alarm.Kind.MANY_STOPS, closed_at__isnull=True, last_at__gt=now - _MINUTE
    )
    if fresh.exists():
        return
    recent = _count_hour(now)
    if recent >= FEWEST_STOPS and recent > TIMES_USUAL * usual_stops_an_hour(now=now):
        raise_alarm(Alarm.Kind.MANY_STOPS, now=now)


def usual_stops_an_hour(*, now: datetime) -> float:
    """Return how many STOPs an hour had over the last 28 whole days, or over those there were."""
    today = now.astimezone(UTC).date()
    rows = Allowance.objects.filter(
        scope=_STOPS, day__gte=today - timedelta(days=_USUAL_DAYS), day__lt=today
    )
    found = rows.aggregate(used=Sum("used"), first=Min("day"))
    if not found["first"]:
        return 0.0
    hours = (today - found["first"]).days * 24
    return float(found["used"] / hours)


def _count_hour(now: datetime) -> int:
    slices = [
        _slice_of(now - timedelta(minutes=_SLICE_MINUTES * ago)) for ago in range(_SLICES_OF_HOUR)
    ]
    # The hour may have begun yesterday; a slice names its day, so that no other hour is meant.
    return limits.count_used(_STOPS, slices, days=2, now=now)


def _slice_of(moment: datetime) -> str:
    at = moment.astimezone(UTC)
    return f"{at:%Y-%m-%d %H}:{at.minute // _SLICE_MINUTES}"


def _count_on(kind: str, country: str, *, now: datetime) -> bool:
    is_open = Alarm.objects.filter(kind=kind, country=country, closed_at__isnull=True)
    return bool(is_open.update(times=F("times") + 1, last_at=now))
