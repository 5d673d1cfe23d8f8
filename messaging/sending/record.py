"""Recording: what one bulk of calls taught, in a few statements however many there are.

What may follow an error is the error's own class (`messaging.wire`): a table, not a chain of ifs. A
receipt that came first keeps its higher rank, and nothing that a later attempt did is touched.
"""

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from messaging import dialect, ledger
from messaging.consenting import consent, reaching
from messaging.guarding.watching import raise_alarm
from messaging.models import Alarm, Delivery, Event
from messaging.rowsets import lay_rows
from messaging.senders.calls import Outcome, Spoilt, Undecipherable
from messaging.states import EVIDENCE_RANK, RANK, State
from messaging.wire import NotAccepted, OptedOut, Refused, Unusable

MOST_STRIKES = 3
POISON = "poison"
_FIRST_WAIT, _LONGEST_WAIT, _MOST_DOUBLINGS = 5.0, 1800.0, 10
# A herd that was refused together must not come back together.
_SOONEST, _LATEST = 0.8, 1.2
# As long as the columns; a reason is ours, but the name of an unforeseen error may be long.
_LONGEST_REASON, _LONGEST_REF = 40, 64
_COLUMNS = {
    "delivery": "bigint",
    "attempt": "int",
    "owner": "text",
    "reason": "text",
    "wait": "float8",
}
_FEW_COLUMNS = {"delivery": "bigint", "attempt": "int", "ref": "text", "reason": "text"}
# One order of locks for everybody who writes to several deliveries.
_LOCKED = """SELECT h.id FROM messaging_delivery h WHERE h.id IN (SELECT delivery FROM laid)
              ORDER BY h.id FOR NO KEY UPDATE"""

log = logging.getLogger("waymark.dispatch")


def record(outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Write every outcome; doing it again changes no delivery any more."""
    # Opt-outs first, each in its own commit: a crash in between must lose the state, not the no.
    for outcome in outcomes:
        if isinstance(outcome.error, OptedOut):
            consent.take_over_opt_outs([outcome.call.delivery], now=now)
    sorted_out: dict[State, list[Outcome]] = {}
    for outcome in outcomes:
        sorted_out.setdefault(_follow(outcome), []).append(outcome)
    poisoned = 0
    if set(sorted_out) == {State.ACCEPTED}:
        # One statement, which is a transaction of its own.
        _record_accepted(outcomes, now=now)
        return
    with transaction.atomic():
        if accepted := sorted_out.get(State.ACCEPTED):
            _record_accepted(accepted, now=now)
        for state in (State.FAILED, State.UNKNOWN):
            if ended := sorted_out.get(state):
                _record_ended(ended, state, now=now)
        if refused := sorted_out.get(State.PLANNED):
            poisoned = _fail_poison(refused, now=now)
            _plan_again(refused)
    _tell(outcomes, poisoned=poisoned, now=now)
    reaching.note_missed([one.call.delivery for one in outcomes if isinstance(one.error, Unusable)])


def strike(ids: Sequence[int], owner: str, *, now: datetime) -> None:
    """Give a strike to claims that could not be committed; after three they fail, else they wait."""
    mine = Delivery.objects.filter(pk__in=ids, state=State.CLAIMED, owner=owner)
    with transaction.atomic():
        mine.update(strikes=F("strikes") + 1)
        out = list(mine.filter(strikes__gte=MOST_STRIKES).values_list("pk", "batch_id"))
        # Nothing was sent, so that no evidence may move it; yet it did not end by anybody's wish.
        Delivery.objects.filter(pk__in=[pk for pk, _batch in out]).update(
            state=State.FAILED, rank=RANK[State.FAILED], reason=POISON, owner="", lease_until=None
        )
        ledger.note(out, State.FAILED, now=now, reason=POISON)
        mine.update(
            state=State.PLANNED,
            rank=RANK[State.PLANNED],
            owner="",
            lease_until=None,
            not_before=Now() + timedelta(seconds=_FIRST_WAIT),
        )
    if out:
        raise_alarm(Alarm.Kind.POISON, now=now)


def wait_before_retry(attempt: int, asked: float | None) -> float:
    """Return seconds to wait after refused attempt number `attempt`, heeding what the provider asked."""
    base = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(attempt - 1, _MOST_DOUBLINGS))
    if asked is not None:
        return min(max(asked, base), 2 * base)
    return base * random.uniform(_SOONEST, _LATEST)  # noqa: S311 (to spread, not to hide)


def _follow(outcome: Outcome) -> State:
    """Return the state that an outcome leads to, whatever a receipt may have told already."""
    if outcome.accepted is not None:
        return State.ACCEPTED
    if isinstance(outcome.error, NotAccepted):
        return State.PLANNED
    return State.FAILED if isinstance(outcome.error, Refused) else State.UNKNOWN


def _record_accepted(outcomes: Sequence[Outcome], *, now: datetime) -> None:
    known = RANK[State.ACCEPTED]
    rows = [
        (one.call.delivery, one.call.attempt, _clean(one.accepted.ref), "")
        for one in outcomes
        if one.accepted is not None
    ]
    _move(
        lay_rows(_FEW_COLUMNS, rows),
        f"""provider_ref = laid.ref, lease_until = NULL,
            state = CASE WHEN d.rank < {known} THEN 'accepted' ELSE d.state END,
            reason = CASE WHEN d.rank < {known} THEN '' ELSE d.reason END,
            rank = CASE WHEN d.rank < {known} THEN {known} ELSE d.rank END""",
        f"d.rank >= {EVIDENCE_RANK}",
        event=State.ACCEPTED,
        now=now,
    )


def _record_ended(
    outcomes: Sequence[Outcome], state: State, *, now: datetime, reason: str = ""
) -> None:
    _move(
        _lay(outcomes, reason=reason),
        f"state = '{state}', rank = {RANK[state]}, reason = laid.reason, lease_until = NULL",
        f"d.rank >= {EVIDENCE_RANK} AND d.rank < {RANK[state]}",
        event=state,
        now=now,
    )


def _plan_again(outcomes: Sequence[Outcome]) -> None:
    _move(
        _lay(outcomes),
        f"""state = 'planned', rank = 0, reason = laid.reason, owner = '', lease_until = NULL,
            not_before = {dialect.later("laid.wait")}""",
        "d.state IN ('submitting', 'unknown') AND d.owner = laid.owner",
    )


def _fail_poison(outcomes: Sequence[Outcome], *, now: datetime) -> int:
    """Give a strike to what could not be prepared; fail what has three, and return how many."""
    spoilt = [one for one in outcomes if isinstance(one.error, Spoilt)]
    if not spoilt:
        return 0
    _move(_lay(spoilt), "strikes = d.strikes + 1", "d.owner = laid.owner")
    out = Delivery.objects.filter(
        pk__in=[one.call.delivery for one in spoilt], strikes__gte=MOST_STRIKES
    )
    ids = set(out.values_list("pk", flat=True))
    failed = [one for one in spoilt if one.call.delivery in ids]
    if failed:
        _record_ended(failed, State.FAILED, now=now, reason=POISON)
    return len(failed)


def _lay(outcomes: Sequence[Outcome], *, reason: str = "") -> tuple[str, list[Any]]:
    rows = []
    for outcome in outcomes:
        call, error = outcome.call, outcome.error
        said = reason or (error.reason[:_LONGEST_REASON] if error else "")
        asked = error.retry_after if isinstance(error, NotAccepted) else None
        wait = wait_before_retry(call.attempt, asked) if error else 0.0
        rows.append((call.delivery, call.attempt, call.owner, said, wait))
    return lay_rows(_COLUMNS, rows)


def _clean(ref: str) -> str:
    return ref.replace("\0", "")[:_LONGEST_REF]


def _move(
    laid: tuple[str, list[Any]],
    change: str,
    allowed: str,
    *,
    event: State | None = None,
    now: datetime | None = None,
) -> None:
    """Change deliveries by laid rows where it is allowed, and note an event for each that changed."""
    table, values = laid
    update = f"""UPDATE messaging_delivery AS d SET {change} FROM {{sources}}
                  WHERE d.id = laid.delivery AND d.attempts = laid.attempt AND {allowed}"""  # noqa: S608
    insert = f"""INSERT INTO messaging_event (delivery_id, batch_id, state, reason, at)
                 SELECT moved.id, moved.batch_id, '{event}', laid.reason, %s
                   FROM {{sources}} JOIN moved ON moved.id = laid.delivery
                  WHERE 1 = 1 ON CONFLICT (delivery_id, state) DO NOTHING"""  # noqa: S608
    if dialect.is_postgres():
        held = update.format(sources="laid JOIN held ON held.id = laid.delivery")
        last = insert.format(sources="laid") if event else "SELECT 1 FROM moved"
        dialect.run(
            f"""WITH laid AS MATERIALIZED (SELECT * FROM {table} given),
                     held AS MATERIALIZED ({_LOCKED}),
                     moved AS ({held} RETURNING d.id, d.batch_id)
                {last}""",  # noqa: S608
            [*values, *([now] if event else [])],
        )
        return
    moved = dialect.fetch(
        update.format(sources=f"{table} laid") + " RETURNING id, batch_id", values
    )
    if event and moved and now:
        reasons = dict(dialect.fetch(f"SELECT delivery, reason FROM {table} laid", values))  # noqa: S608
        ledger.write(
            Event(delivery_id=pk, batch_id=batch, state=event, reason=reasons[pk], at=now)
            for pk, batch in moved
        )


def _tell(outcomes: Sequence[Outcome], *, poisoned: int, now: datetime) -> None:
    if any(isinstance(outcome.error, Undecipherable) for outcome in outcomes):
        raise_alarm(Alarm.Kind.SEALS, now=now)
    if poisoned:
        log.error("%s deliveries could not be prepared and failed", poisoned)
        raise_alarm(Alarm.Kind.POISON, now=now)
