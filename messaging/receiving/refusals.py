"""Refusals: how many callbacks were turned away today. Counted here and written down in lumps.

Whoever floods us with forged callbacks should cost us little: a process writes every five seconds at
most, whatever comes.
"""

import logging
import threading
import time
from collections import Counter
from datetime import datetime

from django.db import DatabaseError

from messaging.guarding import limits

STATUSES = (400, 401, 403, 404, 405, 411, 413, 415, 429, 500, 503)
_SCOPE = "refused"
EVERY = 5.0

log = logging.getLogger("waymark.refusals")


class Refusals:
    """Hold what one process has refused and not written down yet."""

    def __init__(self) -> None:
        self._held: Counter[int] = Counter()
        self._written_at = time.monotonic()
        self._guard = threading.Lock()

    def note(self, status: int, *, now: datetime) -> None:
        """Count one callback by the status it was answered with, where that was a refusal."""
        with self._guard:
            if status not in STATUSES:
                return
            self._held[status] += 1
            is_time = time.monotonic() - self._written_at >= EVERY
        if is_time:
            self._write_if_possible(now)

    def write(self, *, now: datetime) -> None:
        """Write down what is held."""
        with self._guard:
            lump, self._held = self._held, Counter()
            self._written_at = time.monotonic()
        for status, times in lump.items():
            limits.count(_SCOPE, str(status), times=times, now=now)

    def _write_if_possible(self, now: datetime) -> None:
        try:
            self.write(now=now)
        except DatabaseError as error:
            # What was held is lost, and the refusal is still answered.
            log.warning("refused callbacks could not be counted: %s", type(error).__name__)


refusals = Refusals()


def count_refused(*, now: datetime) -> dict[int, int]:
    """Return how many callbacks were refused today, by the status they were answered with."""
    refusals.write(now=now)
    counts = {s: limits.count_used(_SCOPE, [str(s)], days=1, now=now) for s in STATUSES}
    return {status: count for status, count in counts.items() if count}
