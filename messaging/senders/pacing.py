"""Pacing: one rate for a sender, by the database's clock, for any number of workers.

The sender's row says when its next part may go. Whoever puts parts on the wire reserves their time
there first, in the transaction that commits them; each call then waits for its own moment. A share of
the rate is kept back for replies, which reserve on a column of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from messaging import dialect

# What is reserved starts within this, so that a commit is not old when its call begins.
AHEAD = 1.0
_MOST_QUIET = 90


@dataclass(frozen=True, slots=True)
class Pace:
    """Hold how fast a sender is, and how many seconds from now it is free: for broadcasts, for replies."""

    sender: int
    # Whether it may send at all: it is active, and its breaker is closed.
    open: bool
    # Whether a day's messages or people are limited.
    limited: bool
    parts_per_second: int
    quiet_share: int
    free_in: float
    replies_free_in: float

    @property
    def rate(self) -> float:
        """Return the parts a second that broadcasts may use."""
        return self.parts_per_second * (100 - self.quiet_share) / 100

    @property
    def reply_rate(self) -> float:
        """Return the parts a second that are kept back for replies; all, where no share is kept."""
        return self.parts_per_second * (self.quiet_share or 100) / 100


@dataclass(frozen=True, slots=True)
class Slots:
    """Hold when each of some messages may go, in seconds from now, and from when others may."""

    starts: tuple[float, ...]
    free_in: float


def read_pace(sender: int, *, locked: bool = False) -> Pace | None:
    """Return the pace of a sender, or None where there is none; `locked` inside a transaction."""
    return as_pace(sender, dialect.fetch(*reading(sender, locked=locked)))


def reading(sender: int, *, locked: bool) -> tuple[str, list[Any]]:
    """Return the statement whose rows `as_pace` reads, with its parameters."""
    statement = f"""
        SELECT active AND halted_at IS NULL, daily_cap + people_per_day > 0,
               parts_per_second, quiet_share, {dialect.seconds_until("free_at")},
               {dialect.seconds_until("replies_free_at")}
          FROM messaging_sender WHERE id = %s {dialect.lock() if locked else ""}"""  # noqa: S608
    return statement, [sender]


def as_pace(sender: int, rows: Sequence[tuple[Any, ...]]) -> Pace | None:
    """Return what `reading` found, or None where there is no such sender."""
    if not rows:
        return None
    is_open, limited, rate, quiet, free_in, replies = rows[0]
    return Pace(
        sender=sender,
        open=bool(is_open),
        limited=bool(limited),
        parts_per_second=max(1, rate),
        quiet_share=min(quiet, _MOST_QUIET),
        free_in=max(0.0, free_in or 0.0),
        replies_free_in=max(0.0, replies or 0.0),
    )


def fit(parts: Sequence[int], *, rate: float, free_in: float) -> Slots:
    """Return the moments of as many messages as begin within a second, one after the other; pure.

    One that is longer than a second's parts takes its time after it has gone.
    """
    at, starts = free_in, []
    for count in parts:
        if at > AHEAD:
            break
        starts.append(at)
        at += count / rate
    return Slots(tuple(starts), at)


def reserving() -> str:
    """Return the statement that `reserve` runs; its parameters are seconds and the sender."""
    free_at, moved_at = dialect.later("%s"), dialect.now()
    return f"UPDATE messaging_sender SET free_at = {free_at}, moved_at = {moved_at} WHERE id = %s"  # noqa: S608


def reserve(pace: Pace, free_in: float) -> None:
    """Write down from when a locked sender is free for broadcasts again."""
    dialect.run(reserving(), [free_in, pace.sender])


def reserve_reply(sender: int, parts: int) -> float | None:
    """Reserve the time of one reply; return seconds until it may go, None where that is too far off.

    Call it in a transaction. While no broadcast goes out, replies have the whole rate. Where no share is
    kept for them they take their turn with everybody else.
    """
    pace = read_pace(sender, locked=True)
    if pace is None:
        return None
    start = pace.replies_free_in if pace.quiet_share else max(pace.free_in, pace.replies_free_in)
    if start > AHEAD:
        return None
    # Who uses the whole rate reserves on both columns, so that nobody else uses it again.
    idle = pace.free_in <= start
    free_in = start + parts / (pace.parts_per_second if idle else pace.reply_rate)
    if idle:
        reserve(pace, free_in)
    dialect.run(
        f"UPDATE messaging_sender SET replies_free_at = {dialect.later('%s')} WHERE id = %s",  # noqa: S608
        [free_in, sender],
    )
    return start
