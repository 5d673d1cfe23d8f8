"""A dry run: what an upload would do to what stands now. Writes nothing."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from wagtail.models import Locale

from cms.spreadsheet.columns import KINDS
from cms.spreadsheet.comparing import Ground, compare
from cms.spreadsheet.reading import read_book
from cms.spreadsheet.rights import mark_locked, rights_of
from cms.spreadsheet.standing import Linked, read_linked, read_standing
from cms.spreadsheet.values import Book, Finding, Outcome, Problem

# Each draft takes some 10 ms of a transaction; SQLite lets nobody else write in the meantime.
MOST_CHANGES = 500


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was read, and the keys that its links were read with."""

    book: Book
    linked: Linked


@dataclass(frozen=True, slots=True)
class Trial:
    """All that an upload would do, and what forbids it."""

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]

    def having(self, outcome: Outcome) -> Sequence[Finding]:
        """Return the rows with one outcome."""
        return [finding for finding in self.findings if finding.outcome == outcome]

    @property
    def to_write(self) -> Sequence[Finding]:
        """Return the rows that would be written."""
        wanted = {Outcome.NEW, Outcome.CHANGED}
        return [finding for finding in self.findings if finding.outcome in wanted]

    @property
    def may_apply(self) -> bool:
        """Tell whether there is something to write and nothing against it."""
        return bool(self.to_write) and not self.problems and not self.having(Outcome.ERROR)

    @property
    def digest(self) -> str:
        """Return what is the same only while the upload would do the same to the same drafts."""
        told = hashlib.sha256()
        for finding in self.findings:
            row = finding.row
            place = (row.header.kind, row.number, row.key, row.language, row.revision)
            told.update(repr((place, row.change_kind, str(finding.outcome))).encode())
            told.update(repr((finding.pk, finding.differences)).encode())
        return told.hexdigest()


def read_upload(data: bytes) -> Upload:
    """Read a file with the keys that stand now; raise NoWorkbook where it is none."""
    linked = read_linked()
    return Upload(read_book(data, linked), linked)


def try_out(upload: Upload, person: Any) -> Trial:
    """Return what an upload of this person would do now."""
    findings = compare(upload.book.rows, _read_ground(upload, person))
    trial = Trial(findings, upload.book.problems)
    count = len(trial.to_write)
    if count > MOST_CHANGES:
        said = {"count": count, "most": MOST_CHANGES}
        text = _("It changes %(count)d rows. Split it: one upload writes %(most)d at most.") % said
        return Trial(findings, (*upload.book.problems, Problem(text)))
    return trial


def _read_ground(upload: Upload, person: Any) -> Ground:
    keys: dict[str, set[str]] = {}
    for row in upload.book.rows:
        keys.setdefault(row.header.kind, set()).add(row.key)
    rows = [
        row
        for name, wanted in keys.items()
        for row in read_standing(KINDS[name], upload.linked, keys=wanted)
    ]
    languages = Locale.objects.order_by("language_code").values_list("language_code", flat=True)
    return Ground(
        rows={(row.kind, row.key, row.language): row for row in mark_locked(rows, person)},
        languages=tuple(languages),
        first_language=settings.LANGUAGE_CODE,
        rights=rights_of(person),
    )


def primary_keys(findings: Collection[Finding], kind: str) -> list[int]:
    """Return the rows of one kind that would be changed."""
    return [f.pk for f in findings if f.pk is not None and f.row.header.kind == kind]
