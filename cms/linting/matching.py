"""Finding the words of a list in a text, with their endings, articles and spellings.

Latin script: a word of four letters or more is found with up to four letters more; a shorter one
only as it is. Arabic: with the articles and particles written before it and the pronouns after it.
Ge'ez: with the particles before it, whatever vowel ends its stem, and up to four letters more.
Marks, case, and letters that keyboards exchange make no difference (`locales.folding.fold`).
A word in capitals, such as IOM, is found in capitals only.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from cms.linting.values import Word
from locales.folding import fold

LONGEST_ENDING = 4
SHORTEST_STEM = 4
# Languages whose nouns change their last vowel: refugiado, refugiada, Italia, italiano.
VOWEL_CHANGES = frozenset({"es", "fr", "pt", "ht"})
SHORTEST_VOWEL_STEM = 6

ARABIC_PREFIXES = ("ال", "و", "ب", "ل", "ف", "ك")
_ARABIC = (
    "ي ك ه ها هم هن هما كم كن نا ات اتي اتك اته اتها اتهم ون ين ان وا يا ا ية يين يون "
    "تي تك ته تها تهم تنا تكم"
)
ARABIC_ENDINGS = frozenset(fold(ending) for ending in _ARABIC.split())
_ETHIOPIC = "በ ከ ለ የ ን ብ ስለ እንደ እንዲ"
ETHIOPIC_PREFIXES = tuple(fold(prefix) for prefix in _ETHIOPIC.split())
_ORDERS = 8  # letters in one row of the Ethiopic block: one consonant with its vowels
_JOINERS = frozenset("\u200c\u200d\u00ad")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text and where it stands."""

    text: str
    folded: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One listed word as found in a text."""

    word: Word
    found: str
    start: int
    end: int


def find_words(text: str, words: Iterable[Word], *, language: str) -> list[Hit]:
    """Return where the words stand in a text, in its order; the longest one where several do."""
    tokens = tokenize(text)
    hits = [hit for word in words for hit in _find_one(text, tokens, word, language)]
    hits.sort(key=lambda hit: (hit.start, -hit.end, -len(hit.word.word)))
    kept: list[Hit] = []
    for hit in hits:
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def tokenize(text: str) -> list[Token]:
    """Split a text into its words; apostrophes and hyphens part them: l'Italie, boat-trip."""
    tokens, place = [], 0
    for is_word, letters in groupby(text, key=_is_word_letter):
        word = "".join(letters)
        if is_word:
            tokens.append(Token(word, _fold_one(word), place, place + len(word)))
        place += len(word)
    return tokens


def excerpt(text: str, start: int, end: int, *, around: int = 24) -> str:
    """Return the words around a place in a text."""
    first, last = max(0, start - around), min(len(text), end + around)
    before = "…" if first else ""
    after = "…" if last < len(text) else ""
    return before + " ".join(text[first:last].split()) + after


def _find_one(text: str, tokens: list[Token], word: Word, language: str) -> Iterator[Hit]:
    wanted = _parts_of(word.word)
    if not wanted:
        return
    for at in range(len(tokens) - len(wanted) + 1):
        run = tokens[at : at + len(wanted)]
        pairs = zip(wanted, run, strict=True)
        if all(_is_same(part, token, language) for part, token in pairs):
            start, end = run[0].start, run[-1].end
            yield Hit(word, text[start:end], start, end)


@lru_cache(maxsize=4096)
def _parts_of(word: str) -> tuple[Token, ...]:
    return tuple(token for token in tokenize(word) if token.folded)


def _is_word_letter(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char)[0] in "LMN"


@lru_cache(maxsize=16384)
def _fold_one(word: str) -> str:
    return fold(word).replace(" ", "")


def _is_same(part: Token, token: Token, language: str) -> bool:
    if _is_acronym(part.text):
        return token.text == part.text
    wanted, found = part.folded, token.folded
    if _is_arabic(wanted):
        return _is_same_arabic(wanted, found)
    if _is_ethiopic(wanted):
        return _is_same_ethiopic(wanted, found)
    return any(_begins(stem, found) for stem in _stems(wanted, language))


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()


# ---- Latin and every other script ---------------------------------------------------------------


def _stems(wanted: str, language: str) -> Iterator[str]:
    yield wanted
    if language == "en" and wanted.endswith("y"):
        yield f"{wanted[:-1]}i"  # embassy, embassies; Italy, Italian
    if language in VOWEL_CHANGES and len(wanted) >= SHORTEST_VOWEL_STEM and wanted[-1] in "aeo":
        yield wanted[:-1]


def _begins(stem: str, found: str) -> bool:
    if len(stem) < SHORTEST_STEM:
        return stem == found
    return found.startswith(stem) and len(found) - len(stem) <= LONGEST_ENDING


# ---- Arabic -------------------------------------------------------------------------------------


def _is_arabic(word: str) -> bool:
    return "\u0600" <= word[0] <= "\u06ff"


def _is_same_arabic(wanted: str, found: str) -> bool:
    stem = wanted[2:] if wanted.startswith("ال") and len(wanted) > 5 else wanted
    return any(_ends_arabic(stem, form) for form in _without(ARABIC_PREFIXES, found))


def _ends_arabic(stem: str, form: str) -> bool:
    if form == stem:
        return True
    if len(stem) < 3:
        return False
    if form.startswith(stem) and form[len(stem) :] in ARABIC_ENDINGS:
        return True
    # The closed t of a feminine noun opens, or gives way, before an ending: hijra, hijrati, hijrat.
    opened = stem[:-1] if stem.endswith("ه") and len(stem) > 3 else ""
    return bool(opened) and form.startswith(opened) and form[len(opened) :] in ARABIC_ENDINGS


# ---- Ge'ez --------------------------------------------------------------------------------------


def _is_ethiopic(word: str) -> bool:
    return "\u1200" <= word[0] <= "\u139f"


def _is_same_ethiopic(wanted: str, found: str) -> bool:
    return any(_ends_ethiopic(wanted, form) for form in _without(ETHIOPIC_PREFIXES, found))


def _ends_ethiopic(wanted: str, form: str) -> bool:
    if len(wanted) < 3:
        return form == wanted
    if not 0 <= len(form) - len(wanted) <= LONGEST_ENDING:
        return False
    last = len(wanted) - 1
    same_row = ord(form[last]) // _ORDERS == ord(wanted[last]) // _ORDERS
    return form[:last] == wanted[:last] and same_row


def _without(prefixes: tuple[str, ...], found: str) -> set[str]:
    """Return a word with and without the particles written together with it, in any row of them."""
    forms, fresh = {found}, [found]
    while fresh:
        form = fresh.pop()
        for prefix in prefixes:
            rest = form[len(prefix) :]
            if form.startswith(prefix) and len(rest) > 1 and rest not in forms:
                forms.add(rest)
                fresh.append(rest)
    return forms
