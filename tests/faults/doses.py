"""How much of each fault: a short form for `make test`, the full one for `make faults`.

`TESTS_FAULTS=full` chooses the full doses, `short` the others; with either the table is written.
"""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dose:
    """Hold one scenario's sizes: `people` planned for, and `times` that the fault comes."""

    people: int
    times: int
    workers: int = 2


FULL = os.environ.get("TESTS_FAULTS", "") == "full"

# Name: (short, full). Names are those of the plan of faults (docs/faults.md).
_TABLE: dict[str, tuple[Dose, Dose]] = {
    "F1": (Dose(2_000, 5, 3), Dose(20_000, 25, 3)),
    "F2": (Dose(400, 2), Dose(20_000, 200)),
    "F3": (Dose(800, 2), Dose(10_000, 10)),
    "F4": (Dose(400, 1), Dose(4_000, 10)),
    "F5": (Dose(1_000, 1), Dose(4_000, 5)),
    "F6": (Dose(1_000, 1), Dose(10_000, 3)),
    "F7": (Dose(1_000, 1), Dose(4_000, 3)),
    "F8": (Dose(1_000, 1), Dose(6_000, 1)),
    "F9": (Dose(1_500, 1), Dose(6_000, 1)),
    "F10": (Dose(300, 1), Dose(1_000, 1)),
    "F12": (Dose(400, 3), Dose(20_000, 3)),
    "F13": (Dose(500, 3), Dose(20_000, 3)),
    "F14": (Dose(0, 500), Dose(0, 10_000)),
    "F15": (Dose(300, 20), Dose(10_000, 100)),
    "F16": (Dose(2_000, 200), Dose(20_000, 2_000)),
    "F17": (Dose(0, 40), Dose(0, 500)),
    "F18": (Dose(2_000, 5), Dose(20_000, 50)),
    "F19": (Dose(0, 20, 4), Dose(0, 200, 4)),
    "F20": (Dose(0, 20), Dose(0, 20)),
    "F21": (Dose(300, 2), Dose(2_000, 2)),
    "F22": (Dose(0, 2), Dose(0, 2)),
    "F23": (Dose(1_000, 1), Dose(20_000, 1)),
    "F24": (Dose(20_000, 1), Dose(200_000, 1)),
    "F25": (Dose(1_000, 2), Dose(10_000, 20)),
    "F26": (Dose(1_000, 1), Dose(10_000, 3)),
    "F27": (Dose(500, 1), Dose(10_000, 1)),
    "F28": (Dose(500, 1), Dose(4_000, 1)),
    "F29": (Dose(1_000, 2), Dose(20_000, 10)),
    "F30": (Dose(600, 1, 3), Dose(6_000, 1, 3)),
}


def dose_of(fault: str) -> Dose:
    """Return the dose of a fault in this run."""
    short, full = _TABLE[fault]
    return full if FULL else short
