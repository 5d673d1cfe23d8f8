"""Dispatch: claim, re-check and commit, call the provider, record.

1. `claim_due` marks as many due rows as calls can start at once, with an owner and a lease.
2. `submit` locks the subscribers, re-checks consent, switch, pause and expiry, and commits
   `submitting`: from here on the provider may have the message.
3. The calls go out together, with no transaction open.
4. `record` writes what was learned. What nobody can know is `unknown` and is never sent again.

The database's clock decides leases and windows (Django's `Now()`), so that hosts need not agree.
"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from messaging import ledger, record
from messaging.calls import Call, Outcome, Step, Undecipherable
from messaging.consent import open_number
from messaging.crypto import SealError
from messaging.models import Attempt, Batch, Delivery, Fence, Sender, Subscriber, Suppression
from messaging.providers.base import Provider
from messaging.states import RANK, State
from messaging.tokens import make_token
from messaging.wire import NotAccepted, Outgoing, SendError, Unclear

CALLS_AT_ONCE = 24
_CLAIM_LEASE = timedelta(seconds=60)
_SUBMIT_LEASE = timedelta(seconds=30)
# A process that was stopped after its commit must not outlive an opt-out.
_LONGEST_PAUSE = 5.0
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

log = logging.getLogger("waymark.dispatch")


def claim_due(sender: Sender, owner: str, *, limit: int) -> list[int]:
    """Mark up to `limit` due deliveries of a sender as claimed by `owner` and return their ids."""
    if not _may_send():
        return []
    with transaction.atomic():
        # Whole rows, not values_list: with values Django forgets `of`, would lock the batch as
        # well, and a second claimer would skip every row of it.
        due = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(
                sender=sender,
                state=State.PLANNED,
                batch__state=Batch.State.RUNNING,
                not_before__lte=Now(),
                send_before__gt=Now(),
            )
            .order_by("-batch__priority", "not_before", "pk")
            .only("pk")
        )
        ids = [row.pk for row in due[:limit]]
        Delivery.objects.filter(pk__in=ids, state=State.PLANNED).update(
            state=State.CLAIMED,
            rank=RANK[State.CLAIMED],
            owner=owner,
            lease_until=Now() + _CLAIM_LEASE,
        )
    return ids


def submit(ids: list[int], owner: str, *, now: datetime) -> list[Call]:
    """Re-check claimed deliveries under lock, commit those that may go, and return their calls."""
    # A description, not rows: each step asks again what is still claimed by this owner.
    mine = Delivery.objects.filter(pk__in=ids, state=State.CLAIMED, owner=owner)
    with transaction.atomic():
        people = _lock_people(mine)
        _settle_stopped(mine, people, now=now)
        _settle_invalid(mine, now=now)
        calls = _commit(mine, owner, now=now)
        # What is left was paused, fenced or claimed too long ago.
        mine.update(state=State.PLANNED, rank=RANK[State.PLANNED], owner="", lease_until=None)
    return calls


def drain(sender: Sender, owner: str, *, provider: Provider, now: datetime) -> Step:
    """Claim, submit, call and record one batch of a sender, at most what it sends in a second."""
    limit = max(1, min(CALLS_AT_ONCE, sender.parts_per_second))
    ids = claim_due(sender, owner, limit=limit)
    if not ids:
        return Step(claimed=0, parts=0, called_at=time.monotonic())
    calls = submit(ids, owner, now=now)
    called_at = time.monotonic()
    outcomes = list(_threads().map(lambda call: make_call(call, sender, provider), calls))
    record.record(outcomes, sender=sender, now=now)
    parts = sum(call.parts for call in calls)
    return Step(claimed=len(ids), parts=parts, called_at=called_at)


def make_call(call: Call, sender: Sender, provider: Provider) -> Outcome:
    """Make one call and return what it taught; never raise, for poison must fail alone."""
    if _read_clock() - call.committed > _LONGEST_PAUSE:
        return Outcome(call, error=NotAccepted("paused_too_long"))
    try:
        number = open_number(call.subscriber_uid, call.sealed, purpose="sending")
    except SealError:
        log.error("delivery %s: its number cannot be opened", call.delivery)
        return Outcome(call, error=Undecipherable("decrypt"))
    try:
        return Outcome(call, accepted=provider.send(_outgoing(call, sender, number)))
    except SendError as error:
        return Outcome(call, error=error)
    except Exception as error:  # noqa: BLE001  (anything unforeseen after the first byte is unclear)
        log.warning("delivery %s: %s", call.delivery, type(error).__name__)
        return Outcome(call, error=Unclear(type(error).__name__))


def _may_send() -> bool:
    return Fence.objects.filter(send_enabled=True).exists()


def _lock_people(mine: QuerySet[Delivery]) -> list[int]:
    """Lock the subscribers of these deliveries, which waits for an opt-out that is under way."""
    return list(
        Subscriber.objects.select_for_update(no_key=True)
        .filter(pk__in=mine.values("subscriber_id"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _settle_stopped(mine: QuerySet[Delivery], people: list[int], *, now: datetime) -> None:
    # A statement after the lock: under READ COMMITTED it sees the opt-out that was waited for.
    stopped = Suppression.objects.values("number_hash")
    subscribed = Subscriber.objects.filter(pk__in=people, state=Subscriber.State.SUBSCRIBED)
    allowed = subscribed.exclude(number_hash__in=stopped)
    ledger.end_unsent(
        mine.exclude(subscriber__in=allowed), State.SUPPRESSED, reason="opted_out", now=now
    )


def _commit(mine: QuerySet[Delivery], owner: str, *, now: datetime) -> list[Call]:
    going = mine.filter(
        lease_until__gt=Now(),
        send_before__gt=Now(),
        batch__state=Batch.State.RUNNING,
        batch__text_valid_until__gt=Now(),
    )
    ids = list(going.values_list("pk", flat=True)) if _may_send() else []
    Delivery.objects.filter(pk__in=ids, state=State.CLAIMED, owner=owner).update(
        state=State.SUBMITTING,
        rank=RANK[State.SUBMITTING],
        attempts=F("attempts") + 1,
        submitting_at=Now(),
        lease_until=Now() + _SUBMIT_LEASE,
    )
    calls = _read_calls(ids, owner)
    Attempt.objects.bulk_create(
        [Attempt(delivery_id=c.delivery, number=c.attempt, started_at=now) for c in calls]
    )
    return calls


def _outgoing(call: Call, sender: Sender, number: str) -> Outgoing:
    left = int(call.send_before.timestamp() - time.time())
    token = make_token(call.delivery, call.attempt)
    return Outgoing(
        channel=call.channel,
        sender=sender.address,
        to=number,
        body=call.body,
        callback=f"{settings.PUBLIC_URL}/hooks/twilio/status/{token}/",
        template=call.template,
        validity=max(6, min(left, 36_000)),
    )


def _settle_invalid(rows: QuerySet[Delivery], *, now: datetime) -> None:
    ledger.end_unsent(
        rows.filter(batch__state=Batch.State.CANCELLED),
        State.CANCELLED,
        reason="cancelled",
        now=now,
    )
    ledger.end_unsent(
        rows.filter(batch__text_valid_until__lte=Now()),
        State.HELD,
        reason="text_expired",
        now=now,
    )
    ledger.end_unsent(
        rows.filter(send_before__lte=Now()), State.EXPIRED, reason="window_over", now=now
    )


def _read_calls(ids: list[int], owner: str) -> list[Call]:
    rows = (
        Delivery.objects.filter(pk__in=ids, state=State.SUBMITTING, owner=owner)
        .select_related("subscriber", "text")
        .order_by("pk")
    )
    # Before the commit: a process stopped right after it must find its calls too old.
    committed = _read_clock()
    return [_describe_call(row, committed) for row in rows]


def _describe_call(row: Delivery, committed: float) -> Call:
    return Call(
        delivery=row.pk,
        batch=row.batch_id,
        attempt=row.attempts,
        channel=row.channel,
        subscriber_uid=row.subscriber.uid,
        sealed=bytes(row.subscriber.number_sealed),
        body=row.text.body,
        template=row.text.template_ref,
        parts=row.text.parts,
        send_before=row.send_before,
        committed=committed,
    )


def _read_clock() -> float:
    return time.clock_gettime(_CLOCK)


@cache
def _threads() -> ThreadPoolExecutor:
    # Several senders may be drained in one process; a call that waits for a thread grows too old.
    return ThreadPoolExecutor(4 * CALLS_AT_ONCE, thread_name_prefix="call")
