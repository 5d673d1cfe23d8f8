"""The shelf: what every process has to know of sign-ins lies in the database, all else in memory.

How often somebody has tried, and which code was used already, must be the same for all processes, or
each of them gives as many tries again. Values are JSON, so that whoever can write into the table can
make nobody run anything. Everything else is cached by each process for itself, as Django does.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.models import Shelved

# allauth counts tries and remembers used codes under keys that begin so.
_SHARED = "allauth"
# One in so many writes clears what has expired.
_CLEARED_EVERY = 50


class Shelf(LocMemCache):
    """Put what concerns sign-ins on the shelf, and the rest into this process's memory."""

    def __init__(self, name: str, params: Mapping[str, Any]) -> None:
        super().__init__(name, dict(params))
        self._written = 0

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return a value, or `default`."""
        if not _is_shared(key):
            return super().get(key, default, version)
        held = Shelved.objects.filter(key=key, expires_at__gt=timezone.now()).first()
        return default if held is None else held.value

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Keep a value."""
        if not _is_shared(key):
            super().set(key, value, timeout, version)
            return
        columns = {"value": value, "expires_at": self._find_end(timeout)}
        Shelved.objects.update_or_create(key=key, defaults=columns)

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Keep a value where there is none; say whether this call was the one that did."""
        if not _is_shared(key):
            return bool(super().add(key, value, timeout, version))
        self._clear_now_and_then(key)
        try:
            # A refused row would spoil the caller's transaction.
            with transaction.atomic():
                Shelved.objects.create(key=key, value=value, expires_at=self._find_end(timeout))
        except IntegrityError:
            return False
        return True

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Remove a value; say whether there was one."""
        if not _is_shared(key):
            return bool(super().delete(key, version))
        return Shelved.objects.filter(key=key).delete()[0] > 0

    def _find_end(self, timeout: Any) -> datetime:
        moment = self.get_backend_timeout(timeout)
        if moment is None:
            raise ValueError("What lies on the shelf has an end.")
        return datetime.fromtimestamp(moment, UTC)

    def _clear_now_and_then(self, key: str) -> None:
        """Remove what has expired: what is asked for always, the rest with every so many writes."""
        expired = Shelved.objects.filter(expires_at__lte=timezone.now())
        self._written += 1
        if self._written % _CLEARED_EVERY:
            expired = expired.filter(key=key)
        expired.delete()


def _is_shared(key: object) -> bool:
    return str(key).startswith(_SHARED)
