"""A word of danger is found wherever it stands; what asks for papers or prices is not taken for one."""

import pytest

from locales.folding import fold
from locales.keywords import Keyword, read_keyword
from locales.languages import LANGUAGES
from locales.urgency import is_urgent
from locales.urgent_words import URGENT_WORDS


@pytest.mark.parametrize(
    "text",
    [
        "we are DROWNING, please",
        "my brother was kidnapped",
        "SOS!!",
        "nous nous noyons",
        "Plus d’eau depuis deux jours",
        "PLUS D'EAU",
        "القَارِب يغرق",
        "خطفونا في الطريق",
        "estamos a la deriva",
        "tunakufa baharini",
        "boğuluyoruz",
        "መን ኣሎ? ክንመውት ኢና",
    ],
)
def test_danger_is_heard_however_it_is_written(text: str) -> None:
    assert is_urgent(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "What does a visa cost?",
        "Is the office open on Sunday",
        "Comment demander un visa ?",
        "بكم التأشيرة؟",
        "Le voile est-il permis",
        "I like skydiving",
        "violin lessons",
    ],
)
def test_what_is_no_danger_waits_its_turn(text: str) -> None:
    assert not is_urgent(text)


def test_every_word_of_the_table_is_found_and_none_means_stop() -> None:
    for language, phrases in URGENT_WORDS.items():
        assert language in LANGUAGES
        for phrase in phrases.split(","):
            bare = phrase.replace("*", "")
            assert fold(bare), phrase
            assert is_urgent(f"... {bare}!"), phrase
            # Whoever is in danger must not be put on the stop list by her own plea.
            assert read_keyword(bare) in {None, Keyword.HELP}, phrase


def test_a_story_of_any_length_is_read() -> None:
    assert is_urgent("word " * 700 + "they are drowning")
    assert not is_urgent("word " * 20_000)
