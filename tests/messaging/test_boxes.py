"""Boxes: closed as a phone closes them, opened by the server alone."""

import base64
import os
import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from messaging.sealing.boxes import BoxError, Lock, current_lock, open_box

TEXT = "any text, عربي too"
OTHER_KEY = b"another key, also thirty-two b.."


def write(value: bytes) -> str:
    return base64.b64encode(value).decode()


def close_box(text: str, *, uid: uuid.UUID, lock: Lock) -> dict[str, Any]:
    """Close a box as the page's script does."""
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), lock.point)
    secret = own.exchange(ec.ECDH(), other)
    derive = HKDF(SHA256(), 32, salt=point + lock.point, info=b"waymark box 1")
    nonce = os.urandom(12)
    sealed = AESGCM(derive.derive(secret)).encrypt(nonce, text.encode(), uid.bytes)
    return {
        "key": lock.key_id,
        "point": write(point),
        "nonce": write(nonce),
        "sealed": write(sealed),
    }


@pytest.fixture
def uid() -> uuid.UUID:
    return uuid.uuid4()


def test_box_opens_for_the_id_it_was_closed_for(uid: uuid.UUID) -> None:
    box = close_box(TEXT, uid=uid, lock=current_lock())
    assert open_box(box, uid=uid) == TEXT
    with pytest.raises(BoxError):
        open_box(box, uid=uuid.uuid4())


def test_lock_is_the_same_each_time_and_another_for_another_key(settings: Settings) -> None:
    first = current_lock()
    assert current_lock() == first
    settings.NUMBER_KEYS = {7: OTHER_KEY, **settings.NUMBER_KEYS}
    assert current_lock().key_id == 7
    assert current_lock().point != first.point


def test_box_of_before_a_rotation_opens_until_the_old_key_is_gone(
    settings: Settings, uid: uuid.UUID
) -> None:
    box = close_box(TEXT, uid=uid, lock=current_lock())
    settings.NUMBER_KEYS = {7: OTHER_KEY, **settings.NUMBER_KEYS}
    assert open_box(box, uid=uid) == TEXT
    settings.NUMBER_KEYS = {7: OTHER_KEY}
    with pytest.raises(BoxError):
        open_box(box, uid=uid)


@pytest.mark.parametrize("part", ["point", "nonce", "sealed"])
def test_box_that_was_changed_stays_shut(uid: uuid.UUID, part: str) -> None:
    box = close_box(TEXT, uid=uid, lock=current_lock())
    changed = bytearray(base64.b64decode(box[part]))
    changed[-1] ^= 1
    with pytest.raises(BoxError):
        open_box(box | {part: write(bytes(changed))}, uid=uid)


def test_point_off_the_curve_is_refused(uid: uuid.UUID) -> None:
    box = close_box(TEXT, uid=uid, lock=current_lock())
    with pytest.raises(BoxError):
        open_box(box | {"point": write(b"\x04" + bytes(64))}, uid=uid)


junk = st.one_of(
    st.none(),
    st.integers(),
    st.text(max_size=40),
    st.binary(max_size=90).map(write),
    st.lists(st.none()),
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(["key", "point", "nonce", "sealed"], junk)))
def test_junk_is_refused_and_never_repeated(box: dict[str, Any]) -> None:
    with pytest.raises(BoxError) as failure:
        open_box(box, uid=uuid.UUID(int=1))
    for value in box.values():
        if isinstance(value, str) and len(value) > 8:
            assert value not in str(failure.value)
