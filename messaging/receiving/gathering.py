"""Gathering: threads that store at the same time share one statement and one commit.

Whoever comes first writes for all who wait by then; the others find their row written. Nobody waits
for company: a row that comes alone is written at once.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Row = TypeVar("Row")

log = logging.getLogger("waymark.gathering")


class _Waiting(Generic[Row]):
    __slots__ = ("is_done", "is_written", "row")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.is_done = False
        self.is_written = False


class Gathering(Generic[Row]):
    """Write rows of many threads together with `store`, at most `most` in one go."""

    def __init__(self, store: Callable[[Sequence[Row]], None], *, most: int) -> None:
        self._store = store
        self._most = most
        self._queue: deque[_Waiting[Row]] = deque()
        self._turn = threading.Lock()

    def put(self, row: Row) -> None:
        """Return when the row is stored; raise what `store` raised over this row alone."""
        mine = _Waiting(row)
        self._queue.append(mine)
        with self._turn:
            while not mine.is_done:
                self._write()
        if not mine.is_written:
            # Another row spoilt it, or another thread's connection was gone.
            self._store([row])

    def _write(self) -> None:
        together = [self._queue.popleft() for _ in range(min(self._most, len(self._queue)))]
        written = False
        try:
            self._store([one.row for one in together])
            written = True
        except Exception as error:  # noqa: BLE001  # each of them tries alone and raises its own
            log.info("%s rows are stored one by one: %s", len(together), type(error).__name__)
        finally:
            # Also when this thread is being ended: nobody may wait for it for ever.
            for one in together:
                one.is_written = written
                one.is_done = True
