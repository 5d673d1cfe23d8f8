"""Recording: what one batch of calls taught, in one transaction.

What may follow an error is the error's own class (`messaging.wire`): a table, not a chain of ifs.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Greatest, Now

from messaging import consent, ledger
from messaging.calls import Call, Outcome
from messaging.models import Delivery, Sender
from messaging.senders import rest_sender
from messaging.states import RANK, State
from messaging.wire import AccountProblem, NotAccepted, OptedOut, Refused, SendError

_REST = timedelta(seconds=60)
_FIRST_WAIT, _LONGEST_WAIT, _MOST_DOUBLINGS = 5.0, 1800.0, 10
# As long as the column; a reason is ours, but the name of an unforeseen error may be long.
_LONGEST_REASON = 40

log = logging.getLogger("waymark.dispatch")


def record(outcomes: Sequence[Outcome], *, sender: Sender, now: datetime) -> None:
    """Write every outcome; a receipt that came first keeps its higher rank."""
    # Opt-outs first, each in its own commit: a crash in between must lose the state, not the no.
    for outcome in outcomes:
        if isinstance(outcome.error, OptedOut):
            consent.take_over_opt_outs([outcome.call.delivery], now=now)
    with transaction.atomic():
        for outcome in outcomes:
            if outcome.accepted is not None:
                _record_accepted(outcome.call, outcome.accepted.ref, now=now)
            elif outcome.error is not None:
                _record_error(outcome.call, outcome.error, now=now)
    if any(isinstance(outcome.error, AccountProblem) for outcome in outcomes):
        log.warning("sender %s rests: its account was refused", sender.pk)
        rest_sender(sender, until=now + _REST)


def wait_before_retry(attempt: int, asked: float | None) -> float:
    """Return seconds to wait after refused attempt number `attempt`, heeding what the provider asked."""
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(attempt - 1, _MOST_DOUBLINGS))
    return wait if asked is None else min(max(asked, wait), 2 * wait)


def _record_accepted(call: Call, ref: str, *, now: datetime) -> None:
    known = RANK[State.ACCEPTED]
    moved = Delivery.objects.filter(
        pk=call.delivery, attempts=call.attempt, rank__gte=RANK[State.SUBMITTING]
    ).update(
        provider_ref=ref,
        state=Case(When(rank__lt=known, then=Value(State.ACCEPTED)), default=F("state")),
        reason=Case(When(rank__lt=known, then=Value("")), default=F("reason")),
        rank=Greatest(F("rank"), Value(known)),
        lease_until=None,
    )
    if moved:
        ledger.note([(call.delivery, call.batch)], State.ACCEPTED, now=now)


def _record_error(call: Call, error: SendError, *, now: datetime) -> None:
    reason = error.reason[:_LONGEST_REASON]
    if isinstance(error, NotAccepted):
        wait = wait_before_retry(call.attempt, error.retry_after)
        Delivery.objects.filter(
            pk=call.delivery,
            attempts=call.attempt,
            state__in=[State.SUBMITTING, State.UNKNOWN],
        ).update(
            state=State.PLANNED,
            rank=RANK[State.PLANNED],
            not_before=Now() + timedelta(seconds=wait),
            reason=reason,
            owner="",
            lease_until=None,
        )
        return
    state = State.FAILED if isinstance(error, Refused) else State.UNKNOWN
    moved = Delivery.objects.filter(
        pk=call.delivery,
        attempts=call.attempt,
        rank__gte=RANK[State.SUBMITTING],
        rank__lt=RANK[state],
    ).update(state=state, rank=RANK[state], reason=reason, lease_until=None)
    if moved:
        ledger.note([(call.delivery, call.batch)], state, now=now, reason=reason)
