"""A dry run: what a PO file would do to what stands now. Writes nothing."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from cms.translating.changes import label_of
from cms.translating.checks import find_doubts, find_faults
from cms.translating.exporting import longest_of
from cms.translating.po import Entry, Heading, Sheet, Unreadable
from cms.translating.rights import is_locked_for, may_translate
from cms.translating.scopes import Pair, Scope, pair_up, title_of
from cms.translating.texts import parted_fields, texts_beside, texts_of, wording_of


class Left(StrEnum):
    """Why an entry is left out, although nothing is wrong with it."""

    EMPTY = "empty"
    FUZZY = "fuzzy"
    SAME = "same"
    OUTDATED = "outdated"
    UNKNOWN = "unknown"
    APART = "apart"
    LOCKED = "locked"
    NOT_YOURS = "not_yours"


@dataclass(frozen=True, slots=True)
class Change:
    """One text that would change, and what a person should look at."""

    thing: str
    entry: Entry
    title: str
    label: str
    old: str
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps the whole file out: the entry and why."""

    entry: Entry
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do."""

    changes: tuple[Change, ...] = ()
    faults: tuple[Fault, ...] = ()
    left: Mapping[Left, tuple[Entry, ...]] = field(default_factory=dict)

    @property
    def may_be_saved(self) -> bool:
        """Tell whether there is something to save and nothing against it."""
        return bool(self.changes) and not self.faults

    @property
    def things(self) -> int:
        """Count the things that would get a new draft."""
        return len({change.thing for change in self.changes})

    @property
    def digest(self) -> str:
        """Return what is the same only while the file would do the same to the same texts."""
        told = [(change.entry.place, change.old, change.entry.words) for change in self.changes]
        faults = [(fault.entry.place, fault.words) for fault in self.faults]
        return hashlib.sha256(repr((told, faults)).encode()).hexdigest()


def check_heading(heading: Heading, scope: Scope, *, language: str) -> None:
    """Raise Unreadable where a file is for something else than the page it was brought to."""
    if not heading.content:
        words = _(
            "The heading does not say what this file is for. Export it here, and fill that one."
        )
        raise Unreadable(words)
    if heading.content != str(scope.name):
        told = {"there": heading.content, "here": scope.name}
        raise Unreadable(_("This file is for %(there)s, and this page for %(here)s.") % told)
    # A tool may add a country: fr_FR.
    if heading.language.replace("-", "_").partition("_")[0] != language:
        told = {"there": heading.language or "–", "here": language}
        words = _("The language of this file is %(there)s, and that of this page %(here)s.")
        raise Unreadable(words % told)


def plan_import(sheet: Sheet, scope: Scope, *, language: str, user: Any) -> Plan:
    """Return what a file would do now."""
    targets = {
        str(pair.name): _Target(pair, language, user)
        for pair in pair_up(scope.originals, language=language)
        if pair.original.locale.language_code != language
    }
    changes: list[Change] = []
    faults: list[Fault] = []
    left: dict[Left, list[Entry]] = {}
    for entry in sheet.entries:
        target = targets.get(entry.place.rpartition(":")[0])
        reason = _why_blank(entry) or (target.why_left(entry) if target else Left.UNKNOWN)
        if target is None or reason is not None:
            left.setdefault(reason or Left.UNKNOWN, []).append(entry)
        elif found := list(target.find_faults(entry)):
            faults.extend(found)
        else:
            changes.append(target.change(entry))
    kept = {reason: tuple(entries) for reason, entries in left.items()}
    return Plan(tuple(changes), tuple(faults), kept)


def _why_blank(entry: Entry) -> Left | None:
    if not entry.words.strip():
        return Left.EMPTY
    return Left.FUZZY if entry.is_fuzzy else None


class _Target:
    """One thing in one language, as it stands before the import."""

    def __init__(self, pair: Pair, language: str, user: Any) -> None:
        row, wording = pair.row, wording_of(pair.original)
        draft = row.get_latest_revision_as_object() if row is not None else None
        self._name = str(pair.name)
        self._original = wording
        self._texts = texts_of(self._original)
        self._present = texts_beside(draft, wording) if draft is not None else {}
        self._apart = set() if draft is None else parted_fields(draft, wording)
        self._is_open = may_translate(user, pair.original, language, row=row)
        self._is_locked = is_locked_for(user, row)

    def why_left(self, entry: Entry) -> Left | None:
        """Return why an entry does not count, or None where it does."""
        place = entry.place.rpartition(":")[2]
        if place not in self._texts:
            return Left.UNKNOWN
        if self._texts[place] != entry.original:
            return Left.OUTDATED
        if self._present.get(place) == entry.words:
            return Left.SAME
        if place.partition(".")[0] in self._apart:
            return Left.APART
        if not self._is_open:
            return Left.NOT_YOURS
        return Left.LOCKED if self._is_locked else None

    def find_faults(self, entry: Entry) -> Iterator[Fault]:
        """Give what may not be so."""
        place = entry.place.rpartition(":")[2]
        longest = longest_of(self._original, place)
        for words in find_faults(entry.original, entry.words, longest=longest):
            yield Fault(entry, words)

    def change(self, entry: Entry) -> Change:
        """Return what the entry would change."""
        place = entry.place.rpartition(":")[2]
        return Change(
            thing=self._name,
            entry=entry,
            title=title_of(self._original),
            label=label_of(self._original, place),
            old=self._present.get(place, ""),
            doubts=tuple(find_doubts(entry.original, entry.words)),
        )
