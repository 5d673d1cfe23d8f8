"""Repair: what a crash left half done goes back to planned, or to unknown when nobody can know."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from messaging import ledger
from messaging.models import Batch, BatchLane, Delivery
from messaging.sending import batches
from messaging.states import RANK, State


def repair_leases(*, now: datetime) -> int:
    """Release claims whose lease is over, call cut sendings unknown, end the late; return how many."""
    repaired = _release_claims() + _give_up_cut(now=now) + _end_planned(now=now)
    return repaired + batches.reopen(now=now)


def _release_claims() -> int:
    with transaction.atomic():
        return Delivery.objects.filter(pk__in=_lock_over(State.CLAIMED)).update(
            state=State.PLANNED, rank=RANK[State.PLANNED], owner="", lease_until=None
        )


def _give_up_cut(*, now: datetime) -> int:
    with transaction.atomic():
        batches = _lock_over(State.SUBMITTING)
        # Owner and attempt stay, so that a slow owner can still say what it learned.
        Delivery.objects.filter(pk__in=batches).update(
            state=State.UNKNOWN, rank=RANK[State.UNKNOWN], reason="cut_off", lease_until=None
        )
        ledger.note(batches.items(), State.UNKNOWN, now=now, reason="cut_off")
    return len(batches)


def _end_planned(*, now: datetime) -> int:
    planned = Delivery.objects.filter(state=State.PLANNED)
    waiting = Batch.objects.filter(Exists(planned.filter(batch=OuterRef("pk"))))
    # A claim given back, or a refusal to take one, may come after its batch was cancelled.
    cancelled = waiting.filter(state=Batch.State.CANCELLED)
    ended = _end_of(cancelled, planned, State.CANCELLED, reason="cancelled", now=now)
    # Each row has the window of a lane: while all of a batch's are open none of its rows is late.
    over = BatchLane.objects.filter(batch=OuterRef("pk"), send_before__lte=Now())
    late = planned.filter(send_before__lte=Now())
    return ended + _end_of(
        waiting.filter(Exists(over)), late, State.EXPIRED, reason="window_over", now=now
    )


def _end_of(
    chosen: QuerySet[Batch], rows: QuerySet[Delivery], state: State, *, reason: str, now: datetime
) -> int:
    ended = 0
    for batch in chosen.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            ended += ledger.end_unsent(rows.filter(batch=batch), state, reason=reason, now=now)
    return ended


def _lock_over(state: State) -> dict[int, int]:
    """Lock deliveries whose lease is over and return their batches by id."""
    # Whoever holds one of these rows is about to settle it, so it is passed over.
    over = Delivery.objects.filter(state=state, lease_until__lt=Now())
    rows = over.select_for_update(skip_locked=True).order_by("pk").values_list("pk", "batch_id")
    return dict(rows)
