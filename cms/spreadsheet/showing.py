"""How a dry run is shown: each cell with what stays, what goes and what comes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cms.spreadsheet.cells import Day, Form
from cms.spreadsheet.columns import KINDS
from cms.spreadsheet.trial import Trial
from cms.spreadsheet.values import Difference, Finding, Outcome, Problem

# A page that a phone can still hold; the counts always tell of all.
MOST_SHOWN = 300
MOST_NAMED = 1_000
HEADINGS = {
    Outcome.ERROR: _("To mend"),
    Outcome.CHANGED: _("Changed"),
    Outcome.NEW: _("New"),
    Outcome.UNCHANGED: _("Unchanged"),
}
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Part:
    """One side of a changed cell: its beginning and end, which stay, and what differs between."""

    before: str
    differs: str
    after: str


@dataclass(frozen=True, slots=True)
class CellShown:
    """One changed cell under its label."""

    name: str
    label: str
    old: Part | None
    new: Part | None


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row of the dry run."""

    finding: Finding
    kind: str
    cells: Sequence[CellShown]
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Group:
    """All rows of one outcome; `rows` and `named` hold as many as one page can show."""

    outcome: str
    heading: Any
    count: int
    rows: Sequence[RowShown] = ()
    named: Sequence[Finding] = ()

    @property
    def hidden(self) -> int:
        """Return how many are counted and not shown."""
        return self.count - len(self.rows) - len(self.named)


def show_trial(trial: Trial) -> list[Group]:
    """Return the groups of a dry run, what must be mended first; empty ones are left out."""
    return [group for outcome in HEADINGS if (group := _show_group(trial, outcome)).count]


def split_change(old: str, new: str) -> tuple[Part, Part]:
    """Mark where two texts differ, in whole words; everything around it stays."""
    one, other = _WORDS.findall(old), _WORDS.findall(new)
    same = _count_same(one, other)
    tail = _count_same(one[same:][::-1], other[same:][::-1])
    return _cut(one, same, tail), _cut(other, same, tail)


def _show_group(trial: Trial, outcome: Outcome) -> Group:
    found = trial.having(outcome)
    if outcome is Outcome.UNCHANGED:
        return Group(outcome, HEADINGS[outcome], len(found), named=found[:MOST_NAMED])
    rows = [_show_row(finding) for finding in found[:MOST_SHOWN]]
    return Group(outcome, HEADINGS[outcome], len(found), rows=rows)


def _show_row(finding: Finding) -> RowShown:
    kind = KINDS[finding.row.header.kind]
    label = capfirst(str(kind.model._meta.verbose_name))
    return RowShown(finding, label, list(_show_cells(finding)), finding.problems)


def _show_cells(finding: Finding) -> Iterator[CellShown]:
    kind = KINDS[finding.row.header.kind]
    columns = {column.name: column for column in kind.columns}
    for difference in finding.differences:
        column = columns[difference.column]
        label = capfirst(str(kind.field(column).verbose_name))
        old, new = _sides(column.form, difference)
        yield CellShown(column.name, label, old, new)


def _sides(form: Form, difference: Difference) -> tuple[Part | None, Part | None]:
    old, new = (_write(form, value) for value in (difference.old, difference.new))
    # Half a day that is marked reads badly.
    if not old or not new or isinstance(form, Day):
        return (Part("", old, "") if old else None), (Part("", new, "") if new else None)
    return split_change(old, new)


def _write(form: Form, value: Any) -> str:
    shown = form.show(value)
    return "" if shown is None else str(shown)


def _count_same(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next(
        (place for place, (left, right) in enumerate(pairs) if left != right),
        min(len(one), len(other)),
    )


def _cut(words: Sequence[str], same: int, tail: int) -> Part:
    end = len(words) - tail
    return Part("".join(words[:same]), "".join(words[same:end]), "".join(words[end:]))
