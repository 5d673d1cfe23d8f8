"""PO files: any text comes back as it went out; a broken file names line and entry."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.translating.checks import find_doubts, find_faults, numbers_of
from cms.translating.po import (
    CONTENT_HEADER,
    LARGEST,
    Entry,
    Heading,
    Sheet,
    Unreadable,
    read_sheet,
    write_sheet,
)

MADE = "2026-11-21 00:00+0000"
HEADING = Heading("fact:CM-R1", "fr")
# Nothing that the checks refuse, but all that a phone can show: marks, separators, other scripts.
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\r"), min_size=1
)
HARD = st.text(list('"\\\n\t{}ntr# ~|:msgidstrctx\u200f\u200e\u2028\u2029\x85\xa0é٣አ'), min_size=1)


def sheet(*entries: Entry) -> Sheet:
    return Sheet(HEADING, entries)


def lines(*changes: tuple[str, str]) -> bytes:
    """Return a good file of two entries with something replaced in it."""
    good = write_sheet(
        sheet(
            Entry("fact:CM-R1:statement", "The sea is {danger}.", "La mer."),
            Entry("fact:CM-R1:caution", "Check it.", "Vérifiez."),
        ),
        made=MADE,
    ).decode()
    for old, new in changes:
        assert old in good
        good = good.replace(old, new)
    return good.encode()


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_sheet(content)
    return str(caught.value)


# ---- What comes back ---------------------------------------------------------------------------


@given(TEXTS | HARD, TEXTS | HARD | st.just(""))
def test_any_text_survives_export_and_import_exactly(original: str, words: str) -> None:
    out = sheet(Entry("fact:CM-R1:statement", original, words))
    (back,) = read_sheet(write_sheet(out, made=MADE)).entries
    assert (back.place, back.original, back.words) == ("fact:CM-R1:statement", original, words)


@given(st.lists(st.tuples(TEXTS | HARD, TEXTS | HARD, st.booleans()), max_size=6))
def test_entries_come_back_in_order_with_their_marks(rows: list[tuple[str, str, bool]]) -> None:
    entries = [
        Entry(f"fact:F-{number}:statement", original, words, is_fuzzy=fuzzy, former='Once:\n"x"')
        for number, (original, words, fuzzy) in enumerate(rows)
    ]
    back = read_sheet(write_sheet(sheet(*entries), made=MADE)).entries
    told = [(entry.place, entry.original, entry.words, entry.is_fuzzy) for entry in entries]
    assert [(entry.place, entry.original, entry.words, entry.is_fuzzy) for entry in back] == told


def test_heading_says_what_the_file_is_for() -> None:
    read = read_sheet(lines())
    assert read.heading == HEADING
    assert [entry.line for entry in read.entries] == sorted(entry.line for entry in read.entries)


def test_file_of_a_tool_on_windows_is_read() -> None:
    content = b"\xef\xbb\xbf" + lines().replace(b"\n", b"\r\n")
    assert [entry.words for entry in read_sheet(content).entries] == ["La mer.", "Vérifiez."]


def test_obsolete_entries_and_comments_do_not_count() -> None:
    more = '\n# a note\n#~ msgctxt "fact:OLD:statement"\n#~ msgid "Old."\n#~ msgstr "Vieux."\n'
    assert len(read_sheet(lines() + more.encode()).entries) == 2


def test_file_that_names_a_file_is_not_that_file() -> None:
    assert "Line 1" in refusal(b"/etc/hostname")


# ---- What is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_empty_file_is_refused(content: bytes) -> None:
    assert refusal(content) == "The file is empty."


@pytest.mark.parametrize("content", [b"\xde\x12\x04\x95\0\0\0\0", b"PK\x03\x04\0\0", b"GIF89a\0"])
def test_binary_is_refused(content: bytes) -> None:
    assert "not a PO file" in refusal(content)


def test_too_large_a_file_is_refused() -> None:
    assert "2 MB" in refusal(b"#" * (LARGEST + 1))


def test_other_encoding_names_its_line() -> None:
    content = lines().replace("Vérifiez".encode(), "Vérifiez".encode("latin-1"))
    line = content[: content.index(b"V\xe9")].count(b"\n") + 1
    assert refusal(content).startswith(f"Line {line} is not UTF-8")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('msgstr "La mer."', 'msgstr "La mer.', "quotation mark"),
        ('msgstr "La mer."', 'msgstr "La "mer"."', "quotation mark"),
        ('msgstr "La mer."', "msgstr La mer.", "quotation mark"),
        ('msgstr "La mer."', 'msgstr[0] "La mer."', "Plural"),
        ('msgstr "La mer."', "La mer.", "belongs to no entry"),
        ('msgid "The sea is {danger}."\n', "", "msgstr is not expected"),
        ('msgstr "La mer."\n', "", "msgctxt is not expected"),
    ],
)
def test_broken_file_names_line_and_entry(old: str, new: str, reason: str) -> None:
    words = refusal(lines((old, new)))
    assert "entry “fact:CM-R1:" in words
    assert reason in words
    number = int(words.removeprefix("Line ").partition(",")[0])
    assert 13 <= number <= 18


def test_file_that_ends_in_the_middle_says_so() -> None:
    whole = lines()
    assert "ends in the middle" in refusal(whole[: whole.index(b'msgstr "V')])
    assert "quotation mark" in refusal(whole[: whole.index(b"rifiez")])


@given(st.integers(min_value=0), st.binary(max_size=6))
def test_damaged_file_is_read_or_refused_and_never_fails(at: int, damage: bytes) -> None:
    whole = lines()
    at %= len(whole)
    with suppress(Unreadable):
        read = read_sheet(whole[:at] + damage + whole[at + len(damage) :])
        assert all(entry.place for entry in read.entries)


def test_entry_that_comes_twice_is_named_with_both_lines() -> None:
    words = refusal(lines(("fact:CM-R1:caution", "fact:CM-R1:statement")))
    assert "“fact:CM-R1:statement”" in words
    assert "twice" in words


def test_entry_without_a_place_is_named() -> None:
    assert "no msgctxt" in refusal(lines(('msgctxt "fact:CM-R1:caution"\n', "")))


def test_file_without_our_heading_is_read_and_says_nothing_of_what_it_is_for() -> None:
    read = read_sheet(lines((f'"{CONTENT_HEADER}: fact:CM-R1\\n"\n', "")))
    assert read.heading.content == ""


# ---- What a text must keep ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("original", "words", "named"),
    [
        ("Read: {link}", "Lisez :", ["{link}"]),
        ("Read: {link}", "Lisez : {lien}", ["{link}", "{lien}"]),
        ("Read: {link}", "Lisez : {link} {link}", ["{link}"]),
        ("Hello", "Bonjour {name}", ["{name}"]),
        ("Hello", "Bonjour\x07", ["U+0007"]),
        ("Hello", "Bon\x00jour", ["U+0000"]),
    ],
)
def test_placeholder_or_hidden_sign_is_a_fault(original: str, words: str, named: list[str]) -> None:
    faults = list(find_faults(original, words, longest=None))
    assert len(faults) == len(named)
    assert all(name in fault for name, fault in zip(named, faults, strict=True))


def test_text_that_does_not_fit_is_a_fault() -> None:
    assert list(find_faults("Hi", "x" * 120, longest=120)) == []
    (fault,) = find_faults("Hi", "x" * 121, longest=120)
    assert "121" in fault
    assert "120" in fault


@given(TEXTS)
def test_text_that_keeps_its_original_has_no_fault(original: str) -> None:
    assert list(find_faults(original, original + " …", longest=None)) == []


@pytest.mark.parametrize(
    ("original", "words"),
    [
        ("Call 1530.", "Appelez le 1503."),
        ("350 places, 30,000 people", "350 places, 3 000 personnes"),
        ("1,190 people", "ناس"),
    ],
)
def test_other_numbers_are_a_doubt(original: str, words: str) -> None:
    (doubt,) = find_doubts(original, words)
    assert "numbers" in doubt


@pytest.mark.parametrize(
    ("original", "words"),
    [
        ("30,000 people, 350 places", "350 places pour 30 000 personnes"),
        ("30,000 people", "30.000 personas"),
        ("30,000 people", "٣٠٬٠٠٠ شخص"),
        ("2 May 2026", "۲ مه ۲۰۲۶"),
        ("Call 1530.", "በ1530 ይደውሉ።"),
    ],
)
def test_same_numbers_in_other_signs_are_no_doubt(original: str, words: str) -> None:
    assert list(find_doubts(original, words)) == []


def test_text_left_as_it_was_is_a_doubt() -> None:
    assert "same as the original" in next(find_doubts("Ask first.", "Ask first."))
    assert list(find_doubts("1530", "1530")) == []


def test_numbers_are_counted_each() -> None:
    assert numbers_of("1 and 1 and 12,500")["1"] == 2
    assert numbers_of("1 and 1 and 12,500")["12500"] == 1


def test_frozen_values_compare_by_what_they_say() -> None:
    entry = Entry("a:b:c", "x", "y")
    assert replace(entry, words="z") != entry
