"""What the scenarios saw, as a dated table: docs/faults.md, written by a full run itself.

A run of only some scenarios (`make faults TESTS="-k F6"`) replaces their lines and leaves the others.
"""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "faults.md"
_INTRODUCTION = """\
# Faults: what was broken on purpose, and what came of it

Written by `make faults`, which breaks things on this machine: workers are killed and stopped, servers
crash, a provider answers with garbage. After every scenario one function
(`tests/faults/invariants.py`) asserts that nobody was sent to twice, that nobody was sent to after a
stop, that the states sum to the audience, and seven things more. `make test` runs the same
scenarios in a short form. What could not run on the machine of this table says so in it.
"""

# What the plan of faults names and no scenario here does, and where it is held instead.
ELSEWHERE = (
    ("F11 other providers", "unit", "tests/messaging/providers/test_calls.py, on a counted wire"),
    ("F12 every order of receipts", "unit", "tests/messaging/test_receipts.py"),
    (
        "F20 double click in the forms, browser back",
        "unit",
        "tests/campaigns, by the token of the form",
    ),
    (
        "F21 zones, gaps and overlaps of an hour, changed law",
        "unit",
        "tests/campaigns/test_recurring.py",
    ),
    (
        "F21 the machine's own clock set anew",
        "not run",
        "it is not a test's to set; the clock of a worker is, above, and the database's decides",
    ),
    ("F29 whole suite through pgbouncer", "not run", "one broadcast with kills is, above"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one line of the table."""

    fault: str
    dose: str
    seen: str
    seconds: str
    on: str


class Results:
    """Collect lines and write the table."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(self, fault: str, dose: str, seen: str, seconds: float) -> None:
        """Add one line."""
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        self.rows.append(Row(fault, dose, seen, f"{seconds:.0f}", today))

    def write(self, *, some: bool) -> None:
        """Write the document anew; with `some`, keep the lines of what did not run this time."""
        for fault, dose, seen in ELSEWHERE:
            self.add(fault, dose, seen, 0)
        kept = read_rows() if some else []
        known = {row.fault for row in self.rows}
        rows = [*self.rows, *(row for row in kept if row.fault not in known)]
        lines = [
            _INTRODUCTION,
            f"Full doses on {_machine()}.",
            "",
            "| fault | dose | what was seen | s | on |",
            "|---|---|---|--:|---|",
        ]
        lines += [
            f"| {row.fault} | {row.dose} | {row.seen} | {row.seconds} | {row.on} |"
            for row in sorted(rows, key=_place)
        ]
        DOCUMENT.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_rows() -> list[Row]:
    """Return the lines of the document as it is; none where there is none."""
    if not DOCUMENT.exists():
        return []
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    table = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return [Row(*cells) for cells in table[1:]]


def _place(row: Row) -> tuple[int, str]:
    digits = "".join(letter for letter in row.fault.split()[0] if letter.isdigit())
    return int(digits or 99), row.fault


def _machine() -> str:
    cores = len(os.sched_getaffinity(0))
    postgres = subprocess.run(["psql", "--version"], capture_output=True, text=True, check=False)
    version = postgres.stdout.split()[2] if postgres.returncode == 0 else "?"
    return f"{cores} cores, Python {platform.python_version()}, PostgreSQL {version}"
