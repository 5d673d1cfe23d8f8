"""Progress: how far a launched broadcast has come, as counts that sum to its audience."""

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.models import Broadcast
from messaging import batches
from messaging.models import Batch
from messaging.states import MOVING, State

# On the page in this order; the first ones also where they are nought, so that rows stay in place.
_ALWAYS = (
    State.PLANNED,
    State.ACCEPTED,
    State.SENT,
    State.DELIVERED,
    State.READ,
    State.FAILED,
    State.UNKNOWN,
)
_ORDER = (
    State.PLANNED,
    State.CLAIMED,
    State.SUBMITTING,
    *_ALWAYS[1:],
    State.SUPPRESSED,
    State.CANCELLED,
    State.EXPIRED,
    State.HELD,
)
_UNSETTLED = {*MOVING, State.ACCEPTED, State.SENT, State.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Row:
    """Count the people in one state."""

    state: State
    people: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Hold the counts of one broadcast, and the state of its batch: empty before it is launched."""

    batch: str
    rows: tuple[Row, ...]

    @property
    def total(self) -> int:
        """Return the audience: the sum of all states."""
        return sum(row.people for row in self.rows)

    @property
    def summands(self) -> list[Row]:
        """Return the states that hold anybody."""
        return [row for row in self.rows if row.people]

    @property
    def waiting(self) -> int:
        """Return how many have not been handed over yet."""
        return sum(row.people for row in self.rows if row.state in MOVING)

    @property
    def is_running(self) -> bool:
        """Say whether messages are going out."""
        return self.batch in {Batch.State.PLANNING, Batch.State.RUNNING}

    @property
    def is_paused(self) -> bool:
        """Say whether somebody has paused it."""
        return self.batch == Batch.State.PAUSED

    @property
    def is_settled(self) -> bool:
        """Say that nothing will change any more."""
        over = self.batch in {Batch.State.FINISHED, Batch.State.CANCELLED}
        return over and not any(row.people for row in self.rows if row.state in _UNSETTLED)


def read_progress(broadcast: Broadcast) -> Progress:
    """Return how far a broadcast has come."""
    batch = Batch.objects.filter(reference=broadcast.reference).values_list("state", flat=True)
    counts = batches.count_states(broadcast.reference)
    rows = [Row(state, counts[state]) for state in _ORDER if state in _ALWAYS or counts[state]]
    return Progress(batch=batch.first() or "", rows=tuple(rows))


def find_batches(broadcasts: Iterable[Broadcast]) -> dict[str, Batch]:
    """Return the batches of some broadcasts by the broadcast's code."""
    codes = {broadcast.reference: broadcast.code for broadcast in broadcasts}
    return {codes[b.reference]: b for b in Batch.objects.filter(reference__in=codes)}
