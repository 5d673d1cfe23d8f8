"""Stalling: messages are due and nothing moves. Found from the rows; a person gets an alarm."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from messaging.guarding import fencing
from messaging.guarding.watching import raise_alarm
from messaging.models import Alarm, Batch, Beat, Delivery, Sender
from messaging.senders.capacity import left_today
from messaging.states import State

PATIENCE = timedelta(minutes=2)
_SECOND_LOOK = timedelta(seconds=20)
_SEEN = "stuck"


def find_stuck(*, now: datetime) -> list[Sender]:
    """Return the senders that have had something due for two minutes and moved nothing since.

    What somebody stopped on purpose is not stuck: a closed fence, a halted or resting sender, a paused
    batch, a day's limit that is used up.
    """
    if not fencing.read_standing().is_open:
        return []
    long_ago = now - PATIENCE
    awake = Q(halted_at__isnull=True) & (
        Q(resting_until__isnull=True) | Q(resting_until__lt=long_ago)
    )
    still = Sender.objects.filter(
        Q(moved_at__isnull=True) | Q(moved_at__lt=long_ago), awake, active=True
    )
    due = Delivery.objects.filter(
        sender=OuterRef("pk"),
        state=State.PLANNED,
        not_before__lte=long_ago,
        send_before__gt=now,
        batch__state=Batch.State.RUNNING,
    )
    found = still.filter(Exists(due)).order_by("pk")
    return [sender for sender in found if left_today(sender, now=now) != 0]


def watch(*, now: datetime) -> int:
    """Raise the alarm where something is stuck at two looks and return how many senders are."""
    stuck = find_stuck(now=now)
    if not stuck:
        Beat.objects.filter(name=_SEEN).delete()
        return 0
    # What was let go on a moment ago has had no time to move: it is not stuck at the second look.
    seen, is_first = Beat.objects.get_or_create(name=_SEEN, defaults={"at": now})
    if not is_first and now - seen.at >= _SECOND_LOOK:
        raise_alarm(Alarm.Kind.STUCK, now=now)
    return len(stuck)
