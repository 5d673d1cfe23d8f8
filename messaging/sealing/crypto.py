"""Sealing of numbers and texts with AES-256-GCM, and the keyed hash by which a number is found.

Sealed bytes are `version(1) | key id(2) | nonce(12) | ciphertext and tag`, bound to their table, column
and row as associated data (NIST SP 800-38D). Everything that cannot be opened raises `SealError`;
the stored bytes are never returned. Keys come from the keyring. No model, form or admin calls this by
itself: who opens something says so, where it stands in the code.

A hash is 16 bytes of HMAC-SHA256. There may be several index keys: what is written is hashed under
the active one, and what is looked for under all of them.
"""

import hashlib
import hmac
import os
import uuid
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from messaging.sealing.keyring import ring_of
from messaging.sealing.keys.ring import INDEX, NUMBER, KeysAway, Ring, SealError

__all__ = [
    "HASH_BYTES",
    "KeysAway",
    "SealError",
    "hash_number",
    "hashes_of",
    "head_of",
    "key_id_of",
    "keyed_hash",
    "keyed_hashes",
    "open_sealed",
    "seal",
    "sign_short",
    "signs_of",
]

VERSION = 1
_HEAD, _NONCE, _TAG = 3, 12, 16
_BODY = _HEAD + _NONCE
_SHORTEST = _BODY + _TAG
HASH_BYTES = 16


def seal(plain: str, *, place: str, row: uuid.UUID) -> bytes:
    """Return `plain` sealed under the active key, bound to `place` (table.column) and `row`."""
    ring = ring_of(NUMBER)
    head = head_of(ring.active)
    cipher, bound = ring.tools.get((place, head)) or _prepare(ring, place, head)
    nonce = os.urandom(_NONCE)
    rest: bytes = cipher.encrypt(nonce, plain.encode(), bound + row.int.to_bytes(16, "big"))
    return head + nonce + rest


def open_sealed(sealed: bytes, *, place: str, row: uuid.UUID) -> str:
    """Return the plain text of sealed bytes; raise `SealError` on any doubt."""
    if type(sealed) is not bytes:
        sealed = bytes(sealed)
    head, ring = sealed[:_HEAD], ring_of(NUMBER)
    cipher, bound = ring.tools.get((place, head)) or _prepare(ring, place, head)
    bound += row.int.to_bytes(16, "big")
    try:
        plain: str = cipher.decrypt(sealed[_HEAD:_BODY], sealed[_BODY:], bound).decode()
    except (InvalidTag, ValueError):
        raise SealError("These bytes were changed, or belong to another row.") from None
    return plain


def key_id_of(sealed: bytes) -> int:
    """Return the id of the key that sealed these bytes, to be stored beside them."""
    sealed = bytes(sealed)
    if len(sealed) < _SHORTEST or sealed[0] != VERSION:
        raise SealError("These bytes were not sealed here.")
    return int.from_bytes(sealed[1:_HEAD], "big")


@lru_cache(maxsize=64)
def head_of(key_id: int) -> bytes:
    """Return what everything begins with that was sealed under a key."""
    return bytes([VERSION]) + key_id.to_bytes(2, "big")


def hash_number(address: str) -> bytes:
    """Return the hash of an address (E.164, or a user id) under the active index key."""
    ring = ring_of(INDEX)
    return _digest(ring.keys[ring.active], b"number|" + address.encode())


def hashes_of(address: str) -> tuple[bytes, ...]:
    """Return the hashes of an address under every index key, the active one first."""
    said = b"number|" + address.encode()
    return tuple(_digest(key, said) for key in ring_of(INDEX).keys.values())


def keyed_hash(label: str, text: str) -> bytes:
    """Return the hash of a text that is no address: a code, a counter's key; `label` says which kind."""
    return keyed_hashes(label, text)[0]


def keyed_hashes(label: str, text: str) -> tuple[bytes, ...]:
    """Return such a hash under every index key, the active one first."""
    if "|" in label:
        raise ValueError("A label holds no upright stroke: it ends there.")
    said = f"label|{label}|{text}".encode()
    return tuple(_digest(key, said) for key in ring_of(INDEX).keys.values())


def sign_short(text: str) -> str:
    """Return 24 hex digits that only this deployment can make for `text`; used in callback tokens."""
    return signs_of(text)[0]


def signs_of(text: str) -> tuple[str, ...]:
    """Return such signatures under every index key, the active one first: old tokens stay good."""
    said = b"token|" + text.encode()
    keys = ring_of(INDEX).keys.values()
    return tuple(hmac.digest(key, said, hashlib.sha256).hex()[:24] for key in keys)


def _prepare(ring: Ring, place: str, head: bytes) -> tuple[AESGCM, bytes]:
    """Return the cipher for what begins with `head`, and what is bound beside the row; keep both."""
    if len(head) != _HEAD or head[0] != VERSION:
        raise SealError("These bytes were not sealed here.")
    key_id = int.from_bytes(head[1:], "big")
    if key_id not in ring.keys:
        raise SealError(
            f"Key {key_id}, which sealed these bytes, is in no ring: neither in"
            " WAYMARK_NUMBER_KEYS, nor in WAYMARK_KEYS_FILE, nor among the wrapped keys."
        )
    made = ring.tools[place, head] = AESGCM(ring.keys[key_id]), head + f"|{place}|".encode()
    return made


def _digest(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, said, hashlib.sha256)[:HASH_BYTES]
