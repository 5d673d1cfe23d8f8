"""Taking an approved sheet: each new line is asked to confirm, once, for as long as limits let it.

A page at a time, a transaction for each line: killed half-way, it carries on; repeated, it changes
nothing. What stands against a line is asked again now: weeks may lie between dry run and approval.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from messaging.consenting import clearances, wordings
from messaging.guarding import limits, watching
from messaging.joining import signups
from messaging.joining.importing import PLACE, find_end, find_standing
from messaging.models import Alarm, ConsentEntry, Sheet, SheetRow
from messaging.models.subscribers import Purpose
from messaging.numbers import NumberError
from messaging.sealing.crypto import KeysAway, SealError, hashes_of, open_sealed

_SCOPE = "import"
_PAGE = 100
_LONGEST_PROOF = 80
Verdict = SheetRow.Verdict
Method = ConsentEntry.Method

log = logging.getLogger("waymark.importing")


class TakingError(Exception):
    """Say why a sheet cannot be taken."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Hold for whom a sheet is taken, and until when its people's yes holds."""

    owner: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Count what became of the new lines of a sheet."""

    asked: int
    waiting: int
    gone: int
    confirmed: int


class _Stopped(Exception):
    """Say that she said stop while she was being asked."""


def take(reference: str, *, now: datetime) -> None:
    """Let a checked sheet be taken from the next tick on; raise `TakingError` where it is too late."""
    checked = Sheet.objects.filter(
        reference=reference, state=Sheet.State.CHECKED, expires_at__gt=now
    )
    if not checked.update(state=Sheet.State.TAKEN, taken_at=now, expires_at=find_end(now)):
        raise TakingError("This sheet is not there any more.")


def find_waiting(*, now: datetime) -> list[str]:
    """Return the approved sheets in which somebody still waits to be asked, the oldest first."""
    mine = _find_unasked().filter(sheet=OuterRef("pk"))
    sheets = Sheet.objects.filter(Exists(mine), state=Sheet.State.TAKEN, expires_at__gt=now)
    return list(sheets.order_by("taken_at").values_list("reference", flat=True))


def ask_page(reference: str, asking: Asking, *, now: datetime) -> int:
    """Ask the next people of a sheet, as many as the day's limits let through; return how many."""
    asked = 0
    for row in _walk(_find_askable(reference)):
        if asked == _PAGE or not _has_room(asking.owner, now=now):
            break
        try:
            asked += _ask(row, reference, asking, now=now)
        except KeysAway:
            log.warning("no keys: a sheet waits")
            break
        except SealError:
            # Left as it is: a key may only be missing for the moment.
            watching.raise_alarm(Alarm.Kind.SEALS, now=now)
    return asked


def carry_on(
    asking_of: Callable[[str], Asking | None], *, clock: Callable[[], datetime], seconds: float
) -> int:
    """Ask people of all approved sheets for at most `seconds`; return how many were asked."""
    began, asked = clock(), 0
    until = began + timedelta(seconds=seconds)
    for reference in find_waiting(now=began):
        asking = asking_of(reference)
        while asking is not None and clock() < until:
            step = ask_page(reference, asking, now=clock())
            asked += step
            if not step:
                break
    return asked


def count_outcome(reference: str) -> Outcome:
    """Return what became of the new lines of a sheet."""
    rows = SheetRow.objects.filter(sheet__reference=reference)
    unasked = _find_unasked().filter(sheet__reference=reference)
    asked = rows.filter(verdict=Verdict.NEW, used_at__isnull=False)
    gone = rows.filter(verdict=Verdict.NEW, used_at__isnull=True, number_sealed=b"")
    proofs = [_proof(reference, *told) for told in asked.values_list("line", "evidence")]
    return Outcome(
        asked=len(proofs),
        waiting=unasked.count(),
        gone=gone.count(),
        confirmed=_count_confirmed(proofs),
    )


def _count_confirmed(proofs: list[str]) -> int:
    """Count the people of some lines who have confirmed since they were asked."""
    confirmed = ConsentEntry.objects.filter(
        number_hash=OuterRef("number_hash"),
        channel=OuterRef("channel"),
        verdict=ConsentEntry.Verdict.CONFIRMED,
        method=Method.IMPORT,
        id__gt=OuterRef("id"),
    )
    asked = ConsentEntry.objects.filter(
        Exists(confirmed),
        verdict=ConsentEntry.Verdict.GRANTED,
        method=Method.IMPORT,
        purpose=Purpose.MESSAGES,
        evidence__in=proofs,
    )
    return asked.values("evidence").distinct().count()


def _find_unasked() -> QuerySet[SheetRow]:
    rows = SheetRow.objects.filter(verdict=Verdict.NEW, used_at__isnull=True)
    return rows.exclude(number_sealed=b"")


def _find_askable(reference: str) -> QuerySet[SheetRow]:
    """Return who can be asked now: where people may join, on WhatsApp with an approved wording only."""
    rows = _find_unasked().filter(sheet__reference=reference, sheet__state=Sheet.State.TAKEN)
    rows = rows.filter(country__in=clearances.open_countries())
    spoken = rows.order_by().values_list("channel", "language").distinct()
    for channel, language in list(spoken):
        if signups.must_write_first(channel, language):
            rows = rows.exclude(channel=channel, language=language)
    return rows.order_by("line")


def _walk(rows: QuerySet[SheetRow]) -> Iterator[SheetRow]:
    """Yield rows page by page: those that have to wait are in nobody's way."""
    last = 0
    while page := list(rows.filter(line__gt=last)[:_PAGE]):
        yield from page
        last = page[-1].line


def _has_room(owner: str, *, now: datetime) -> bool:
    """Say whether one more may be asked today, without taking from the limits."""
    most = ((owner, settings.IMPORT_ASKED_DAY), ("", settings.SIGN_UP_LIMITS["all_day"]))
    return all(limits.count_used(_SCOPE, [text], days=1, now=now) < top for text, top in most)


def _take_room(owner: str, *, now: datetime) -> bool:
    return limits.take(_SCOPE, owner, most=settings.IMPORT_ASKED_DAY, now=now) and limits.take(
        _SCOPE, "", most=settings.SIGN_UP_LIMITS["all_day"], now=now
    )


def _ask(row: SheetRow, reference: str, asking: Asking, *, now: datetime) -> int:
    """Ask one person, or note why not; both with the line's row, in one transaction."""
    with transaction.atomic():
        claimed = SheetRow.objects.filter(
            pk=row.pk, used_at__isnull=True, verdict=Verdict.NEW, sheet__state=Sheet.State.TAKEN
        )
        if not claimed.update(used_at=now):
            return 0
        number = open_sealed(bytes(row.number_sealed), place=PLACE, row=row.uid)
        verdict = find_standing(row.channel, hashes_of(number), now=now)
        if verdict is None:
            if not _take_room(asking.owner, now=now):
                transaction.set_rollback(True)
                return 0
            try:
                verdict = _begin(_request(row, number, reference, asking), now=now)
            except signups.NotAskedError:
                # She has not been asked: neither her line nor a limit may say so.
                transaction.set_rollback(True)
                return 0
        SheetRow.objects.filter(pk=row.pk).update(number_sealed=b"", verdict=verdict)
        return int(verdict == Verdict.NEW)


def _begin(request: signups.Request, *, now: datetime) -> SheetRow.Verdict:
    try:
        with transaction.atomic():
            signups.begin(request, now=now)
            # Once more: from the sign-up on a STOP waits for us, and then ends its message.
            if find_standing(request.channel, hashes_of(request.number), now=now):
                raise _Stopped
    except _Stopped:
        return Verdict.STOPPED
    except NumberError:
        return Verdict.INVALID
    return Verdict.NEW


def _request(row: SheetRow, number: str, reference: str, asking: Asking) -> signups.Request:
    return signups.Request(
        channel=row.channel,
        number=number,
        language=row.language,
        country=row.country,
        topics=tuple(row.topics),
        method=Method.IMPORT,
        wording=wordings.current(Purpose.MESSAGES, row.language).reference,
        evidence=_proof(reference, row.line, row.evidence),
        until=asking.until,
    )


def _proof(reference: str, line: int, said: str) -> str:
    """Return what stays in the ledger of a yes when the list is gone: which line, what day, what way."""
    return f"{reference}:{line} {said}"[:_LONGEST_PROOF].rstrip()
