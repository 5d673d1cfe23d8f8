"""How hard a text is to read, for the languages that have a formula we can name.

English: grade of Flesch and Kincaid (1975). French: ease of Kandel and Moles (1958). Spanish:
perspicuity of Szigriszt Pazos (1993). The limits: CDC asks for grade 8 or lower; an ease of 60 is
where Flesch puts grades 8 and 9; 55 is where the INFLESZ scale (Barrio-Cantalejo 2008) puts what
most people read without help. No such formula is known to us for the other languages: a person
reads the text aloud and says so.

Syllables are counted by their vowels. On words counted by hand that is nearer than the points at
which a hyphenation dictionary lets a word be cut, which are about an eighth too few.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

# Fewer words than that say too little about how a person writes.
FEWEST_WORDS = 25


@dataclass(frozen=True, slots=True)
class Score:
    """One text's score; `shown` and `limit` are for people."""

    value: float
    shown: str
    limit: str
    is_hard: bool


@dataclass(frozen=True, slots=True)
class _Measure:
    words: int
    per_sentence: float
    syllables: float


_ADDRESS = re.compile(r"\S+://\S+|(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?|\{[^{}]*\}")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)|[;:]\s|\n+")


def has_formula(language: str) -> bool:
    """Tell whether there is a formula for a language."""
    return language in _FORMULAS


def score(text: str, *, language: str) -> Score | None:
    """Return how hard a text is; None where there is no formula or too little text."""
    measure = _measure(text, language)
    if measure is None or measure.words < FEWEST_WORDS:
        return None
    return _FORMULAS[language](measure)


def count_words(text: str) -> int:
    """Return how many words a text has, without numbers and addresses."""
    return len(_WORD.findall(_ADDRESS.sub(" ", text)))


def count_syllables(word: str, *, language: str) -> int:
    """Return how many syllables a word of English, French or Spanish has."""
    return max(1, _SYLLABLES[language](word.casefold()))


def _measure(text: str, language: str) -> _Measure | None:
    if language not in _FORMULAS:
        return None
    plain = _ADDRESS.sub(" ", text)
    words = _WORD.findall(plain)
    sentences = [part for part in _SENTENCE_END.split(plain) if _WORD.search(part)]
    if not words or not sentences:
        return None
    syllables = sum(count_syllables(word, language=language) for word in words)
    return _Measure(len(words), len(words) / len(sentences), syllables / len(words))


# ---- Formulas ----------------------------------------------------------------------------------


def _flesch_kincaid(measure: _Measure) -> Score:
    grade = 0.39 * measure.per_sentence + 11.8 * measure.syllables - 15.59
    return Score(grade, f"Flesch-Kincaid {math.ceil(grade)}", "8", grade > 8)


def _kandel_moles(measure: _Measure) -> Score:
    ease = 207 - 1.015 * measure.per_sentence - 73.6 * measure.syllables
    return Score(ease, f"Kandel-Moles {math.floor(ease)}", "60", ease < 60)


def _szigriszt(measure: _Measure) -> Score:
    ease = 206.835 - 62.3 * measure.syllables - measure.per_sentence
    return Score(ease, f"Szigriszt-Pazos {math.floor(ease)}", "55", ease < 55)


_FORMULAS: dict[str, Callable[[_Measure], Score]] = {
    "en": _flesch_kincaid,
    "fr": _kandel_moles,
    "es": _szigriszt,
}


# ---- Syllables ---------------------------------------------------------------------------------

_EN_VOWELS = re.compile(r"[aeiouy]+")
# Two vowels side by side that are said apart: i-de-a, sta-ti-on not, go-ing, re-al not.
_EN_APART = re.compile(
    r"(?<![ct])ia|i(?:o(?!n|us)|um|ent)|eo(?!p)|[aeou]ing|[^q]ua[lt]|ea$|y[ae]r?$|ya"
)
_EN_SILENT = re.compile(r"(?<![aeiouy])(?:(?<!l)e|(?<=[aeiouy]l)e|(?<![td])ed|(?<![cghszx])es)$")
_FR_VOWELS = re.compile(r"[aeiouyœæàâéèêëîïôùûü]+")
_FR_APART = re.compile(r"é(?=[aeio])|(?<=[aeiou])[éï]|(?<=[aou])y(?=[aeéio])|(?<=pa)ys")
_FR_MUTE = re.compile(r"(?<=[^aeiouyéèêàâîôûëï])(?:es?|(?<!m)ent)$|(?<=[éiu])es?$")
_FR_U = re.compile(r"(?<=[qg])u(?=[eéèêiîoaâ])")
_ES_SILENT_U = re.compile(r"(?<=[qg])u(?=[eiéí])")
_ES_VOWELS = re.compile(r"[iuü]?[aeoáéó](?:[iuü](?![aeoáéó]))?|[íú]|[iuü]+")


def _syllables_en(word: str) -> int:
    spoken = _EN_SILENT.sub("", word)
    return len(_EN_VOWELS.findall(spoken)) + len(_EN_APART.findall(word))


def _syllables_fr(word: str) -> int:
    word = _FR_U.sub("", word)
    # A last e is mute unless it is the only vowel there is: le, que.
    spoken = _FR_MUTE.sub("", word) if len(_FR_VOWELS.findall(word)) > 1 else word
    return len(_FR_VOWELS.findall(spoken)) + len(_FR_APART.findall(spoken))


def _syllables_es(word: str) -> int:
    word = re.sub(r"y(?=$|[^aeiouáéíóú])", "i", _ES_SILENT_U.sub("", word))
    return len(_ES_VOWELS.findall(word))


_SYLLABLES: dict[str, Callable[[str], int]] = {
    "en": _syllables_en,
    "fr": _syllables_fr,
    "es": _syllables_es,
}
