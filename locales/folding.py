"""Folding: a text reduced to bare words, so that what is written in many ways is found in one.

What it gives is for comparing only, never for showing: letters that differ in meaning become one.
"""

import unicodedata
from itertools import zip_longest


def fold(text: str) -> str:
    """Reduce a message to bare words: no case, marks, look-alikes, punctuation or foreign digits."""
    text = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    kept = (_fold_char(char) for char in unicodedata.normalize("NFKD", text))
    return " ".join("".join(kept).split())


def fold_for_search(text: str) -> str:
    """Fold a text that is to be searched; an Arabic word with an article also stands without it.

    It stands right behind, so that folding what is folded already adds nothing.
    """
    words = _fold_further(text)
    found: list[str] = []
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        found.append(word)
        bare = _without_article(word)
        while bare and bare != following:
            found.append(bare)
            bare = _without_article(bare)
    return " ".join(found)


def words_to_find(text: str) -> tuple[str, ...]:
    """Return the words of a search, each once and without its article; to be found as beginnings."""
    words = []
    for word in _fold_further(text):
        bare = word
        while shorter := _without_article(bare):
            bare = shorter
        words.append(bare)
    return tuple(dict.fromkeys(words))


def _fold_further(text: str) -> list[str]:
    return fold(text).translate(_MORE_LETTERS).split()


def _without_article(word: str) -> str:
    """Return the rest of a word that begins with an Arabic article; empty where too little is left."""
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= SHORTEST_REST:
            return word[len(article) :]
    return ""


def _fold_char(char: str) -> str:
    if unicodedata.combining(char) or char in _DROPPED:
        return ""
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category in {"Cf", "Me"}:
        return ""
    # Spacing vowel signs are marks too, but they are the word: Bangla and Burmese need them.
    return char if category[0] in "LMN" else " "


def _letter_table() -> dict[int, str]:
    table = {ord(letter): group[0] for group in _ALIKE for letter in group[1:]}
    for group in _ALIKE_ROWS:
        for row in group[1:]:
            table |= {ord(row) + order: chr(ord(group[0]) + order) for order in range(7)}
    # The first and the fourth order of these two rows sound the same too.
    one_sound = {"ሃ": "ሀ", "ኣ": "አ"}
    return {code: one_sound.get(into, into) for code, into in table.items()} | {
        ord(letter): into for letter, into in one_sound.items()
    }


# Letters that keyboards and habits exchange; the first of a group stands for all of it.
_ALIKE = (
    *("يىیېۍێ", "هةۀہۃھە", "كکڪ", "اٱ", "رڕ", "وۆ"),
    *("iı", "bɓ", "dɗ", "kƙ", "yƴ", "nŋɲ", "eɛ", "oɔ"),
)
# Ethiopic rows that Amharic says alike and writes as it pleases, seven orders each.
_ALIKE_ROWS = ("ሀሐኀ", "ሰሠ", "አዐ", "ጸፀ")
_LETTERS = _letter_table()
# Apostrophes and hamza inside a word, the stretch of Arabic, the emoji's invisible parts.
_DROPPED = frozenset("'’‘ʼʻ`ءـ\ufe0e\ufe0f")


def _more_letters() -> dict[int, str]:
    rows = {
        ord(row) + order: fold(chr(ord("ሀ") + order)) for row in _MORE_LIKE_H for order in range(7)
    }
    return rows | {ord(letter): into for letter, into in _MORE_ALIKE.items()}


# What only a search takes for the same: a word of STOP must not be read into it. Tigrinya says this
# row otherwise than the first, Amharic does not.
_MORE_LIKE_H = "ኸ"
_MORE_ALIKE = {"ሧ": "ሷ", "ፇ": "ጿ"}
_MORE_LETTERS = _more_letters()
# The article, alone or with "and", "with", "like", "so" and "for"; the longer ones first.
_ARTICLES = tuple(fold(article) for article in ("وال", "بال", "كال", "فال", "ولل", "ال", "لل"))
SHORTEST_REST = 3
