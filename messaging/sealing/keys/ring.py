"""A ring of keys: one is active, the others still open and still find. Holds no place keys come from."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NUMBER, INDEX = "number", "index"
PURPOSES = (NUMBER, INDEX)
KEY_BYTES = 32
HIGHEST_ID = 65535
# A rehearsal's key is public on purpose: everybody can read it here, so it protects nothing.
PRACTICE_KEY = b"Rehearsal key, public, 32 bytes."


class SealError(Exception):
    """Say that something cannot be sealed, opened or hashed; holds neither it nor a key."""


class KeysAway(SealError):
    """Say that there are no keys at the moment, so that nothing can be opened; it may pass."""


class KeyTextError(ValueError):
    """Say that a text is no `id:key`; never repeats it."""


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """Hold the keys of one purpose by id, the active one first; compared by identity."""

    active: int
    keys: Mapping[int, bytes] = field(repr=False)
    # Ciphers by place and head, made at first use: to make one takes as long as to seal with it.
    tools: dict[tuple[str, bytes], Any] = field(default_factory=dict, repr=False)


def make_ring(keys: Mapping[int, bytes], *, active: int | None = None) -> Ring:
    """Return a ring of these keys, the first of them active unless another one is named.

    Raise `KeysAway` where there is none.
    """
    if not keys:
        raise KeysAway("There is no key to seal or to find with.")
    first = next(iter(keys)) if active is None else active
    return Ring(active=first, keys={first: keys[first]} | dict(keys))


def read_key(text: str) -> tuple[int, bytes]:
    """Return the id and the key of `id:base64`; raise `KeyTextError` for all else."""
    key_id, _colon, encoded = text.strip().partition(":")
    # "²" is a digit to Python, and no number to int().
    if not (key_id.isascii() and key_id.isdigit()) or not 0 < int(key_id) <= HIGHEST_ID:
        raise KeyTextError("a key without an id from 1 to 65535")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyTextError("a key that is not 32 bytes in base64")
    return int(key_id), key
