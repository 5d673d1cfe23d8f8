"""Bytes that are no workbook: which writing and which delimiter, then lines. Guesses are named as such."""

import csv
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from io import StringIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.joining.sheets.columns import count_known
from messaging.joining.sheets.values import Line, SheetError, Table

_BOMS = (
    (BOM_UTF8, "utf-8", "UTF-8"),
    (BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_DELIMITERS = {
    ",": gettext_lazy("a comma"),
    ";": gettext_lazy("a semicolon"),
    "\t": gettext_lazy("a tab"),
}
# Some programs say in a line of its own what is between the columns.
_SAID = re.compile(r'"?sep=([,;\t])"?\s*(?:\r\n|\r|\n)')
_HEAD = 8_000
# Whatever is no text has some of these.
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]")
_EMPTY_LINES = 20_000
MOST_COLUMNS = 60
# A cell that a program would calculate; a plus or minus before a figure is a telephone number's.
_CALCULATED = re.compile(r"\s*(?:[=@]|[-+](?![\s\d(+]))")


def read_text(data: bytes, *, most_lines: int) -> Table:
    """Return the lines of a text, one more than `most_lines` at most; raise `SheetError`."""
    text, name, is_guessed = _decode(data)
    if _NO_TEXT.search(text):
        raise SheetError(no_sheet())
    delimiter, text = _find_delimiter(text)
    lines = []
    try:
        for line in _walk(text, delimiter):
            lines.append(line)
            if len(lines) > most_lines:
                break
    except csv.Error as error:
        raise SheetError(no_sheet()) from error
    form = _("CSV, %(writing)s, with %(delimiter)s between the columns") % {
        "writing": name,
        "delimiter": _DELIMITERS[delimiter],
    }
    return Table(form, tuple(lines), is_guessed)


def is_calculated(text: str) -> bool:
    """Say whether a spreadsheet program would take a text for a formula."""
    return bool(_CALCULATED.match(text))


def no_sheet() -> str:
    """Say that a file is none that we read."""
    return _("This is no CSV or XLSX file. Save it as XLSX in your spreadsheet program.")


def _decode(data: bytes) -> tuple[str, str, bool]:
    """Return the text, the name of its writing, and whether that is a guess."""
    tries = [(codec, name, data[len(bom) :]) for bom, codec, name in _BOMS if data.startswith(bom)]
    if not tries:
        tries = [(codec, name, data) for codec, name in _find_codecs(data)]
    for codec, name, rest in tries:
        try:
            return rest.decode(codec), name, codec == "cp1252"
        except UnicodeDecodeError:
            continue
    raise SheetError(no_sheet())


def _find_codecs(data: bytes) -> list[tuple[str, str]]:
    if b"\x00" in data[:_HEAD]:
        # A head in Latin letters has its noughts on one side.
        is_little = data[1:_HEAD:2].count(0) >= data[0:_HEAD:2].count(0)
        return [("utf-16-le" if is_little else "utf-16-be", "UTF-16")]
    # Whatever is no UTF-8 may be any of the old writings; this one is the most usual.
    return [("utf-8", "UTF-8"), ("cp1252", "Windows-1252")]


def _find_delimiter(text: str) -> tuple[str, str]:
    """Return the delimiter, said or the one that yields the most known columns, and the rest."""
    said = _SAID.match(text)
    if said:
        # An empty line in its place, so that the others keep their numbers.
        return said[1], "\n" + text[said.end() :]
    head = text[:_HEAD].splitlines()[:20]
    return max(_DELIMITERS, key=lambda one: max(_count_columns(head, one), default=0)), text


def _count_columns(head: list[str], delimiter: str) -> list[int]:
    return [count_known(line.split(delimiter)) for line in head]


def _walk(text: str, delimiter: str) -> Iterator[Line]:
    empty = 0
    records = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    for number, record in enumerate(records, start=1):
        cells = tuple(cell.strip() for cell in record[:MOST_COLUMNS])
        if not any(cells):
            empty += 1
            if empty > _EMPTY_LINES:
                raise SheetError(too_empty())
            continue
        formulas = frozenset(place for place, cell in enumerate(cells) if is_calculated(cell))
        yield Line(number, cells, formulas=formulas)


def too_empty() -> str:
    """Say that a file is mostly empty lines."""
    return _("The sheet has thousands of empty lines. Copy the filled ones into a new sheet.")
