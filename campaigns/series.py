"""Series: a broadcast that recurs, whose every time makes a broadcast of its own.

What was approved once is the pattern; its copy, with the approval, is launched like any other if it
still holds. Any number of clocks make one of each time. A time that somebody moves leaves the series: it
is a broadcast of its own then, and what it was in the series is taken.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from campaigns.models import Approval, Broadcast, Edition, Occurrence, Schedule
from campaigns.reckoning import budgets
from campaigns.recurring import Rhythm, is_near
from messaging.models import Batch
from messaging.sending import batches

# Why a batch is paused (`Batch.paused_reason`): with its series, and so goes on with it.
PAUSED_REASON = "series"
# Far enough ahead for any change of a zone's clocks to be noticed before its time.
_AHEAD = timedelta(days=2)
_DAY = timedelta(days=1)
# A series lasts a year at most.
_MOST_MOMENTS = 400
_State = Broadcast.State

log = logging.getLogger("waymark.scheduling")


def make_schedule(rhythm: Rhythm) -> Schedule:
    """Keep a rule for a broadcast to be; it waits for nothing before that is approved."""
    return Schedule.objects.create(
        every=rhythm.every,
        weekdays=list(rhythm.weekdays),
        month_day=rhythm.month_day,
        at=rhythm.at,
        zone=rhythm.zone,
        starts_on=rhythm.starts_on,
        ends_on=rhythm.ends_on,
        lasts_hours=rhythm.lasts_hours,
    )


def begin(schedule: Schedule, *, now: datetime) -> datetime | None:
    """Let a schedule wait for its first time from now on and return that; None where all are over."""
    first = schedule.rhythm.first_day(now=now)
    _set_next(schedule, schedule.rhythm.days_from(first) if first else (), now=now)
    schedule.save(update_fields=["next_on", "next_at"])
    return schedule.next_at


def list_times(schedule: Schedule, *, after: datetime, most: int) -> list[datetime]:
    """Return its next times, at most so many, without those that were moved."""
    moved = find_moved([schedule.pk], after=after)[schedule.pk]
    times = schedule.rhythm.moments(after=after, most=most + len(moved))
    return [moment for moment in times if not is_near(moment, moved)][:most]


def find_moved(schedules: Collection[int], *, after: datetime) -> dict[int, list[datetime]]:
    """Return, of some schedules, the times from a day before `after` on that left them for another one."""
    moved: dict[int, list[datetime]] = defaultdict(list)
    near = Occurrence.objects.filter(schedule__in=schedules, occurs_at__gt=after - _DAY)
    taken = near.filter(broadcast__pattern__isnull=True)
    for schedule, moment in taken.values_list("schedule_id", "occurs_at"):
        if schedule is not None:
            moved[schedule].append(moment)
    return moved


def take_out(pattern: Broadcast, moment: datetime, *, to: datetime, now: datetime) -> Broadcast:
    """Take one time out of a series that is locked, and return what it is now: approved, as that was."""
    schedule = pattern.schedule
    if schedule is None:
        raise ValueError("Only what recurs has times that can be taken out of it.")
    moved = _make_sending(pattern, moment, now=now)
    moved.pattern, moved.send_at, moved.send_before = None, to, schedule.rhythm.end_after(to)
    moved.save(update_fields=["pattern", "send_at", "send_before"])
    Occurrence.objects.create(broadcast=moved, schedule=schedule, occurs_at=moment)
    day = schedule.next_on
    if day and is_near(moment, [schedule.rhythm.moment_of(day)]):
        _set_next(schedule, schedule.rhythm.days_from(day), now=now)
        schedule.save(update_fields=["next_on", "next_at"])
        _wait_for(pattern, schedule.next_at)
    return moved


def fire_due(*, now: datetime) -> int:
    """Make a broadcast of every time that has come and return how many were made."""
    near = Schedule.objects.filter(
        broadcast__state=_State.APPROVED,
        paused_at__isnull=True,
        next_on__isnull=False,
        next_at__lte=now + _AHEAD,
    )
    return sum(_fire_alone(schedule, now=now) for schedule in near.order_by("next_at"))


def pause(pattern: Broadcast, *, now: datetime) -> bool:
    """Stop a series before its next time and its next message; say whether it was going on."""
    with transaction.atomic():
        # Whoever launches one of its times holds it too: that is paused below, or sees this pause.
        locked = Broadcast.objects.select_for_update(of=("self",)).get(pk=pattern.pk)
        going_on = Schedule.objects.filter(broadcast=locked, paused_at__isnull=True)
        if locked.state != _State.APPROVED or not going_on.update(paused_at=now):
            return False
    for sending in _find_launched(pattern):
        batches.pause(sending.reference, reason=PAUSED_REASON)
    return True


def resume(pattern: Broadcast, *, now: datetime) -> bool:
    """Let a paused series go on with its next time, and what it was sending; say whether it was paused.

    The times that passed meanwhile are not made up for.
    """
    with transaction.atomic():
        locked = Broadcast.objects.select_for_update(of=("self",)).get(pk=pattern.pk)
        schedule = locked.schedule
        if locked.state != _State.APPROVED or schedule is None or schedule.paused_at is None:
            return False
        schedule.paused_at = None
        schedule.save(update_fields=["paused_at"])
        _wait_for(locked, begin(schedule, now=now))
    references = [sending.reference for sending in _find_launched(pattern)]
    # What paused itself, or was paused by itself, waits for a person still.
    with_it = Batch.objects.filter(reference__in=references, paused_reason=PAUSED_REASON)
    for reference in with_it.values_list("reference", flat=True):
        batches.resume(reference)
    return True


def cancel(pattern: Broadcast, *, now: datetime) -> int:
    """End what a cancelled series has made and return how many messages are not sent."""
    unsent = pattern.sendings.filter(state=_State.APPROVED)
    unsent.update(state=_State.CANCELLED)
    return sum(batches.cancel(one.reference, now=now) for one in _find_launched(pattern))


def _find_launched(pattern: Broadcast) -> list[Broadcast]:
    return list(pattern.sendings.filter(state=_State.LAUNCHED))


def _fire_alone(schedule: Schedule, *, now: datetime) -> bool:
    try:
        return _fire(schedule, now=now)
    except Exception:  # (whatever is wrong with one must not stop the others at every tick)
        log.exception("schedule %s cannot be followed", schedule.pk)
        return False


def _fire(schedule: Schedule, *, now: datetime) -> bool:
    day = schedule.next_on
    if day is None:
        return False
    # Worked out anew: since the last time a law may have moved the clocks.
    moment = schedule.rhythm.moment_of(day)
    mine = Schedule.objects.filter(pk=schedule.pk, next_on=day, paused_at__isnull=True)
    if moment > now:
        if moment != schedule.next_at:
            mine.update(next_at=moment)
        return False
    with transaction.atomic():
        # Whoever cancels, pauses or approves it waits here, and so does another clock.
        pattern = Broadcast.objects.select_for_update(of=("self",)).get(schedule=schedule)
        following = schedule.rhythm.day_after(day)
        days = schedule.rhythm.days_from(following) if following else ()
        _set_next(schedule, days, now=moment)
        if pattern.state != _State.APPROVED:
            return False
        if not mine.update(next_on=schedule.next_on, next_at=schedule.next_at):
            return False
        _wait_for(pattern, schedule.next_at)
        # A day that a zone leaves out has the same moment as the day after it.
        taken = schedule.occurrences.filter(occurs_at=moment).exists()
        if taken or is_near(moment, find_moved([schedule.pk], after=moment)[schedule.pk]):
            return False
        sending = _make_sending(pattern, moment, now=now)
        Occurrence.objects.create(broadcast=sending, schedule=schedule, occurs_at=moment)
    return True


def _set_next(schedule: Schedule, days: Iterable[date], *, now: datetime) -> None:
    """Let a schedule wait for the first of some days that was not moved; save nothing."""
    moved, rhythm = find_moved([schedule.pk], after=now)[schedule.pk], schedule.rhythm
    free = (day for day in days if not is_near(rhythm.moment_of(day), moved))
    schedule.next_on = next(free, None)
    schedule.next_at = rhythm.moment_of(schedule.next_on) if schedule.next_on else None


def _wait_for(pattern: Broadcast, next_at: datetime | None) -> None:
    if next_at is None:
        pattern.state = _State.OVER
    else:
        pattern.send_at = next_at
    pattern.save(update_fields=["state", "send_at"])


def _make_sending(pattern: Broadcast, moment: datetime, *, now: datetime) -> Broadcast:
    sending = Broadcast.objects.create(
        partner_id=pattern.partner_id,
        campaign_id=pattern.campaign_id,
        author_id=pattern.author_id,
        asked_by_id=pattern.asked_by_id,
        message_id=pattern.message_id,
        segment_id=pattern.segment_id,
        pattern=pattern,
        send_at=moment,
        in_quiet_hours=pattern.in_quiet_hours,
        in_evening=pattern.in_evening,
        send_before=pattern.schedule.rhythm.end_after(moment) if pattern.schedule else None,
        channels=pattern.channels,
        senders=pattern.senders,
        corrects_id=pattern.corrects_id,
        state=_State.APPROVED,
        form_token=f"{pattern.code}.{moment:%Y%m%dT%H%M%S}",
        created_at=now,
    )
    Edition.objects.bulk_create(_copy_edition(one, sending) for one in pattern.editions.all())
    # Whoever has approved the pattern has approved each of its times.
    Approval.objects.bulk_create(
        _copy_approval(one, sending) for one in pattern.approvals.filter(void_at__isnull=True)
    )
    if pattern.schedule:
        after = min(now, moment) - timedelta.resolution
        unmade = list_times(pattern.schedule, after=after, most=_MOST_MOMENTS)
        budgets.take_share(sending, unmade=unmade, now=now)
    return sending


def _copy_approval(approval: Approval, sending: Broadcast) -> Approval:
    approval.pk, approval._state.adding, approval.broadcast = None, True, sending
    return approval


def _copy_edition(edition: Edition, sending: Broadcast) -> Edition:
    edition.pk, edition._state.adding, edition.broadcast = None, True, sending
    return edition
