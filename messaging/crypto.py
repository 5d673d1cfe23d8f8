"""Sealing of numbers and texts with AES-256-GCM, and the keyed hash by which a number is found.

Sealed bytes are `version(1) | key id(2) | nonce(12) | ciphertext and tag`, bound to their table, column
and row as associated data (NIST SP 800-38D). Everything that cannot be opened raises `SealError`;
the stored bytes are never returned. Keys come from the settings, never from the database.
"""

import hashlib
import hmac
import os
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = 1
_HEAD, _NONCE, _TAG = 3, 12, 16
HASH_BYTES = 16


class SealError(Exception):
    """Say that sealed bytes cannot be opened; holds neither them nor a key."""


def seal(plain: str, *, place: str, row: uuid.UUID) -> bytes:
    """Return `plain` sealed under the active key, bound to `place` (table.column) and `row`."""
    key_id = next(iter(settings.NUMBER_KEYS))
    nonce = os.urandom(_NONCE)
    cipher = AESGCM(settings.NUMBER_KEYS[key_id])
    head = bytes([VERSION]) + key_id.to_bytes(2, "big")
    return head + nonce + cipher.encrypt(nonce, plain.encode(), _bind(head, place, row))


def open_sealed(sealed: bytes, *, place: str, row: uuid.UUID) -> str:
    """Return the plain text of sealed bytes; raise `SealError` on any doubt."""
    sealed = bytes(sealed)
    if len(sealed) < _HEAD + _NONCE + _TAG or sealed[0] != VERSION:
        raise SealError("These bytes were not sealed here.")
    head, nonce, rest = sealed[:_HEAD], sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :]
    key = settings.NUMBER_KEYS.get(int.from_bytes(head[1:], "big"))
    if key is None:
        raise SealError("The key that sealed these bytes is not in WAYMARK_NUMBER_KEYS.")
    try:
        return AESGCM(key).decrypt(nonce, rest, _bind(head, place, row)).decode()
    except InvalidTag as error:
        raise SealError("These bytes were changed, or belong to another row.") from error


def hash_number(number: str) -> bytes:
    """Return the blind index of an E.164 number: 16 bytes of HMAC-SHA256 under the active index key."""
    key = next(iter(settings.INDEX_KEYS.values()))
    return hmac.digest(key, b"number|" + number.encode(), hashlib.sha256)[:HASH_BYTES]


def sign_short(text: str) -> str:
    """Return 24 hex digits that only this deployment can make for `text`; used in callback tokens."""
    key = next(iter(settings.INDEX_KEYS.values()))
    return hmac.digest(key, b"token|" + text.encode(), hashlib.sha256).hex()[:24]


def _bind(head: bytes, place: str, row: uuid.UUID) -> bytes:
    return head + f"|{place}|".encode() + row.bytes
