"""Moving: a broadcast that has not gone out gets another time; what was approved has to be so anew.

One time of a series leaves it for that and is a broadcast of its own; the others stay as they are.
"""

from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import audit, series
from campaigns.approval import approving
from campaigns.approval.snapshots import Change
from campaigns.models import Broadcast, Schedule
from campaigns.models.broadcasts import NOT_LAUNCHED
from cms.holding import valid_until
from messaging.guarding import restoring

_WAITED_FOR = (Broadcast.State.ASKED, Broadcast.State.APPROVED)
_GIVEN_UP = (Broadcast.State.CANCELLED, Broadcast.State.LEFT)
_MOMENT = timedelta(microseconds=1)


class MoveError(Exception):
    """Say why a broadcast cannot have this time, and what to do."""


def is_movable(broadcast: Broadcast, *, now: datetime) -> bool:
    """Say whether a broadcast, or a time of one that recurs and goes on, can get another time."""
    if broadcast.schedule:
        goes_on = broadcast.state == Broadcast.State.APPROVED
        return goes_on and broadcast.schedule.paused_at is None
    if broadcast.pattern_id or broadcast.state not in NOT_LAUNCHED:
        return False
    # At its time it is on its way, whether a clock has come by or not.
    return broadcast.state != Broadcast.State.APPROVED or broadcast.send_at > now


def voids(broadcast: Broadcast) -> bool:
    """Say whether moving it takes back an approval, or the asking for one."""
    return broadcast.state in _WAITED_FOR


def move(
    broadcast: Broadcast, to: datetime, *, shown: datetime | None, by: int, now: datetime
) -> bool:
    """Give a broadcast another time and return whether an approval is void by that.

    `shown` is the time that the person saw: when somebody else has moved it meanwhile, or it cannot have
    this time, raise `MoveError`.
    """
    with transaction.atomic():
        rows = Broadcast.objects.select_for_update(of=("self",)).select_related("message")
        locked = rows.get(pk=broadcast.pk)
        if not is_movable(locked, now=now):
            raise MoveError(_("It cannot be moved any more: it is on its way, or it is over."))
        if shown is not None and shown != locked.send_at:
            raise MoveError(_("Somebody has moved it meanwhile. Look at its time again."))
        _refuse_begun(locked, now=now)
        _refuse_time(locked, to, now=now)
        if left := Schedule.objects.filter(occurrences__broadcast=locked).first():
            _refuse_twice(left, to, own=locked)
        if to == locked.send_at and not locked.at_once:
            return False
        locked.send_at, locked.at_once = to, False
        locked.save(update_fields=["send_at", "at_once"])
        audit.note_broadcast("moved", locked, actor=by, now=now)
        return approving.void_approvals(locked, [Change("time")], actor=by, now=now)


def find_time(broadcast: Broadcast, shown: datetime | None, *, now: datetime) -> datetime | None:
    """Return the time of a broadcast that is to be moved; of a series the one shown, or the next.

    Return None where the series has no such time to come.
    """
    if broadcast.schedule is None:
        return broadcast.send_at
    after = max(now, shown - _MOMENT) if shown else now
    times = series.list_times(broadcast.schedule, after=after, most=1)
    return next((moment for moment in times if shown in (None, moment)), None)


def move_out(
    pattern: Broadcast, moment: datetime, to: datetime, *, by: int, now: datetime
) -> Broadcast:
    """Give one time of a series to a broadcast of its own, at another time, and return that.

    It has to be approved anew. Raise `MoveError` where it cannot be.
    """
    with transaction.atomic():
        rows = Broadcast.objects.select_for_update(of=("self",)).select_related("message")
        locked = rows.get(pk=pattern.pk)
        if not is_movable(locked, now=now) or locked.schedule is None:
            raise MoveError(_("It cannot be moved any more: it is on its way, or it is over."))
        if find_time(locked, moment, now=now) is None:
            raise MoveError(_("Somebody has moved it meanwhile. Look at its time again."))
        _refuse_time(locked, to, now=now)
        _refuse_twice(locked.schedule, to)
        moved = series.take_out(locked, moment, to=to, now=now)
        audit.note_broadcast("moved", locked, actor=by, details={"by": moved.code}, now=now)
        audit.note_broadcast("prepared", moved, actor=by, now=now)
        approving.void_approvals(moved, [Change("time")], actor=by, now=now)
    return moved


def _refuse_twice(schedule: Schedule, to: datetime, *, own: Broadcast | None = None) -> None:
    """Refuse a time at which a series, or what left it, goes out already."""
    left = Broadcast.objects.filter(occurrences__schedule=schedule, send_at=to)
    others = left.exclude(pk=own.pk if own else 0).exclude(state__in=_GIVEN_UP)
    if to in series.list_times(schedule, after=to - _MOMENT, most=1) or others.exists():
        raise MoveError(_("The series goes out at this time already. Choose another one."))


def _refuse_begun(locked: Broadcast, *, now: datetime) -> None:
    """Refuse a later time for what was to begin in the time that a restored database has lost."""
    begins = locked.created_at if locked.at_once else locked.send_at
    if begins <= now and restoring.may_have_begun(begins):
        why = _("It may have gone out already, in the time that was lost by the restore.")
        remedy = _("Find out who got it; if they still need it, prepare a new broadcast.")
        raise MoveError(f"{why} {remedy}")


def _refuse_time(locked: Broadcast, to: datetime, *, now: datetime) -> None:
    if to <= now:
        raise MoveError(_("This time has passed. Choose a later one, in UTC."))
    if locked.send_before and to >= locked.send_before:
        raise MoveError(_("That is after the last moment at which anybody may get it."))
    over = valid_until(locked.message)
    if over is not None and to >= datetime.combine(over, time.min, tzinfo=UTC):
        raise MoveError(_("The message is not true any more by then. Choose an earlier time."))
