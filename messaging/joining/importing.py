"""Importing: a partner's list is judged line by line; after a second yes each new line is asked.

Nobody joins by a list. A new line begins a sign-up, and only an answer from that very phone makes it
live; whoever said stop stays stopped, however often she is on a list. Numbers of other lines are not
kept, and that of a new one only, sealed, until it is asked. Who may bring and approve is decided above.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from messaging.consenting.clearances import open_countries
from messaging.consenting.identities import as_hashes
from messaging.joining.sheets.columns import read_entries
from messaging.joining.sheets.files import read_table
from messaging.joining.sheets.judging import Ground, Judged, judge
from messaging.joining.sheets.marks import check_mark
from messaging.joining.sheets.values import SheetError, Table
from messaging.models import Sheet, SheetRow, Subscriber, Suppression
from messaging.sealing.crypto import hashes_of, key_id_of, keyed_hashes, seal

PLACE = "sheet_row.number"
_PAGE = 500
Verdict = SheetRow.Verdict


@dataclass(frozen=True, slots=True)
class Upload:
    """Hold a file, whose sheet it should be, and the topics by every folded name they go by."""

    reference: str
    owner: str
    data: bytes = field(repr=False)
    topics: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """Hold what a dry run found: the lines by verdict, and in which form the file was read."""

    counts: dict[str, int]
    form: str
    is_guessed: bool

    @property
    def lines(self) -> int:
        """Return how many lines were judged."""
        return sum(self.counts.values())


class SameSheetError(SheetError):
    """Say that this very file is here already, under `reference`."""

    def __init__(self, reference: str) -> None:
        super().__init__(_("This very file has been checked already."))
        self.reference = reference


def check(upload: Upload, *, most: int, now: datetime) -> Checked:
    """Judge every line of a file and keep the verdicts; raise `SheetError` and keep nothing.

    `most` is how many lines its owner may still have checked. Call it inside a transaction that lets
    nobody else check for this owner.
    """
    table = read_table(
        upload.data, most_bytes=settings.IMPORT_BYTES, most_rows=settings.IMPORT_ROWS
    )
    check_mark(table, upload.owner)
    judged = _judge_all(table, upload.topics, most=most, now=now)
    digests = _digest(upload)
    same = Sheet.objects.filter(digest__in=digests).exclude(state=Sheet.State.DROPPED).first()
    if same is not None:
        raise SameSheetError(same.reference)
    judged = _look_up_people(_mark_doubles(judged), now=now)
    with transaction.atomic():
        sheet = Sheet.objects.create(
            reference=upload.reference,
            digest=digests[0],
            checked_at=now,
            expires_at=find_end(now),
        )
        SheetRow.objects.bulk_create((_make_row(sheet, one) for one in judged), batch_size=_PAGE)
    counts = Counter(str(one.verdict) for one in judged)
    return Checked(dict(counts), table.form, table.is_guessed)


def find_end(now: datetime) -> datetime:
    """Return until when a second person may take, and until when limits may hold back what was approved."""
    return now + timedelta(days=settings.RETENTION["sheets"])


def find_standing(
    channel: str, hashes: Collection[bytes], *, now: datetime
) -> SheetRow.Verdict | None:
    """Return what stands against asking an identity: that she said stop, or is here already."""
    if _find_stopped(hashes, now=now):
        return Verdict.STOPPED
    known = {(channel, number_hash) for number_hash in hashes}
    return Verdict.HERE if not known.isdisjoint(_find_here(hashes)) else None


def list_lines(reference: str) -> QuerySet[SheetRow]:
    """Return the lines of a sheet in their order; only their number and verdict are for showing."""
    rows = SheetRow.objects.filter(sheet__reference=reference).order_by("line")
    return rows.only("line", "verdict")


def drop(references: Iterable[str]) -> int:
    """Drop sheets that nobody has approved, their numbers with them; return how many."""
    with transaction.atomic():
        sheets = Sheet.objects.select_for_update().filter(
            reference__in=references, state=Sheet.State.CHECKED
        )
        ids = list(sheets.values_list("pk", flat=True))
        _wipe(ids)
        return Sheet.objects.filter(pk__in=ids).update(state=Sheet.State.DROPPED)


def find_expired(*, now: datetime) -> list[str]:
    """Return the sheets whose time is over: undecided, or approved and not asked to the end."""
    held = SheetRow.objects.filter(sheet=OuterRef("pk")).exclude(number_sealed=b"")
    unfinished = Q(state=Sheet.State.CHECKED) | Q(Exists(held), state=Sheet.State.TAKEN)
    over = Sheet.objects.filter(unfinished, expires_at__lte=now)
    return list(over.order_by("pk").values_list("reference", flat=True))


def end_expired(*, now: datetime) -> int:
    """Wipe what nobody approved, or no limit let through, in time; return how many lines lost theirs."""
    with transaction.atomic():
        over = Sheet.objects.select_for_update().filter(expires_at__lte=now)
        ids = list(over.exclude(state=Sheet.State.DROPPED).values_list("pk", flat=True))
        wiped = _wipe(ids)
        Sheet.objects.filter(pk__in=ids, state=Sheet.State.CHECKED).update(
            state=Sheet.State.DROPPED
        )
    return wiped


def _wipe(sheets: Sequence[int]) -> int:
    return (
        SheetRow.objects.filter(sheet__in=sheets)
        .exclude(number_sealed=b"")
        .update(number_sealed=b"")
    )


def _judge_all(
    table: Table, topics: Mapping[str, str], *, most: int, now: datetime
) -> list[Judged]:
    entries = read_entries(table)
    if not entries:
        raise SheetError(_("Nobody stands on the sheet yet. Fill it in below the second line."))
    if len(entries) > most:
        raise SheetError(
            _(
                "It has %(lines)d lines, and only %(most)d more are checked for your organisation "
                "today. Bring a shorter sheet, or come back tomorrow."
            )
            % {"lines": len(entries), "most": max(0, most)}
        )
    ground = Ground(
        topics=topics, open=open_countries(), today=now.date(), fiction=settings.REHEARSAL
    )
    return [judge(entry, ground) for entry in entries]


def _mark_doubles(judged: Iterable[Judged]) -> list[Judged]:
    """Let the first of several good lines about one address stand."""
    seen: set[tuple[str, str]] = set()
    found = []
    for one in judged:
        address = (one.channel, one.number)
        if one.verdict == Verdict.NEW and address in seen:
            one = Judged(one.line, Verdict.TWICE)  # noqa: PLW2901
        elif one.verdict == Verdict.NEW:
            seen.add(address)
        found.append(one)
    return found


def _look_up_people(judged: list[Judged], *, now: datetime) -> list[Judged]:
    """Say of good lines who is here already and who said stop, in a query for each page of lines."""
    found = list(judged)
    good = [place for place, one in enumerate(judged) if one.verdict == Verdict.NEW]
    for start in range(0, len(good), _PAGE):
        page = good[start : start + _PAGE]
        hashes = {place: hashes_of(judged[place].number) for place in page}
        wanted = {known for ring in hashes.values() for known in ring}
        stopped, here = _find_stopped(wanted, now=now), _find_here(wanted)
        for place in page:
            one = judged[place]
            if not stopped.isdisjoint(hashes[place]):
                found[place] = Judged(one.line, Verdict.STOPPED)
            elif any((one.channel, known) in here for known in hashes[place]):
                found[place] = Judged(one.line, Verdict.HERE)
    return found


def _find_stopped(hashes: Collection[bytes], *, now: datetime) -> set[bytes]:
    rows = Suppression.objects.filter(number_hash__in=hashes)
    rows = rows.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    # Until its row goes, a subscription that has ended says stop as well.
    ended = Subscriber.objects.filter(number_hash__in=hashes, state=Subscriber.State.STOPPED)
    return as_hashes(rows.values_list("number_hash", flat=True)) | as_hashes(
        ended.values_list("number_hash", flat=True)
    )


def _find_here(hashes: Collection[bytes]) -> set[tuple[str, bytes]]:
    rows = Subscriber.objects.filter(number_hash__in=hashes)
    found = rows.values_list("channel", "number_hash")
    return {(channel, bytes(number_hash)) for channel, number_hash in found}


def _make_row(sheet: Sheet, one: Judged) -> SheetRow:
    row = SheetRow(sheet=sheet, line=one.line, verdict=one.verdict)
    if one.verdict == Verdict.NEW:
        row.channel, row.language, row.country = one.channel, one.language, one.country
        row.topics, row.evidence = list(one.topics), one.evidence
        row.number_sealed = seal(one.number, place=PLACE, row=row.uid)
        row.key_id = key_id_of(row.number_sealed)
    return row


def _digest(upload: Upload) -> list[str]:
    """Return what a file is known by again, under every key: a bare digest of a short list says it all."""
    bare = hashlib.sha256(upload.data).hexdigest()
    return [known.hex() for known in keyed_hashes("sheet", f"{upload.owner}|{bare}")]
