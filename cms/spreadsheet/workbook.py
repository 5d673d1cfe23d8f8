"""The cells of a workbook as plain values, by sheet, row and column. Knows nothing of ours.

A thin reader on openpyxl's parsers. Its own `load_workbook` drops "x005F_" from texts, so that what
is escaped cannot be told from what is not, reads parts that nobody asked for, and takes five times
as long over a text.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from cms.spreadsheet.cells import Fault, Formula
from cms.spreadsheet.escaping import unescape
from cms.spreadsheet.opening import naming_what_breaks, open_workbook

_STRING, _INLINE, _RUN, _TEXT, _FORMULA = (
    f"{{{SHEET_MAIN_NS}}}{name}" for name in ("si", "is", "r", "t", "f")
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row that is not empty: its number, and what its cells hold by column, counted from 1."""

    number: int
    cells: Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet by its title, in the order of the file; `lines` only where they were asked for."""

    title: str
    lines: tuple[Line, ...] = ()


def read_sheets(data: bytes, *, titles: Collection[str], most: int) -> list[Sheet]:
    """Return all sheets, with the lines of those of the titles; of each no more than `most`.

    Of two sheets with one title only the first is read. Raises NoWorkbook.
    """
    with naming_what_breaks():
        reader = _Reader(data)
        reader.read()
        read: dict[str, Sheet] = {}
        sheets = []
        for title, path in reader.paths:
            sheet = Sheet(title)
            if title in titles and title not in read:
                sheet = read[title] = Sheet(title, tuple(_walk(reader, path, most)))
            sheets.append(sheet)
    return sheets


class _Reader(ExcelReader):
    """Read what the cells need: the strings, the formats of days, and where the sheets are."""

    def __init__(self, data: bytes) -> None:
        super().__init__(open_workbook(data).fp, read_only=True, keep_links=False)
        self.paths: list[tuple[str, str]] = []

    def read(self) -> None:
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)
        if not all(sheet.id for sheet in self.parser.sheets):
            raise ValueError("a sheet leads nowhere")  # the library would pass over it
        self.paths = [(sheet.name, rel.target) for sheet, rel in self.parser.find_sheets()]

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as source:
            for _event, node in iterparse(source):
                if node.tag == _STRING:
                    self.shared_strings.append(_join_runs(node))
                    node.clear()


class _Parser(WorkSheetParser):
    """openpyxl's parser, with a short way for a text that stands in its own cell."""

    def parse_cell(self, element: Any) -> Any:
        place, text = element.get("r"), element.find(_INLINE)
        if text is None or not place or element.find(_FORMULA) is not None:
            return super().parse_cell(element)
        row, column = coordinate_to_tuple(place)
        self.col_counter = column
        return {"row": row, "column": column, "value": _join_runs(text), "data_type": "s"}


def _join_runs(node: Any) -> str:
    """Return a text without its formats; what is only there to be read aloud is left out."""
    whole = [part for part in node if part.tag == _TEXT]
    runs = [part for run in node if run.tag == _RUN for part in run if part.tag == _TEXT]
    return "".join(part.text or "" for part in [*whole, *runs])


def _walk(reader: Any, path: str, most: int) -> Iterator[Line]:
    with reader.archive.open(path) as source:
        parser = _Parser(
            source,
            reader.shared_strings,
            epoch=reader.wb.epoch,
            date_formats=reader.wb._date_formats,
            timedelta_formats=reader.wb._timedelta_formats,
        )
        for number, cells in parser.parse():
            held = {cell["column"]: _take(cell) for cell in cells if _is_held(cell["value"])}
            if not held:
                continue
            if most == 0:
                return
            most -= 1
            yield Line(number, held)


def _is_held(value: Any) -> bool:
    return value is not None and value != ""


def _take(cell: Mapping[str, Any]) -> Any:
    value, kind = cell["value"], cell["data_type"]
    if kind == "f":
        return Formula()
    if kind == "e":
        return Fault(str(value))
    return unescape(value) if isinstance(value, str) else value
