"""A lease in a place without locks: an object that one publisher can make, and that runs out."""

import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol

from cms.publishing.delivering import HostError

LEASE = ".waymark-site.lease"
# Longer than one file can take with all its attempts.
LASTS = timedelta(minutes=5)
RENEWED_AFTER = timedelta(minutes=1)
Clock = Callable[[], datetime]


class Objects(Protocol):
    """Objects that can be replaced on a condition."""

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Return an object and its tag."""

    def put(self, key: str, data: bytes, *, tag: str) -> str:
        """Replace the object with this tag, or make one where none is; return its tag, "" if not so."""

    def delete(self, key: str) -> None:
        """Delete an object."""


class Lease:
    """The right to write to a place until it runs out."""

    def __init__(self, objects: Objects, *, clock: Clock) -> None:
        self._objects = objects
        self._clock = clock
        self._tag = ""
        self._until = datetime.min.replace(tzinfo=UTC)
        self._guard = Lock()

    def take(self) -> None:
        """Take the lease, or one that has run out; raise `HostError` while somebody else holds it."""
        tag = self._put(tag="")
        if not tag:
            held = self._objects.get(LEASE)
            if held is None:
                raise HostError("Another publish_site was here just now; run it again.")
            data, old = held
            until = _read_until(data)
            if until is not None and until > self._clock():
                raise HostError(
                    "Another publish_site is writing here now. If it has died, its lease runs out at "
                    f"{until:%H:%M} UTC."
                )
            tag = self._put(tag=old)
        if not tag:
            raise HostError("Another publish_site has just begun to write here.")
        self._tag = tag

    def renew(self) -> None:
        """Hold it for longer, now and then; raise `HostError` where somebody else has taken it over."""
        with self._guard:
            if self._until - self._clock() > LASTS - RENEWED_AFTER:
                return
            self._tag = self._put(tag=self._tag) if self._tag else ""
            if not self._tag:
                raise HostError("Another publish_site has begun to write here meanwhile.")

    def give_back(self) -> None:
        """Let the next one begin at once; where that fails the lease runs out."""
        if self._tag:
            with suppress(HostError):
                self._objects.delete(LEASE)
        self._tag = ""

    def _put(self, *, tag: str) -> str:
        until = self._clock() + LASTS
        held = {"until": until.isoformat(), "by": secrets.token_hex(8)}
        new = self._objects.put(LEASE, json.dumps(held).encode(), tag=tag)
        if new:
            self._until = until
        return new


def _read_until(data: bytes) -> datetime | None:
    try:
        until = datetime.fromisoformat(json.loads(data)["until"])
    except (ValueError, KeyError, TypeError):
        return None
    return until if until.tzinfo else None
