"""Whether this process lives, whether it can answer, and whether messages move: for what watches the house.

Three addresses, because each asks for another cure: what does not live is started again, what is not
ready gets no visitors, and where nothing moves a person looks.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from messaging.guarding import fencing, heartbeats
from messaging.sealing import keyring
from messaging.sealing.keys.ring import KeysAway
from messaging.senders import stalling

# Every tick of these comes each few seconds; one of them being late is no news.
LONGEST_SILENCE = timedelta(minutes=2)
_TICKS = ("campaigns.tick", "messaging.drain", "messaging.repair")


class NotMigrated(Exception):
    """Say that the database is older than the code."""


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer `ok` as long as this process answers at all."""
    return _answer([])


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer `ok` when the database answers and is migrated, and the keys are there; else 503."""
    return _answer(find_missing())


@require_safe
@never_cache
def progress(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer `ok` when the clock beats and what is due moves; else 503 and what does not."""
    try:
        return _answer(find_standstill(now=timezone.now()))
    except DatabaseError:
        return _answer(["database"])


def find_missing() -> list[str]:
    """Return what this process lacks to answer, in single words."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        _be_migrated()
    except DatabaseError:
        return ["database"]
    except NotMigrated:
        return ["migrations"]
    try:
        keyring.warm()
    except KeysAway:
        return ["keys"]
    return []


def find_standstill(*, now: datetime) -> list[str]:
    """Return what stands still, in single words; a fence that somebody closed is not among them."""
    checks: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("clock", lambda: _is_silent(now)),
        ("fence", lambda: not fencing.read_standing().is_trusted),
        ("stuck", lambda: bool(stalling.find_stuck(now=now))),
    )
    return [word for word, is_so in checks if is_so()]


def forget() -> None:
    """Forget that the database was found to be migrated."""
    _be_migrated.cache_clear()


def _answer(faults: list[str]) -> HttpResponse:
    words = " ".join(faults) or "ok"
    return HttpResponse(words, status=503 if faults else 200, content_type="text/plain")


@cache
def _be_migrated() -> None:
    # Only a success is remembered: what is applied stays applied.
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotMigrated


def _is_silent(now: datetime) -> bool:
    beats = heartbeats.ages(now=now)
    return any(beats.get(name, LONGEST_SILENCE) >= LONGEST_SILENCE for name in _TICKS)
