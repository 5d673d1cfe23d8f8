"""STOP, START, HELP and MINE ("what do you know about me?") in every language we are sure of.

A message is folded before it is compared; a short one is read again with its disguises taken off
(`locales.lookalikes`: letters of other scripts, spaced, stretched, circled). The words are in
`locales.keyword_tables`.

A word we were not sure of is left out rather than invented: nothing here for Soninke, Mandinka,
Kanuri, Afar, Rohingya, Southern Uzbek, K'iche' and Mam, and no STOP for Fula. A bare yes or no is
no keyword: it may answer a question. A speaker's correction of any line is welcome.

A message means a keyword when, after folding, (1) the whole message is such a word or phrase, or
(2) every word is one, but for companions such as "please" and "messages", or (3) it has at most
four words and begins with one that means STOP and nothing else. Words with another sense ("end",
"arrêté": arrested) never count by (3): a plea for help must not unsubscribe who sends it.
"""

from collections.abc import Iterator
from enum import StrEnum

from locales.folding import fold
from locales.keyword_tables import (
    COMPANIONS,
    HELP_WORDS,
    MINE_WORDS,
    NO_WORDS,
    START_WORDS,
    STOP_WORDS,
    UNMISTAKABLE,
    YES_WORDS,
)
from locales.lookalikes import (
    join_spaced,
    open_enclosed,
    read_as_latin,
    read_digits_as_letters,
    shorten_runs,
)


class Keyword(StrEnum):
    """Name what a message asks of us before all else."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    MINE = "mine"


MOST_WORDS_AFTER_STOP = 4
# A longer text is no keyword, however often it says one.
_LONGEST = 400
# A story is not looked into for disguises.
_MOST_WORDS_IN_DISGUISE = 12
_STOP_SIGN = "\N{OCTAGONAL SIGN}"
_INVISIBLE = "\ufe0e\ufe0f \t\r\n"


def read_keyword(text: str) -> Keyword | None:
    """Return the keyword that a message means, or None when it is anything else."""
    if len(text) > _LONGEST:
        return None
    if _STOP_SIGN in text and not text.strip(_STOP_SIGN + _INVISIBLE):
        return Keyword.STOP
    # Spaced letters are one word before they are several: "S O S" holds no "o" that stops.
    folded = join_spaced(fold(text))
    meaning = _read(folded)
    if meaning or len(folded.split()) > _MOST_WORDS_IN_DISGUISE:
        return meaning
    return next(filter(None, map(_read, _uncover(folded, text))), None)


def is_yes(text: str) -> bool:
    """Say whether a text is a yes and nothing else; it counts only where a question is open."""
    return _is_one_of(text, _YES)


def is_no(text: str) -> bool:
    """Say whether a text is a no and nothing else; it counts only where a question is open."""
    return _is_one_of(text, _NO)


def guess_language(text: str) -> str:
    """Return the language whose table holds a keyword, "" where none or several do."""
    return _SPOKEN.get(fold(text[:_LONGEST]), "")


def _read(folded: str) -> Keyword | None:
    words = folded.split()
    whole = _MEANINGS.get(folded)
    if whole or not words:
        return whole
    core = [word for word in words if word not in _COMPANIONS]
    phrase = _MEANINGS.get(" ".join(core))
    if phrase:
        return phrase
    meanings = {_MEANINGS.get(word) for word in core}
    if len(meanings) == 1:
        return meanings.pop()
    if core and core[0] in _UNMISTAKABLE and len(words) <= MOST_WORDS_AFTER_STOP:
        return Keyword.STOP
    return None


def _uncover(folded: str, text: str) -> Iterator[str]:
    """Yield a text as it reads with its disguises taken off, those that differ from it only."""
    bare = open_enclosed(text)
    opened = folded if bare == text else join_spaced(fold(bare))
    for way in (opened, read_as_latin(opened)):
        for uncovered in (way, shorten_runs(way), read_digits_as_letters(way)):
            if uncovered != folded:
                yield uncovered


def _is_one_of(text: str, words: frozenset[str]) -> bool:
    if text.strip(_INVISIBLE) in _THUMBS:
        return words is _YES
    return len(text) <= _LONGEST and fold(text) in words


def _phrases(words: str) -> list[str]:
    return [fold(phrase) for phrase in words.split(",") if phrase.strip()]


def _collect(table: dict[str, str]) -> frozenset[str]:
    return frozenset(phrase for words in table.values() for phrase in _phrases(words))


def _collect_meanings() -> dict[str, Keyword]:
    meanings: dict[str, Keyword] = {}
    # STOP is written last, so it wins should a word ever stand in two tables.
    for keyword, table in _TABLES:
        meanings |= dict.fromkeys(_collect(table), keyword)
    return meanings


def _collect_spoken() -> dict[str, str]:
    spoken: dict[str, set[str]] = {}
    for _keyword, table in _TABLES:
        for language, words in table.items():
            for phrase in _phrases(words):
                spoken.setdefault(phrase, set()).add(language)
    return {
        phrase: codes.pop()
        for phrase, codes in spoken.items()
        if len(codes) == 1 and codes != {"digits"}
    }


_TABLES = (
    (Keyword.MINE, MINE_WORDS),
    (Keyword.HELP, HELP_WORDS),
    (Keyword.START, START_WORDS),
    (Keyword.STOP, STOP_WORDS),
)
_THUMBS = frozenset(
    "\N{THUMBS UP SIGN}\N{OK HAND SIGN}\N{WHITE HEAVY CHECK MARK}\N{HEAVY CHECK MARK}"
)
_YES = _collect(YES_WORDS)
_NO = _collect(NO_WORDS)
_SPOKEN = _collect_spoken()
_MEANINGS = _collect_meanings()
_COMPANIONS = frozenset(word for phrase in _phrases(COMPANIONS) for word in phrase.split())
_UNMISTAKABLE = frozenset(_phrases(UNMISTAKABLE))
