"""The calendar: own broadcasts by day, others as busy and nothing more of them, for few queries."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.calendar import agenda
from campaigns.models import Broadcast, Schedule
from campaigns.staff import LEADS
from tests.campaigns import factories
from tests.campaigns.factories import Team

SignIn = Callable[[User], Client]
State = Broadcast.State
NOON = datetime(2031, 3, 12, 12, 30, tzinfo=UTC)
SHAPES = ("month", "week", "list")


def plan(team: Team, send_at: datetime = NOON, **changes: Any) -> Broadcast:
    fields = {"at_once": False, "send_at": send_at, "state": State.APPROVED}
    return factories.make_broadcast(team, **(fields | changes))


def open_page(client: Client, shape: str = "month", day: str = "2031-03-12") -> Any:
    return client.get(reverse("desk_calendar"), {"view": shape, "day": day})


def day_of(answer: Any, day: date) -> Any:
    return next(one for one in answer.context["days"] if one.date == day)


@pytest.mark.parametrize("shape", SHAPES)
def test_own_broadcast_stands_on_its_day(team: Team, sign_in: SignIn, shape: str) -> None:
    broadcast = plan(team)
    answer = open_page(sign_in(team.analyst), shape)
    entries = day_of(answer, NOON.date()).entries
    assert [entry.broadcast for entry in entries] == [broadcast]
    page = answer.content.decode()
    assert "12:30" in page
    assert reverse("desk_broadcast", args=[broadcast.code]) in page
    # An analyst moves nothing.
    assert not entries[0].movable


@pytest.mark.parametrize("shape", SHAPES)
def test_of_others_only_time_and_country_are_shown(team: Team, sign_in: SignIn, shape: str) -> None:
    other = factories.make_team("Secret society")
    segment = factories.make_segment(other.partner, countries=["TN"])
    broadcast = plan(other, message=factories.make_message(title="Hidden title"), segment=segment)
    page = open_page(sign_in(team.scheduler), shape).content.decode()
    assert "busy" in page
    assert "Tunisia" in page
    for secret in (
        broadcast.code,
        "Hidden title",
        "Secret society",
        segment.name,
        other.scheduler.email,
    ):
        assert secret not in page


def test_drafts_of_others_and_what_was_cancelled_are_not_busy(team: Team, sign_in: SignIn) -> None:
    other = factories.make_team("Another")
    for state in (State.DRAFT, State.RETURNED, State.CANCELLED, State.LEFT):
        plan(other, state=state)
    plan(team, state=State.CANCELLED)
    answer = open_page(sign_in(team.scheduler))
    assert day_of(answer, NOON.date()).is_empty


def test_what_goes_out_at_once_has_no_day_before_it_is_approved(
    team: Team, sign_in: SignIn
) -> None:
    plan(team, at_once=True, state=State.ASKED)
    assert day_of(open_page(sign_in(team.scheduler)), NOON.date()).is_empty


@pytest.mark.database
def test_each_time_of_a_series_stands_in_the_calendar(team: Team) -> None:
    schedule = Schedule.objects.create(
        every="daily",
        at=time(0, 0),
        zone="UTC",
        starts_on=NOON.date(),
        ends_on=NOON.date() + timedelta(days=9),
    )
    plan(team, schedule=schedule)
    start = datetime.combine(NOON.date(), time.min, tzinfo=UTC)
    slots = agenda.list_own(team.analyst, start, start + timedelta(days=4), now=start)
    assert [slot.moment.day for slot in slots] == [12, 13, 14, 15]
    assert all(slot.recurs for slot in slots)
    others = factories.make_team("Another")
    busy = agenda.list_busy(others.analyst, start, start + timedelta(days=4), now=start)
    assert len(busy) == 4
    Schedule.objects.update(paused_at=NOON)
    assert not agenda.list_own(team.analyst, start, start + timedelta(days=4), now=start)


@pytest.mark.parametrize("shape", SHAPES)
def test_calendar_of_many_costs_as_many_queries_as_of_few(
    team: Team, sign_in: SignIn, shape: str
) -> None:
    client, message = sign_in(team.scheduler), factories.make_message()
    other = factories.make_team("Another")
    counts = []
    for number in (1, 12):
        for place in range(number):
            for whose in (team, other):
                plan(whose, NOON + timedelta(hours=place), message=message)
        with CaptureQueriesContext(connection) as queries:
            answer = open_page(client, shape)
        assert answer.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] < 25


@pytest.mark.database
def test_a_full_day_shows_a_few_and_says_how_many_more(team: Team, sign_in: SignIn) -> None:
    message = factories.make_message()
    for minute in range(7):
        plan(team, NOON + timedelta(minutes=minute), message=message)
    day = day_of(open_page(sign_in(team.scheduler)), NOON.date())
    assert (len(day.entries), day.more) == (4, 3)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "yesterday", "2031-13-01", ""])
def test_a_day_that_is_none_shows_today(team: Team, sign_in: SignIn, day: str) -> None:
    answer = open_page(sign_in(team.scheduler), "month", day)
    assert answer.status_code == 200
    assert answer.context["day"] == answer.context["today"]


def test_staff_of_no_partner_see_only_when_partners_are_busy(team: Team, sign_in: SignIn) -> None:
    broadcast = plan(team)
    lead = factories.make_user("lead")
    lead.groups.add(Group.objects.get_or_create(name=LEADS)[0])
    answer = open_page(sign_in(lead))
    assert day_of(answer, NOON.date()).others == 1
    assert broadcast.code not in answer.content.decode()
    assert "days" not in open_page(sign_in(factories.make_user("nobody"))).context
