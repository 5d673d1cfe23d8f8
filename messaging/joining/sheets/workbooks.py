"""A workbook's first sheet as lines. Nothing is calculated; its size is looked at before it is opened."""

import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, LargeZipFile, ZipFile

from django.utils.translation import gettext as _
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from messaging.joining.sheets.texts import MOST_COLUMNS, is_calculated, no_sheet, too_empty
from messaging.joining.sheets.values import Line, SheetError, Table

# 5,000 full lines, as the usual programs write them, take a quarter of it.
MOST_UNPACKED = 16 * 1024 * 1024
MOST_PARTS = 200
_EMPTY_LINES = 20_000
_HEAD = 2_048
_LISTED = "[Content_Types].xml"
_STRING, _RUN, _TEXT = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("si", "r", "t"))
_MACRO_PARTS = ("vbaproject", "xl/macrosheets/", "xl/dialogsheets/", "xl/activex/")
_NO_ENTITIES = (b"<!doctype", b"<!entity")
# All that a broken archive, broken XML, or XML that is no workbook makes the libraries raise.
_UNREADABLE = (
    BadZipFile,
    LargeZipFile,
    zlib.error,
    ParseError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


def read_workbook(data: bytes, *, most_lines: int) -> Table:
    """Return the lines of the first sheet, one more than `most_lines` at most; raise `SheetError`."""
    # Not the library's own `load_workbook`: it reads all sheets through before it gives the first row.
    with _naming_what_breaks():
        with ZipFile(BytesIO(data)) as archive:
            _check(archive)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = _Reader(data)
            reader.read()
            lines = tuple(_walk(reader, most_lines))
    return Table("XLSX", lines)


@contextmanager
def _naming_what_breaks() -> Iterator[None]:
    try:
        yield
    except _UNREADABLE:
        # Without the cause: it may repeat what stands in a cell.
        raise SheetError(no_sheet()) from None


def _check(archive: ZipFile) -> None:
    """Refuse what would unpack to far more than it says, holds macros, or is no workbook."""
    parts = archive.infolist()
    # The sizes are only said by the file, but no part is ever unpacked further than it says.
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise SheetError(
            _("The file unpacks to far more than its size. Copy the lines into a new workbook.")
        )
    names = [part.filename for part in parts]
    if any(sign in name.lower() for sign in _MACRO_PARTS for name in names):
        raise SheetError(_("The file holds macros. Save it as XLSX without macros."))
    if _LISTED not in names:
        raise SheetError(no_sheet())
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels")):
            with archive.open(part) as source:
                _check_head(source.read(_HEAD).lower())


def _check_head(head: bytes) -> None:
    # Entities are what makes a small text of XML large, and no workbook needs them.
    if any(sign in head for sign in _NO_ENTITIES):
        raise SheetError(no_sheet())


class _Reader(ExcelReader):
    """Read what the cells need: the strings, the formats of days, and where the first sheet is."""

    def __init__(self, data: bytes) -> None:
        super().__init__(BytesIO(data), read_only=True, keep_links=False)
        self.path = ""

    def read(self) -> None:
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        self.path = next(relation.target for _sheet, relation in self.parser.find_sheets())

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as source:
            for _event, node in iterparse(source):
                if node.tag == _STRING:
                    self.shared_strings.append(_join_runs(node))
                    node.clear()


def _join_runs(node: Any) -> str:
    """Return a text without its formats; what is only there to be read aloud is left out."""
    runs = [node, *(run for run in node if run.tag == _RUN)]
    return "".join(part.text or "" for run in runs for part in run if part.tag == _TEXT)


def _walk(reader: Any, most_lines: int) -> Iterator[Line]:
    left = most_lines + 1
    with reader.archive.open(reader.path) as source:
        parser = WorkSheetParser(
            source,
            reader.shared_strings,
            epoch=reader.wb.epoch,
            date_formats=reader.wb._date_formats,
            timedelta_formats=reader.wb._timedelta_formats,
        )
        for seen, (number, row) in enumerate(parser.parse()):
            line = _read_row(number, row)
            if line is None and seen > most_lines + _EMPTY_LINES:
                raise SheetError(too_empty())
            if line is not None:
                yield line
                left -= 1
            if not left:
                return


def _read_row(number: int, row: Any) -> Line | None:
    cells: dict[int, str] = {}
    figures, formulas = set(), set()
    for cell in row:
        place, value = cell["column"] - 1, cell["value"]
        if not 0 <= place < MOST_COLUMNS or value is None:
            continue
        text = _show(value)
        if cell["data_type"] == "f" or is_calculated(text):
            formulas.add(place)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            figures.add(place)
        if text:
            cells[place] = text
    if not cells:
        return None
    texts = tuple(cells.get(place, "") for place in range(max(cells) + 1))
    return Line(number, texts, frozenset(figures), frozenset(formulas))


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return str(value).strip()
