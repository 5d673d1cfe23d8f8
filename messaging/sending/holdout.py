"""Hold-outs: people left out by chance, so that an effect can be measured; the same ones for one key.

The chance is HMAC-SHA-256 (RFC 2104) of a number's hash, under a key that this deployment derives from
a campaign's reference: nobody outside can tell who is left out, and each broadcast of the campaign leaves
out the same people. It holds until the numbers are hashed under another index key.
"""

import hashlib
import hmac
from sqlite3 import Connection
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, IntegerField, Value
from django.db.models.expressions import Combinable
from django.db.models.lookups import LessThan

from messaging.sealing import crypto

WHOLE = 10_000
_BLOCK, _TAKEN = 64, 7
_SQLITE_NAME = "waymark_draw"


def derive_key(reference: str) -> bytes:
    """Return the key of a campaign's reference."""
    return crypto.keyed_hash("holdout", reference)


def draw(key: bytes, number_hash: bytes) -> int:
    """Return the lot of an identity under a key: evenly from 0 to 9,999."""
    digest = hmac.digest(key, bytes(number_hash), hashlib.sha256)
    return int.from_bytes(digest[:_TAKEN], "big") % WHOLE


class Draw(Func):
    """Compute `draw` in the database, for each row by itself."""

    output_field = IntegerField()

    def __init__(self, key: bytes, *, of: str = "number_hash") -> None:
        padded = key.ljust(_BLOCK, b"\0")
        inner, outer = (bytes(byte ^ pad for byte in padded) for pad in (0x36, 0x5C))
        super().__init__(Value(outer), Value(inner), Value(key), F(of))

    def as_postgresql(self, compiler: Any, _connection: Any, **_more: Any) -> tuple[str, list[Any]]:
        """Compose the HMAC of PostgreSQL's own SHA-256."""
        outer, inner, _key, number_hash = self.get_source_expressions()
        parts = [compiler.compile(one) for one in (outer, inner, number_hash)]
        (a, first), (b, second), (c, third) = parts
        digest = f"sha256({a}::bytea || sha256({b}::bytea || {c}))"
        taken = f"('x' || encode(substr({digest}, 1, {_TAKEN}), 'hex'))::bit({8 * _TAKEN})::bigint"
        return f"({taken} %% {WHOLE})", [*first, *second, *third]

    def as_sqlite(
        self,
        compiler: Any,
        connection: Any,  # noqa: ARG002
        **_more: Any,
    ) -> tuple[str, tuple[Any, ...]]:
        """Call the function that every connection is given."""
        _outer, _inner, key, number_hash = self.get_source_expressions()
        (a, first), (b, second) = compiler.compile(key), compiler.compile(number_hash)
        return f"{_SQLITE_NAME}({a}, {b})", (*first, *second)


def is_held_out(holdout: int, reference: str) -> Combinable:
    """Return the condition that a subscriber is among so many of ten thousand who are left out."""
    if not holdout:
        return Value(False, output_field=BooleanField())
    return LessThan(Draw(derive_key(reference)), holdout)


def teach_sqlite(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Give a new connection to SQLite the function that draws lots."""
    if connection.vendor == "sqlite":
        raw: Connection = connection.connection
        raw.create_function(_SQLITE_NAME, 2, draw, deterministic=True)
