"""Recounting: how far each batch is, counted anew from its rows. Nothing is ever added to a count.

A count of a million rows takes a good part of a second, so it is made seldom: all counting together,
by however many processes, takes at most a tenth of the time. Who looks at a screen reads what was
counted last; only what is small, or was not counted for long, is counted because somebody looks.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from messaging.models import Batch, Delivery
from messaging.states import MOVING

# So few are counted in a millisecond or two.
SMALL = 1_000
# Half of the tenth for what is going out, half for what receipts still come in for.
_SHARE = 20
# What has been still for long is counted seldom: each time after another tenth of that.
_STILL_SHARE = 10
_LONGEST_REST, _LONGEST_REST_OVER = timedelta(seconds=15), timedelta(hours=1)
# Somebody looks, and the clock that should have counted seems to be dead.
_TOO_OLD = timedelta(seconds=30)
# After a week nobody waits for a receipt any more.
_WARM = timedelta(days=7)
_RATE_OVER = timedelta(seconds=30)
_LIVE = (Batch.State.RUNNING, Batch.State.PAUSED)


@dataclass(frozen=True, slots=True)
class Counted:
    """Hold what was counted of a batch: people by state, when, and how many a second were settled."""

    batch: str
    states: Counter[str]
    at: datetime
    rate: float = 0.0
    # When the last of it was handed over, or it was cancelled.
    over_at: datetime | None = None


def count_rows(batch: int) -> Counter[str]:
    """Return how many deliveries of a batch are in each state now."""
    rows = Delivery.objects.filter(batch=batch).order_by("state").values_list("state")
    return Counter(dict(rows.annotate(count=Count("*"))))


def recount_watched(*, clock: Callable[[], datetime]) -> int:
    """Count anew whatever is going out, or over since a week at most; return how many it was time for."""
    now = clock()
    warm = Q(state__in=_LIVE) | Q(finished_at__gt=now - _WARM)
    watched = list(Batch.objects.filter(warm, purged_at__isnull=True).order_by("pk"))
    live = [batch for batch in watched if batch.state in _LIVE]
    over = [batch for batch in watched if batch.state not in _LIVE]
    return sum(
        recount(batch, rest=max(rest, _rest_when_still(batch, now=now)), now=clock())
        for batches, rest in ((live, rest_after(live)), (over, rest_after(over)))
        for batch in batches
    )


def recount(batch: Batch, *, rest: timedelta, now: datetime) -> bool:
    """Count one batch anew and write it down; say False where one was begun within `rest`."""
    mine = Batch.objects.filter(pk=batch.pk, purged_at__isnull=True)
    rested = Q(counting_at__isnull=True) | Q(counting_at__lte=now - rest)
    # One statement: of several that come at once, one counts.
    if not mine.filter(rested).update(counting_at=now):
        return False
    began = time.monotonic()
    states = count_rows(batch.pk)
    took = timedelta(seconds=time.monotonic() - began)
    changed = dict(states) != batch.counts
    mine.filter(Q(counted_at__isnull=True) | Q(counted_at__lt=now)).update(
        counts=dict(states),
        counted_at=now,
        count_ms=took // timedelta(milliseconds=1),
        still_since=now if changed else (batch.still_since or now),
        rate=_rate(batch, states, now=now),
    )
    return True


def look(reference: str, *, now: datetime) -> Counted | None:
    """Return what is known of a batch for somebody who looks at it; None where there is none."""
    batch = Batch.objects.filter(reference=reference).first()
    if batch is None:
        return None
    if batch.purged_at is not None:
        kept = Counter(batch.counts)
        return Counted(batch.state, kept, at=batch.purged_at, over_at=batch.finished_at)
    if batch.size <= SMALL or batch.counted_at is None:
        return _describe(batch, count_rows(batch.pk), at=now)
    if now - batch.counted_at > _TOO_OLD:
        recount(batch, rest=max(rest_after([batch]), _TOO_OLD), now=now)
        batch.refresh_from_db()
    return _describe(batch, Counter(batch.counts), at=batch.counted_at)


def rest_after(batches: Iterable[Batch]) -> timedelta:
    """Return how long to wait between two counts of some batches, by what they cost together."""
    return timedelta(milliseconds=_SHARE * sum(batch.count_ms for batch in batches))


def count_waiting(states: Mapping[str, int]) -> int:
    """Return how many have not been handed over or ended yet."""
    return sum(states.get(state, 0) for state in MOVING)


def _rest_when_still(batch: Batch, *, now: datetime) -> timedelta:
    if batch.still_since is None:
        return timedelta()
    longest = _LONGEST_REST if batch.state in _LIVE else _LONGEST_REST_OVER
    return min((now - batch.still_since) / _STILL_SHARE, longest)


def _rate(batch: Batch, states: Mapping[str, int], *, now: datetime) -> float:
    """Return how many a second stopped waiting of late: evened out over half a minute."""
    if batch.counted_at is None or batch.state != Batch.State.RUNNING or now <= batch.counted_at:
        return 0.0
    passed = now - batch.counted_at
    settled = max(0, count_waiting(batch.counts) - count_waiting(states))
    rate = settled / passed.total_seconds()
    weight = min(1.0, passed / _RATE_OVER) if batch.rate else 1.0
    return batch.rate + (rate - batch.rate) * weight


def _describe(batch: Batch, states: Counter[str], *, at: datetime) -> Counted:
    rate = batch.rate if batch.state == Batch.State.RUNNING else 0.0
    return Counted(batch.state, states, at=at, rate=rate, over_at=batch.finished_at)
