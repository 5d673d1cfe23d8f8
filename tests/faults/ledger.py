"""The stand-in's ledger: one line for each call it was given, written before the answer, never changed."""

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

NO_DELIVERY = -1


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one call: when it came and was decided on (ns), what was done, and whose it was."""

    came: int
    at: int
    what: str
    taken: bool
    sid: str
    delivery: int
    attempt: int
    to: str = field(repr=False)
    sender: str
    body: str = field(repr=False)
    callback: str = field(repr=False)
    path: str = ""
    validity: int = 0


class Writer:
    """Write entries straight to the file: a kill loses none that was answered."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, entry: Entry) -> None:
        os.write(self._file, json.dumps(asdict(entry)).encode() + b"\n")

    def close(self) -> None:
        os.close(self._file)


def read_entries(path: Path) -> list[Entry]:
    """Return every whole line of a ledger."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    return [Entry(**json.loads(line)) for line in lines]


def count_taken(entries: Iterable[Entry]) -> Counter[int]:
    """Return how often each delivery was accepted; more than once is the worst there is."""
    return Counter(entry.delivery for entry in entries if entry.taken)


def fastest_second(moments: Iterable[int], *, parts: int = 1) -> int:
    """Return the most parts that came within any one second."""
    times, most, first = sorted(moments), 0, 0
    for last, moment in enumerate(times):
        while moment - times[first] >= 1_000_000_000:
            first += 1
        most = max(most, last - first + 1)
    return most * parts
