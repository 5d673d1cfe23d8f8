"""Repair: what a crash left half done goes back to planned, or to unknown when nobody can know."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from messaging import ledger
from messaging.models import Batch, Delivery
from messaging.states import RANK, State


def repair_leases(*, now: datetime) -> int:
    """Release claims whose lease is over, call cut sendings unknown, end the late; return how many."""
    return _release_claims() + _give_up_cut(now=now) + _end_planned(now=now)


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
    # A claim given back, or a refusal to take one, may come after its batch was cancelled.
    left = planned.filter(batch__state=Batch.State.CANCELLED)
    late = planned.filter(send_before__lte=Now())
    with transaction.atomic():
        cancelled = ledger.end_unsent(left, State.CANCELLED, reason="cancelled", now=now)
    with transaction.atomic():
        expired = ledger.end_unsent(late, State.EXPIRED, reason="window_over", now=now)
    return cancelled + expired


def _lock_over(state: State) -> dict[int, int]:
    """Lock deliveries whose lease is over and return their batches by id."""
    # Whoever holds one of these rows is about to settle it, so it is passed over.
    over = Delivery.objects.filter(state=state, lease_until__lt=Now())
    rows = over.select_for_update(skip_locked=True).order_by("pk").values_list("pk", "batch_id")
    return dict(rows)
