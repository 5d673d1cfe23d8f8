"""The clock by hand: every tick that Celery's clock gives, here and now, with no broker and no worker."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError

from config.celery import TICKS, app
from messaging.guarding import backlog, heartbeats

# What has outlived its date is taken down before anything is launched.
_FIRST = ("cms.sweep",)
# What moves messages, from the launch to the count of what is left.
MOVING = (
    "campaigns.tick",
    "messaging.drain",
    "messaging.notices",
    "messaging.fold_receipts",
    "messaging.repair",
    "messaging.recount",
)
_AT_LAST = ("messaging.recount", "analytics.recount")
_PAUSE = 1.0
_STILL_ROUNDS = 3
Clock = Callable[[], datetime]

log = logging.getLogger("waymark.clock")


class UnknownTick(LookupError):
    """Say that no tick has this name, and which there are."""


@dataclass(frozen=True, slots=True)
class Done:
    """Hold how one tick ended: the kind of its error, or nothing."""

    name: str
    took: timedelta
    error: str = ""


@dataclass(frozen=True, slots=True)
class Drained:
    """Hold what draining came to: how many rounds, what is still due, and what failed."""

    rounds: int
    left: int
    failed: tuple[str, ...]


def list_ticks() -> list[str]:
    """Return the names of all ticks in the order in which they are done by hand."""
    return [*_FIRST, *(name for name in TICKS if name not in _FIRST)]


def run_ticks(names: Iterable[str], *, clock: Clock) -> list[Done]:
    """Do some ticks in their order; what goes wrong in one does not keep the others from being done."""
    app.loader.import_default_modules()
    wanted = list(names)
    if unknown := [name for name in wanted if name not in TICKS]:
        raise UnknownTick(f"No tick is called {unknown[0]}. There are: {', '.join(TICKS)}.")
    return [_run(name, clock=clock) for name in wanted]


def drain(*, clock: Clock, seconds: float) -> Drained:
    """Go round and round until nothing is due, or nothing moves, or the time is over."""
    until = time.monotonic() + seconds
    failed: dict[str, None] = {}
    rounds, still, before = 0, 0, -1
    while True:
        rounds += 1
        failed |= dict.fromkeys(d.name for d in run_ticks(MOVING, clock=clock) if d.error)
        left = _count_left(now=clock())
        still = still + 1 if left == before else 0
        if not left or still >= _STILL_ROUNDS or time.monotonic() >= until:
            # Reach is counted from all rows, so once is enough.
            failed |= dict.fromkeys(d.name for d in run_ticks(_AT_LAST, clock=clock) if d.error)
            return Drained(rounds, left, tuple(failed))
        if left == before:
            time.sleep(_PAUSE)
        before = left


def _run(name: str, *, clock: Clock) -> Done:
    began, error = time.monotonic(), ""
    try:
        # The task as it is, called here: what Celery would do, without Celery.
        app.tasks[name]()
    except Exception as fault:  # (whatever is wrong with one must not stop the others)
        log.exception("tick %s failed", name)
        error = type(fault).__name__
    took = timedelta(seconds=time.monotonic() - began)
    try:
        heartbeats.note(name, took=took, now=clock(), error=error)
    except DatabaseError as fault:
        error = error or type(fault).__name__
    return Done(name, took, error)


def _count_left(*, now: datetime) -> int:
    due, notices = backlog.find_due(now=now), backlog.find_due_notices(now=now)
    return due.count() + notices.count() + backlog.find_receipts().count()
