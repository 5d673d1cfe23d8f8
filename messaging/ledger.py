"""The ledger of deliveries: every change of state that counts leaves one event."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from messaging import dialect
from messaging.models import Delivery, Event
from messaging.states import State

_PAGE = 5_000


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
    ended, last = 0, 0
    # In pages: a whole broadcast may be cancelled, and its rows are not held here at once.
    while ids := _lock_page(waiting.filter(pk__gt=last)):
        ended += Delivery.objects.filter(pk__in=ids).update(
            state=state, rank=None, reason=reason, owner="", lease_until=None
        )
        dialect.run(
            f"""INSERT INTO messaging_event (delivery_id, batch_id, state, reason, at)
                SELECT id, batch_id, state, reason, %s FROM messaging_delivery
                 WHERE {dialect.among("id")} ON CONFLICT (delivery_id, state) DO NOTHING""",  # noqa: S608
            [dialect.as_parameter(now), dialect.as_list(ids)],
        )
        last = ids[-1]
    return ended


def _lock_page(waiting: QuerySet[Delivery]) -> list[int]:
    # Whole rows, not values_list: with values Django forgets `of` and would lock the batch as well.
    locked = waiting.select_for_update(of=("self",)).order_by("pk").only("pk")
    return [row.pk for row in locked[:_PAGE]]
