"""Deciding: what becomes of deliveries that nobody knows of, as a named person says.

What two looks into the provider's list did not find may be sent after all: the only way from unknown
back to planned. Or it is left, and stays unknown unless the provider still tells of it by itself.
Nothing here decides by itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from messaging.models import Absence, Batch, Delivery, Subscriber
from messaging.states import RANK, State

__all__ = ["Unknowns", "find_absent", "leave_unknown", "list_unknown", "plan_again"]

# A proof of yesterday may have been overtaken by a list that was slow.
_FRESH = timedelta(hours=6)
# What is planned again lets a finished one go on (`batches.reopen`).
_GOES_ON = (Batch.State.RUNNING, Batch.State.PAUSED, Batch.State.FINISHED)
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Unknowns:
    """Hold what nobody knows of one batch: how many, since when, for good, and may be sent again."""

    reference: str
    people: int
    since: datetime | None
    settled: int
    absent: int

    @property
    def open(self) -> int:
        """Return of how many something may still be learned, or decided."""
        return self.people - self.settled


def list_unknown(*, now: datetime) -> list[Unknowns]:
    """Return what is unknown of each batch, the latest first."""
    unknown = Delivery.objects.filter(state=State.UNKNOWN).order_by()
    rows = unknown.values("batch", "batch__reference").annotate(
        people=Count("pk"),
        since=Min("submitting_at"),
        settled=Count("pk", filter=Q(settled_at__isnull=False)),
    )
    absent = dict(find_absent(now=now).order_by().values_list("batch").annotate(absent=Count("pk")))
    return [
        Unknowns(
            reference=row["batch__reference"],
            people=row["people"],
            since=row["since"],
            settled=row["settled"],
            absent=absent.get(row["batch"], 0),
        )
        for row in rows.order_by("-batch")[:_MOST_SHOWN]
    ]


def find_absent(*, now: datetime) -> QuerySet[Delivery]:
    """Return what may be sent again: provably not taken, undecided, and neither late nor untrue by now."""
    proven = Absence.objects.filter(
        delivery=OuterRef("pk"),
        attempt=OuterRef("attempts"),
        proven_at__gt=now - _FRESH,
        decided_at__isnull=True,
    )
    here = Subscriber.objects.filter(pk=OuterRef("subscriber_id"))
    return Delivery.objects.filter(
        Exists(proven),
        Exists(here),
        state=State.UNKNOWN,
        settled_at__isnull=True,
        send_before__gt=now,
        batch__state__in=_GOES_ON,
        batch__text_valid_until__gt=now,
    )


def plan_again(reference: str, *, person: int, now: datetime) -> int:
    """Plan again what of a batch is provably absent; return how many. `person` is who decides."""
    with transaction.atomic():
        ids = _lock(find_absent(now=now).filter(batch__reference=reference))
        _write_down(ids, person=person, now=now)
        return Delivery.objects.filter(pk__in=ids).update(
            state=State.PLANNED,
            rank=RANK[State.PLANNED],
            reason="decided",
            not_before=now,
            owner="",
            lease_until=None,
        )


def leave_unknown(reference: str, *, person: int, now: datetime) -> int:
    """Leave what is unknown of a batch for good: nobody may send it again; return how many."""
    unknown = Delivery.objects.filter(state=State.UNKNOWN, settled_at__isnull=True)
    with transaction.atomic():
        ids = _lock(unknown.filter(batch__reference=reference))
        _write_down(ids, person=person, now=now)
        return Delivery.objects.filter(pk__in=ids).update(settled_at=now)


def _lock(rows: QuerySet[Delivery]) -> list[int]:
    locked = rows.select_for_update(of=("self",)).order_by("pk")
    return list(locked.values_list("pk", flat=True))


def _write_down(deliveries: list[int], *, person: int, now: datetime) -> None:
    """Say who decided; one proof is good for one decision."""
    proofs = Absence.objects.filter(delivery__in=deliveries, decided_at__isnull=True)
    proofs.update(decided_by=person, decided_at=now)
