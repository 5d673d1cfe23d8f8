"""Counting: whole cells from the deliveries as they stand. It replaces; it never adds."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from analytics.models import DeliveryCount, ReachCount, Tally
from messaging.models import Batch, Delivery, Event
from messaging.states import State

# A receipt may come 72 hours late; after a week a finished batch is looked at by hand only.
_WARM = timedelta(days=7)
_REACHED = (State.DELIVERED, State.READ)
# Handed over, or cut off while it was: without a last word it may have arrived.
_PERHAPS = (State.SUBMITTING, State.UNKNOWN, State.ACCEPTED, State.SENT)


class UnknownBatch(LookupError):
    """Say that no batch has this reference."""


class PurgedBatch(LookupError):
    """Say that a batch's deliveries are gone: what was counted of them stands."""


def recount(reference: str, *, now: datetime) -> Tally:
    """Replace every cell of a batch by a fresh count.

    Raise UnknownBatch when there is none, and PurgedBatch when its deliveries have been removed.
    """
    with transaction.atomic():
        batch = Batch.objects.filter(reference=reference).first()
        if batch is None:
            raise UnknownBatch(f"No batch has the reference {reference!r}.")
        _refuse_purged(batch)
        tally, _made = Tally.objects.select_for_update().get_or_create(
            reference=reference, defaults={"counted_at": now}
        )
        # Read before the cells: an event committed in between is counted again, never missed.
        tally.events = Event.objects.filter(batch=batch).count()
        tally.counted_at = now
        tally.save()
        deliveries = Delivery.objects.filter(batch=batch)
        _replace_deliveries(tally, deliveries)
        _replace_reach(tally, deliveries)
        # Asked again and not locked, for who stops a batch would wait for the counting: a batch is
        # marked before the first of its deliveries goes, and then these cells are not kept.
        _refuse_purged(batch)
    return tally


def _refuse_purged(batch: Batch) -> None:
    if Batch.objects.filter(pk=batch.pk, purged_at__isnull=False).exists():
        raise PurgedBatch(f"The deliveries of {batch.reference!r} are gone; its counts stand.")


def recount_changed(*, now: datetime) -> int:
    """Recount the batches whose ledger has grown since their last count and return how many."""
    seen = dict(Tally.objects.values_list("reference", "events"))
    # Numbers of events, not the highest id: ids are drawn before they are committed, out of order.
    grown = [
        reference for reference, events in _count_events(now=now) if seen.get(reference) != events
    ]
    for reference in grown:
        with suppress(PurgedBatch):  # between the list and its turn
            recount(reference, now=now)
    return len(grown)


def _count_events(*, now: datetime) -> QuerySet[Batch, tuple[str, int]]:
    return (
        Batch.objects.filter(Q(finished_at__isnull=True) | Q(finished_at__gt=now - _WARM))
        .filter(purged_at__isnull=True)
        .exclude(state=Batch.State.PLANNING)
        .order_by("pk")
        .values_list("reference")
        .annotate(events=Count("event"))
    )


def _replace_deliveries(tally: Tally, deliveries: QuerySet[Delivery]) -> None:
    rows = (
        deliveries.order_by("channel", "country", "language", "text__language", "state")
        .values_list("channel", "country", "language", "text__language", "state")
        .annotate(count=Count("pk"))
    )
    cells = [
        DeliveryCount(
            tally=tally,
            channel=channel,
            country=country,
            language=language,
            text_language=text_language,
            state=state,
            count=count,
        )
        for channel, country, language, text_language, state, count in rows
    ]
    tally.deliveries.all().delete()
    DeliveryCount.objects.bulk_create(cells)


def _replace_reach(tally: Tally, deliveries: QuerySet[Delivery]) -> None:
    people = Count("person", distinct=True, filter=Q(state__in=_REACHED))
    at_most = Count("person", distinct=True, filter=Q(state__in=(*_REACHED, *_PERHAPS)))
    cells = [ReachCount(tally=tally, **deliveries.aggregate(low=people, high=at_most))]
    for kind in ("country", "language"):
        rows = deliveries.order_by(kind).values(kind).annotate(low=people, high=at_most)
        cells += [ReachCount(tally=tally, **row) for row in rows]
    tally.reach.all().delete()
    ReachCount.objects.bulk_create(cells)
