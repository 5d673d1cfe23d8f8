"""What a translated text must keep of its original, and what it should: pure rules over two texts.

A fault keeps the whole file out; a doubt is shown, and lets the text in as a draft.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from django.utils.translation import gettext as _

_PLACEHOLDER = re.compile(r"\{[^{}\n]*\}")
# One sign between digits, with three digits behind it, parts thousands: 30,000 is one number.
_THOUSANDS = re.compile(r"(?<=\d)[.,'’\s\u066c](?=\d{3}(?!\d))")
_NUMBER = re.compile(r"\d+")
_ALLOWED_CONTROLS = frozenset("\n\r\t")


def find_faults(original: str, words: str, *, longest: int | None) -> Iterator[str]:
    """Give what may not be so, in words that say what to do."""
    expected, given = _placeholders(original), _placeholders(words)
    for name in expected - given:
        yield _("%(name)s is missing: put it back as it is in the original.") % {"name": name}
    for name in given - expected:
        yield _("%(name)s is not in the original, or not so often: take it out.") % {"name": name}
    if longest is not None and len(words) > longest:
        numbers = {"length": len(words), "longest": longest}
        yield _("It has %(length)d characters; %(longest)d at most fit here.") % numbers
    if hidden := _hidden_signs(words):
        yield _("It has signs that no phone can show (%(signs)s): delete them.") % {
            "signs": ", ".join(hidden)
        }


def find_doubts(original: str, words: str) -> Iterator[str]:
    """Give what a person should look at before anybody relies on it."""
    lost, added = numbers_of(original) - numbers_of(words), numbers_of(words) - numbers_of(original)
    if lost or added:
        told = {"here": _list(numbers_of(original)), "there": _list(numbers_of(words))}
        yield _("The numbers differ: %(here)s in the original, %(there)s here.") % told
    if words == original and any(sign.isalpha() for sign in words):
        yield _("It is the same as the original.")


def numbers_of(words: str) -> Counter[str]:
    """Count the numbers in a text, in whatever digits they are written."""
    digits = "".join(_as_western(sign) for sign in words)
    return Counter(_NUMBER.findall(_THOUSANDS.sub("", digits)))


def _as_western(sign: str) -> str:
    value = unicodedata.decimal(sign, None)
    return sign if value is None else str(value)


def _placeholders(words: str) -> Counter[str]:
    return Counter(_PLACEHOLDER.findall(words))


def _hidden_signs(words: str) -> list[str]:
    controls = {sign for sign in words if unicodedata.category(sign) == "Cc"}
    return sorted(f"U+{ord(sign):04X}" for sign in controls - _ALLOWED_CONTROLS)


def _list(numbers: Counter[str]) -> str:
    return ", ".join(sorted(numbers.elements(), key=lambda number: (len(number), number))) or "–"
