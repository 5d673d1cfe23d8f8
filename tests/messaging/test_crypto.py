"""Sealing: what cannot be opened raises, and nothing of the plain text shows."""

import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from messaging.sealing.crypto import (
    HASH_BYTES,
    SealError,
    hash_number,
    hashes_of,
    key_id_of,
    keyed_hash,
    keyed_hashes,
    open_sealed,
    seal,
    signs_of,
)
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


def test_ten_thousand_numbers_come_back_as_they_were() -> None:
    chance = random.Random(7)
    for _turn in range(10_000):
        number, row = (
            number_of(chance.randrange(10_000_000)),
            uuid.UUID(int=chance.getrandbits(128)),
        )
        sealed = seal(number, place=PLACE, row=row)
        assert number.encode() not in sealed
        assert open_sealed(sealed, place=PLACE, row=row) == number


def test_sixteen_threads_read_and_write_and_no_value_is_wrong() -> None:
    start = threading.Barrier(16)

    def work(thread: int) -> int:
        chance, wrong = random.Random(thread), 0
        start.wait()
        for _turn in range(500):
            number, row = number_of(chance.randrange(10_000_000)), uuid.uuid4()
            sealed = seal(number, place=PLACE, row=row)
            wrong += open_sealed(sealed, place=PLACE, row=row) != number
            wrong += hash_number(number) != hashes_of(number)[0]
        return wrong

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(work, range(16))) == 0


def test_bytes_as_postgresql_returns_them_are_opened() -> None:
    assert open_sealed(memoryview(seal_here()), place=PLACE, row=ROW) == NUMBER  # type: ignore[arg-type]


def test_bytes_say_which_key_sealed_them(settings: Settings) -> None:
    assert key_id_of(seal_here()) == 1
    settings.NUMBER_KEYS = {513: b"k" * 32} | settings.NUMBER_KEYS
    assert key_id_of(seal_here()) == 513
    for other in (b"", NUMBER.encode(), b"\x01\x00\x01"):
        with pytest.raises(SealError):
            key_id_of(other)


def test_a_head_and_nothing_else_does_not_open() -> None:
    for length in (0, 1, 3, 5, 14, 15, 30):
        with pytest.raises(SealError):
            open_sealed(seal_here("")[:length], place=PLACE, row=ROW)


def test_an_error_holds_neither_the_number_nor_a_key(settings: Settings) -> None:
    sealed = bytearray(seal_here())
    sealed[-1] ^= 1
    with pytest.raises(SealError) as caught:
        open_sealed(bytes(sealed), place=PLACE, row=ROW)
    told = repr(caught.value) + repr(caught.value.__cause__)
    assert NUMBER not in told
    assert settings.NUMBER_KEYS[1].decode() not in told


def test_a_number_is_looked_for_under_every_index_key_and_written_under_the_first(
    settings: Settings,
) -> None:
    old = hash_number(NUMBER)
    settings.INDEX_KEYS = {2: b"k" * 32} | settings.INDEX_KEYS
    assert hashes_of(NUMBER) == (hash_number(NUMBER), old)
    assert old != hash_number(NUMBER)
    assert len(set(signs_of("7.1"))) == 2


def test_a_code_a_counter_and_a_number_never_share_a_hash(settings: Settings) -> None:
    told = {keyed_hash("code", NUMBER), keyed_hash("network", NUMBER), hash_number(NUMBER)}
    assert len(told) == 3
    assert {len(one) for one in told} == {HASH_BYTES}
    assert keyed_hash("code", "1") not in {hash_number("code|1"), keyed_hash("cod", "e|1")}
    with pytest.raises(ValueError, match="stroke"):
        keyed_hash("a|b", NUMBER)
    settings.INDEX_KEYS = {2: b"k" * 32} | settings.INDEX_KEYS
    assert keyed_hashes("code", NUMBER)[1] in told
