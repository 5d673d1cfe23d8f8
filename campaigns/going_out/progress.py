"""Progress: how far a launched broadcast has come, as counts that sum to its audience."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.models import Broadcast
from campaigns.reckoning.rounding import SMALL
from messaging.models import Batch, BatchLane
from messaging.sending import recounting
from messaging.sending.recounting import Counted
from messaging.states import MOVING, State

# On the page in this order; the first ones also where they are nought, so that rows stay in place.
_ALWAYS = (
    State.PLANNED,
    State.ACCEPTED,
    State.SENT,
    State.DELIVERED,
    State.READ,
    State.FAILED,
    State.UNKNOWN,
)
_ORDER = (
    State.PLANNED,
    State.CLAIMED,
    State.SUBMITTING,
    *_ALWAYS[1:],
    State.SUPPRESSED,
    State.CANCELLED,
    State.EXPIRED,
    State.HELD,
)
_UNSETTLED = {*MOVING, State.ACCEPTED, State.SENT, State.UNKNOWN}
# Counts that are older than this are shown with their time.
_FRESH = timedelta(seconds=20)
_LONGEST_FORECAST = timedelta(days=2)
# After a week nobody waits for a receipt any more.
_LAST_RECEIPT = timedelta(days=7)
# How often a page that is open asks again: while it moves, where receipts may come, and once it is late.
_SOON, _NOW_AND_THEN, _SELDOM = timedelta(seconds=2), timedelta(seconds=6), timedelta(minutes=1)
_LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Row:
    """Count the people in one state."""

    state: State
    people: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Hold the counts of one broadcast, and the state of its batch: empty before it is launched."""

    batch: str
    rows: tuple[Row, ...]
    # When it was counted, where that was not just now.
    as_of: datetime | None = None
    a_minute: int = 0
    left: timedelta | None = None
    # When the last message was handed over, or it was cancelled.
    over_at: datetime | None = None
    looked_at: datetime | None = None

    @property
    def is_small(self) -> bool:
        """Say whether it went to so few that how they fare would tell of each of them."""
        return bool(self.batch) and self.total < SMALL

    @property
    def total(self) -> int:
        """Return the audience: the sum of all states."""
        return sum(row.people for row in self.rows)

    @property
    def summands(self) -> list[Row]:
        """Return the states that hold anybody."""
        return [row for row in self.rows if row.people]

    @property
    def waiting(self) -> int:
        """Return how many have not been handed over yet."""
        return sum(row.people for row in self.rows if row.state in MOVING)

    @property
    def is_running(self) -> bool:
        """Say whether messages are going out."""
        return self.batch in {Batch.State.PLANNING, Batch.State.RUNNING}

    @property
    def is_paused(self) -> bool:
        """Say whether somebody has paused it."""
        return self.batch == Batch.State.PAUSED

    @property
    def is_settled(self) -> bool:
        """Say that nothing will change any more, or nobody waits for it any more."""
        over = self.batch in {Batch.State.FINISHED, Batch.State.CANCELLED}
        if over and self._over_for > _LAST_RECEIPT:
            return True
        return over and not any(row.people for row in self.rows if row.state in _UNSETTLED)

    @property
    def again(self) -> timedelta:
        """Return after how long it is worth asking again; nothing once it is settled."""
        if self.is_settled:
            return timedelta()
        if self.is_running:
            return _SOON if self.waiting else _NOW_AND_THEN
        return _SELDOM if self._over_for > _LATE else _NOW_AND_THEN

    @property
    def _over_for(self) -> timedelta:
        if self.over_at is None or self.looked_at is None:
            return timedelta()
        return self.looked_at - self.over_at


def read_progress(broadcast: Broadcast, *, now: datetime) -> Progress:
    """Return how far a broadcast has come, from what was counted last."""
    counted = recounting.look(broadcast.reference, now=now)
    if counted is None:
        return Progress(batch="", rows=_list_rows(Counter()))
    forecast = _forecast(broadcast.reference, counted, now=now)
    return Progress(
        batch=counted.batch,
        rows=_list_rows(counted.states),
        as_of=counted.at if now - counted.at > _FRESH else None,
        a_minute=_round_off(counted.rate * 60),
        left=forecast,
        over_at=counted.over_at,
        looked_at=now,
    )


def ask_again_after(broadcast: Broadcast, progress: Progress, *, now: datetime) -> timedelta:
    """Return after how long the page of a broadcast is worth asking for again; nothing: never."""
    if progress.batch:
        return progress.again
    if broadcast.state == Broadcast.State.APPROVED and not broadcast.at_once:
        # The nearer its time, the sooner; a page that is open for days asks once a minute.
        return min(max((broadcast.send_at - now) / 10, _SOON), _SELDOM)
    return _SOON if broadcast.state == Broadcast.State.APPROVED else _NOW_AND_THEN


def _list_rows(counts: Counter[str]) -> tuple[Row, ...]:
    return tuple(Row(state, counts[state]) for state in _ORDER if state in _ALWAYS or counts[state])


def _round_off(rate: float) -> int:
    """Return a rate in two figures: it is no more certain than that."""
    return int(round(rate, 2 - len(str(int(rate))))) if rate >= 100 else round(rate)


def _forecast(reference: str, counted: Counted, *, now: datetime) -> timedelta | None:
    """Return how long the rest takes at this rate; nobody knows while some wait for a morning."""
    waiting = recounting.count_waiting(counted.states)
    if not waiting or counted.rate * _LONGEST_FORECAST.total_seconds() < waiting:
        return None
    later = BatchLane.objects.filter(batch__reference=reference, not_before__gt=now)
    return None if later.exists() else timedelta(seconds=waiting / counted.rate)
