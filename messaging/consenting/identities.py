"""Identities: one number as its keyed hashes, locked by name, so that a yes and a no never cross.

A row of the identity may not exist yet, so there may be nothing to lock but its name. The order for
everybody: open sign-ups, the identity, subscribers by id, deliveries by id, notices.
"""

import uuid
from collections.abc import Collection, Iterable

from django.db import connection

from messaging.sealing.crypto import open_sealed

NUMBER_PLACE = "subscriber.number"
_PURPOSES = {"sending", "reconciling", "rotating", "stopping"}


def as_hashes(rows: Iterable[bytes | memoryview]) -> set[bytes]:
    """Return hashes as they come from a table (memoryviews, on PostgreSQL) as bytes."""
    return {bytes(row) for row in rows}


def lock(hashes: Collection[bytes]) -> None:
    """Let nobody else change these identities until the transaction ends; call it inside one."""
    # SQLite's transactions take the one write lock there is as they begin.
    if connection.vendor != "postgresql":
        return
    names = [int.from_bytes(one[:8], "big", signed=True) for one in sorted(hashes)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(name) FROM unnest(%s::bigint[]) name", [names])


def open_number(subscriber_uid: uuid.UUID, sealed: bytes, *, purpose: str) -> str:
    """Return a subscriber's number for `purpose`: sending, reconciling, rotating or stopping."""
    if purpose not in _PURPOSES:
        raise PermissionError(f"A number is not opened for {purpose!r}.")
    return open_sealed(sealed, place=NUMBER_PLACE, row=subscriber_uid)
