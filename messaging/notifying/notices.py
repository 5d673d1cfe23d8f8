"""Notices: single service messages, such as a confirmation code, on their way to one address each.

Like a delivery, a notice is committed as `submitting` before its one call. Whatever a crash or a lost
answer leaves open is `unknown` and is never sent again: a second code would only puzzle. Once it is
settled, the address and the text are wiped. There are no receipts: nothing else hangs on them.
"""

import asyncio
import logging
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from messaging.consenting import aliases, consent
from messaging.guarding import watching
from messaging.guarding.backlog import find_due_notices
from messaging.guarding.fencing import may_send
from messaging.guarding.readiness import have_keys
from messaging.models import Alarm, Notice, Sender
from messaging.notifying.templates import find_service_wording
from messaging.providers.base import Provider
from messaging.providers.loop import wait_for
from messaging.sealing import crypto
from messaging.senders import breaker, capacity, pacing
from messaging.senders.roster import NoSenderError, choose_sender, provider_named, read_ceilings
from messaging.senders.tally import failed_on_way, was_made
from messaging.sending.flight import hand_over, read_clock
from messaging.sending.record import wait_before_retry
from messaging.wire import (
    SMS,
    Accepted,
    AccountProblem,
    NotAccepted,
    OptedOut,
    Outgoing,
    Refused,
    SendError,
)

NUMBER_PLACE, BODY_PLACE = "notice.number", "notice.body"
CALLS_AT_ONCE = 8
_LONGEST_CALL = timedelta(seconds=60)
_NEXT_TURN = timedelta(seconds=1)
_REST = timedelta(seconds=60)
_LONGEST_REASON = 40
_ending = threading.Event()

log = logging.getLogger("waymark.notices")


@dataclass(frozen=True, slots=True)
class Letter:
    """Hold one notice to be: `gap` is what fills the template where the channel needs one.

    An answer names our address that was just written to, and needs none: WhatsApp's window is open.
    With `template` it goes by that wording instead of its kind's, or by none where that is empty.
    """

    kind: str
    channel: str
    number: str = field(repr=False)
    country: str
    language: str
    body: str = field(repr=False)
    parts: int
    due_at: datetime
    expires_at: datetime
    gap: str = field(default="", repr=False)
    answers_for: str = ""
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """Hold one committed notice, ready for its one call."""

    pk: int
    uid: uuid.UUID
    channel: str
    country: str
    attempt: int
    sender: Sender
    number_sealed: bytes = field(repr=False)
    body_sealed: bytes = field(repr=False)
    template: str
    parts: int
    validity: int
    # Read from a clock that runs on while the machine sleeps, before the commit of `submitting`.
    committed: float
    # When the sender's pace lets it go, by the same clock.
    starts_at: float = 0.0


_Addressed = tuple[Provider, Outgoing]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what one call taught."""

    call: Call
    accepted: Accepted | None = None
    error: SendError | None = None


def can_push(channel: str, kind: str, language: str) -> bool:
    """Say whether a notice can go to somebody who has not just written: on WhatsApp by template only."""
    return channel == SMS or find_service_wording(kind, language) is not None


def queue(letter: Letter) -> bool:
    """Keep a notice for the next tick and say True; say False where its channel cannot carry it."""
    ref = _find_wording(letter)
    if ref is None:
        return False
    row = Notice(
        kind=letter.kind,
        channel=letter.channel,
        country=letter.country,
        number_hash=crypto.hash_number(letter.number),
        template_ref=ref,
        parts=letter.parts,
        sender=_find_written_to(letter),
        due_at=letter.due_at,
        expires_at=letter.expires_at,
    )
    row.number_sealed = crypto.seal(letter.number, place=NUMBER_PLACE, row=row.uid)
    said = letter.gap if ref else letter.body
    row.body_sealed = crypto.seal(said, place=BODY_PLACE, row=row.uid)
    row.key_id = crypto.key_id_of(row.number_sealed)
    row.save(force_insert=True)
    return True


def drop_planned(hashes: Collection[bytes], *, kind: str, now: datetime) -> int:
    """Let what is planned of one kind for an identity expire; return how many."""
    planned = Notice.objects.filter(number_hash__in=hashes, kind=kind, state=Notice.State.PLANNED)
    return _settle(planned, Notice.State.EXPIRED, now=now)


def send_due(
    *,
    clock: Callable[[], datetime],
    seconds: float,
    provider_of: Callable[[str], Provider] = provider_named,
) -> int:
    """Send what is due for at most `seconds`; return how many notices were called for."""
    until = time.monotonic() + seconds
    called = 0
    settle_left(now=clock())
    while not _ending.is_set() and time.monotonic() < until:
        calls = claim(limit=CALLS_AT_ONCE, now=clock()) if have_keys(now=clock()) else []
        if not calls:
            break
        for outcome in make_calls(calls, provider_of):
            record(outcome, now=clock())
        called += len(calls)
    return called


def stop_sending() -> None:
    """Let no further notice of this process go out: the process is ending."""
    _ending.set()


def settle_left(*, now: datetime) -> None:
    """Let what came too late expire, and call unknown what a crash left on the wire."""
    notices = Notice.objects
    late = notices.filter(state=Notice.State.PLANNED, expires_at__lte=now)
    lost = notices.filter(state=Notice.State.SUBMITTING, submitting_at__lt=now - _LONGEST_CALL)
    # Looked for first, all day long: SQLite has one writer, and who has nothing to write need not wait.
    if late.exists():
        _settle(late, Notice.State.EXPIRED, now=now)
    if lost.exists():
        _settle(lost, Notice.State.UNKNOWN, now=now, reason="no_answer")


def claim(*, limit: int, now: datetime) -> list[Call]:
    """Commit up to `limit` due notices as `submitting` and return their calls."""
    committed = read_clock()
    due = find_due_notices(now=now)
    if not due.exists():
        return []
    with transaction.atomic():
        if not may_send():
            return []
        free = due.select_for_update(skip_locked=True).order_by("due_at", "pk")
        chosen = [(row, _choose_sender(row, now=now)) for row in free[:limit]]
        # One order of locks for whoever claims beside us: one sender after the other.
        going = sorted(((row, by) for row, by in chosen if by), key=lambda pair: pair[1].pk)
        rows = [(row, by, _commit(row, by, now=now)) for row, by in going]
    return [
        _describe(row, by, start, committed=committed, now=now)
        for row, by, start in rows
        if start is not None
    ]


def make_calls(
    calls: Sequence[Call], provider_of: Callable[[str], Provider] = provider_named
) -> list[Outcome]:
    """Make calls side by side, each at its moment, and return what they taught; never raise."""
    return wait_for(_fly_all([(call, _address(call, provider_of)) for call in calls]))


def make_call(call: Call, provider_of: Callable[[str], Provider] = provider_named) -> Outcome:
    """Make one call and return what it taught; never raise."""
    return make_calls([call], provider_of)[0]


async def _fly_all(addressed: Iterable[tuple[Call, _Addressed | SendError]]) -> list[Outcome]:
    return list(await asyncio.gather(*(_fly(call, ready) for call, ready in addressed)))


async def _fly(call: Call, ready: _Addressed | SendError) -> Outcome:
    if isinstance(ready, SendError):
        return Outcome(call, error=ready)
    provider, outgoing = ready
    await asyncio.sleep(max(0.0, call.starts_at - read_clock()))
    name = f"notice {call.pk}"
    said = await hand_over(outgoing, provider, committed=call.committed, name=name)
    return Outcome(call, error=said) if isinstance(said, SendError) else Outcome(call, said)


def _address(call: Call, provider_of: Callable[[str], Provider]) -> _Addressed | SendError:
    try:
        return provider_of(call.sender.provider), _open(call)
    except crypto.SealError:
        log.error("notice %s cannot be opened", call.pk)
        return Refused("decrypt")
    except LookupError:
        log.error("notice %s: nobody is called %s", call.pk, call.sender.provider)
        return AccountProblem("no_provider")


def record(outcome: Outcome, *, now: datetime) -> None:
    """Write what one call taught; what may follow is the error's own class."""
    call, error = outcome.call, outcome.error
    mine = Notice.objects.filter(pk=call.pk, attempts=call.attempt)
    on_wire = mine.filter(state=Notice.State.SUBMITTING)
    if outcome.accepted is not None:
        # Late, but certain: a worker that was given up may still have been heard.
        known = mine.filter(state__in=[Notice.State.SUBMITTING, Notice.State.UNKNOWN])
        known.update(provider_ref=outcome.accepted.ref[:64])
        _settle(known, Notice.State.ACCEPTED, now=now)
    elif isinstance(error, NotAccepted):
        wait = timedelta(seconds=wait_before_retry(call.attempt, error.retry_after))
        on_wire.update(
            state=Notice.State.PLANNED, due_at=now + wait, reason=error.reason[:_LONGEST_REASON]
        )
    elif error is not None:
        _record_end(call, error, now=now)
    if was_made(error):
        _tell_breaker(call, error, now=now)


def _tell_breaker(call: Call, error: SendError | None, *, now: datetime) -> None:
    is_refused = isinstance(error, AccountProblem)
    if is_refused:
        log.warning("sender %s: its account was refused", call.sender.pk)
    breaker.note_calls(
        call.sender.pk,
        calls=1,
        failures=int(failed_on_way(error)),
        account_problem=is_refused,
        now=now,
    )


def _record_end(call: Call, error: SendError, *, now: datetime) -> None:
    if isinstance(error, OptedOut):
        # In a commit of its own, and first: a crash in between must lose the state, not the no.
        _take_over_opt_out(call, now=now)
    if error.reason == "decrypt":
        watching.raise_alarm(Alarm.Kind.SEALS, now=now)
    state = Notice.State.FAILED if isinstance(error, Refused) else Notice.State.UNKNOWN
    on_wire = Notice.objects.filter(
        pk=call.pk, attempts=call.attempt, state=Notice.State.SUBMITTING
    )
    _settle(on_wire, state, now=now, reason=error.reason)


def _take_over_opt_out(call: Call, *, now: datetime) -> None:
    number = crypto.open_sealed(call.number_sealed, place=NUMBER_PLACE, row=call.uid)
    hashes = aliases.list_hashes(number)
    consent.withdraw(
        hashes, method="provider", wording="provider list", now=now, channel=call.channel
    )
    watching.note_stop(now=now)


def _choose_sender(row: Notice, *, now: datetime) -> Sender | None:
    """Return who sends a locked notice; put it off and return None where nobody can."""
    written_to = row.sender if row.kind == Notice.Kind.ANSWER else None
    try:
        return written_to or choose_sender(row.channel, row.country, template=row.template_ref)
    except NoSenderError:
        _put_off(row, now + _REST)
        return None


def _commit(row: Notice, sender: Sender, *, now: datetime) -> float | None:
    """Mark a locked notice as on the wire and return when it may go, or put it off and return None."""
    if sender.halted_at is not None and not breaker.may_probe(sender, now):
        _put_off(row, now + _REST)
        return None
    start = pacing.reserve_reply(sender.pk, row.parts)
    if start is None:
        _put_off(row, now + _NEXT_TURN)
        return None
    starts_at = read_clock() + start
    row.state, row.sender, row.submitting_at = Notice.State.SUBMITTING, sender, now
    row.attempts += 1
    row.save(update_fields=["state", "sender", "submitting_at", "attempts"])
    # No limit of a day holds it back, but broadcasts get what it leaves.
    capacity.note_used(sender.pk, 1, row.parts, now)
    return starts_at


def _put_off(row: Notice, until: datetime) -> None:
    row.due_at = until
    row.save(update_fields=["due_at"])


def _describe(
    row: Notice, sender: Sender, starts_at: float, *, committed: float, now: datetime
) -> Call:
    return Call(
        pk=row.pk,
        uid=row.uid,
        channel=row.channel,
        country=row.country,
        attempt=row.attempts,
        sender=sender,
        number_sealed=bytes(row.number_sealed),
        body_sealed=bytes(row.body_sealed),
        template=row.template_ref,
        parts=row.parts,
        validity=max(6, int((row.expires_at - now).total_seconds())),
        committed=committed,
        starts_at=starts_at,
    )


def _open(call: Call) -> Outgoing:
    body = crypto.open_sealed(call.body_sealed, place=BODY_PLACE, row=call.uid)
    most = read_ceilings(call.sender.pk).get(call.country, 0) * call.parts
    return Outgoing(
        channel=call.channel,
        sender=call.sender.address,
        to=crypto.open_sealed(call.number_sealed, place=NUMBER_PLACE, row=call.uid),
        body="" if call.template else body,
        callback="",
        template=call.template,
        variables=(("1", body),) if call.template and body else (),
        validity=call.validity,
        max_price=str(most or ""),
    )


def _settle(rows: QuerySet[Notice], state: str, *, now: datetime, reason: str = "") -> int:
    return rows.update(
        state=state,
        reason=reason[:_LONGEST_REASON],
        settled_at=now,
        number_sealed=b"",
        body_sealed=b"",
    )


def _find_written_to(letter: Letter) -> Sender | None:
    """Return the sender that an answer goes out by: the one that was written to."""
    if not letter.answers_for:
        return None
    named = Sender.objects.filter(channel=letter.channel, address=letter.answers_for, active=True)
    return named.order_by("pk").first()


def _find_wording(letter: Letter) -> str | None:
    """Return by which wording a letter goes, empty for none, or None where it needs one and has none."""
    if letter.channel == SMS or letter.answers_for:
        return ""
    if letter.template is not None:
        return letter.template
    return find_service_wording(letter.kind, letter.language)
