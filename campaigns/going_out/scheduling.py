"""Scheduling: due broadcasts become occurrences, exactly one each, with any number of clocks.

Pause, resume and cancel are here too: what is planned may be stopped at any moment.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from campaigns import audit, series
from campaigns.approval.approving import hold_wordings
from campaigns.going_out import canaries
from campaigns.going_out.launching import launch
from campaigns.going_out.resuming import find_obstacles
from campaigns.models import Broadcast, Occurrence
from campaigns.models.broadcasts import NOT_LAUNCHED
from messaging.sending import batches

log = logging.getLogger("waymark.scheduling")


class StandstillError(Exception):
    """Say why a broadcast cannot go on now, and what to do."""


class WordingError(StandstillError):
    """Say why a broadcast cannot go on: WhatsApp does not let us send its wording."""


def fire_due(*, now: datetime) -> int:
    """Make an occurrence of every approved broadcast whose time has come and return how many are new."""
    made = Occurrence.objects.filter(broadcast=OuterRef("pk"), occurs_at=OuterRef("send_at"))
    once = Broadcast.objects.filter(schedule__isnull=True, pattern__isnull=True)
    due = once.filter(~Exists(made), state=Broadcast.State.APPROVED, send_at__lte=now)
    fired = sum(_fire_once(broadcast) for broadcast in due.only("pk", "send_at"))
    return fired + series.fire_due(now=now)


def launch_waiting(*, now: datetime) -> int:
    """Launch every occurrence that has not been; a crash in between is mended by the next call."""
    waiting = Occurrence.objects.filter(
        launched_at__isnull=True,
        broadcast__state=Broadcast.State.APPROVED,
        # What was moved waits for its new time.
        occurs_at=F("broadcast__send_at"),
        # What left a series and was moved back there stands in it from that day on.
        occurs_at__lte=now,
    ).exclude(schedule__paused_at__isnull=False, broadcast__pattern__isnull=False)
    states = [_launch_alone(occurrence, now=now) for occurrence in waiting.order_by("pk")]
    return states.count(Broadcast.State.LAUNCHED)


def pause(broadcast: Broadcast, *, by: int | None = None, now: datetime) -> bool:
    """Stop a launched broadcast before its next message, or a series; say whether it was running."""
    with transaction.atomic():
        if broadcast.schedule_id:
            paused = series.pause(broadcast, now=now)
        else:
            paused = batches.pause(broadcast.reference)
        if paused:
            audit.note_broadcast("paused", broadcast, actor=by, now=now)
    return paused


def resume(broadcast: Broadcast, *, by: int | None = None, now: datetime) -> bool:
    """Let a paused broadcast, or a series, go on; say whether it was paused.

    Raise `WordingError` while WhatsApp does not let us send one of its wordings, and
    `StandstillError` where its first few fared badly, which is decided in another way, or where a limit
    or a budget of its partner does not let it.
    """
    holds = hold_wordings(broadcast)
    if holds:
        raise WordingError(" ".join(hold.detail for hold in holds))
    if broadcast.schedule_id is None:
        _refuse_standstill(broadcast)
    if obstacles := find_obstacles(broadcast, now=now):
        reasons = " ".join(obstacles)
        raise StandstillError(_("It cannot go on now. %(reasons)s") % {"reasons": reasons})
    with transaction.atomic():
        if broadcast.schedule_id:
            goes_on = series.resume(broadcast, now=now)
        else:
            # Its first few may have stopped it at this very moment.
            goes_on = batches.resume(broadcast.reference, unless=canaries.PAUSED_REASON)
        if goes_on:
            audit.note_broadcast("resumed", broadcast, actor=by, now=now)
    return goes_on


def cancel(broadcast: Broadcast, *, by: int | None = None, now: datetime) -> int:
    """End a broadcast, or a series, for good and return how many planned messages will not be sent.

    A series that is over stays as it is: what it made last is ended on its own.
    """
    with transaction.atomic():
        locked = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        if locked.state in NOT_LAUNCHED:
            locked.state = Broadcast.State.CANCELLED
            locked.save(update_fields=["state"])
            audit.note_broadcast("cancelled", locked, actor=by, now=now)
            if locked.schedule_id is None:
                return 0
    if locked.state == Broadcast.State.OVER:
        return 0
    if locked.schedule_id:
        return series.cancel(locked, now=now)
    with transaction.atomic():
        others = canaries.count_others(locked)
        stopped = batches.stop(locked.reference, now=now) + others
        if stopped:
            details = {"unsent": stopped}
            audit.note_broadcast("cancelled", locked, actor=by, details=details, now=now)
    # Nothing of it is handed over any more; its rows follow, with no lock of the audit held.
    if stopped:
        batches.end_rows(locked.reference, now=now)
    return stopped


def _refuse_standstill(broadcast: Broadcast) -> None:
    if canaries.is_stopped(broadcast):
        raise StandstillError(_("Its first few fared badly. Let the others follow, or end it."))


def _fire_once(broadcast: Broadcast) -> bool:
    _row, is_new = Occurrence.objects.get_or_create(
        broadcast_id=broadcast.pk, occurs_at=broadcast.send_at
    )
    return is_new


def _launch_alone(occurrence: Occurrence, *, now: datetime) -> Broadcast.State | None:
    try:
        return launch(occurrence, now=now)
    except Exception:  # (whatever is wrong with one must not stop the others at every tick)
        log.exception("occurrence %s cannot be launched", occurrence.pk)
        return None
