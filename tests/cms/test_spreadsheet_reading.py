"""What a workbook may hold: every text to the letter, no formula, and errors with their place."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from cms.spreadsheet import opening, reading
from cms.spreadsheet.columns import FACTS, KINDS
from cms.spreadsheet.escaping import escape, unescape
from cms.spreadsheet.opening import NoWorkbook
from cms.spreadsheet.reading import read_book
from cms.spreadsheet.showing import split_change
from cms.spreadsheet.values import Book, Standing
from cms.spreadsheet.writing import TooLong, write_book
from tests.cms.sheets import write_sheets

KNOWN = {
    "routes": ("cmed", "sahara"),
    "sources": ("S1",),
    "facts": ("CM-R1",),
    "pathways": (),
    "claims": (),
    "contact_points": (),
    "stories": (),
}
HEADER = ["key", "language", "change_kind", "revision", "statement", "review_by", "value"]
# Whatever a database can hold: neither the null character nor half a character.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=80)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def make_row(**values: Any) -> Standing:
    filled = {column.name: column.form.blank for column in FACTS.columns} | values
    return Standing("facts", "CM-R1", "en", 1, True, 7, filled)


def read_rows(*rows: Sequence[Any], header: Sequence[Any] = HEADER) -> Book:
    return read_book(write_sheets({"facts": [header, *rows]}), KNOWN)


def find_problems(book: Book) -> list[tuple[str, str]]:
    found = [*book.problems, *(problem for row in book.rows for problem in row.problems)]
    return [(problem.place, problem.text) for problem in found]


def refuse_cell(column: str, cell: Any) -> str:
    """Return what is said of one cell, having checked that its place is named."""
    names = ["key", "language", "revision", column]
    ((place, text),) = find_problems(read_rows(["CM-R1", "en", "7", cell], header=names))
    assert place == f"Sheet “facts”, row 2, column D ({column})"
    return text


# ---- To the letter -----------------------------------------------------------------------------


@example("=1+1", "+216 71 000", "-", "@x")
@example("_x000D_", "_x005F_x000D_", "\r\n", "\x0b_x0041_")
@example("_x0041\x01", " blanks at both ends\t ", "\ufffe\uffff", "#N/A")
@example("فاكس ١٢٣", "ትግርኛ", "🚣🏾‍♀️", "\n")
@given(TEXTS, TEXTS, TEXTS, TEXTS)
@FEW
def test_any_text_survives_the_trip(one: str, two: str, three: str, four: str) -> None:
    row = make_row(statement=one, softer_statement=two, caution=three, unit=four[:20])
    book = read_book(write_book({"facts": [row]}), KNOWN)
    assert find_problems(book) == []
    (read,) = book.rows
    assert (read.key, read.language, read.revision) == ("CM-R1", "en", 7)
    assert read.values == row.values


@given(st.text(max_size=40))
def test_escaping_is_undone_by_unescaping(text: str) -> None:
    assert unescape(escape(text)) == text
    assert not re.search("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]", escape(text))


@given(
    value=st.decimals(
        allow_nan=False, allow_infinity=False, places=3, max_value=10**12, min_value=0
    ),
    day=st.dates(date(1800, 1, 1), date(2200, 1, 1)),
    countries=st.lists(st.sampled_from(["LY", "TN", "EU", "BR"]), unique=True),
    flag=st.booleans(),
)
@FEW
def test_any_value_survives_the_trip(
    value: Decimal, day: date, countries: list[str], flag: bool
) -> None:
    row = make_row(
        value=value,
        true_as_of=day,
        countries=tuple(countries),
        take_down=flag,
        routes=("cmed", "sahara"),
        kind="risk",
    )
    (read,) = read_book(write_book({"facts": [row]}), KNOWN).rows
    assert read.problems == ()
    assert read.values == row.values


@given(TEXTS, TEXTS)
def test_marked_change_adds_up_to_both_texts(old: str, new: str) -> None:
    for text, part in zip((old, new), split_change(old, new), strict=True):
        assert part.before + part.differs + part.after == text


def test_marked_change_is_in_whole_words() -> None:
    old, new = split_change("Call 112 now, it is free.", "Call 113 now, it is free.")
    assert (old.before, old.differs, new.differs) == ("Call ", "112", "113")


def test_text_that_another_program_saved_is_read_without_its_formats() -> None:
    # As Excel writes shared texts: two runs of one text, then an escaped return and a literal one.
    strings = (
        "<si><r><t>Bold</t></r><r><t xml:space='preserve'> and plain</t></r></si>"
        "<si><t>a_x000D_b_x005F_x000D_</t><rPh sb='0' eb='1'><t>read aloud</t></rPh></si>"
    )
    book = read_book(share_strings(strings), KNOWN)
    assert [row.values["statement"] for row in book.rows] == ["Bold and plain", "a\rb_x000D_"]


def share_strings(strings: str) -> bytes:
    """Return a file whose two statements stand in a table of shared texts."""
    parts = unpack(write_sheets({"facts": [HEADER, *([f"A{n}", "en", None, "7"] for n in (1, 2))]}))
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    for place in (0, 1):
        cell = f'<c r="E{place + 2}" t="s"><v>{place}</v></c></row>'
        sheet = re.sub(rf'(<row r="{place + 2}".*?)</row>', rf"\1{cell}", sheet)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    listed = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    types = parts["[Content_Types].xml"].decode()
    if kind not in types:
        types = types.replace("</Types>", listed)
    return pack(
        {
            **parts,
            "[Content_Types].xml": types,
            "xl/sharedStrings.xml": f'<sst xmlns="{main}">{strings}</sst>',
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def pack(parts: Mapping[str, str | bytes]) -> bytes:
    held = BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return held.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# ---- No formula leaves, none comes in ----------------------------------------------------------


@pytest.mark.parametrize("text", ["=1+1", "+216 71 000 000", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_program_would_calculate_is_kept_as_a_text(text: str) -> None:
    parts = unpack(write_book({"facts": [make_row(statement=text)]}))
    sheet, styles = (parts[f"xl/{name}.xml"].decode() for name in ("worksheets/sheet1", "styles"))
    assert "<f>" not in sheet
    style = re.search(r'<c r="D3" s="(\d+)" t="inlineStr">', sheet)
    assert style is not None
    cells = re.findall(r"<xf [^>]*", styles.partition("<cellXfs")[2])
    assert 'quotePrefix="1"' in cells[int(style[1])]


def test_hidden_column_holds_the_revision_and_empty_cells_take_texts() -> None:
    sheet = unpack(write_book({"facts": [make_row()]}))["xl/worksheets/sheet1.xml"].decode()
    columns = re.findall(r"<col [^>]*>", sheet)
    assert len(columns) == len(FACTS.columns) + 4
    assert [place for place, column in enumerate(columns) if "hidden" in column] == [
        len(columns) - 1
    ]
    assert all("style=" in column for column in columns)


def test_formula_is_refused_by_name() -> None:
    assert refuse_cell("statement", "=1+1") == (
        "It is a formula. Copy it and paste it back as a value."
    )


def test_text_that_no_cell_holds_is_named_before_it_is_cut() -> None:
    with pytest.raises(TooLong, match=r"CM-R1 \(en\), statement"):
        write_book({"facts": [make_row(statement="x" * 32_768)]})


# ---- Errors with their place -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("statement", 112, "“112” is a number. Give the cell the format Text and type it again."),
        ("statement", True, "“True” is a number."),
        ("statement", date(2027, 1, 1), "“2027-01-01T00:00:00” is a date. Write a text here."),
        ("statement", "#REF!", "It shows the error #REF!. Type what should stand here."),
        ("review_by", "31.12.2027", "“31.12.2027” is no day. Write it as year-month-day"),
        ("review_by", 46000, "“46000” is no day."),
        ("review_by", datetime(2027, 1, 1, 12), "“2027-01-01T12:00:00” is no day."),
        ("value", "12,5", "“12,5” is no figure. Write digits only, with a point: 1250.5."),
        ("value", "1e400", "“1e400” is no figure."),
        ("value", "NaN", "“NaN” is no figure."),
        ("value", "1234567.1234", "Ensure that there are no more than 3 decimal places."),
        ("take_down", "maybe", "“maybe” is neither. Write yes or no."),
        ("kind", "Risk", "“Risk” is not in the list. Use one of: risk, rule, pathway, figure."),
        ("topics", "drowning", "“drowning” is not in the list. Use one of: drowning_unseaworthy,"),
        ("countries", "LY, Libya", "“Libya” is no country we know."),
        ("routes", "cmed, west", "“west” is not in the list. Use one of: cmed, sahara."),
        ("change_kind", "big", "“big” is not in the list. Use one of: major, minor."),
        ("unit", "x" * 81, "Ensure this value has at most 80 characters (it has 81)."),
    ],
)
def test_wrong_cell_is_named_with_how_to_mend_it(column: str, cell: Any, words: str) -> None:
    assert refuse_cell(column, cell).startswith(words)


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("review_by", "2027-05-20", date(2027, 5, 20)),
        ("review_by", datetime(2027, 5, 20), date(2027, 5, 20)),
        ("value", 12.5, Decimal("12.5")),
        ("value", 350, Decimal(350)),
        ("take_down", True, True),
        ("take_down", "YES", True),
        ("countries", "TN ; LY، TN,", ("TN", "LY")),
        ("routes", "sahara,cmed", ("cmed", "sahara")),
    ],
)
def test_cell_is_read_as_people_type_it(column: str, cell: Any, value: Any) -> None:
    names = ["key", "language", "revision", column]
    (row,) = read_rows(["CM-R1", "en", "7", cell], header=names).rows
    assert row.problems == ()
    assert row.values[column] == value


def test_language_and_unknown_link_are_named() -> None:
    data = write_sheets(
        {
            "contact_points": [
                ["key", "language", "revision", "languages", "sources"],
                ["H-1", "en", "7", "ar, xx", "S9"],
            ]
        }
    )
    many = {**KNOWN, "sources": [f"S{number}" for number in range(10, 40)]}
    texts = [text for _place, text in find_problems(read_book(data, many))]
    assert texts[0].startswith("“xx” is no language we know.")
    assert texts[1].startswith("There is no “S9”. Mend the key;")


def test_row_without_a_key_and_row_that_stands_twice_are_named() -> None:
    book = read_rows(
        [None, "en", None, "7", "No key."],
        ["CM-R1", "en", None, "7", "One."],
        ["CM-R1", "fr", None, "7", "Another language."],
        ["CM-R1", "en", None, "7", "Again."],
    )
    assert find_problems(book) == [
        (
            "Sheet “facts”, row 2, column A (key)",
            "The key is missing. Give every row one, or delete the row.",
        ),
        (
            "Sheet “facts”, row 5, column A (key)",
            "CM-R1 in en stands in row 3 too. Keep one of the two.",
        ),
    ]


def test_wrong_header_is_named() -> None:
    book = read_rows(
        ["CM-R1", "en", "Colour?", "One.", "Two."],
        header=["key", "language", "colour", "statement", "statement"],
    )
    (colour, twice, missing) = find_problems(book)
    assert colour[0] == "Sheet “facts”, row 1, column C (colour)"
    assert colour[1].startswith("Nothing reads this column. Delete it, or name it one of: key,")
    assert twice == (
        "Sheet “facts”, row 1, column E (statement)",
        "This column stands twice. Delete one of the two.",
    )
    assert missing[1] == "The column “revision” is missing. Download the sheet again."
    assert book.rows == ()


def test_cell_below_no_name_is_not_lost_silently() -> None:
    book = read_rows(["CM-R1", "en", None, "7", "One.", None, None, None, "stray"])
    ((place, text),) = find_problems(book)
    assert place == "Sheet “facts”, row 2, column I (?)"
    assert text.startswith("No name stands above this cell.")


def test_sheets_that_nothing_reads_are_named() -> None:
    sheets = {"facts": [HEADER], "facts (2)": [HEADER], "Messages": [HEADER]}
    problems = find_problems(read_book(write_sheets(sheets), KNOWN))
    assert [place for place, _text in problems] == ["Sheet “facts (2)”", "Sheet “Messages”"]
    assert all("facts, contact_points, messages" in text for _place, text in problems)


def test_two_sheets_of_one_name_are_refused() -> None:
    parts = unpack(write_sheets({"facts": [HEADER], "facts2": [HEADER, ["A", "en", "", "7"]]}))
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"facts2", b"facts")
    book = read_book(pack(parts), KNOWN)
    assert [text for _place, text in find_problems(book)] == [
        "There are two sheets of this name. Put their rows into one."
    ] * 2


def test_help_row_is_passed_over_wherever_it_was_sorted_to() -> None:
    rows = [["CM-R1", "en", None, "7"], ["A stable name", "Its code", None, "help", "Statement"]]
    assert [row.key for row in read_rows(*rows).rows] == ["CM-R1"]


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    book = read_rows(*(["A", str(number), None, "7"] for number in range(9)))
    assert find_problems(book) == [
        ("The file", "It has more than 2 rows. Split it into several files.")
    ]


# ---- Files that are none -----------------------------------------------------------------------


def refuse_file(data: bytes) -> str:
    with pytest.raises(NoWorkbook) as refused:
        read_book(data, KNOWN)
    return str(refused.value)


def replace_types(old: bytes, new: bytes) -> bytes:
    parts = unpack(write_sheets({"facts": [HEADER]}))
    name = "[Content_Types].xml"
    return pack({**parts, name: parts[name].replace(old, new)})


def test_page_or_other_archive_under_the_name_of_a_workbook_is_refused() -> None:
    for data in (
        b"",
        b"<html><script>alert(1)</script></html>",
        pack({"word/document.xml": "<w/>", "[Content_Types].xml": "<Types/>"}),
        pack({"evil.txt": "x"}),
        replace_types(b"sheet.main+xml", b"template.main+xml"),
        replace_types(b"<Types", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Types"),
    ):
        assert refuse_file(data).startswith("This is no XLSX workbook.")


def test_old_or_locked_file_is_refused_by_name() -> None:
    assert refuse_file(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1").startswith("This is an old or locked")


def test_macros_are_refused_by_name() -> None:
    main = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    enabled = replace_types(main, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    parts = unpack(write_sheets({"facts": [HEADER]}))
    for data in (enabled, pack({**parts, "xl/vbaProject.bin": b"x"})):
        assert refuse_file(data) == "The file holds macros. Save it as XLSX without macros."


def test_large_file_and_zip_bomb_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = unpack(write_sheets({"facts": [HEADER]}))
    assert refuse_file(b"x" * (opening.MOST_BYTES + 1)).startswith("The file is larger than 5 MB.")
    monkeypatch.setattr(opening, "MOST_UNPACKED", 1_000_000)
    bomb = pack({**parts, "xl/media/image1.png": b"\0" * 1_000_001})
    assert len(bomb) < 20_000
    assert refuse_file(bomb).startswith("The file unpacks to far more than its size.")


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=8))
@FEW
def test_broken_file_is_read_or_refused_and_nothing_else(place: int, junk: bytes) -> None:
    data = write_book({"facts": [make_row(statement="Text.")]})
    place %= len(data)
    check_broken(data[:place] + junk + data[place + len(junk) :])


@given(
    st.sampled_from(["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"]),
    st.integers(0, 10**6),
    st.sampled_from(
        ["", "<c/>", "x", '"', "9" * 30, '<c r="A0"/>', '<c r="B3" t="s"><v>9</v></c>']
    ),
)
@FEW
def test_broken_part_is_read_or_refused_and_nothing_else(part: str, place: int, junk: str) -> None:
    parts: dict[str, Any] = unpack(write_book({"facts": [make_row(statement="Text.")]}))
    text = parts[part].decode()
    assume(text)
    place %= len(text)
    check_broken(pack({**parts, part: text[:place] + junk + text[place + len(junk) :]}))


def check_broken(data: bytes) -> None:
    try:
        read = read_book(data, KNOWN)
    except NoWorkbook:
        return
    assert {row.header.kind for row in read.rows} <= set(KINDS)
