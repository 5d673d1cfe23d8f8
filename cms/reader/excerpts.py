"""A few words of a page around what was looked for, read from its markup. Only of pages made here."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from locales.folding import fold_for_search

# Before and after the first word found, in letters.
BEFORE, AFTER = 60, 160
_UNREAD = re.compile(r"<(script|style|template|nav)\b.*?</\1>", re.DOTALL)
_INLINE = re.compile(r"</?(?:a|b|bdi|bdo|em|i|span|strong|mark|wbr)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
# A telephone number is one word: cut in two it would be another's, and right to left it would be turned.
_NUMBER = re.compile(r"\+?\(?\d[\d ()./-]{4,}\d")
_WORD = re.compile(rf"{_NUMBER.pattern}|\S+")
# What stands around a word and is no part of it.
_EDGES = " .,;:!?()[]{}«»“”‘’\"'…–—،؛؟።፣፤፥፦"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: marked where it is a word that was looked for, apart where it is a number."""

    text: str
    is_found: bool = False
    is_number: bool = False


def read_text(page: str) -> str:
    """Return the text below a page's heading in one line."""
    main = page.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    below = main.partition("</h1>")[2] or main
    bare = _TAG.sub(" ", _INLINE.sub("", _UNREAD.sub(" ", below)))
    return " ".join(html.unescape(bare).split())


def mark_words(text: str, words: Sequence[str]) -> list[Piece]:
    """Return the words around the first that was found, or the beginning; each found one is marked."""
    tokens = list(_WORD.finditer(text))
    first = next((one.start() for one in tokens if _is_found(one[0], words)), 0)
    near = [one for one in tokens if one.start() - first >= -BEFORE and one.end() <= first + AFTER]
    if not near:
        return []
    pieces = [piece for one in near for piece in _cut(one[0], words)]
    before = [Piece("… ")] if near[0] is not tokens[0] else []
    after = [Piece("…")] if near[-1] is not tokens[-1] else []
    return [*before, *pieces, *after]


def _cut(token: str, words: Sequence[str]) -> list[Piece]:
    is_found, is_number = _is_found(token, words), bool(_NUMBER.fullmatch(token))
    if not (is_found or is_number):
        return [Piece(f"{token} ")]
    core = token if is_number else token.strip(_EDGES)
    before, _core, after = token.partition(core)
    return [Piece(before), Piece(core, is_found=is_found, is_number=is_number), Piece(f"{after} ")]


@lru_cache(maxsize=20_000)
def _fold_token(token: str) -> tuple[str, ...]:
    return tuple(fold_for_search(token).split())


def _is_found(token: str, words: Sequence[str]) -> bool:
    return any(part.startswith(word) for part in _fold_token(token) for word in words)
