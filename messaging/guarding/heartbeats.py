"""Heartbeats: when each of the clock's ticks last ended, so that a clock that has died is seen."""

import threading
import time
from datetime import datetime, timedelta

from messaging.models import Beat

# Ticks come every two seconds; a row written now and then tells as much and costs less.
_EVERY = 15.0
_written: dict[str, float] = {}
_guard = threading.Lock()


def note(name: str, *, took: timedelta, now: datetime, error: str = "") -> None:
    """Write down that a tick ended, at most every 15 seconds; a failure always, with its kind."""
    if not error and not _is_time(name):
        return
    told: dict[str, object] = {"at": now, "took_ms": took // timedelta(milliseconds=1)}
    if error:
        told |= {"failed_at": now, "failed_with": error[:60]}
    Beat.objects.update_or_create(name=name, defaults=told)


def ages(*, now: datetime) -> dict[str, timedelta]:
    """Return how long ago each tick ended that ever did."""
    return {name: now - at for name, at in Beat.objects.order_by("name").values_list("name", "at")}


def forget() -> None:
    """Forget which beats this process has written, so that the next ones are written."""
    with _guard:
        _written.clear()


def _is_time(name: str) -> bool:
    with _guard:
        last = _written.get(name)
        if last is not None and time.monotonic() - last < _EVERY:
            return False
        _written[name] = time.monotonic()
        return True
