"""Sealing: what cannot be opened raises, and nothing of the plain text shows."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from messaging.crypto import HASH_BYTES, SealError, hash_number, open_sealed, seal
from tests.messaging.factories import number_of

PLACE = "subscriber.number"
ROW = uuid.UUID(int=7)
NUMBER = number_of(42)


def seal_here(plain: str = NUMBER) -> bytes:
    return seal(plain, place=PLACE, row=ROW)


@given(st.text())
def test_what_was_sealed_opens_to_the_same_text(plain: str) -> None:
    assert open_sealed(seal_here(plain), place=PLACE, row=ROW) == plain


@given(st.text(alphabet="0123456789+", min_size=6, max_size=20))
def test_no_piece_of_the_plain_text_shows_in_the_sealed_bytes(plain: str) -> None:
    sealed = seal_here(plain)
    pieces = {plain[start : start + 6].encode() for start in range(len(plain) - 5)}
    assert not [piece for piece in pieces if piece in sealed]


def test_two_seals_of_one_number_differ() -> None:
    assert seal_here() != seal_here()


def test_a_sealed_number_has_the_length_of_the_format() -> None:
    assert len(seal_here("+99922100001")) == 3 + 12 + 12 + 16


def test_a_number_sealed_for_another_row_does_not_open() -> None:
    with pytest.raises(SealError):
        open_sealed(seal_here(), place=PLACE, row=uuid.UUID(int=8))


def test_a_number_sealed_for_another_place_does_not_open() -> None:
    with pytest.raises(SealError):
        open_sealed(seal_here(), place="inbound.text", row=ROW)


@pytest.mark.parametrize("position", [0, 2, 3, 14, 15, -17, -1])
def test_one_changed_byte_anywhere_does_not_open(position: int) -> None:
    changed = bytearray(seal_here())
    changed[position] ^= 1
    with pytest.raises(SealError):
        open_sealed(bytes(changed), place=PLACE, row=ROW)


@pytest.mark.parametrize("plain", [b"", NUMBER.encode(), b"\x01" + NUMBER.encode() * 4])
def test_plain_bytes_in_the_column_are_refused_and_never_returned(plain: bytes) -> None:
    with pytest.raises(SealError) as caught:
        open_sealed(plain, place=PLACE, row=ROW)
    assert NUMBER not in str(caught.value)


def test_a_key_that_is_not_in_the_ring_does_not_open(settings: Settings) -> None:
    sealed = seal_here()
    settings.NUMBER_KEYS = {2: b"k" * 32}
    with pytest.raises(SealError, match="WAYMARK_NUMBER_KEYS"):
        open_sealed(sealed, place=PLACE, row=ROW)


def test_a_wrong_key_under_the_same_id_does_not_open(settings: Settings) -> None:
    sealed = seal_here()
    settings.NUMBER_KEYS = {1: b"k" * 32}
    with pytest.raises(SealError):
        open_sealed(sealed, place=PLACE, row=ROW)


def test_an_older_key_of_the_ring_still_opens(settings: Settings) -> None:
    sealed = seal_here()
    settings.NUMBER_KEYS = {2: b"k" * 32} | settings.NUMBER_KEYS
    assert seal_here()[1:3] == b"\x00\x02"
    assert open_sealed(sealed, place=PLACE, row=ROW) == NUMBER


def test_a_hash_is_short_keyed_and_the_same_every_time(settings: Settings) -> None:
    first = hash_number(NUMBER)
    assert len(first) == HASH_BYTES
    assert first == hash_number(NUMBER) != hash_number(number_of(43))
    settings.INDEX_KEYS = {1: b"k" * 32}
    assert hash_number(NUMBER) != first
