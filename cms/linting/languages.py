"""A translation beside its original: the same figures, nothing left out."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from cms.linting.values import DraftMessage, Spot

# 1,190 and 1 190 and 1.190 are one number; so is ١٬١٩٠.
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?:[.,٬٫'’\u00a0\u202f\u2009 ]\d{3}(?!\d))+|\d+")


def read_numbers(text: str) -> list[str]:
    """Return the numbers of a text in plain digits, each once, in order."""
    found = (_plain(match.group()) for match in _NUMBER.finditer(text))
    return list(dict.fromkeys(found))


def find_other_numbers(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Give each text whose numbers are not those of the original, with the ones that differ."""
    if draft.original is None:
        return
    for name, text in draft.written():
        original = draft.original.get(name, "")
        if not original.strip():
            continue
        here, there = set(read_numbers(text)), set(read_numbers(original))
        if here != there:
            yield Spot(name, _list(there - here), _list(here - there))


def find_missing_texts(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Give each box that is empty though the original has a text in it."""
    if draft.original is None:
        return
    for name, text in draft.original.items():
        if text.strip() and not draft.texts.get(name, "").strip():
            yield Spot(name)


def _plain(number: str) -> str:
    return "".join(str(unicodedata.decimal(char)) for char in number if char.isdecimal())


def _list(numbers: set[str]) -> str:
    return ", ".join(sorted(numbers, key=lambda number: (len(number), number))) or "–"
