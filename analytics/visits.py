"""Visits: how often each short link was opened, by day. Openings, not people; nothing of a person.

An opening is held in memory for a few seconds and written with others, so that no reader waits for a
database. What a process holds when it is killed is lost: at most that of those seconds. Pages served
as static files by another host are not counted at all.
"""

import atexit
import logging
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from analytics.machines import is_machine
from analytics.models import Opening

logger = logging.getLogger("waymark.visits")

HELD_FOR_SECONDS = 3.0
# As many different links on one day as anybody has: more is an attack, or a database that is gone.
MOST_HELD = 10_000

Link = tuple[str, str, date]  # code, language, day
_lock = threading.Lock()
_held: Counter[Link] = Counter()
_clock: list[threading.Timer] = []


def count_opening(code: str, *, language: str, day: date, headers: Mapping[str, str]) -> None:
    """Count an opened link, unless it was a machine that opened it. Nothing waits for a database."""
    if is_machine(headers):
        return
    with _lock:
        link = (code, language, day)
        if link in _held or len(_held) < MOST_HELD:
            _held[link] += 1
        if not _clock:
            _wind_up()


def write_held() -> int:
    """Write what is held and return how many openings that were; they stay held if it fails."""
    with _lock:
        held = dict(_held)
        _held.clear()
    try:
        _add(held)
    except DatabaseError as fault:
        with _lock:
            _held.update(held)
        logger.warning("Openings are kept until they can be written: %s", type(fault).__name__)
        return 0
    return sum(held.values())


def openings_by_language(codes: Iterable[str]) -> dict[str, int]:
    """Return how often the links with these codes were opened, exactly: show it disclosed only."""
    rows = Opening.objects.filter(code__in=list(codes)).order_by("language").values("language")
    return {row["language"]: row["total"] for row in rows.annotate(total=Sum("count"))}


def openings_by_code(codes: Iterable[str]) -> dict[str, int]:
    """Return how often each of these links was opened, exactly: show it disclosed only."""
    rows = Opening.objects.filter(code__in=list(codes)).order_by("code").values("code")
    return {row["code"]: row["total"] for row in rows.annotate(total=Sum("count"))}


def _add(held: Mapping[Link, int]) -> None:
    if not held:
        return
    # In one order, so that no two processes wait for each other.
    rows = [(*link, count) for link, count in sorted(held.items())]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO analytics_opening (code, language, day, count) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (code, language, day)"
            " DO UPDATE SET count = analytics_opening.count + excluded.count",
            rows,
        )


def _wind_up() -> None:
    timer = threading.Timer(HELD_FOR_SECONDS, _ring)
    timer.daemon = True
    _clock.append(timer)
    timer.start()


def _ring() -> None:
    try:
        write_held()
    finally:
        # The connection is this thread's own, and the thread ends here.
        connection.close()
        with _lock:
            _clock.clear()
            if _held:
                _wind_up()


def _write_the_last() -> None:
    if _held:
        write_held()


atexit.register(_write_the_last)
