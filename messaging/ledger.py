"""The ledger of deliveries: every change of state that counts leaves one event."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from messaging.models import Delivery, Event
from messaging.states import State


def note(rows: Iterable[tuple[int, int]], state: State, *, now: datetime, reason: str = "") -> None:
    """Add one event for each (delivery id, batch id); a second one for the same state changes nothing."""
    write(
        Event(delivery_id=delivery, batch_id=batch, state=state, reason=reason, at=now)
        for delivery, batch in rows
    )


def write(events: Iterable[Event]) -> None:
    """Add events in one go; the first of each delivery and state is the one that stays."""
    Event.objects.bulk_create(list(events), ignore_conflicts=True, batch_size=500)


def end_unsent(waiting: QuerySet[Delivery], state: State, *, reason: str, now: datetime) -> int:
    """Move deliveries that were not sent to an end without sending; call it inside a transaction."""
    # Whole rows, not values_list: with values Django forgets `of` and would lock the batch as well.
    locked = waiting.select_for_update(of=("self",)).order_by("pk").only("pk", "batch_id")
    rows = [(row.pk, row.batch_id) for row in locked]
    ids = [pk for pk, _batch in rows]
    ended = Delivery.objects.filter(pk__in=ids).update(
        state=state, rank=None, reason=reason, owner="", lease_until=None
    )
    note(rows, state, now=now, reason=reason)
    return ended
