"""Partners' lists for tests: filled in as a person would, as CSV and as XLSX; fictional people only."""

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from io import BytesIO, StringIO
from typing import Any

from django.utils import timezone
from openpyxl import Workbook

from messaging.joining.importing import Checked, Upload, check
from messaging.joining.sheets.columns import COLUMNS
from messaging.joining.sheets.marks import make_mark
from messaging.models import Clearance, SheetRow
from tests.messaging.factories import TOPIC, number_of

OWNER = "p1"
TOPICS = {"wafr atl": TOPIC, "west africa": TOPIC, "cmed": "route:cmed"}
HEAD = list(COLUMNS)
MOST = 10_000


def yesterday() -> str:
    """Return a day on which somebody may have said yes."""
    return (date.today() - timedelta(days=1)).isoformat()


def make_cells(number: Any, **other: Any) -> list[Any]:
    """Return the cells of one good line, but for what is said otherwise."""
    good: dict[str, Any] = {
        "number": number,
        "channel": "sms",
        "language": "fr",
        "country": "SN",
        "routes": "wafr-atl",
        "consent_date": yesterday(),
        "consent_method": "spoken",
        "consent_evidence": "F-17",
    }
    return [(good | other)[name] for name in HEAD]


def people(count: int, *, first: int = 1) -> list[list[Any]]:
    """Return good lines of so many different people."""
    return [make_cells(number_of(serial)) for serial in range(first, first + count)]


def as_csv(
    *rows: Sequence[Any], owner: str = OWNER, delimiter: str = ",", encoding: str = "utf-8"
) -> bytes:
    """Return a sheet of these lines as CSV."""
    held = StringIO(newline="")
    writer = csv.writer(held, delimiter=delimiter)
    writer.writerows([[make_mark(owner)], HEAD, *rows])
    return held.getvalue().encode(encoding)


def as_xlsx(*rows: Sequence[Any], owner: str = OWNER) -> bytes:
    """Return a sheet of these lines as a workbook, each value as Python holds it."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("People")
    for row in ([make_mark(owner)], HEAD, *rows):
        sheet.append(list(row))
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def open_country(*countries: str) -> None:
    """Open countries, their papers in order."""
    for country in countries:
        Clearance.objects.create(
            country=country,
            assessed_on=date(2026, 1, 1),
            hosting="here",
            agreement="A-1",
            incident_contact="the officer",
            opened_at=timezone.now(),
        )


def check_file(data: bytes, *, reference: str = "sheet:test", owner: str = OWNER) -> Checked:
    """Check a file for its owner."""
    upload = Upload(reference=reference, owner=owner, data=data, topics=TOPICS)
    return check(upload, most=MOST, now=timezone.now())


def verdicts() -> dict[int, str]:
    """Return what every line was found to be, by its number in the file."""
    return dict(SheetRow.objects.order_by("line").values_list("line", "verdict"))
