"""Boxes: what a helper's phone closes with no network, and only this server opens again.

The phone makes a key pair for one box, agrees on a secret with our public key (ECDH on P-256), derives
a key (HKDF-SHA-256) and seals with AES-256-GCM. It keeps neither its private key nor the secret, so it
cannot read back what it holds. Our private key is derived from a number key and is stored nowhere; the
box names that key by its id, so that one closed before a rotation opens while the old key is in the ring.

A box is bound to its id. Everything that cannot be opened raises `BoxError`, which holds none of it.
"""

import base64
import binascii
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from messaging.sealing.keyring import ring_of
from messaging.sealing.keys.ring import NUMBER

_CURVE = ec.SECP256R1()
# The order of P-256 (NIST SP 800-186, 3.2.1.3).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# 64 bits more than the order has, so that the remainder favours no key (FIPS 186-5, A.2.1).
_SEED_BYTES = 40
_KEY_INFO, _BOX_INFO = b"waymark box key 1", b"waymark box 1"
_POINT_BYTES, _NONCE_BYTES, _LARGEST = 65, 12, 8192


class BoxError(ValueError):
    """Say that a box cannot be opened; holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Hold what a phone needs to close boxes: our public key as an uncompressed point, and its id."""

    key_id: int
    point: bytes

    @property
    def text(self) -> str:
        """Return the point in base64."""
        return base64.b64encode(self.point).decode()


def current_lock() -> Lock:
    """Return what boxes are closed with now: that of the active number key."""
    ring = ring_of(NUMBER)
    return Lock(ring.active, _write_point(_derive(ring.keys[ring.active]).public_key()))


def open_box(box: Mapping[str, object], *, uid: uuid.UUID) -> str:
    """Return what is in a box: `key` (id), and in base64 `point`, `nonce` and `sealed`."""
    point, nonce = _read(box, "point"), _read(box, "nonce")
    sealed = _read(box, "sealed")
    if len(point) != _POINT_BYTES or len(nonce) != _NONCE_BYTES or len(sealed) > _LARGEST:
        raise BoxError("This box was not closed by our page.")
    key = _find_key(box.get("key"))
    private = _derive(key)
    try:
        other = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
        secret = private.exchange(ec.ECDH(), other)
        salt = point + _write_point(private.public_key())
        opened = AESGCM(_expand(secret, 32, salt=salt, info=_BOX_INFO)).decrypt(
            nonce, sealed, uid.bytes
        )
        return opened.decode()
    except (InvalidTag, ValueError):
        raise BoxError("This box was changed, or closed for another key.") from None


def _find_key(key_id: object) -> bytes:
    key = ring_of(NUMBER).keys.get(key_id) if isinstance(key_id, int) else None
    if key is None:
        raise BoxError("The key of this box is not in the ring any more.")
    return key


def _derive(key: bytes) -> ec.EllipticCurvePrivateKey:
    seed = int.from_bytes(_expand(key, _SEED_BYTES, salt=b"", info=_KEY_INFO), "big")
    return ec.derive_private_key(seed % (_ORDER - 1) + 1, _CURVE)


def _expand(secret: bytes, length: int, *, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def _write_point(public: ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _read(box: Mapping[str, object], name: str) -> bytes:
    text = box.get(name)
    if not isinstance(text, str) or len(text) > 2 * _LARGEST:
        raise BoxError("This box was not closed by our page.")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BoxError("This box was not closed by our page.") from None
