"""The backlog: what is due, what waits to be folded, what nobody knows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from messaging.models import Batch, Delivery, Notice, Sender, StoredReceipt
from messaging.states import State

# So many are counted one by one; a page of figures need not tell more from it.
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """Hold what waits at one moment, each at most `MOST`."""

    due: int
    oldest_due: datetime | None
    receipts: int
    notices: int
    unknown: int


def read_backlog(*, now: datetime) -> Backlog:
    """Return what waits now."""
    due = find_due(now=now)
    return Backlog(
        due=_count(due),
        oldest_due=_find_oldest(due),
        receipts=_count(find_receipts()),
        notices=_count(find_due_notices(now=now)),
        unknown=_count(Delivery.objects.filter(state=State.UNKNOWN, settled_at__isnull=True)),
    )


def find_due(*, now: datetime) -> QuerySet[Delivery]:
    """Return the deliveries whose time has come, in broadcasts that are going out."""
    return Delivery.objects.filter(
        state=State.PLANNED,
        not_before__lte=now,
        send_before__gt=now,
        batch__state=Batch.State.RUNNING,
    )


def find_due_notices(*, now: datetime) -> QuerySet[Notice]:
    """Return the single messages whose time has come."""
    return Notice.objects.filter(state=Notice.State.PLANNED, due_at__lte=now, expires_at__gt=now)


def find_receipts() -> QuerySet[StoredReceipt]:
    """Return the receipts that wait to be folded."""
    return StoredReceipt.objects.filter(folded_at__isnull=True)


def _count(rows: QuerySet[Any]) -> int:
    return rows[:MOST].count()


def _find_oldest(due: QuerySet[Delivery]) -> datetime | None:
    # Sender by sender, as the index has them: each has its oldest first.
    firsts = [
        due.filter(sender=sender)
        .order_by("not_before")
        .values_list("not_before", flat=True)
        .first()
        for sender in Sender.objects.filter(active=True).order_by("pk")
    ]
    return min((first for first in firsts if first is not None), default=None)
