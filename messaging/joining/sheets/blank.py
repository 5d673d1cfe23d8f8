"""An empty sheet for one owner: her mark, the names of the columns, and what may be written in them."""

import csv
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from messaging.joining.sheets.columns import (
    CHANNEL,
    COLUMNS,
    COUNTRY,
    DATE,
    EVIDENCE,
    LANGUAGE,
    METHOD,
    METHODS,
    NUMBER,
    ROUTES,
)
from messaging.joining.sheets.marks import make_mark

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_WIDTH = 24
# What a program would calculate.
_CALCULATED = ("=", "+", "-", "@", "\t", "\r")


def write_csv(owner: str) -> bytes:
    """Return an empty sheet as CSV, which every program reads as UTF-8."""
    held = StringIO(newline="")
    writer = csv.writer(held)
    writer.writerow([make_mark(owner)])
    writer.writerow([str(name) for name in COLUMNS.values()])
    return BOM_UTF8 + held.getvalue().encode()


def write_workbook(owner: str, words: Mapping[str, Sequence[str]]) -> bytes:
    """Return an empty workbook, with a second sheet that says what goes where; `words` by column."""
    book = Workbook(write_only=True)
    people = book.create_sheet(_("People"))
    people.freeze_panes = "A3"
    for number, _name in enumerate(COLUMNS, start=1):
        place = people.column_dimensions[get_column_letter(number)]
        # What is typed stays a text: a telephone number keeps its plus, a day its order.
        place.width, place.number_format = _WIDTH, "@"
    people.append([_write(people, make_mark(owner))])
    people.append([_write(people, str(name), bold=True) for name in COLUMNS.values()])
    guide = book.create_sheet(_("How to fill it in"))
    for column, text in explain().items():
        guide.append([_write(guide, str(COLUMNS[column]), bold=True), _write(guide, text)])
        for word in words.get(column, ()):
            guide.append([None, _write(guide, word)])
    guide.column_dimensions["A"].width, guide.column_dimensions["B"].width = _WIDTH, 4 * _WIDTH
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def explain() -> dict[str, str]:
    """Say for each column what is written in it."""
    methods = ", ".join(str(word) for word in METHODS.values())
    return {
        NUMBER: _("With + and the country code. Only mobile phones are taken."),
        CHANNEL: _("sms or whatsapp. Empty means sms."),
        LANGUAGE: _("The language she reads: its code or its name."),
        COUNTRY: _("Where she says she is: two letters or the name. Empty means her number’s."),
        ROUTES: _("The routes she asked about, with commas between them."),
        DATE: _("The day she said yes, year first: 2026-10-31. It may be a year old at most."),
        METHOD: _("How she said yes: %s.") % methods,
        EVIDENCE: _("Where your proof is: a number of a form or a recording. Never a name."),
    }


def _write(sheet: Any, text: str, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, text)
    # Said last: the library takes "=1" for a formula.
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = text.startswith(_CALCULATED)
    cell.font = Font(bold=bold)
    return cell
