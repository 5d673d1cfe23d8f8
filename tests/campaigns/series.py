"""Builders for tests of series: a broadcast that recurs, approved; and many of them at once."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from campaigns.approval import approving
from campaigns.drafting import preparing
from campaigns.drafting.preparing import Wish
from campaigns.models import Approval, Broadcast, Edition, Schedule
from campaigns.recurring import DAILY, Rhythm
from tests.campaigns import factories
from tests.campaigns.factories import Team

# Clocks that move by an hour or by half of one, at midnight, in the fasting month, or never.
ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/Tunis",
    "America/Havana",
    "America/New_York",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Rome",
)


def make_rhythm(**changes: Any) -> Rhythm:
    """Return a rule for every day of four weeks, at nine in Tunis, from tomorrow on."""
    tomorrow = factories.now().date() + timedelta(days=1)
    given: dict[str, Any] = {
        "every": DAILY,
        "at": time(9),
        "zone": "Africa/Tunis",
        "starts_on": tomorrow,
        "ends_on": tomorrow + timedelta(days=27),
    }
    return Rhythm(**(given | changes))


def make_series(team: Team, *, now: datetime | None = None, **changes: Any) -> Broadcast:
    """Return a series that two people have agreed on."""
    now = now or factories.now()
    pattern = preparing.prepare(
        author=team.scheduler,
        message=changes.pop("message", None) or factories.make_message(),
        segment=factories.make_segment(team.partner),
        wish=Wish(rhythm=make_rhythm(**changes), in_quiet_hours=True),
        now=now,
    )
    factories.approve(team, pattern, at=now)
    pattern.refresh_from_db()
    return pattern


def next_time(pattern: Broadcast) -> datetime:
    """Return when a series goes out next."""
    pattern.refresh_from_db()
    assert pattern.schedule is not None
    pattern.schedule.refresh_from_db()
    moment = pattern.schedule.next_at
    assert moment is not None
    return moment


def sendings(pattern: Broadcast) -> list[Broadcast]:
    """Return what a series has made, in the order of its times."""
    return list(pattern.sendings.order_by("send_at"))


def states(pattern: Broadcast) -> list[str]:
    """Return the states of what a series has made, in the order of its times."""
    return [sending.state for sending in sendings(pattern)]


def copy_series(pattern: Broadcast, *, times: int) -> None:
    """Make copies of an approved series, each with a schedule, texts and an approval of its own."""
    editions, approval = list(pattern.editions.all()), pattern.approvals.get()
    assert pattern.schedule is not None
    schedule = pattern.schedule.pk
    for number in range(times):
        held = Schedule.objects.get(pk=schedule)
        held.pk, held._state.adding = None, True
        held.save()
        one = Broadcast.objects.get(pk=pattern.pk)
        one.pk, one._state.adding, one.schedule = None, True, held
        one.code, one.form_token = f"c{number:07d}", f"copy-{number}"
        one.save()
        for edition in editions:
            edition.pk, edition._state.adding, edition.broadcast = None, True, one
        Edition.objects.bulk_create(editions)
        Approval.objects.create(
            broadcast=one,
            approver_id=approval.approver_id,
            author_id=approval.author_id,
            snapshot=approval.snapshot,
            digest=approval.digest,
            people=approval.people,
            at=approval.at,
        )


def at(day: date, hour: int) -> datetime:
    """Return an hour of a day in UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def ask_anew(team: Team, pattern: Broadcast, *, now: datetime) -> None:
    """Let two people agree on a series once more."""
    approving.ask_approval(pattern, now=now)
    shown = approving.take_snapshot(pattern, now=now).shown
    approving.approve(pattern, team.approver, shown=shown, now=now)
    pattern.refresh_from_db()
