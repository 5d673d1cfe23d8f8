"""Scheduling: due broadcasts become occurrences, exactly one each, with any number of clocks.

Pause, resume and cancel are here too: what is planned may be stopped at any moment.
"""

import logging
from datetime import datetime

from django.db import transaction

from campaigns.launching import launch
from campaigns.models import Broadcast, Occurrence
from campaigns.models.broadcasts import NOT_LAUNCHED
from messaging import batches

log = logging.getLogger("waymark.scheduling")


def fire_due(*, now: datetime) -> int:
    """Make an occurrence of every approved broadcast whose time has come and return how many are new."""
    due = Broadcast.objects.filter(state=Broadcast.State.APPROVED, send_at__lte=now)
    before = Occurrence.objects.count()
    Occurrence.objects.bulk_create(
        [Occurrence(broadcast=broadcast, occurs_at=broadcast.send_at) for broadcast in due],
        ignore_conflicts=True,
    )
    return Occurrence.objects.count() - before


def launch_waiting(*, now: datetime) -> int:
    """Launch every occurrence that has not been; a crash in between is mended by the next call."""
    waiting = Occurrence.objects.filter(
        launched_at__isnull=True, broadcast__state=Broadcast.State.APPROVED
    )
    states = [_launch_alone(occurrence, now=now) for occurrence in waiting.order_by("pk")]
    return states.count(Broadcast.State.LAUNCHED)


def _launch_alone(occurrence: Occurrence, *, now: datetime) -> Broadcast.State | None:
    try:
        return launch(occurrence, now=now)
    except Exception:  # (whatever is wrong with one must not stop the others at every tick)
        log.exception("occurrence %s cannot be launched", occurrence.pk)
        return None


def pause(broadcast: Broadcast) -> bool:
    """Stop a launched broadcast before its next message; say whether it was running."""
    return batches.pause(broadcast.reference)


def resume(broadcast: Broadcast) -> bool:
    """Let a paused broadcast go on; say whether it was paused."""
    return batches.resume(broadcast.reference)


def cancel(broadcast: Broadcast, *, now: datetime) -> int:
    """End a broadcast for good and return how many planned messages will not be sent."""
    with transaction.atomic():
        locked = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        if locked.state in NOT_LAUNCHED:
            locked.state = Broadcast.State.CANCELLED
            locked.save(update_fields=["state"])
            return 0
    return batches.cancel(locked.reference, now=now)
