"""What stands in the database: the latest draft of each thing, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from wagtail.admin.utils import get_user_display_name
from wagtail.models import Revision

from cms.models import Claim, ContactPoint, Fact, Pathway, Route, Source, Story, TranslationState
from cms.spreadsheet.cells import Codes, Links
from cms.spreadsheet.columns import Column, Kind
from cms.spreadsheet.values import Standing

# What a link may name, and by which of its fields; uses point at originals alone.
_ORIGINALS = {"translation_state": TranslationState.ORIGINAL}
_LINKED: Mapping[str, tuple[Any, str, Mapping[str, str]]] = {
    "routes": (Route, "code", {}),
    "sources": (Source, "key", {}),
    "facts": (Fact, "key", _ORIGINALS),
    "pathways": (Pathway, "key", _ORIGINALS),
    "claims": (Claim, "key", _ORIGINALS),
    "contact_points": (ContactPoint, "key", _ORIGINALS),
    "stories": (Story, "key", _ORIGINALS),
}
Linked = Mapping[str, Mapping[str, int]]
# How many revisions are held at a time: each is a whole document.
_CHUNK = 500


def read_linked() -> Linked:
    """Return the row behind every key that a link may name."""
    return {
        name: dict(model.objects.filter(**only).values_list(field, "pk"))
        for name, (model, field, only) in _LINKED.items()
    }


def find_linked(name: str, pks: Collection[int]) -> list[Any]:
    """Return the things behind a link, to be attached to a draft."""
    return list(_LINKED[name][0].objects.filter(pk__in=pks))


def read_standing(
    kind: Kind, linked: Linked, *, keys: Collection[str] | None = None
) -> list[Standing]:
    """Return the latest draft of each thing, by key, the original first; of all keys or of these."""
    rows = kind.model.objects.order_by("key")
    if keys is not None and len(keys) <= _CHUNK:
        rows = rows.filter(key__in=keys)
    found = list(
        rows.values(
            "pk",
            "key",
            "locale__language_code",
            "translation_state",
            "latest_revision_id",
            "worded_until",
            *(column.name for column in kind.columns if not isinstance(column.form, Links)),
        )
    )
    if keys is not None:
        found = [row for row in found if row["key"] in keys]
    links = {name: {pk: key for key, pk in known.items()} for name, known in linked.items()}
    attached = _read_attached(kind, {row["pk"] for row in found if not row["latest_revision_id"]})
    drafts = _read_drafts(kind, {row["latest_revision_id"] for row in found} - {None})
    reader = _Reader(kind, links, attached)
    standing = [reader.read(row, drafts.get(row["latest_revision_id"])) for row in found]
    return sorted(standing, key=lambda row: (row.key, not row.is_original, row.language))


class _Reader:
    """Read rows of one kind from what a few queries brought."""

    def __init__(
        self,
        kind: Kind,
        links: Mapping[str, Mapping[int, str]],
        attached: Mapping[str, Mapping[int, list[int]]],
    ) -> None:
        self._kind, self._links, self._attached = kind, links, attached

    def read(self, row: Mapping[str, Any], draft: "_Draft | None") -> Standing:
        content = draft.content if draft else {}
        return Standing(
            kind=self._kind.name,
            key=row["key"],
            language=row["locale__language_code"],
            pk=row["pk"],
            is_original=row["translation_state"] == TranslationState.ORIGINAL,
            revision=row["latest_revision_id"] or 0,
            values={
                column.name: self._value(column, row, content) for column in self._kind.columns
            },
            changed_by=draft.by if draft else "",
            changed_at=draft.at if draft else None,
        )

    def _value(self, column: Column, row: Mapping[str, Any], content: Mapping[str, Any]) -> Any:
        name = column.name
        if isinstance(column.form, Links):
            pks = content[name] if name in content else self._attached[name].get(row["pk"], [])
            keys = self._links[column.form.to]
            return tuple(sorted(keys[pk] for pk in pks if pk in keys))
        value = content.get(name, row.get(name))
        if isinstance(column.form, Codes):
            return tuple(value or ())
        value = self._kind.field(column).to_python(value)
        # The reviewer's day holds as long as the wording names no new one, as in the draft itself.
        if name == self._kind.model.lasting_field and value and value == row["worded_until"]:
            value = row[name]
        return column.form.blank if value is None else value


@dataclass(frozen=True, slots=True)
class _Draft:
    """The wording of one revision, who made it and when."""

    content: Mapping[str, Any]
    by: str
    at: datetime


def _read_drafts(kind: Kind, pks: Collection[int]) -> dict[int, _Draft]:
    names = [column.name for column in kind.columns]
    people = _name_people(pks)
    return {
        pk: _Draft({name: content[name] for name in names if name in content}, people[by], at)
        for pk, content, by, at in _read_revisions(pks, "pk", "content", "user_id", "created_at")
    }


def _name_people(pks: Collection[int]) -> dict[int | None, str]:
    made = {by for (by,) in _read_revisions(pks, "user_id")} - {None}
    people = get_user_model().objects.in_bulk(made)
    return {None: "", **{pk: get_user_display_name(person) for pk, person in people.items()}}


def _read_revisions(pks: Collection[int], *fields: str) -> Iterator[tuple[Any, ...]]:
    asked = sorted(pks)
    for start in range(0, len(asked), _CHUNK):
        chunk = asked[start : start + _CHUNK]
        yield from Revision.objects.filter(pk__in=chunk).values_list(*fields)


def _read_attached(kind: Kind, pks: Collection[int]) -> dict[str, dict[int, list[int]]]:
    """Return what the live rows point at, for those that have no draft."""
    attached = {}
    for column in kind.columns:
        if isinstance(column.form, Links):
            attached[column.name] = _read_pairs(kind.field(column), pks)
    return attached


def _read_pairs(field: Any, pks: Collection[int]) -> dict[int, list[int]]:
    held: dict[int, list[int]] = defaultdict(list)
    if pks:
        through = field.remote_field.through.objects.all()
        ends = (f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id")
        for one, other in through.values_list(*ends):
            held[one].append(other)
    return held
