"""Who asks to stop is understood in her own words; who tells a story is never unsubscribed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locales.folding import fold
from locales.keyword_tables import HELP_WORDS, START_WORDS, STOP_WORDS, UNMISTAKABLE
from locales.keywords import Keyword, read_keyword

# But for signs that stand for letters, such as ⓢ and ℅.
around_words = st.characters(categories=["Cf", "Zs", "Po", "So"]).filter(
    lambda char: not fold(char)
)
FIRST_WAVE = {"en", "fr", "ar", "am", "om", "ti", "so", "ha", "wo"}
TABLES = ((Keyword.STOP, STOP_WORDS), (Keyword.START, START_WORDS), (Keyword.HELP, HELP_WORDS))
EVERY_WORD = [
    pytest.param(word.strip(), keyword, id=f"{keyword}-{language}-{number}")
    for keyword, table in TABLES
    for language, words in table.items()
    for number, word in enumerate(words.split(","))
]
STOPS = [
    "STOP",
    "Stop.",
    " stop ",
    "«STOP»",
    "STOP!!!",
    "s.t.o.p.",
    "ＳＴＯＰ",
    "\u200fSTOP\u200f",
    "\ufeffStop\u200b",
    "STOP 🙏",
    "STOP please",
    "Please stop",
    "please stop sending me these messages now",
    "stop stop stop",
    "ARRET / STOP",
    "arret svp",
    "Arrêtez, s'il vous plaît",
    "arrêtez de m'envoyer des SMS",
    "ARRÊT",
    "arre\u0302t",
    "desabonner",
    "أوقف",
    "اوقف",
    "أَوْقِفْ",
    "إيقـــاف",
    "إلغاء الاشتراك من فضلك",
    "توقّف.",
    "کفایة",
    "አቁም",
    "ኣቁም።",
    "ዓቁም",
    "እባክህ አቁም",
    "ደው በል",
    "Dhaabi!",
    "maaloo dhaabi",
    "JOOJI",
    "fadlan jooji",
    "Daina",
    "ku daina",
    "Bàyyil",
    "taxaw",
    "বন্ধ করুন।",
    "দয়া করে বন্ধ করুন",
    "بند کریں",
    "بند كرو",
    "لغو اشتراک لطفا",
    "DURDUR",
    "durdur lütfen",
    "İPTAL",
    "iptal",
    "ÇIKIŞ",
    "0",
    "0.",
    "(0)",
    "٠",
    "۰",
    "０",
    "০",
    "0️⃣",
    "O",
    "0 stop",
    "opt-out",
]
NO_STOPS = [
    "I will not stop walking",
    "I can't stop",
    "don't stop",
    "please do not stop",
    "We did not stop in Agadez",
    "is there a bus stop near the centre",
    "stop the car at the border of Niger",
    "The police stop us here",
    "how do I stop",
    "the end of the road",
    "arrêté par la police",
    "arreter par la police",
    "mon frère est arrêté",
    "ne pas arrêter",
    "où est l'arrêt de bus",
    "توقف القارب في البحر",
    "لا تتوقف",
    "أوقفونا عند الحدود",
    "أوقفوا القارب",
    "حبس",
    "para",
    "por fin",
    "acha",
    "Abu Dhabi",
    "dhabi",
    "1",
    "3",
    "10",
    "01",
    "0 1",
    "2000",
    "no",
    "non",
    "لا",
    "stopwatch",
    "nonstop",
    "ok",
    "thank you",
    "please",
    "🙏",
    "",
    "   ",
    "...",
    "\u200f",
]


@pytest.mark.parametrize("text", STOPS)
def test_a_stop_is_read(text: str) -> None:
    assert read_keyword(text) is Keyword.STOP


@pytest.mark.parametrize("text", NO_STOPS)
def test_what_is_no_stop_is_left_alone(text: str) -> None:
    assert read_keyword(text) is None


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("start", Keyword.START),
        ("JOIN", Keyword.START),
        ("Démarrer", Keyword.START),
        ("إبدأ", Keyword.START),
        ("ابدأ من فضلك", Keyword.START),
        ("ጀምር", Keyword.START),
        ("Jalqabi", Keyword.START),
        ("bilow", Keyword.START),
        ("BAŞLA", Keyword.START),
        ("help", Keyword.HELP),
        ("Help me please", Keyword.HELP),
        ("Aidez-moi !", Keyword.HELP),
        ("مُساعَدَة", Keyword.HELP),
        ("مساعده", Keyword.HELP),
        ("እርዳታ", Keyword.HELP),
        ("ሓገዝ", Keyword.HELP),
        ("Gargaarsa", Keyword.HELP),
        ("caawimaad", Keyword.HELP),
        ("taimako", Keyword.HELP),
        ("ndimbal", Keyword.HELP),
        ("tolong", Keyword.HELP),
        ("help stop", None),
        ("I need help at the border", None),
        ("when does it start", None),
    ],
)
def test_start_and_help_are_read_too(text: str, keyword: Keyword | None) -> None:
    assert read_keyword(text) == keyword


def test_a_word_of_courtesy_does_not_hide_a_stop() -> None:
    assert read_keyword("tolong") is Keyword.HELP
    assert read_keyword("tolong berhenti") is Keyword.STOP


@pytest.mark.parametrize("tail", ["", " x", " x y", " x y z"])
@pytest.mark.parametrize("word", [word.strip() for word in UNMISTAKABLE.split(",")])
def test_an_unmistakable_word_stops_whatever_few_words_follow(word: str, tail: str) -> None:
    assert read_keyword(word + tail) is Keyword.STOP
    assert read_keyword(f"{word} w x y z") is None
    assert read_keyword(f"we {word} y z") is None


@pytest.mark.parametrize(("word", "keyword"), EVERY_WORD)
def test_every_word_of_the_tables_is_read_however_it_is_written(
    word: str, keyword: Keyword
) -> None:
    written = (word, word.upper(), unicodedata.normalize("NFD", word), f" “{word}”! ")
    assert {read_keyword(text) for text in written} == {keyword}


def test_no_word_has_two_meanings() -> None:
    folded = [
        {fold(word) for words in table.values() for word in words.split(",")}
        for _keyword, table in TABLES
    ]
    stop, start, help_ = folded
    assert not stop & start
    assert not stop & help_
    assert not start & help_


@pytest.mark.parametrize("table", [STOP_WORDS, START_WORDS, HELP_WORDS])
def test_every_language_of_the_first_wave_has_its_words(table: dict[str, str]) -> None:
    assert table.keys() >= FIRST_WAVE


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert read_keyword(text) in {None, *Keyword}


@given(st.text(around_words, max_size=5))
def test_invisible_and_punctuation_around_a_word_change_nothing(around: str) -> None:
    assert read_keyword(f"{around} stop {around}") is Keyword.STOP
