"""Items: broadcasts as the lines of a list. Nobody is counted for it: people are those last known."""

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.models import Approval, Broadcast
from campaigns.words import Badge, describe_audience, make_badge, name_routes
from messaging.models import Batch


@dataclass(frozen=True, slots=True)
class Item:
    """Hold one line of a list; `people` are those of the launch, or those that were approved, if any."""

    broadcast: Broadcast
    badge: Badge
    audience: str
    people: int | None

    @property
    def is_timed(self) -> bool:
        """Say whether it has a time by now: what goes out at once gets it with its approval."""
        return not self.broadcast.at_once or self.broadcast.state not in _NO_TIME_YET


_NO_TIME_YET = {
    Broadcast.State.DRAFT,
    Broadcast.State.ASKED,
    Broadcast.State.RETURNED,
    Broadcast.State.VOID,
}


def make_items(broadcasts: Iterable[Broadcast]) -> list[Item]:
    """Return the lines of some broadcasts, by as many queries for many as for few."""
    shown = list(broadcasts)
    batches, approved, names = _find_batches(shown), _find_approved(shown), name_routes()
    return [
        Item(
            broadcast=broadcast,
            badge=make_badge(broadcast, batch.state if batch else ""),
            audience=describe_audience(broadcast.segment, names),
            # Of one whose first few alone are planned the others are counted in the approval only.
            people=batch.size if batch and not batch.first else approved.get(broadcast.pk),
        )
        for broadcast in shown
        for batch in [batches.get(broadcast.reference)]
    ]


def _find_batches(broadcasts: Iterable[Broadcast]) -> dict[str, Batch]:
    references = [broadcast.reference for broadcast in broadcasts]
    rows = Batch.objects.filter(reference__in=references)
    return {batch.reference: batch for batch in rows.only("reference", "state", "size", "first")}


def _find_approved(broadcasts: Iterable[Broadcast]) -> dict[int, int]:
    standing = Approval.objects.filter(
        broadcast__in=[broadcast.pk for broadcast in broadcasts], void_at__isnull=True
    )
    return dict(standing.order_by("at").values_list("broadcast_id", "people"))
