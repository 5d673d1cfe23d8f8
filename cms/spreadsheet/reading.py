"""A workbook becomes frozen rows, with every error at its sheet, row and column. Writes nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from cms.models import ChangeKind
from cms.spreadsheet.cells import Known, OneOf, Wrong, read_word
from cms.spreadsheet.columns import (
    CHANGE,
    HELP_ROW,
    KEY,
    KINDS,
    LANGUAGE,
    LEADING,
    NEEDED,
    REVISION,
    Column,
    Kind,
)
from cms.spreadsheet.values import Book, Header, Problem, SheetRow
from cms.spreadsheet.workbook import Line, Sheet, read_sheets

MOST_ROWS = 20_000
_CHANGE_FORM = OneOf(ChangeKind, blank=ChangeKind.MAJOR.value)


def read_book(data: bytes, known: Known) -> Book:
    """Return all rows of a file with what is wrong in them; raise NoWorkbook where it is none."""
    sheets = read_sheets(data, titles=KINDS, most=MOST_ROWS + 3)
    problems = list(_check_titles([sheet.title for sheet in sheets]))
    rows: list[SheetRow] = []
    first = {sheet.title: sheet for sheet in reversed(sheets)}
    for sheet in (first[title] for title in KINDS if title in first):
        found = _read_sheet(sheet, known)
        rows.extend(found.rows)
        problems.extend(found.problems)
    if len(rows) > MOST_ROWS:
        text = _("It has more than %d rows. Split it into several files.") % MOST_ROWS
        return Book((), (Problem(text),))
    return Book(tuple(_refuse_doubles(rows)), tuple(problems))


# ---- One sheet ---------------------------------------------------------------------------------


def _check_titles(titles: Sequence[str]) -> Iterator[Problem]:
    counted = Counter(title.strip().casefold() for title in titles)
    said = {"names": ", ".join(KINDS)}
    for title in titles:
        if counted[title.strip().casefold()] > 1:
            text = _("There are two sheets of this name. Put their rows into one.")
            yield Problem(text, title)
        elif title not in KINDS:
            text = _("Nothing reads this sheet. Delete it, or name it one of: %(names)s.") % said
            yield Problem(text, title)
    if not titles:
        yield Problem(_("It has no sheet. Download one and fill it in."))


def _read_sheet(sheet: Sheet, known: Known) -> Book:
    title = sheet.title
    top = sheet.lines[0] if sheet.lines else Line(1, {})
    places, problems = _read_names(title, top)
    letters = {name: get_column_letter(place) for name, place in places.items()}
    header = Header(title, title, letters)
    if any(name not in places for name in NEEDED):
        return Book((), tuple(problems))
    names = {place: name for name, place in places.items()}
    read = []
    for line in sheet.lines[1:]:
        if line.cells.get(places[REVISION]) == HELP_ROW:
            continue
        cells = {names[place]: cell for place, cell in line.cells.items() if place in names}
        read.append(_read_row(header, line.number, cells, known))
        # A column with a wrong name is named once, above.
        strays = [place for place in line.cells if place not in top.cells]
        problems.extend(_refuse_strays(title, line.number, strays))
    return Book(tuple(read), tuple(problems))


def _read_names(title: str, top: Line) -> tuple[dict[str, int], list[Problem]]:
    """Find the place of each column; a name that nothing reads, or that stands twice, is a problem."""
    readable = [*LEADING, *(column.name for column in KINDS[title].columns), REVISION]
    places: dict[str, int] = {}
    problems = []
    for place, cell in top.cells.items():
        name = str(cell).strip()
        if name not in readable:
            text = _("Nothing reads this column. Delete it, or name it one of: %s.")
            text %= ", ".join(readable)
        elif name in places:
            text = _("This column stands twice. Delete one of the two.")
        else:
            places[name] = place
            continue
        problems.append(Problem(text, title, top.number, get_column_letter(place), name[:60]))
    for name in NEEDED:
        if name not in places:
            text = _("The column “%s” is missing. Download the sheet again.") % name
            problems.append(Problem(text, title, top.number))
    return places, problems


def _refuse_strays(title: str, row: int, strays: Sequence[int]) -> Iterator[Problem]:
    for place in strays:
        text = _("No name stands above this cell. Delete it, or give its column a name.")
        yield Problem(text, title, row, get_column_letter(place), "?")


# ---- One row -----------------------------------------------------------------------------------


def _read_row(header: Header, number: int, cells: Mapping[str, Any], known: Known) -> SheetRow:
    kind = KINDS[header.kind]
    problems: list[Problem] = []

    def read(name: str, take: Any, blank: Any) -> Any:
        cell = cells.get(name)
        if cell is None:
            return blank
        try:
            return take(cell)
        except Wrong as wrong:
            problems.append(header.problem(str(wrong), row=number, column=name))
            return blank

    key = read(KEY, read_word, "").strip()
    language = read(LANGUAGE, read_word, "").strip()
    if not key and not problems:
        text = _("The key is missing. Give every row one, or delete the row.")
        problems.append(header.problem(text, row=number, column=KEY))
    revision = read(REVISION, _read_revision, None)
    change = read(CHANGE, lambda cell: _CHANGE_FORM.read(cell, known), _CHANGE_FORM.blank)
    values = {}
    for column in kind.columns:
        if column.name in header.letters:
            held = len(problems)
            value = read(column.name, _reader_of(kind, column, known), column.form.blank)
            if len(problems) == held:
                values[column.name] = value
    return SheetRow(header, number, key, language, revision, change, values, tuple(problems))


def _reader_of(kind: Kind, column: Column, known: Known) -> Any:
    field = kind.field(column)

    def read(cell: Any) -> Any:
        value = column.form.read(cell, known)
        if value == column.form.blank or field.many_to_many:
            return value
        try:
            field.run_validators(value)
        except ValidationError as error:
            raise Wrong(" ".join(error.messages)) from None
        return value

    return read


def _read_revision(cell: Any) -> int:
    text = str(cell) if type(cell) is int else cell
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    raise Wrong(_("It says which draft the row was made from. Put it back, or download again."))


def _refuse_doubles(rows: Sequence[SheetRow]) -> Iterator[SheetRow]:
    first: dict[tuple[str, str, str], int] = {}
    for row in rows:
        name = (row.header.kind, row.key, row.language)
        seen = first.setdefault(name, row.number)
        if seen == row.number or not row.key:
            yield row
            continue
        said = {"key": row.key, "language": row.language, "row": seen}
        text = _("%(key)s in %(language)s stands in row %(row)d too. Keep one of the two.") % said
        yield replace(row, problems=(*row.problems, row.problem(text, KEY)))
