"""Making what is not fresh, before a reader asks for it: a few answers at a time."""

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from cms.models import StoredAnswer
from cms.publishing import storing
from cms.publishing.making import make
from cms.reader.listing import list_addresses
from cms.reader.tracing import Kind

logger = logging.getLogger("waymark.cms")
# Files to pass on take long to make and are seldom asked for: whoever does waits a little once.
HEAVY = frozenset({Kind.FILE.value, Kind.LEAFLET.value})
# A form is answered anew each time.
UNSTORED = frozenset({Kind.SEARCH.value})
# What is listed and cannot be stored is not tried with every tick.
_PAUSE = timedelta(hours=1)
_tried: dict[str, datetime] = {}
# One round at a time in each process: a second one would make the same answers.
_round = threading.Lock()


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one round came to: answers made, addresses that failed, and how many are left."""

    made: int = 0
    failed: tuple[str, ...] = ()
    left: int = 0


def render_missing(
    *, now: datetime, limit: int | None = None, seconds: float | None = None, heavy: bool = False
) -> Rendered:
    """Make what is stale, and then what was never made; `heavy` also files that nobody asked for.

    It ends after so many answers or seconds; the next round goes on.
    """
    if not _round.acquire(blocking=False):
        return Rendered()
    try:
        wanted = list(dict.fromkeys(_list_wanted(now=now, heavy=heavy)))
        return _render(wanted, now=now, limit=limit, seconds=seconds)
    finally:
        _round.release()


def _render(
    wanted: list[str], *, now: datetime, limit: int | None, seconds: float | None
) -> Rendered:
    end = None if seconds is None else time.monotonic() + seconds
    made, failed = 0, []
    for path in wanted if limit is None else wanted[:limit]:
        if end is not None and time.monotonic() > end:
            break
        try:
            answer = make(path, anew=True)
        except Exception as fault:  # noqa: BLE001 - one that fails keeps no other from being made
            logger.warning("A page could not be made: %s", type(fault).__name__)
            failed.append(path)
            _tried[path] = now
            continue
        made += 1
        if not answer.kind:
            _tried[path] = now
    return Rendered(made, tuple(failed), len(wanted) - made - len(failed))


def _list_wanted(*, now: datetime, heavy: bool) -> Iterator[str]:
    today = timezone.localdate(now)
    unfresh = storing.unfresh(now=now, today=today).order_by("-is_stale", "made_at")
    old = list(unfresh.values_list("path", "kind"))
    yield from (path for path, kind in old if kind not in HEAVY)
    known = set(StoredAnswer.objects.values_list("path", flat=True))
    for listed in list_addresses(today=today):
        is_skipped = listed.kind in UNSTORED or (listed.kind in HEAVY and not heavy)
        tried = _tried.get(listed.path)
        if listed.path not in known and not is_skipped and (not tried or now - tried > _PAUSE):
            yield listed.path
    yield from (path for path, kind in old if kind in HEAVY)
