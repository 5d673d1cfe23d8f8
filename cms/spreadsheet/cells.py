"""How one value stands in a cell, and how it is read back. Knows neither files nor the database.

A cell holds a text or a day and nothing else; whatever a program made of it is named, not guessed.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from typing import Any, Protocol

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from cms.models.vocabularies import shorten

# What a cell can hold: Excel's own ceiling.
LONGEST_TEXT = 32_767
# Excel counts days from 1900, and counts the first two months of that year wrongly.
FIRST_DAY = date(1900, 3, 1)
# What no database keeps: the null character, and halves of characters.
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
_COMMAS = re.compile("[,;،፣]")
_YES, _NO = "yes", "no"
_FEW = 12
_MOST_DIGITS = 30

Known = Mapping[str, Collection[str]]


class Wrong(ValueError):
    """Raised with what is wrong with a cell and how to mend it, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that calculates: it shows one thing and holds another."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell in which a calculation failed."""

    shown: str


class Form(Protocol):
    """One way in which a value stands in a cell."""

    @property
    def blank(self) -> Any:
        """Return the value of an empty cell."""

    def show(self, value: Any) -> str | date | None:
        """Return what the cell holds."""

    def read(self, cell: Any, known: Known) -> Any:
        """Return the value of a cell that is not empty, or raise Wrong."""


@dataclass(frozen=True, slots=True)
class Text:
    """Any text, kept to the letter."""

    blank: Any = ""

    def show(self, value: str) -> str | None:
        """Return the text itself."""
        return value or None

    def read(self, cell: Any, known: Known) -> str:  # noqa: ARG002
        """Keep every letter, blanks at the ends too."""
        text = read_word(cell)
        if len(text) > LONGEST_TEXT:
            longest = {"count": len(text), "most": LONGEST_TEXT}
            raise Wrong(_("It has %(count)d characters. Shorten it to %(most)d.") % longest)
        if _UNKEPT.search(text):
            raise Wrong(_("It holds a character that cannot be kept. Type the text again."))
        return text


@dataclass(frozen=True, slots=True)
class Day:
    """A day."""

    blank: Any = None

    def show(self, value: date | None) -> str | date | None:
        """Return the day, as a text where Excel has no such day."""
        return value.isoformat() if value is not None and value < FIRST_DAY else value

    def read(self, cell: Any, known: Known) -> date:  # noqa: ARG002
        """Take a day, or a text such as 2027-05-20."""
        if isinstance(cell, datetime) and cell.time() == time():
            return cell.date()
        if type(cell) is date:
            return cell
        text = _refuse_made(cell)
        try:
            return date.fromisoformat(text.strip())
        except (AttributeError, ValueError):
            raise Wrong(
                _("“%s” is no day. Write it as year-month-day: 2027-05-20.") % _quote(cell)
            ) from None


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no; an empty cell says neither."""

    blank: Any = None

    def show(self, value: bool | None) -> str | None:
        """Return the word."""
        return None if value is None else (_YES if value else _NO)

    def read(self, cell: Any, known: Known) -> bool:  # noqa: ARG002
        """Take the word in any letters, or the program's own true and false."""
        if isinstance(cell, bool):
            return cell
        word = read_word(cell).strip().casefold()
        if word not in {_YES, _NO}:
            raise Wrong(_("“%s” is neither. Write yes or no.") % _quote(cell))
        return word == _YES


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is written, without a rounding that nobody asked for."""

    whole: bool = False
    blank: Any = None

    def show(self, value: Decimal | int | None) -> str | None:
        """Return the digits, without zeros that say nothing."""
        if value is None:
            return None
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def read(self, cell: Any, known: Known) -> Decimal | int:  # noqa: ARG002
        """Take digits, with a point where the figure is no whole number."""
        text = str(cell) if type(cell) in {int, float} else read_word(cell).strip()
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or "_" in text or abs(value.adjusted()) > _MOST_DIGITS:
            raise Wrong(
                _("“%s” is no figure. Write digits only, with a point: 1250.5.") % _quote(cell)
            )
        if self.whole:
            if value != value.to_integral_value():
                raise Wrong(_("“%s” is no whole number. Leave the part out.") % _quote(cell))
            return int(value)
        return value


@dataclass(frozen=True, slots=True)
class OneOf:
    """One word of a closed list."""

    choices: type[TextChoices]
    blank: Any = ""

    def show(self, value: str) -> str | None:
        """Return the word."""
        return value or None

    def read(self, cell: Any, known: Known) -> str:  # noqa: ARG002
        """Take a word of the list."""
        word = read_word(cell).strip()
        if said := refuse_unlisted(self.choices)(word):
            raise Wrong(said)
        return word


@dataclass(frozen=True, slots=True)
class Codes:
    """Several codes with commas between them; their order is kept."""

    refuse: Callable[[str], str]
    blank: Any = ()

    def show(self, value: Collection[str]) -> str | None:
        """Return the codes in a row."""
        return ", ".join(value) or None

    def read(self, cell: Any, known: Known) -> tuple[str, ...]:  # noqa: ARG002
        """Take codes that all exist, each once."""
        codes = _split(cell)
        for code in codes:
            if said := self.refuse(code):
                raise Wrong(said)
        return codes


@dataclass(frozen=True, slots=True)
class Links:
    """The keys of other things, with commas between them; their order says nothing."""

    to: str
    blank: Any = ()

    def show(self, value: Collection[str]) -> str | None:
        """Return the keys in a row."""
        return ", ".join(value) or None

    def read(self, cell: Any, known: Known) -> tuple[str, ...]:
        """Take keys of things that are in the database."""
        keys = tuple(sorted(_split(cell)))
        for key in keys:
            if key not in known[self.to]:
                raise Wrong(_no_such(key, known[self.to]))
        return keys


def read_word(cell: Any) -> str:
    """Return the text of a cell, or say what else it holds."""
    text = _refuse_made(cell)
    if isinstance(text, bool | int | float):
        raise Wrong(
            _("“%s” is a number. Give the cell the format Text and type it again.") % _quote(cell)
        )
    if not isinstance(text, str):
        raise Wrong(_("“%s” is a date. Write a text here.") % _quote(cell))
    return text


def refuse_unlisted(choices: type[TextChoices]) -> Callable[[str], str]:
    """Return what tells whether a word is missing from a closed list."""
    return partial(_refuse_other, _values_of(choices))


@cache
def _values_of(choices: type[TextChoices]) -> Mapping[str, None]:
    # In their order; Django makes a new list at each call.
    return dict.fromkeys(choices.values)


def _refuse_other(choices: Collection[str], word: str) -> str:
    return "" if word in choices else _not_in_list(word, choices)


def _refuse_made(cell: Any) -> Any:
    if isinstance(cell, Formula):
        raise Wrong(_("It is a formula. Copy it and paste it back as a value."))
    if isinstance(cell, Fault):
        raise Wrong(_("It shows the error %s. Type what should stand here.") % cell.shown)
    return cell


def _split(cell: Any) -> tuple[str, ...]:
    parts = (part.strip() for part in _COMMAS.split(read_word(cell)))
    return tuple(dict.fromkeys(part for part in parts if part))


def _not_in_list(word: str, choices: Collection[str]) -> str:
    said = {"word": _quote(word), "choices": ", ".join(choices)}
    return _("“%(word)s” is not in the list. Use one of: %(choices)s.") % said


def _no_such(key: str, known: Collection[str]) -> str:
    if len(known) <= _FEW:
        return _not_in_list(key, sorted(known))
    return _(
        "There is no “%s”. Mend the key; if it is new, add it first, in an upload of its own."
    ) % _quote(key)


def _quote(cell: Any) -> str:
    # As the program shows it.
    return shorten(cell.isoformat() if isinstance(cell, date | time) else str(cell))
