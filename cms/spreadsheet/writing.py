"""Rows become a workbook: one sheet for each kind, every cell a text or a day, never a formula."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from django.utils.text import capfirst
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from cms.models import ChangeKind
from cms.spreadsheet.cells import LONGEST_TEXT, Flag, OneOf
from cms.spreadsheet.columns import (
    CHANGE,
    HELP_ROW,
    KINDS,
    LEADING,
    REVISION,
    Column,
    Kind,
)
from cms.spreadsheet.escaping import escape
from cms.spreadsheet.values import Standing

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Where a text begins with one of these, programs would calculate it.
_CALCULATED = ("=", "+", "-", "@", "\t", "\r")
_WIDE, _NARROW = 48, 16
_LONGEST_LIST = 255
_LAST_ROW = 20_002
_TOP = Alignment(vertical="top", wrap_text=True)


class TooLong(Exception):
    """Raised for a text that no cell can hold."""

    def __init__(self, row: Standing, column: str) -> None:
        super().__init__(f"{row.key} ({row.language}), {column}")


def write_book(rows: Mapping[str, Sequence[Standing]]) -> bytes:
    """Return the file with one sheet for each kind that is asked for, rows in the order given."""
    book = Workbook(write_only=True)
    for name, kind in KINDS.items():
        if name in rows:
            _write_sheet(book, kind, rows[name])
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def _write_sheet(book: Any, kind: Kind, rows: Sequence[Standing]) -> None:
    sheet = book.create_sheet(kind.name)
    names = [*LEADING, *(column.name for column in kind.columns), REVISION]
    sheet.freeze_panes = "C3"
    for number, name in enumerate(names, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _width(kind, name)
        # What is typed into an empty cell stays a text too: a telephone number keeps its plus.
        sheet.column_dimensions[get_column_letter(number)].number_format = "@"
    hidden = get_column_letter(len(names))
    sheet.column_dimensions[hidden].hidden = True
    for number, choices in enumerate(_lists(kind), start=1):
        _offer(sheet, get_column_letter(number), choices)
    pens = _Pens(sheet)
    sheet.append([pens.head(name) for name in names])
    sheet.append([pens.help(text) for text in _explain(kind)])
    for row in rows:
        sheet.append(_cells(pens, kind, row))


def _explain(kind: Kind) -> Iterator[str]:
    """Say in the editor's language what each column is."""
    yield from (str(text) for text in LEADING.values())
    for column in kind.columns:
        field = kind.field(column)
        label = capfirst(str(field.verbose_name))
        yield f"{label}. {field.help_text}" if field.help_text else label
    yield HELP_ROW


def _cells(pens: "_Pens", kind: Kind, row: Standing) -> Iterator[Any]:
    yield pens.text(row.key)
    yield pens.text(row.language)
    yield None
    for column in kind.columns:
        value = column.form.show(row.values[column.name])
        if value is None:
            yield None
        elif isinstance(value, date):
            yield pens.day(value)
        else:
            # The program would cut it, and the next upload would lose the rest.
            if len(escape(value).encode("utf-16-le")) // 2 > LONGEST_TEXT:
                raise TooLong(row, column.name)
            yield pens.text(value)
    yield pens.text(str(row.revision))


class _Pens:
    """Make the cells of one sheet; a cell is written before the next is asked for, so each pen has one."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._plain, self._quoted, self._day = (WriteOnlyCell(sheet) for _pen in range(3))
        for cell in (self._plain, self._quoted, self._day):
            cell.number_format = "@"
            cell.alignment = _TOP
        self._quoted.quotePrefix = True
        self._day.number_format = "yyyy-mm-dd"

    def text(self, text: str) -> Any:
        cell = self._quoted if text.startswith(_CALCULATED) else self._plain
        return _fill(cell, text)

    def day(self, day: date) -> Any:
        self._day.value = day
        return self._day

    def head(self, name: str) -> Any:
        cell = _fill(WriteOnlyCell(self._sheet), name)
        cell.font = Font(bold=True)
        return cell

    def help(self, text: str) -> Any:
        cell = _fill(WriteOnlyCell(self._sheet), text)
        cell.font = Font(italic=True, color="555555")
        cell.fill = PatternFill("solid", start_color="EEEEEE")
        cell.alignment = _TOP
        return cell


def _fill(cell: Any, text: str) -> Any:
    cell.value = escape(text)
    # Said last: the library takes "=1" for a formula and "#N/A" for an error.
    cell.data_type = "s"
    return cell


def _width(kind: Kind, name: str) -> int:
    wide = {
        column.name for column in kind.columns if column.translated and not _is_short(kind, column)
    }
    return _WIDE if name in wide else _NARROW


def _is_short(kind: Kind, column: Column) -> bool:
    return (kind.field(column).max_length or _LONGEST_LIST) < 100


def _lists(kind: Kind) -> Iterator[Sequence[str]]:
    """Give the words to choose from in each column, none where it is free."""
    for name in LEADING:
        yield ChangeKind.values if name == CHANGE else ()
    for column in kind.columns:
        if isinstance(column.form, OneOf):
            yield column.form.choices.values
        else:
            yield ("yes", "no") if isinstance(column.form, Flag) else ()


def _offer(sheet: Any, letter: str, choices: Sequence[str]) -> None:
    written = ",".join(choices)
    if not choices or len(written) > _LONGEST_LIST:
        return
    offered = DataValidation(type="list", formula1=f'"{written}"', allow_blank=True)
    offered.add(f"{letter}3:{letter}{_LAST_ROW}")
    sheet.data_validations.append(offered)
