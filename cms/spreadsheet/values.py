"""The values that are handed from reading to comparing to applying: frozen, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in a file: where it stands, what is wrong and what to do."""

    text: str
    sheet: str = ""
    row: int = 0
    letter: str = ""
    column: str = ""

    @property
    def place(self) -> str:
        """Say where in the file it stands."""
        said = {"sheet": self.sheet, "row": self.row, "letter": self.letter, "name": self.column}
        if self.letter:
            return _("Sheet “%(sheet)s”, row %(row)d, column %(letter)s (%(name)s)") % said
        if self.row:
            return _("Sheet “%(sheet)s”, row %(row)d") % said
        return _("Sheet “%(sheet)s”") % said if self.sheet else _("The file")


@dataclass(frozen=True, slots=True)
class Header:
    """The first row of a sheet: its title, its kind, and the letter of each column by name."""

    title: str
    kind: str
    letters: Mapping[str, str]

    def problem(self, text: str, *, row: int, column: str = "") -> Problem:
        """Return a problem at a place of this sheet."""
        return Problem(text, self.title, row, self.letters.get(column, ""), column)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of an uploaded sheet; `values` has the columns that are there and could be read.

    `revision` is the one that the row was downloaded at, 0 for none; None marks a row that was
    not downloaded.
    """

    header: Header
    number: int
    key: str
    language: str
    revision: int | None
    change_kind: str
    values: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()

    def problem(self, text: str, column: str = "") -> Problem:
        """Return a problem in this row."""
        return self.header.problem(text, row=self.number, column=column)


@dataclass(frozen=True, slots=True)
class Book:
    """An uploaded file as it was read."""

    rows: tuple[SheetRow, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing in one language as its latest draft has it, and who made that draft."""

    kind: str
    key: str
    language: str
    pk: int
    is_original: bool
    revision: int
    values: Mapping[str, Any]
    changed_by: str = ""
    changed_at: datetime | None = None
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may write: kinds, kinds where she may add, languages and pages; None is all."""

    change: frozenset[str]
    add: frozenset[str]
    languages: frozenset[str] | None = None
    messages: frozenset[int] | None = None
    homes: frozenset[str] = frozenset()

    def may_change(self, row: Standing) -> bool:
        """Tell whether she may change this row."""
        hers = row.kind != "messages" or self.messages is None or row.pk in self.messages
        return row.kind in self.change and hers


class Outcome(StrEnum):
    """What an upload would do to one row."""

    ERROR = "error"
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that changes."""

    column: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Finding:
    """What an upload would do to one row, or what is wrong with it; `pk` is None for a new one."""

    row: SheetRow
    outcome: Outcome
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()
    pk: int | None = None
    is_original: bool = False
