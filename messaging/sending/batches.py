"""Batches: pause, resume, cancel, hold, finish, and count by state."""

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from messaging import ledger
from messaging.models import Batch, ConsentEntry, Delivery, Suppression
from messaging.sending import recounting
from messaging.states import MOVING, State

_OPEN = (Batch.State.RUNNING, Batch.State.PAUSED)
_PAGE, _PAGES_AT_ONCE = 1_000, 5
_Method = ConsentEntry.Method
_OWN_WORDS = (_Method.KEYWORD, _Method.WHATSAPP, _Method.STOP_PAGE)


def pause(reference: str, *, reason: str = "") -> bool:
    """Stop a batch before its next message; say whether it was running. A person gives no reason."""
    running = Batch.objects.filter(reference=reference, state=Batch.State.RUNNING)
    return bool(running.update(state=Batch.State.PAUSED, paused_reason=reason))


def resume(reference: str, *, unless: str | None = None) -> bool:
    """Let a paused batch go on, `unless` it is paused for that reason; say whether it goes on by this."""
    paused = Batch.objects.filter(reference=reference, state=Batch.State.PAUSED)
    if unless is not None:
        paused = paused.exclude(paused_reason=unless)
    return bool(paused.update(state=Batch.State.RUNNING, paused_reason=""))


def cancel(reference: str, *, now: datetime) -> int:
    """End a batch for good, and its rows with it; return how many messages are not sent."""
    left = stop(reference, now=now)
    if left:
        end_rows(reference, now=now)
    return left


def stop(reference: str, *, now: datetime) -> int:
    """End a batch for good and return how many messages are not sent; their rows are left to `end_rows`.

    Once this state is committed nothing more of it is handed over.
    """
    stopped = Batch.objects.filter(reference=reference, state__in=_OPEN).update(
        state=Batch.State.CANCELLED, finished_at=now
    )
    return _find_waiting(reference).count() if stopped else 0


def end_rows(reference: str, *, now: datetime) -> None:
    """End the rows of a batch that was stopped, page by page, each in a transaction of its own.

    A long tail of them ends by the clock (`messaging.sending.repair`), so that nobody waits for a million.
    """
    waiting = _find_waiting(reference)
    for _page in range(_PAGES_AT_ONCE):
        ids = list(waiting.order_by("pk").values_list("pk", flat=True)[:_PAGE])
        with transaction.atomic():
            ledger.end_unsent(
                waiting.filter(pk__in=ids), State.CANCELLED, reason="cancelled", now=now
            )
        if len(ids) < _PAGE:
            break


def limit_text(reference: str, *, until: datetime) -> None:
    """Shorten the time for which a batch's text holds true; it is never made longer."""
    Batch.objects.filter(reference=reference, text_valid_until__gt=until).update(
        text_valid_until=until
    )


def count_states(reference: str, *, since: datetime | None = None) -> Counter[str]:
    """Return how many deliveries of a batch are in each state; the counts sum to its audience.

    What was counted at `since` or later is good enough; without it they are counted now. Of a batch
    whose deliveries were removed, as they were when that began.
    """
    batch = Batch.objects.filter(reference=reference).first()
    if batch is None:
        return Counter()
    known = since is not None and batch.counted_at is not None and batch.counted_at >= since
    if known or batch.purged_at is not None:
        return Counter(batch.counts)
    return recounting.count_rows(batch.pk)


def has_due(reference: str, *, now: datetime) -> bool:
    """Say whether anything of a batch could be handed over now, or is being handed over."""
    moving = Delivery.objects.filter(batch__reference=reference, state__in=MOVING)
    return moving.filter(not_before__lte=now).exists()


def count_stops(reference: str, *, since: datetime) -> int:
    """Return how many of those a batch was handed over to have said stop themselves since then."""
    said = Suppression.objects.filter(number_hash=OuterRef("subscriber__number_hash"))
    handed = Delivery.objects.filter(batch__reference=reference, submitting_at__isnull=False)
    return handed.filter(Exists(said.filter(at__gte=since, source__in=_OWN_WORDS))).count()


def finish_done(*, now: datetime) -> int:
    """Close running batches that have nothing left to send and return how many."""
    # One look into an index for each batch; a list of all that moves would be read to its end.
    moving = Delivery.objects.filter(batch=OuterRef("pk"), state__in=MOVING)
    # Of one with a `first` all others are still to come.
    running = Batch.objects.filter(state=Batch.State.RUNNING, first=0)
    return running.filter(~Exists(moving)).update(state=Batch.State.FINISHED, finished_at=now)


def reopen(*, now: datetime) -> int:
    """Let finished batches go on to which something came back unsent; return how many.

    A worker that was stopped over its lease may say late that it did not send: by then the batch is over.
    """
    back = Delivery.objects.filter(batch=OuterRef("pk"), state=State.PLANNED, send_before__gt=now)
    finished = Batch.objects.filter(state=Batch.State.FINISHED, purged_at__isnull=True)
    return finished.filter(Exists(back)).update(state=Batch.State.RUNNING, finished_at=None)


def _find_waiting(reference: str) -> QuerySet[Delivery]:
    return Delivery.objects.filter(batch__reference=reference, state=State.PLANNED)
