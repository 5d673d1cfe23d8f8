"""The table of languages is whole, and falling back never surprises."""

import unicodedata

import pytest
from babel import Locale
from babel.localedata import exists

from locales.languages import (
    CONTENT_LANGUAGES,
    INTERFACE_LANGUAGES,
    LANGUAGES,
    READER_LANGUAGES,
    UnknownLanguage,
    choose_language,
    get_language,
    list_wishes,
)

# All languages and varieties that the thirteen routes name.
_CODES = """
    aa aeb am apd ar arq ary arz ayl ber bm bn ckb en es ff fr fuc fuf ha ht id kab kmr kr mam
    mey mnk ms my ny om pcm prs ps pt quc rhg snk so sw ti tr ur uzs wo zh
"""
ON_THE_ROUTES = _CODES.split()


@pytest.mark.parametrize("code", ON_THE_ROUTES)
def test_every_language_of_the_routes_is_known(code: str) -> None:
    language = get_language(code)
    assert language.code == code
    assert language.name
    assert language.endonym


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_endonym_is_written_in_the_direction_of_the_language(code: str) -> None:
    language = LANGUAGES[code]
    directions = {unicodedata.bidirectional(char) for char in language.endonym if char.isalpha()}
    assert directions == ({"AL"} if language.direction == "rtl" else {"L"})
    assert (language.script == "Arab") == (language.direction == "rtl")


# CLDR writes Rohingya in its own script; we do not (see the table).
@pytest.mark.parametrize("code", [code for code in LANGUAGES if exists(code) and code != "rhg"])
def test_the_direction_agrees_with_cldr_where_cldr_knows(code: str) -> None:
    order = Locale.parse(code).character_order
    assert LANGUAGES[code].direction == ("rtl" if order == "right-to-left" else "ltr")


@pytest.mark.parametrize("code", LANGUAGES)
def test_fallbacks_are_known_and_never_the_language_itself(code: str) -> None:
    fallbacks = LANGUAGES[code].fallbacks
    assert code not in fallbacks
    assert len(set(fallbacks)) == len(fallbacks)
    assert set(fallbacks) <= LANGUAGES.keys()


def test_an_unknown_language_is_named_in_the_error() -> None:
    with pytest.raises(UnknownLanguage, match="xx"):
        get_language("xx")


@pytest.mark.parametrize(
    ("asked", "available", "chosen"),
    [
        ("wo", ["en", "fr", "wo"], "wo"),
        ("wo", ["en", "fr"], "fr"),
        ("wo", ["en", "ar"], "en"),
        ("wo", ["ar"], None),
        ("arz", ["ar", "en"], "ar"),
        ("aa", ["fr", "ar"], "ar"),
        ("bn", ["fr", "en"], "en"),
        ("en", ["fr"], None),
        ("xx", ["fr", "en"], "en"),
        ("xx", ["xx"], "xx"),
        ("fr", [], None),
    ],
)
def test_choosing_takes_the_asked_then_its_fallbacks_then_english(
    asked: str, available: list[str], chosen: str | None
) -> None:
    assert choose_language(asked, available) == chosen


def test_wishes_end_with_english_and_name_none_twice() -> None:
    assert list_wishes("wo") == ("wo", "fr", "en")
    assert list_wishes("ti") == ("ti", "en", "am", "ar")
    assert list_wishes("en") == ("en",)
    assert list_wishes("xx") == ("xx", "en")


def test_languages_of_content_interface_and_readers_are_known() -> None:
    assert set(CONTENT_LANGUAGES) <= LANGUAGES.keys()
    assert len(set(CONTENT_LANGUAGES)) == len(CONTENT_LANGUAGES) == 19
    assert INTERFACE_LANGUAGES == ("en", "fr", "ar", "es")
    assert set(READER_LANGUAGES) == {"en", "fr", "ar", "es", "so", "ha", "am", "ti"}
