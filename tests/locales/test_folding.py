"""A text is found in whatever of its ways it is written."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locales.folding import fold, fold_for_search, words_to_find

# Letters whose foldings meet each other, more often than chance would bring them together.
tricky = st.text(
    st.sampled_from("الوبكفلهأإآىئؤةـًّء كیيۀےەሀሃሐኀኃኸኻሰሠሧአዐኣጸፀፇ፡።ŋɓßİıſǅﬁ①٣۴'’ʼ-. \u200c\u0301")
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("الهِجْرَة", "الهجره"),
        ("أوروبا", "اوروبا"),
        ("إلى", "الي"),
        ("آمنة", "امنه"),
        ("مســـاعدة", "مساعده"),
        ("مسؤول", "مسوول"),
        ("کمک", "كمك"),
        ("یاری", "ياري"),
        ("٢٠٢٦", "2026"),
        ("۲۰۲۶", "2026"),
        ("ሠላም", "ሰላም"),
        ("ዓለም", "አለም"),
        ("ኃይል", "ሐይል"),
        ("ኸተማ", "ሀተማ"),
        ("ፀሐይ", "ጸሃይ"),
        ("ስደት፣", "ስደት"),
        ("Méditerranée", "mediterranee"),
        ("N’Djaména", "ndjamena"),
        ("ƙasa", "kasa"),
        ("ɗan", "dan"),
        ("Ɓarna", "barna"),
        ("ŋ", "n"),
        ("STRASSE", "straße"),
        ("a\u0301ge", "âge"),
    ],
)
def test_two_ways_of_writing_are_one(one: str, other: str) -> None:
    assert fold_for_search(one) == fold_for_search(other)


@pytest.mark.parametrize("written", ["الهجرة", "والهجرة", "بالهجرة", "للهجرة", "كالهجرة", "هجرة"])
def test_arabic_word_is_found_with_and_without_its_article(written: str) -> None:
    (wanted,) = words_to_find("الهجرة")
    assert (wanted,) == words_to_find("هجره")
    assert any(word.startswith(wanted) for word in fold_for_search(written).split())


def test_short_word_keeps_what_only_looks_like_an_article() -> None:
    assert words_to_find("الله") == ("الله",)
    assert fold_for_search("ألم") == "الم"


def test_marks_between_words_are_spaces() -> None:
    assert fold_for_search(" Rescue-at-sea: (112), ") == "rescue at sea 112"
    assert fold_for_search("ሰላም፡ለኪ።") == "ሰላም ለኪ"


def test_words_to_find_are_there_once() -> None:
    assert words_to_find("Sea sea, SÉA") == ("sea",)
    assert words_to_find(" .,! ") == ()


@pytest.mark.parametrize("folding", [fold, fold_for_search])
@given(text=st.one_of(st.text(), tricky))
def test_folding_twice_changes_nothing_and_leaves_no_spaces_around(
    folding: Callable[[str], str], text: str
) -> None:
    folded = folding(text)
    assert folding(folded) == folded
    assert folded == " ".join(folded.split())


@given(text=tricky)
def test_whatever_is_typed_is_found_in_itself(text: str) -> None:
    words = fold_for_search(text).split()
    assert all(any(word.startswith(one) for word in words) for one in words_to_find(text))
