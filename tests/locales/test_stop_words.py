"""Twenty words and more in each of twelve languages stop; two hundred sentences in them do not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from locales.folding import fold
from locales.keyword_tables import MINE_WORDS, NO_WORDS, YES_WORDS
from locales.keywords import Keyword, guess_language, is_no, is_yes, read_keyword

FOLDER = Path(__file__).parent / "stop_words"
TWELVE = {"en", "fr", "ar", "am", "ti", "so", "ha", "om", "sw", "bn", "ur", "es"}


def read(name: str) -> dict[str, list[str]]:
    held: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return {key: [str(text) for text in texts] for key, texts in held.items()}


FILES = {path.stem: read(path.stem) for path in sorted(FOLDER.glob("*.yaml"))}


def rows(key: str) -> list[Any]:
    return [
        pytest.param(text, id=f"{name}-{number}")
        for name, held in FILES.items()
        for number, text in enumerate(held[key])
    ]


def phrases(table: dict[str, str]) -> list[str]:
    return [phrase.strip() for words in table.values() for phrase in words.split(",")]


@pytest.mark.parametrize("text", rows("stop"))
def test_it_stops(text: str) -> None:
    assert read_keyword(text) is Keyword.STOP


@pytest.mark.parametrize("text", rows("not_stop"))
def test_it_does_not_stop(text: str) -> None:
    assert read_keyword(text) is not Keyword.STOP


def test_each_of_twelve_languages_has_twenty_that_differ_as_they_are_written() -> None:
    assert FILES.keys() >= TWELVE
    for name in TWELVE:
        assert len({text.casefold().strip(" .!।¡") for text in FILES[name]["stop"]}) >= 20, name


def test_two_hundred_sentences_that_differ_do_not_stop() -> None:
    sentences = {text for name in TWELVE for text in FILES[name]["not_stop"]}
    assert len(sentences) >= 200
    assert all(len(FILES[name]["not_stop"]) >= 15 for name in TWELVE)


@pytest.mark.parametrize("text", [text for name in sorted(TWELVE) for text in FILES[name]["stop"]])
def test_a_stop_is_no_yes(text: str) -> None:
    assert not is_yes(text)
    assert not is_no(text)


@pytest.mark.parametrize("phrase", phrases(MINE_WORDS))
def test_who_asks_what_we_know_of_her_is_understood(phrase: str) -> None:
    assert read_keyword(phrase) is Keyword.MINE
    assert read_keyword(f" {phrase.upper()}? ") is Keyword.MINE


@pytest.mark.parametrize("phrase", phrases(YES_WORDS))
def test_a_yes_is_a_yes_and_no_keyword(phrase: str) -> None:
    assert is_yes(phrase)
    assert is_yes(f"{phrase}!")
    assert read_keyword(phrase) is None


@pytest.mark.parametrize("phrase", phrases(NO_WORDS))
def test_a_no_is_a_no_and_no_keyword(phrase: str) -> None:
    assert is_no(phrase)
    assert read_keyword(phrase) is None


def test_no_word_is_a_yes_and_a_no() -> None:
    yes, no = ({fold(phrase) for phrase in phrases(table)} for table in (YES_WORDS, NO_WORDS))
    assert not yes & no


@pytest.mark.parametrize("text", ["1", "١", "۱", "１", "1.", "👍", "✅", "Yes!", "نعم", "እወ", "1️⃣"])
def test_a_yes_in_any_script(text: str) -> None:
    assert is_yes(text)


@pytest.mark.parametrize("text", ["", "yes I was stopped", "11", "0", "no", "?", "2"])
def test_what_is_no_yes(text: str) -> None:
    assert not is_yes(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [("arrêtez", "fr"), ("جوجي", ""), ("jooji", "so"), ("0", ""), ("توقف", ""), ("الغي", "ar")],
)
def test_a_word_tells_its_language_where_only_one_has_it(text: str, language: str) -> None:
    assert guess_language(text) == language


def test_a_long_text_is_no_keyword_however_often_it_says_one() -> None:
    assert read_keyword("stop " * 200) is None
