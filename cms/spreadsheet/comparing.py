"""What each row of an upload would do, row by row, against what stands. Pure: no database, no clock."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from cms.models.vocabularies import refuse_key
from cms.spreadsheet.columns import KEY, KINDS, LANGUAGE, MESSAGES, REVISION, Column, Kind
from cms.spreadsheet.values import (
    Difference,
    Finding,
    Outcome,
    Problem,
    Rights,
    SheetRow,
    Standing,
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What an upload is held against: what stands, the site's languages, the first one, the rights."""

    rows: Mapping[tuple[str, str, str], Standing]
    languages: Sequence[str]
    first_language: str
    rights: Rights

    def original(self, kind: str, key: str) -> Standing | None:
        """Return the original of a thing, if it stands."""
        editions = (self.rows.get((kind, key, language)) for language in self.languages)
        return next((row for row in editions if row is not None and row.is_original), None)


def compare(rows: Sequence[SheetRow], ground: Ground) -> tuple[Finding, ...]:
    """Return what each row would do, or what is wrong with it, in the order of the file."""
    begun = {
        (row.header.kind, row.key): row.values
        for row in rows
        if row.language == ground.first_language
        and ground.original(row.header.kind, row.key) is None
    }
    return tuple(_judge(row, ground, begun) for row in rows)


Begun = Mapping[tuple[str, str], Mapping[str, Any]]


def _judge(row: SheetRow, ground: Ground, begun: Begun) -> Finding:
    standing = ground.rows.get((row.header.kind, row.key, row.language))
    if standing is not None:
        differences = tuple(_differ(row, standing))
        problems = [*row.problems, *_refuse_edit(row, standing, differences, ground.rights)]
    else:
        differences = tuple(_begin(row))
        problems = [*row.problems, *_refuse_new(row, ground, begun)]
    outcome = Outcome.CHANGED if differences else Outcome.UNCHANGED
    if standing is None:
        outcome = Outcome.NEW
    return Finding(
        row=row,
        outcome=Outcome.ERROR if problems else outcome,
        differences=differences,
        problems=tuple(problems),
        pk=standing.pk if standing else None,
        is_original=standing.is_original if standing else _is_begun(row, ground),
    )


# ---- A row that stands -------------------------------------------------------------------------


def _differ(row: SheetRow, standing: Standing) -> Iterator[Difference]:
    for column in _columns_of(row):
        new, old = row.values[column.name], standing.values[column.name]
        # In a translation an empty cell of the original's own columns says nothing.
        silent = not standing.is_original and not column.translated and new == column.form.blank
        if new != old and not silent:
            yield Difference(column.name, old, new)


def _refuse_edit(
    row: SheetRow, standing: Standing, differences: Sequence[Difference], rights: Rights
) -> Iterator[Problem]:
    yield from _refuse_stale(row, standing)
    kind = KINDS[row.header.kind]
    for difference in differences:
        column = _column(kind, difference.column)
        if not standing.is_original and not column.translated:
            yield row.problem(_only_original(), column.name)
        elif _is_left_empty(kind, column, difference.new, is_original=standing.is_original):
            yield row.problem(_must_be_filled(), column.name)
    if not differences:
        return
    if not rights.may_change(standing):
        yield row.problem(_("You may not change this. Ask an administrator."))
    yield from _refuse_language(row, rights)
    if standing.locked:
        yield row.problem(
            _("It is locked, or with a reviewer. Take the row out, or wait until that is done.")
        )


def _refuse_stale(row: SheetRow, standing: Standing) -> Iterator[Problem]:
    if row.revision is None:
        if not any(problem.column == REVISION for problem in row.problems):
            text = _("%(key)s in %(language)s is there already. Download it and change that row.")
            said = {"key": row.key, "language": row.language}
            yield row.problem(text % said, KEY)
    elif row.revision > standing.revision:
        yield row.problem(_("No such draft was made here. Download the row again."), REVISION)
    elif row.revision < standing.revision:
        at = standing.changed_at
        said = {
            "person": standing.changed_by or _("somebody"),
            "time": date_format(localtime(at), "DATETIME_FORMAT") if at else "–",
        }
        text = _(
            "%(person)s changed it on %(time)s, after this row was downloaded. "
            "Take the row out, or download it again and make your change there."
        )
        yield row.problem(text % said)


# ---- A row that is new -------------------------------------------------------------------------


def _begin(row: SheetRow) -> Iterator[Difference]:
    for column in _columns_of(row):
        if row.values[column.name] != column.form.blank:
            yield Difference(column.name, column.form.blank, row.values[column.name])


def _refuse_new(row: SheetRow, ground: Ground, begun: Begun) -> Iterator[Problem]:
    if row.revision is not None:
        text = _(
            "No %(key)s in %(language)s stands here. If you changed its key or language, put it "
            "back; a new thing needs a row of its own."
        )
        yield row.problem(text % {"key": row.key, "language": row.language}, KEY)
        return
    unread = {problem.column for problem in row.problems}
    if KEY not in unread and (text := refuse_key(row.key)):
        yield row.problem(text, KEY)
    if LANGUAGE not in unread and row.language not in ground.languages:
        text = _("“%(code)s” is no language of this site. Use one of: %(codes)s.")
        said = {"code": row.language[:20], "codes": ", ".join(ground.languages)}
        yield row.problem(text % said, LANGUAGE)
        return
    yield from _refuse_language(row, ground.rights)
    if row.header.kind == MESSAGES.name and row.language not in ground.rights.homes:
        yield row.problem(
            _("There is no home page in this language that you may add to. Add that first."),
            LANGUAGE,
        )
    if _is_begun(row, ground):
        yield from _refuse_original(row, ground, unread)
    else:
        yield from _refuse_translation(row, ground, begun)


def _refuse_original(row: SheetRow, ground: Ground, unread: set[str]) -> Iterator[Problem]:
    if row.header.kind not in ground.rights.add:
        yield row.problem(_("You may not add this. Ask an administrator."))
    kind = KINDS[row.header.kind]
    for column in kind.columns:
        blank = row.values.get(column.name, column.form.blank) == column.form.blank
        if blank and kind.is_needed(column) and column.name not in unread:
            yield row.problem(_must_be_filled(), column.name)


def _refuse_translation(row: SheetRow, ground: Ground, begun: Begun) -> Iterator[Problem]:
    if row.header.kind not in ground.rights.change:
        yield row.problem(_("You may not change this. Ask an administrator."))
    kind = KINDS[row.header.kind]
    standing = ground.original(row.header.kind, row.key)
    values = standing.values if standing else begun.get((row.header.kind, row.key))
    if values is None:
        text = _("%(key)s has no original. Add its row in %(language)s first.")
        said = {"key": row.key, "language": ground.first_language}
        yield row.problem(text % said, LANGUAGE)
        return
    for column in _columns_of(row):
        blank, value = column.form.blank, row.values[column.name]
        if not column.translated and value not in (blank, values.get(column.name, blank)):
            yield row.problem(_only_original(), column.name)
    if kind is MESSAGES and not row.values.get("title"):
        yield row.problem(_must_be_filled(), "title")


# ---- What both share ---------------------------------------------------------------------------


def _is_begun(row: SheetRow, ground: Ground) -> bool:
    """Tell whether a row that does not stand would begin a new thing."""
    return (
        row.language == ground.first_language and ground.original(row.header.kind, row.key) is None
    )


def _refuse_language(row: SheetRow, rights: Rights) -> Iterator[Problem]:
    if rights.languages is not None and row.language not in rights.languages:
        said = {"codes": ", ".join(sorted(rights.languages))}
        text = _("You work in %(codes)s. Leave the rows of other languages as they are.") % said
        yield row.problem(text, LANGUAGE)


def _is_left_empty(kind: Kind, column: Column, value: Any, *, is_original: bool) -> bool:
    """Tell whether a cell is empty that must not be; a translation may lack all but a page's title."""
    if value != column.form.blank:
        return False
    if is_original or not column.translated:
        return not kind.field(column).blank
    return column.name == "title"


def _columns_of(row: SheetRow) -> Iterator[Column]:
    return (column for column in KINDS[row.header.kind].columns if column.name in row.values)


def _column(kind: Kind, name: str) -> Column:
    return next(column for column in kind.columns if column.name == name)


def _only_original() -> str:
    return _(
        "This is the same in every language. Put it back, and change it in the original's row."
    )


def _must_be_filled() -> str:
    return _("It must not be empty. Fill it in.")
