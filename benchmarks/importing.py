"""Measure a partner's list with every check, as CSV and as XLSX, beside bare parsing of the same numbers.

Run in a process of its own, with WAYMARK_DATA_DIR or WAYMARK_DATABASE_URL naming a database that may
be filled. The list has 5,000 people, of whom some are here already and some have said stop.
"""

import csv
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO, StringIO
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from openpyxl import Workbook  # noqa: E402

from messaging.joining.importing import Upload, check  # noqa: E402
from messaging.joining.sheets.columns import COLUMNS  # noqa: E402
from messaging.joining.sheets.marks import make_mark  # noqa: E402
from messaging.models import Clearance, SheetRow, Suppression  # noqa: E402
from messaging.numbers import classify, make_fiction, parse_number  # noqa: E402
from messaging.sealing.crypto import hash_number  # noqa: E402

PEOPLE = 5_000
TURNS = 5
OWNER = "p1"
# Real in form and in use by nobody: the range that Ofcom keeps for drama, with its mobiles.
BARE = [f"+447700900{serial % 1000:03d}" for serial in range(PEOPLE)]


def main() -> None:
    """Print the rates, in rows a second, as JSON."""
    call_command("migrate", verbosity=0)
    prepare()
    files = {"import CSV": write_csv(), "import XLSX": write_xlsx()}
    rates: dict[str, list[float]] = {name: [] for name in (*files, "bare parsing")}
    for _turn in range(TURNS):
        for name, data in files.items():
            rates[name].append(PEOPLE / seconds_of(lambda data=data: bring(data)))  # type: ignore[misc]
        rates["bare parsing"].append(PEOPLE / seconds_of(parse_bare))
    json.dump({name: median(values) for name, values in rates.items()}, sys.stdout)


def prepare() -> None:
    """Open the country, and let every tenth person have said stop."""
    Clearance.objects.update_or_create(
        country="SN",
        defaults={
            "assessed_on": date(2026, 1, 1),
            "hosting": "here",
            "agreement": "A-1",
            "incident_contact": "the officer",
            "opened_at": timezone.now(),
            "closed_at": None,
        },
    )
    Suppression.objects.bulk_create(
        [
            Suppression(number_hash=hash_number(number), source="keyword", at=timezone.now())
            for number in numbers()[::10]
        ],
        ignore_conflicts=True,
    )


def numbers() -> list[str]:
    """Return the fictional numbers of the list."""
    return [make_fiction("221", 7_000_000 + serial) for serial in range(PEOPLE)]


def rows() -> list[list[str]]:
    """Return the whole sheet as cells."""
    yesterday = (date.today() - timedelta(days=1)).isoformat()  # noqa: DTZ011
    rest = ["sms", "fr", "SN", "wafr-atl", yesterday, "spoken", "F-17"]
    return [[make_mark(OWNER)], list(COLUMNS), *([number, *rest] for number in numbers())]


def write_csv() -> bytes:
    """Return the sheet as CSV."""
    held = StringIO(newline="")
    csv.writer(held).writerows(rows())
    return held.getvalue().encode()


def write_xlsx() -> bytes:
    """Return the sheet as a workbook."""
    book: Any = Workbook(write_only=True)
    sheet = book.create_sheet("People")
    for row in rows():
        sheet.append(row)
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def bring(data: bytes) -> None:
    """Do the whole dry run, into the database and out again."""
    with transaction.atomic():
        upload = Upload("sheet:bench", OWNER, data, {"wafr atl": "route:wafr-atl"})
        checked = check(upload, most=PEOPLE, now=timezone.now())
        assert checked.counts == {"new": PEOPLE * 9 // 10, "stopped": PEOPLE // 10}
        assert SheetRow.objects.count() == PEOPLE
        transaction.set_rollback(True)
    assert connection.in_atomic_block is False


def parse_bare() -> None:
    """Parse and classify as many numbers with the library alone."""
    for number in BARE:
        classify(parse_number(number, fiction=False))


def seconds_of(change: Callable[[], None]) -> float:
    """Return how long something took."""
    started = time.perf_counter()
    change()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
