"""Measure sealing, revealing and the keyed hash beside the bare primitives, turn by turn, in one process.

The bare ones go from text to stored bytes and back with `cryptography` and `hmac` alone: the cipher
object and the bound bytes are ready, there is one key, and nothing is checked. `python -m
benchmarks.sealing` prints the rates and the ratios as JSON; it reads no database.
"""

import hashlib
import hmac
import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from statistics import median

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: E402
from django.conf import settings  # noqa: E402

from messaging.numbers import make_fiction  # noqa: E402
from messaging.sealing.crypto import hash_number, open_sealed, seal  # noqa: E402

ROWS, TURNS = 20_000, 15
PLACE = "subscriber.number"
HEAD, NONCE = 3, 12
Act = Callable[[], object]


def main() -> None:
    """Print rates in thousands a second, and each beside its bare primitive."""
    numbers = [make_fiction("221", serial) for serial in range(ROWS)]
    rows = [uuid.uuid4() for _number in numbers]
    acts: dict[str, tuple[Act, Act]] = {
        "seal": make_sealing(numbers, rows),
        "reveal": make_revealing(numbers, rows),
        "look-up hash": make_hashing(numbers),
    }
    figures: dict[str, float] = {}
    for name, (ours, bare) in acts.items():
        rates, ratios = [], []
        for _turn in range(TURNS):
            spent = seconds_of(ours)
            rates.append(ROWS / spent / 1000)
            ratios.append(seconds_of(bare) / spent)
        figures |= {name: median(rates), f"{name} to bare": median(ratios)}
    json.dump(figures, sys.stdout)


def make_sealing(numbers: Sequence[str], rows: Sequence[uuid.UUID]) -> tuple[Act, Act]:
    """Return our sealing of every number, and the bare one."""
    cipher, given = make_cipher(), list(zip(numbers, rows, strict=True))
    ready = [(number, bind(row)) for number, row in given]

    def ours() -> None:
        for number, row in given:
            seal(number, place=PLACE, row=row)

    def bare() -> None:
        for number, bound in ready:
            nonce = os.urandom(NONCE)
            nonce + cipher.encrypt(nonce, number.encode(), bound)

    return ours, bare


def make_revealing(numbers: Sequence[str], rows: Sequence[uuid.UUID]) -> tuple[Act, Act]:
    """Return our opening of every sealed number, and the bare one."""
    cipher = make_cipher()
    held = [
        (seal(number, place=PLACE, row=row), row) for number, row in zip(numbers, rows, strict=True)
    ]
    ready = [(sealed[HEAD:], bind(row)) for sealed, row in held]

    def ours() -> None:
        for sealed, row in held:
            open_sealed(sealed, place=PLACE, row=row)

    def bare() -> None:
        for sealed, bound in ready:
            cipher.decrypt(sealed[:NONCE], sealed[NONCE:], bound).decode()

    return ours, bare


def make_hashing(numbers: Sequence[str]) -> tuple[Act, Act]:
    """Return our hashing of every number, and the bare one."""
    key = next(iter(settings.INDEX_KEYS.values()))

    def ours() -> None:
        for number in numbers:
            hash_number(number)

    def bare() -> None:
        for number in numbers:
            hmac.digest(key, number.encode(), hashlib.sha256)

    return ours, bare


def make_cipher() -> AESGCM:
    """Return a cipher object of the active key."""
    return AESGCM(next(iter(settings.NUMBER_KEYS.values())))


def bind(row: uuid.UUID) -> bytes:
    """Return what a sealed number is bound to."""
    head = b"\x01" + next(iter(settings.NUMBER_KEYS)).to_bytes(2, "big")
    return head + f"|{PLACE}|".encode() + row.bytes


def seconds_of(act: Act) -> float:
    """Return how long an act took."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
