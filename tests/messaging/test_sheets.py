"""Any bytes are either read or refused with what to do; no writing and no delimiter is guessed silently."""

import struct
import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from messaging.joining.sheets.blank import explain, write_csv, write_workbook
from messaging.joining.sheets.columns import COLUMNS, read_entries
from messaging.joining.sheets.files import read_table
from messaging.joining.sheets.judging import Ground, judge
from messaging.joining.sheets.marks import check_mark, make_mark
from messaging.joining.sheets.values import SheetError, Table
from messaging.joining.sheets.workbooks import MOST_UNPACKED
from tests.messaging.lists import HEAD, OWNER, TOPICS, as_csv, as_xlsx, make_cells, people

MEGABYTE = 1024 * 1024
# Made once: a workbook holds the moment at which it was made.
GOOD_BOOK = as_xlsx(make_cells("+9992210000001"))
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def read(data: bytes, *, rows: int = 5_000) -> Table:
    return read_table(data, most_bytes=2 * MEGABYTE, most_rows=rows)


def refusal(data: bytes) -> str:
    with pytest.raises(SheetError) as caught:
        read_entries(read(data))
    return str(caught.value)


# ---- Writings and delimiters -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "form", "is_guessed"),
    [
        ("utf-8", "UTF-8", False),
        ("utf-8-sig", "UTF-8", False),
        ("utf-16", "UTF-16", False),
        ("utf-16-le", "UTF-16", False),
        ("utf-16-be", "UTF-16", False),
        ("cp1252", "Windows-1252", True),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_writing_and_delimiter_are_told_apart(
    encoding: str, form: str, is_guessed: bool, delimiter: str
) -> None:
    line = make_cells("+9992210000001", language="Français", country="Sénégal")
    table = read(as_csv(line, delimiter=delimiter, encoding=encoding))
    (entry,) = read_entries(table)
    assert (entry.cells["language"], entry.cells["country"]) == ("Français", "Sénégal")
    assert form in table.form
    assert table.is_guessed == is_guessed


def test_plain_letters_are_no_guess() -> None:
    assert not read(as_csv(make_cells("+9992210000001"))).is_guessed


def test_delimiter_that_is_said_counts_and_lines_keep_their_numbers() -> None:
    table = read(b"sep=;\r\n" + as_csv(*people(2), delimiter=";"))
    assert [entry.line for entry in read_entries(table)] == [4, 5]


def test_empty_lines_are_passed_over_and_counted() -> None:
    data = as_csv(*people(1), ["", " "], [], *people(1, first=2))
    assert [entry.line for entry in read_entries(read(data))] == [3, 6]


def test_columns_may_stand_in_any_order_beside_others() -> None:
    mark, line = make_mark(OWNER), make_cells("+9992210000001")
    head = [*reversed(HEAD), "remarks"]
    rows = [[mark], head, [*reversed(line), "of no use"]]
    data = "\n".join(";".join(row) for row in rows).encode()
    (entry,) = read_entries(read(data))
    assert entry.cells["number"] == "+9992210000001"
    assert set(entry.cells) == set(COLUMNS)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "old or locked"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\x00\x01", "no CSV or XLSX"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "no CSV or XLSX"),
        (b"PK\x03\x04 and nothing more", "no CSV or XLSX"),
        (b"\x81\x8d\x8f nothing writes this", "no CSV or XLSX"),
        (b"only one line", "names of the columns are missing"),
        (b"mark\nname;telephone\n", "columns are missing: number, language"),
        (b"mark\n" + ";".join([*HEAD, "number"]).encode(), "“number” is there twice"),
        (b"\n" * 50_000 + b"a,b", "empty lines"),
        (b"x" * (2 * MEGABYTE + 1), "larger than 2 MB"),
    ],
)
def test_file_that_is_none_is_refused_with_what_to_do(data: bytes, said: str) -> None:
    assert said in refusal(data)


# ---- Whose sheet it is -------------------------------------------------------------------------


def test_sheet_of_its_owner_is_taken() -> None:
    for data in (as_csv(*people(1)), as_xlsx(*people(1))):
        check_mark(read(data), OWNER)


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("Our list", "Download an empty sheet"),
        ("", "Download an empty sheet"),
        (make_mark("p2"), "another partner"),
        (make_mark("p2").replace("p2", OWNER), "was changed"),
        (make_mark(OWNER)[:-1], "was changed"),
        ("WM1-" + "p" * 400, "was changed"),
    ],
)
def test_sheet_that_is_not_hers_is_refused_with_the_reason(mark: str, said: str) -> None:
    table = read("\n".join([mark or "x", ",".join(HEAD)]).encode())
    with pytest.raises(SheetError, match=said):
        check_mark(table, OWNER)


# ---- Empty sheets ------------------------------------------------------------------------------


def test_empty_sheets_come_back_as_they_went() -> None:
    for data in (write_csv(OWNER), write_workbook(OWNER, {"routes": ["cmed – Mediterranean"]})):
        table = read(data)
        check_mark(table, OWNER)
        assert read_entries(table) == []
        assert [line.number for line in table.lines] == [1, 2]


def test_empty_workbook_keeps_what_is_typed_as_text_and_says_what_goes_where() -> None:
    book = load_workbook(BytesIO(write_workbook(OWNER, {"language": ["ar – العربية"]})))
    formats = {book.worksheets[0].column_dimensions[letter].number_format for letter in "ABCDEFGH"}
    assert formats == {"@"}
    said = [cell.value for row in book.worksheets[1].iter_rows() for cell in row if cell.value]
    assert "ar – العربية" in said
    assert set(explain()) == set(COLUMNS)
    assert all(text in said for text in explain().values())


def test_texts_that_cells_share_are_read_as_excel_writes_them() -> None:
    texts = [make_mark(OWNER), *HEAD, *make_cells("+9992210000001")]
    items = "".join(f"<si><r><t>{text[:2]}</t></r><r><t>{text[2:]}</t></r></si>" for text in texts)
    rows = ([0], range(1, 9), range(9, 17))
    cell = '<c t="s"><v>{}</v></c>'
    cells = "".join(f"<row>{''.join(map(cell.format, row))}</row>" for row in rows)
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    with zipfile.ZipFile(BytesIO(GOOD_BOOK)) as archive:
        listed = archive.read("[Content_Types].xml").decode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    changes = {
        "xl/sharedStrings.xml": f"<sst {space}>{items}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {space}><sheetData>{cells}</sheetData></worksheet>",
        "[Content_Types].xml": listed.replace("</Types>", part),
    }
    book = repack(GOOD_BOOK, {name: text.encode() for name, text in changes.items()})
    (entry,) = read_entries(read(book))
    assert list(entry.cells.values()) == make_cells("+9992210000001")


# ---- Hostile workbooks -------------------------------------------------------------------------


def repack(data: bytes, changes: dict[str, bytes]) -> bytes:
    """Return an archive with some of its parts in other words."""
    held = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as before,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in {*before.namelist(), *changes}:
            after.writestr(name, changes[name] if name in changes else before.read(name))
    return held.getvalue()


def test_zip_bomb_is_refused_by_what_it_says_of_itself() -> None:
    bomb = repack(as_xlsx(*people(1)), {"xl/media/a.bin": b"\x00" * (MOST_UNPACKED + 1)})
    assert len(bomb) < MEGABYTE
    assert "unpacks to far more" in refusal(bomb)


def test_archive_that_lies_about_its_size_is_not_unpacked_further() -> None:
    bomb = repack(as_xlsx(*people(1)), {"xl/worksheets/sheet1.xml": b" " * (MOST_UNPACKED - 100)})
    size = struct.pack("<I", MOST_UNPACKED - 100)
    assert size in bomb
    assert refusal(bomb.replace(size, struct.pack("<I", 5_000)))


def test_a_million_rows_are_refused_before_they_are_read() -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("People")
    for row in ([make_mark(OWNER)], HEAD):
        sheet.append(row)
    held = BytesIO()
    book.save(held)
    with zipfile.ZipFile(held) as archive:
        text = archive.read("xl/worksheets/sheet1.xml").decode()
    many = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(3, 300_000))
    empty = '<row r="{}"><c r="XFD1"><v>1</v></c></row>'
    far = "".join(empty.format(n) for n in range(3, 30_000))
    for rows, said in ((many, "more than 5000 lines"), (far, "empty lines")):
        changed = text.replace("</sheetData>", f"{rows}</sheetData>")
        assert said in refusal(
            repack(held.getvalue(), {"xl/worksheets/sheet1.xml": changed.encode()})
        )


@pytest.mark.parametrize(
    ("part", "text", "said"),
    [
        ("xl/vbaProject.bin", b"macro", "holds macros"),
        ("xl/workbook.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><workbook/>', "no CSV or XLSX"),
        ("xl/workbook.xml", b"<workbook", "no CSV or XLSX"),
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r='x'/>", "no CSV or XLSX"),
        ("xl/styles.xml", b"\xff\xfe<", "no CSV or XLSX"),
    ],
)
def test_broken_or_hostile_part_is_refused(part: str, text: bytes, said: str) -> None:
    book = Workbook()
    book.active["A1"] = "a text that is shared"
    held = BytesIO()
    book.save(held)
    assert said in refusal(repack(held.getvalue(), {part: text}))


# ---- Whatever may come -------------------------------------------------------------------------

GROUND = Ground(topics=TOPICS, open=frozenset({"SN"}), today=date.today(), fiction=True)
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30),
    st.sampled_from(["+9992210000001", "=1+1", "1.2E+11", "fr", "SN", "wafr-atl", "2026-10-31"]),
)


def judge_all(data: bytes) -> int:
    """Read and judge a file as far as it goes, and return how many lines were judged."""
    try:
        table = read(data, rows=50)
        check_mark(table, OWNER)
        return len([judge(entry, GROUND) for entry in read_entries(table)])
    except SheetError:
        return 0


@example(b"PK\x03\x04")
@example(b"\xff\xfe\x00")
@example(b'"')
@given(st.binary(max_size=600))
@FEW
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    judge_all(data)
    judge_all(as_csv() + data)


@given(st.lists(st.lists(CELLS, min_size=8, max_size=9), max_size=4))
@FEW
def test_any_cells_get_a_verdict(rows: list[list[Any]]) -> None:
    filled = [row for row in rows if any(cell not in {None, ""} for cell in row)]
    assert judge_all(as_xlsx(*rows)) <= len(filled)
    judge_all(as_csv(*rows))


@given(st.data())
@FEW
def test_workbook_with_any_byte_changed_is_read_or_refused(data: st.DataObject) -> None:
    good = bytearray(GOOD_BOOK)
    for _change in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(4, len(good) - 1))] = data.draw(st.integers(0, 255))
    judge_all(bytes(good))
