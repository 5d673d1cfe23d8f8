"""The audit: who did what at the desk, append-only, each entry sealed by the digest of the one before.

An entry holds ids, codes and counts. What would be a text, a name or a number is refused here; that
nothing is changed or deleted, the database refuses itself (`campaigns.triggers`). Whoever owns the
database can take its triggers away and write the whole chain anew: each entry's mark therefore goes
into the log as well, which is kept elsewhere, and `manage.py audit verify` compares.
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial as bind
from typing import NotRequired, TypeAlias, TypedDict, Unpack

from django.db import transaction

from campaigns.models import AuditEntry, AuditHead, Broadcast

# What was counted then, and which codes belong to it.
Details: TypeAlias = Mapping[str, int | str]
_HEAD = 1
_WORD = re.compile(r"[a-z][a-z_]{0,29}")
_CODE = re.compile(r"[A-Za-z0-9_.:,-]{0,64}")
# Longer than any code of ours that happens to be digits only: a phone number would be that long.
_LONG_NUMBER = re.compile(r"(?<![A-Za-z0-9])\d[\d.,-]{8,}(?![A-Za-z0-9])")
_LONGEST = 40
_MARK = 16
# A mark is letters only: what looks like a phone number is taken out of a log.
_AS_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_PAGE = 2_000
# Looking at a broadcast again within a day is one look.
_ONE_LOOK = timedelta(days=1)

log = logging.getLogger("waymark.audit")


class AuditError(Exception):
    """Say that an entry would hold what may not be in the audit."""


@dataclass(frozen=True, slots=True)
class Break:
    """Hold where the chain does not hold, and in which way, in a word."""

    number: int
    fault: str


class Deed(TypedDict):
    """Hold what a deed was done to, by whom (None: the clock), for which partner, and when."""

    kind: str
    code: str
    actor: int | None
    partner: NotRequired[int | None]
    details: NotRequired[Details]
    now: datetime


def note(verb: str, **deed: Unpack[Deed]) -> None:
    """Append one deed in the caller's transaction, or in one of its own.

    Codes and counts only; raise `AuditError` where something else stands in it. The end of the chain
    is locked until the transaction ends, so call it after every other lock was taken.
    """
    entry = AuditEntry(
        at=deed["now"].astimezone(UTC),
        actor_id=deed["actor"],
        partner_id=deed.get("partner"),
        verb=verb,
        kind=deed["kind"],
        object_code=deed["code"],
        details=dict(deed.get("details") or {}),
    )
    refuse_private(entry)
    with transaction.atomic():
        head = _lock_head()
        entry.number, entry.previous = head.number + 1, head.digest
        entry.digest = seal_entry(entry)
        entry.save(force_insert=True)
        head.number, head.digest = entry.number, entry.digest
        head.save(update_fields=["number", "digest"])
        transaction.on_commit(bind(_log_mark, entry.number, entry.digest))


def note_once(verb: str, *, within: timedelta, **deed: Unpack[Deed]) -> None:
    """Append what somebody does again and again, such as looking, once in so much time."""
    same = AuditEntry.objects.filter(
        kind=deed["kind"], object_code=deed["code"], verb=verb, actor_id=deed["actor"]
    )
    if not same.filter(at__gt=deed["now"] - within).exists():
        note(verb, **deed)


class BroadcastDeed(TypedDict):
    """Hold what a deed on a broadcast was done by (None: the clock), and when."""

    actor: int | None
    details: NotRequired[Details]
    now: datetime


def note_broadcast(verb: str, broadcast: Broadcast, **deed: Unpack[BroadcastDeed]) -> None:
    """Append one deed on a broadcast, as `note` does."""
    note(verb, kind="broadcast", code=broadcast.code, partner=broadcast.partner_id, **deed)


def note_looks(broadcasts: Iterable[Broadcast], *, by: int, now: datetime) -> None:
    """Append who saw how many people these broadcasts are for or reached, of each once a day."""
    shown = {one.code: one for one in broadcasts}
    known = AuditEntry.objects.filter(
        kind="broadcast",
        object_code__in=shown,
        verb="saw_count",
        actor_id=by,
        at__gt=now - _ONE_LOOK,
    ).values_list("object_code", flat=True)
    if unseen := sorted(shown.keys() - set(known)):
        with transaction.atomic():
            for code in unseen:
                note_broadcast("saw_count", shown[code], actor=by, now=now)


def seal_entry(entry: AuditEntry) -> str:
    """Return the SHA-256 of everything in an entry, the digest of the one before included."""
    held = [
        entry.number,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.partner_id,
        entry.verb,
        entry.kind,
        entry.object_code,
        entry.details,
        entry.previous,
    ]
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()


def mark_of(digest: str) -> str:
    """Return the short form of a digest that the log holds, in letters."""
    return digest[:_MARK].translate(_AS_LETTERS)


def find_breaks(marks: Mapping[int, str] | None = None) -> Iterator[Break]:
    """Yield every place where the chain does not hold, and where it differs from marks of the log."""
    wanted = dict(marks or {})
    expected, previous = 1, ""
    for entry in AuditEntry.objects.order_by("number", "pk").iterator(chunk_size=_PAGE):
        if entry.number != expected:
            yield Break(expected, "missing")
        elif entry.previous != previous:
            yield Break(entry.number, "not after the one before")
        if entry.digest != seal_entry(entry):
            yield Break(entry.number, "changed")
        if wanted.pop(entry.number, mark_of(entry.digest)) != mark_of(entry.digest):
            yield Break(entry.number, "not what the log says")
        expected, previous = entry.number + 1, entry.digest
    yield from _compare_end(expected - 1, previous, wanted)


def _compare_end(last: int, digest: str, unseen: Iterable[int]) -> Iterator[Break]:
    head = AuditHead.objects.filter(pk=_HEAD).first() or AuditHead()
    if (head.number, head.digest) != (last, digest):
        yield Break(max(head.number, last), "not the end that was kept")
    for number in sorted(unseen):
        yield Break(number, "in the log only")


def _lock_head() -> AuditHead:
    heads = AuditHead.objects.select_for_update()
    if found := heads.filter(pk=_HEAD).first():
        return found
    AuditHead.objects.get_or_create(pk=_HEAD)
    return heads.get(pk=_HEAD)


def _log_mark(number: int, digest: str) -> None:
    log.info("entry %s has the mark %s", number, mark_of(digest))


def takes_code(code: str) -> bool:
    """Say whether a code may stand in the audit as it is; a key that looks like a number may not."""
    is_code = bool(code) and _CODE.fullmatch(code) is not None
    return is_code and len(code) <= _LONGEST and not _LONG_NUMBER.search(code)


def refuse_private(entry: AuditEntry) -> None:
    """Raise `AuditError` where an entry holds more than words, codes and counts."""
    values = list(entry.details.values())
    codes = [entry.object_code, *(value for value in values if isinstance(value, str))]
    if not all(_WORD.fullmatch(word) for word in [entry.verb, entry.kind, *entry.details]):
        raise AuditError("A verb, a kind and the name of a detail are words of at most 30 letters.")
    is_code = all(_CODE.fullmatch(one) and not _LONG_NUMBER.search(one) for one in codes)
    if not is_code or len(entry.object_code) > _LONGEST:
        raise AuditError("The audit holds codes and counts, no text, no name and no number.")
    if not all(isinstance(value, int | str) for value in values):
        raise AuditError("A detail is a count or a code.")
