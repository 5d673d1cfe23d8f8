"""Canaries: the first few of a large broadcast go alone, are watched, and decide about all others.

Every step may be repeated by any number of clocks. Who ends a broadcast, or pauses it, is heard at
every step; what was approved is compared once more before the others follow.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import audit, editions
from campaigns.approval.approving import find_holds, list_standing
from campaigns.approval.snapshots import FEWER, take_snapshot
from campaigns.going_out.canary_rules import (
    FAILING,
    NOBODY,
    STOPS,
    Fared,
    find_trouble,
    read_fared,
)
from campaigns.going_out.launching import find_changes, make_plan
from campaigns.models import Broadcast, Canary
from campaigns.permissions import may_approve
from campaigns.reckoning.windows import NoWindowError
from locales.countries import UnknownCountry
from messaging.guarding import restoring
from messaging.models import Batch
from messaging.senders.roster import NoSenderError
from messaging.sending import batches, recounting
from messaging.sending.planning import PlanningError, plan_rest
from messaging.sending.self_pausing import count_tried
from messaging.states import State

# Why a batch is paused (`Batch.paused_reason`): only `release` lets it go on.
PAUSED_REASON = "canary"
# What a person may overrule. All else has to be prepared anew.
OVERRULED = {FAILING, STOPS}
HELD, CHANGED, RESTORED, UNPLANNED, ENDED = "held", "changed", "restored", "unplanned", "ended"
_UNPLANNABLE = (PlanningError, NoSenderError, UnknownCountry, NoWindowError)
_GOING = (Canary.State.SENDING, Canary.State.WATCHED)
# Some may wait for a morning somewhere: so many are enough to judge by.
_ENOUGH = 0.5

log = logging.getLogger("waymark.scheduling")


class CanaryError(Exception):
    """Say why the others cannot follow now, and what to do."""


def watch(*, now: datetime) -> int:
    """Look after every canary that is under way; return of how many the others follow now."""
    going = Canary.objects.filter(state__in=_GOING).select_related("broadcast")
    return sum(_watch_alone(canary, now=now) for canary in going.order_by("pk"))


def release(broadcast: Broadcast, approver: User, *, now: datetime) -> int:
    """Let the others follow although the first few fared badly; return how many are planned.

    Only who may approve a broadcast can say so. Raise `CanaryError` where it cannot go on.
    """
    if not may_approve(approver, broadcast):
        raise CanaryError(_("You cannot decide this. Somebody who may approve it has to."))
    editions.refresh_wordings(broadcast, now=now)
    with transaction.atomic():
        locked = _lock(broadcast)
        canary = Canary.objects.select_for_update().filter(broadcast=locked).first()
        paused = Batch.objects.filter(
            reference=locked.reference, state=Batch.State.PAUSED, paused_reason=PAUSED_REASON
        )
        if canary is None or canary.state != Canary.State.STOPPED or not paused.exists():
            raise CanaryError(_("Nothing waits for this decision any more."))
        if not OVERRULED.issuperset(canary.reasons) or _find_obstacles(canary, locked, now=now):
            raise CanaryError(_("It cannot go on as it is. End it, and prepare it anew."))
        batches.resume(locked.reference)
        try:
            planned = _plan_others(canary, locked, now=now)
        except _UNPLANNABLE as error:
            raise CanaryError(str(error)) from error
        canary.released_by_id = approver.pk
        canary.save(update_fields=["released_by"])
        details: audit.Details = {"people": planned, "despite": ",".join(canary.reasons)}
        audit.note_broadcast("released", locked, actor=approver.pk, details=details, now=now)
        return planned


def is_stopped(broadcast: Broadcast) -> bool:
    """Say whether a broadcast is paused because its first few fared badly."""
    stopped = Batch.objects.filter(reference=broadcast.reference, paused_reason=PAUSED_REASON)
    return stopped.filter(state=Batch.State.PAUSED).exists()


def count_others(broadcast: Broadcast) -> int:
    """Return how many would still follow the first few; nought where nobody waits for that."""
    waiting = Batch.objects.filter(
        reference=broadcast.reference,
        first__gt=0,
        state__in=[Batch.State.RUNNING, Batch.State.PAUSED],
    )
    size = waiting.values_list("size", flat=True).first()
    if size is None:
        return 0
    approved = max((one.people for one in list_standing(broadcast)), default=0)
    return max(approved - size, 1)


def is_releasable(canary: Canary) -> bool:
    """Say whether a person may let the others follow although this one has stopped."""
    return canary.state == Canary.State.STOPPED and OVERRULED.issuperset(canary.reasons)


def _watch_alone(canary: Canary, *, now: datetime) -> bool:
    try:
        return _watch(canary, now=now)
    except Exception:  # (whatever is wrong with one must not stop the others at every tick)
        log.exception("canary %s cannot be watched", canary.pk)
        return False


def _watch(canary: Canary, *, now: datetime) -> bool:
    broadcast = canary.broadcast
    batch = Batch.objects.filter(reference=broadcast.reference).first()
    if batch is None or batch.state in {Batch.State.CANCELLED, Batch.State.FINISHED}:
        _judge(canary, Canary.State.STOPPED, [ENDED], now=now)
        return False
    if batch.state != Batch.State.RUNNING:
        return False
    fared = _read_fared(canary, batch)
    if reasons := find_trouble(fared):
        return _stop(canary, reasons, now=now)
    if canary.state == Canary.State.SENDING and _are_sent(canary, batch, fared, now=now):
        canary.state, canary.sent_at = Canary.State.WATCHED, now
        going = Canary.objects.filter(pk=canary.pk, state=Canary.State.SENDING)
        going.update(state=canary.state, sent_at=now)
    pause = timedelta(seconds=settings.CANARY_SECONDS)
    if canary.sent_at is None or now < canary.sent_at + pause:
        return False
    if not fared.tried:
        return _stop(canary, [NOBODY], now=now)
    # Before anything is locked: a provider may take seconds to answer.
    editions.refresh_wordings(broadcast, now=now)
    return _let_follow(canary, now=now)


def _are_sent(canary: Canary, batch: Batch, fared: Fared, *, now: datetime) -> bool:
    """Say whether enough of them were handed over, and nothing of it waits but for its hour."""
    if batches.has_due(batch.reference, now=now):
        return False
    waiting = recounting.count_waiting(recounting.count_rows(batch.pk))
    return not waiting or fared.tried >= _ENOUGH * canary.people


def _read_fared(canary: Canary, batch: Batch) -> Fared:
    states = recounting.count_rows(batch.pk)
    # Whoever said stop may be erased meanwhile, and is still counted.
    before = read_fared(canary.figures).stopped
    stopped = batches.count_stops(batch.reference, since=canary.began_at)
    fared = Fared(count_tried(states), states[State.FAILED], max(before, stopped))
    if canary.figures != fared.as_data():
        canary.figures = fared.as_data()
        Canary.objects.filter(pk=canary.pk, state__in=_GOING).update(figures=canary.figures)
    return fared


def _let_follow(canary: Canary, *, now: datetime) -> bool:
    with transaction.atomic():
        broadcast = _lock(canary.broadcast)
        rows = Canary.objects.select_for_update().filter(pk=canary.pk, state=Canary.State.WATCHED)
        locked = rows.first()
        if locked is None:
            return False
        if not (reasons := _find_obstacles(locked, broadcast, now=now)):
            try:
                with transaction.atomic():
                    planned = _plan_others(locked, broadcast, now=now)
            except _UNPLANNABLE:
                reasons = [UNPLANNED]
            else:
                details = locked.figures | {"people": planned}
                audit.note_broadcast(
                    "canary_passed", broadcast, actor=None, details=details, now=now
                )
                return True
    return _stop(canary, reasons, now=now)


def _plan_others(canary: Canary, broadcast: Broadcast, *, now: datetime) -> int:
    planned = plan_rest(make_plan(broadcast, now=now), now=now)
    if planned is None:
        # Paused or ended at this very moment.
        raise PlanningError(_("It was paused or ended meanwhile."))
    _judge(canary, Canary.State.PASSED, canary.reasons, now=now)
    return planned


def _find_obstacles(canary: Canary, broadcast: Broadcast, *, now: datetime) -> list[str]:
    """Return why the others may not follow, whatever became of the first few."""
    found = []
    if restoring.may_have_begun(canary.began_at):
        # They may have followed already, in the time that a restored database has lost.
        found.append(RESTORED)
    if find_holds(broadcast, now=now):
        found.append(HELD)
    changes = find_changes(broadcast, take_snapshot(broadcast, now=now))
    # Whoever has it already may be why fewer are left: by a cap, or since they said stop.
    if any(change.code != FEWER for change in changes):
        found.append(CHANGED)
    return found


def _stop(canary: Canary, reasons: list[str], *, now: datetime) -> bool:
    with transaction.atomic():
        broadcast = _lock(canary.broadcast)
        going = Canary.objects.select_for_update().filter(pk=canary.pk, state__in=_GOING)
        if going.exists() and batches.pause(broadcast.reference, reason=PAUSED_REASON):
            _judge(canary, Canary.State.STOPPED, reasons, now=now)
            details = canary.figures | {"why": ",".join(reasons)}
            audit.note_broadcast("canary_stopped", broadcast, actor=None, details=details, now=now)
    return False


def _judge(canary: Canary, state: Canary.State, reasons: list[str], *, now: datetime) -> None:
    canary.state, canary.reasons, canary.judged_at = state, reasons, now
    canary.save(update_fields=["state", "reasons", "judged_at"])


def _lock(broadcast: Broadcast) -> Broadcast:
    return Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
