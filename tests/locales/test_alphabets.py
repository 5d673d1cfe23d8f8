"""Parts are counted as the provider counts them, and never too few."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locales.alphabets import (
    GSM7_BASIC,
    GSM7_EXTENSION,
    ROOM,
    compose_text,
    count_parts,
    split_clusters,
)

ACUTE = "\u0301"
BA = "ب"
FAMILY = "👨\u200d👩\u200d👧"
SCRIPTS = "aZ9 \n\r€[é çêবন্ধကို်ሰላم\u064eบำ😀👍🏽👩❤️🇸🇳" + ACUTE + "\u200d\u200c"

gsm7_text = st.text(
    st.sampled_from(sorted(GSM7_BASIC | GSM7_EXTENSION)), min_size=155, max_size=330
)
any_text = st.text(st.one_of(st.characters(), st.sampled_from(SCRIPTS)), max_size=250)
long_text = st.builds(lambda unit, times: unit * times, any_text, st.integers(1, 20))


@pytest.mark.parametrize(
    ("text", "alphabet", "parts"),
    [
        ("", "gsm7", 0),
        ("a" * 160, "gsm7", 1),
        ("a" * 161, "gsm7", 2),
        ("a" * 306, "gsm7", 2),
        ("a" * 307, "gsm7", 3),
        ("€" * 80, "gsm7", 1),
        ("€" * 81, "gsm7", 2),
        ("a" * 152 + "€" + "b" * 152, "gsm7", 3),
        (BA * 70, "ucs2", 1),
        (BA * 71, "ucs2", 2),
        (BA * 134, "ucs2", 2),
        (BA * 135, "ucs2", 3),
        (BA * 66 + "😀" + BA * 66, "ucs2", 3),
        (BA * 200, "ucs2", 3),
        ("😀" * 35, "ucs2", 1),
        ("😀" * 36, "ucs2", 2),
        ("ç", "ucs2", 1),
        ("Ç", "gsm7", 1),
        ("e" + ACUTE, "ucs2", 1),
        ("x" + ACUTE, "ucs2", 1),
        ("a" * 71 + "ç", "ucs2", 2),
        ("a\r\nb" + "c" * 157, "gsm7", 1),
    ],
)
def test_the_vectors_of_the_reference(text: str, alphabet: str, parts: int) -> None:
    count = count_parts(text)
    assert (count.alphabet, count.parts) == (alphabet, parts)


def test_composing_a_text_puts_its_accents_back_into_one_part() -> None:
    decomposed = ("e" + ACUTE) * 100
    assert count_parts(decomposed).parts == 4
    assert count_parts(compose_text(decomposed)).parts == 1


def test_composing_ends_lines_as_they_are_counted() -> None:
    assert compose_text("a\r\nb") == "a\nb"
    assert count_parts("a\r\nb") == count_parts("a\nb")


@pytest.mark.parametrize("unit", [FAMILY, "👍🏽", "❤️", "🇸🇳", "x" + ACUTE, "কি", "ကို", "กำ", "1️⃣"])
def test_nothing_that_belongs_together_is_cut(unit: str) -> None:
    assert split_clusters("a" + unit + "b") == ["a", unit, "b"]
    room = ROOM["ucs2"][1]
    units = len(unit.encode("utf-16-le")) // 2
    crossing = BA * (room - 1) + unit + BA * (room - units + 1)
    assert count_parts(crossing).units == 2 * room
    assert count_parts(crossing).parts == 3


def test_two_flags_are_two_and_a_joiner_binds_no_letters() -> None:
    assert split_clusters("🇸🇳🇲🇱") == ["🇸🇳", "🇲🇱"]
    assert split_clusters("র\u200dয") == ["র\u200d", "য"]


def test_a_burmese_visarga_stands_alone() -> None:
    assert split_clusters("ကား") == ["က", "ာ", "း"]


def test_a_pile_of_marks_wider_than_a_part_is_still_counted() -> None:
    assert count_parts("q" + ACUTE * 200).parts == math.ceil(201 / 67)


def test_a_ucs2_text_names_the_characters_that_made_it_so() -> None:
    assert count_parts("L’œuvre – ça coûte 3 € d’essence").costly == ("’", "œ", "–", "ç", "û")


def test_a_gsm7_text_names_the_characters_of_two_units() -> None:
    count = count_parts("[3 €]")
    assert (count.units, count.costly) == (8, ("[", "€", "]"))
    assert count_parts("Jamm rekk").costly == ()


@given(any_text)
def test_gsm7_means_that_every_character_is_in_the_tables(text: str) -> None:
    fits = set(text) <= GSM7_BASIC | GSM7_EXTENSION
    assert (count_parts(text).alphabet == "gsm7") == fits


@given(any_text)
def test_splitting_loses_nothing(text: str) -> None:
    assert "".join(split_clusters(text)) == text
    assert all(split_clusters(text))


@given(long_text, any_text)
def test_a_longer_text_never_takes_fewer_parts(text: str, more: str) -> None:
    assert count_parts(text).parts <= count_parts(text + more).parts


@given(long_text)
def test_parts_are_never_fewer_than_the_units_ask(text: str) -> None:
    count = count_parts(text)
    single, joined = ROOM[count.alphabet]
    fewest = min(count.units, 1) if count.units <= single else math.ceil(count.units / joined)
    assert count.parts >= fewest


@given(gsm7_text)
def test_no_other_way_to_cut_takes_fewer_parts(text: str) -> None:
    costs = [2 if char in GSM7_EXTENSION else 1 for char in text.replace("\r\n", "\n")]
    if sum(costs) <= ROOM["gsm7"][0]:
        return
    # fewest[n]: the parts that the first n characters need, over every place for the last cut.
    fewest = [0]
    for end in range(1, len(costs) + 1):
        starts = range(max(0, end - 153), end)
        fewest.append(1 + min(fewest[at] for at in starts if sum(costs[at:end]) <= 153))
    assert count_parts(text).parts == fewest[-1]
