"""Pausing by itself: a batch of which too much fails stops before its next message and waits for a person.

Judged by the counts that were last taken of its rows. What a person knew of when she let it go on does
not pause it again.
"""

from collections.abc import Mapping
from datetime import datetime

from messaging.guarding.watching import raise_alarm
from messaging.models import Alarm, Batch
from messaging.states import State

FAILING = "failing"
FEWEST_TRIED, MOST_SHARE = 200, 0.05
_TRIED = (
    State.UNKNOWN,
    State.ACCEPTED,
    State.SENT,
    State.FAILED,
    State.DELIVERED,
    State.READ,
)


def count_tried(counts: Mapping[str, int]) -> int:
    """Return how many messages a provider was asked to take."""
    return sum(counts.get(state, 0) for state in _TRIED)


def is_failing(counts: Mapping[str, int], *, tried_before: int = 0, failed_before: int = 0) -> bool:
    """Say whether more than 5% of at least 200 messages failed, beside those known of before."""
    tried = count_tried(counts) - tried_before
    failed = counts.get(State.FAILED, 0) - failed_before
    return tried >= FEWEST_TRIED and failed > MOST_SHARE * tried


def pause_failing(*, now: datetime) -> int:
    """Pause every running batch of which too much fails, with an alarm; return how many."""
    paused = 0
    for batch in Batch.objects.filter(state=Batch.State.RUNNING).exclude(counts={}):
        counts = batch.counts
        known = {"tried_before": batch.tried_before, "failed_before": batch.failed_before}
        if not is_failing(counts, **known):
            continue
        # Somebody may have ended or paused it meanwhile.
        running = Batch.objects.filter(pk=batch.pk, state=Batch.State.RUNNING)
        paused += running.update(
            state=Batch.State.PAUSED,
            paused_reason=FAILING,
            tried_before=count_tried(counts),
            failed_before=counts.get(State.FAILED, 0),
        )
    if paused:
        raise_alarm(Alarm.Kind.PAUSED, now=now)
    return paused
