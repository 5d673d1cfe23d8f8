"""Urgency: whether a message speaks of danger to somebody's life or body, in a language we know words of.

The words are in `locales.urgent_words`. It is not STOP: one such word anywhere is enough. Whoever is
read first without need has lost nothing; whoever was in danger and was not read may have lost all.
"""

from locales.folding import fold
from locales.urgent_words import URGENT_WORDS

# As much as any message holds; a longer text is looked into no further.
_LONGEST = 4096


def is_urgent(text: str) -> bool:
    """Say whether a message has a word, or a phrase, that means danger."""
    words = f" {fold(text[:_LONGEST])} "
    return any(sign in words for sign in _SIGNS)


def _make_sign(phrase: str) -> str:
    """Return what a folded text holds where it holds a phrase; a star leaves the last word open."""
    is_open = phrase.strip().endswith("*")
    return f" {fold(phrase)}" if is_open else f" {fold(phrase)} "


_SIGNS = tuple(
    dict.fromkeys(
        _make_sign(phrase)
        for phrases in URGENT_WORDS.values()
        for phrase in phrases.split(",")
        if fold(phrase)
    )
)
