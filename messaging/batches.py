"""Batches: pause, resume, cancel, hold, finish, and count by state."""

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from messaging import ledger
from messaging.models import Batch, Delivery
from messaging.states import MOVING, State

_OPEN = (Batch.State.RUNNING, Batch.State.PAUSED)


def pause(reference: str) -> bool:
    """Stop a batch before its next message; say whether it was running."""
    running = Batch.objects.filter(reference=reference, state=Batch.State.RUNNING)
    return bool(running.update(state=Batch.State.PAUSED))


def resume(reference: str) -> bool:
    """Let a paused batch go on; say whether it was paused."""
    paused = Batch.objects.filter(reference=reference, state=Batch.State.PAUSED)
    return bool(paused.update(state=Batch.State.RUNNING))


def cancel(reference: str, *, now: datetime) -> int:
    """End a batch for good and return how many messages were not sent."""
    with transaction.atomic():
        stopped = Batch.objects.filter(reference=reference, state__in=_OPEN).update(
            state=Batch.State.CANCELLED, finished_at=now
        )
        if not stopped:
            return 0
        waiting = Delivery.objects.filter(batch__reference=reference, state=State.PLANNED)
        return ledger.end_unsent(waiting, State.CANCELLED, reason="cancelled", now=now)


def limit_text(reference: str, *, until: datetime) -> None:
    """Shorten the time for which a batch's text holds true; it is never made longer."""
    Batch.objects.filter(reference=reference, text_valid_until__gt=until).update(
        text_valid_until=until
    )


def count_states(reference: str) -> Counter[str]:
    """Return how many deliveries of a batch are in each state; the counts sum to its audience."""
    rows = (
        Delivery.objects.filter(batch__reference=reference)
        .values_list("state")
        .annotate(count=Count("pk"))
    )
    return Counter(dict(rows))


def finish_done(*, now: datetime) -> int:
    """Close running batches that have nothing left to send and return how many."""
    moving = Delivery.objects.filter(state__in=MOVING).values("batch_id")
    return (
        Batch.objects.filter(state=Batch.State.RUNNING)
        .exclude(pk__in=moving)
        .update(state=Batch.State.FINISHED, finished_at=now)
    )
