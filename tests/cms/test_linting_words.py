"""Finding listed words: with endings, articles and spellings, in each script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.linting import Word
from cms.linting.matching import ARABIC_ENDINGS, excerpt, find_words

# language, listed word, a text that holds it, how it stands there
FOUND = [
    ("en", "migrant", "News for MIGRANTS only", "MIGRANTS"),
    ("en", "boat trip", "The boat-trips are long", "boat-trips"),
    ("en", "embassy", "Two embassies answered", "embassies"),
    ("en", "IOM", "Ask IOM's office", "IOM"),
    ("en", "UK", "To the UK", "UK"),
    ("fr", "Italie", "Arrivés d’Italie", "Italie"),
    ("fr", "réfugié", "les re\u0301fugie\u0301es", "re\u0301fugie\u0301es"),
    ("es", "refugiado", "una refugiada", "refugiada"),
    ("es", "Italia", "los italianos", "italianos"),
    ("ha", "haɗari", "ba shi da hadari", "hadari"),
    ("so", "khatar", "khatarta ugu weyn", "khatarta"),
    ("ar", "هجرة", "عن الهِجْرَة", "الهِجْرَة"),
    ("ar", "هجرة", "وبهجرتهم", "وبهجرتهم"),
    ("ar", "هجرة", "للهجرات", "للهجرات"),
    ("ar", "أوروبا", "الى اوروبـــا", "اوروبـــا"),
    ("ar", "لاجئ", "فاللاجئين", "فاللاجئين"),
    ("ar", "البحر المتوسط", "في البحر المتوسّط", "البحر المتوسّط"),
    ("ar", "خطر", "هذا خطر", "خطر"),
    ("am", "ስደተኛ", "ለስደተኞች", "ለስደተኞች"),
    ("am", "ሰሃራ", "በሠሐራ በኩል", "በሠሐራ"),
    ("am", "ቪዛ", "የቪዛ", "የቪዛ"),
    ("ti", "ሓደጋ", "ሓደጋታት", "ሓደጋታት"),
    ("ti", "ኤውሮጳ", "ናብ ኤውሮጳ", "ኤውሮጳ"),
]
NOT_FOUND = [
    ("en", "IOM", "an iom of salt"),
    ("en", "UK", "Duke and uk"),
    ("en", "sea", "seasonal work"),
    ("en", "migrant", "emigrant"),
    ("en", "border", "bordermarkings"),
    ("en", "boat trip", "boat and trip"),
    ("ar", "خطر", "خطرنجي"),
    ("ar", "فخ", "فخامة"),
    ("am", "ቪዛ", "ቪዛዎቻችን"),
    ("en", "...", "..."),
]


@pytest.mark.parametrize(("language", "word", "text", "found"), FOUND)
def test_word_is_found_as_it_stands(language: str, word: str, text: str, found: str) -> None:
    (hit,) = find_words(text, [Word(word, "route")], language=language)
    assert hit.found == found
    assert text[hit.start : hit.end] == found


@pytest.mark.parametrize(("language", "word", "text"), NOT_FOUND)
def test_other_word_is_not_taken_for_it(language: str, word: str, text: str) -> None:
    assert find_words(text, [Word(word, "route")], language=language) == []


def test_longest_of_several_words_is_told_once() -> None:
    words = [Word("canary", "route"), Word("canary islands", "destination")]
    (hit,) = find_words("To the Canary Islands.", words, language="en")
    assert hit.word.word == "canary islands"


def test_excerpt_shows_the_place() -> None:
    text = "Nothing here. " * 5 + "A deadly way. " + "Nothing there. " * 5
    (hit,) = find_words(text, [Word("deadly", "alarming")], language="en")
    assert "A deadly way" in excerpt(text, hit.start, hit.end)
    assert len(excerpt(text, hit.start, hit.end)) < 70


LATIN = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12)
ENDING = st.text("abcdefghijklmnopqrstuvwxyz", max_size=4)
GEEZ = st.text("ሰለመረበተነከወደገጠፈ", min_size=3, max_size=6)


@given(word=LATIN, ending=ENDING, before=st.sampled_from(["", "d’", "the "]))
def test_ending_never_hides_a_latin_word(word: str, ending: str, before: str) -> None:
    text = f"{before}{word}{ending}."
    for language in ("en", "fr", "es", "ha", "so", "om"):
        hits = find_words(text, [Word(word, "route")], language=language)
        assert any(hit.found.startswith(word) for hit in hits)


@given(
    word=st.text("بتثجحدرزسشصضطعغقلمن", min_size=3, max_size=8),
    ending=st.sampled_from(["", *sorted(ARABIC_ENDINGS)]),
    before=st.sampled_from(["", "ال", "وال", "بال", "لل", "ف", "كال", "وب"]),
)
def test_article_and_ending_never_hide_an_arabic_word(word: str, ending: str, before: str) -> None:
    assert find_words(f"{before}{word}{ending}", [Word(word, "route")], language="ar")


@given(word=GEEZ, ending=st.text("ችሁንም", max_size=4), before=st.sampled_from(["", "በ", "የ", "ለ"]))
def test_particle_and_ending_never_hide_a_geez_word(word: str, ending: str, before: str) -> None:
    for language in ("am", "ti"):
        assert find_words(f"{before}{word}{ending}", [Word(word, "route")], language=language)


@given(text=st.text(max_size=200), word=st.text(min_size=1, max_size=20))
def test_any_word_may_be_looked_for_in_any_text(text: str, word: str) -> None:
    for hit in find_words(text, [Word(word, "route")], language="fr"):
        assert text[hit.start : hit.end] == hit.found
