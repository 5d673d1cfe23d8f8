"""Limits of a partner: what would pass one is refused at asking, at approval and at its time."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.approval import approving
from campaigns.approval.approving import ApprovalError
from campaigns.approval.limits import Sending, count_most, find_breaches
from campaigns.models import Broadcast, Schedule
from campaigns.words import explain_hold
from messaging.models import Delivery
from tests.campaigns import factories
from tests.campaigns.factories import Team, now

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def limit(team: Team, **limits: Any) -> None:
    for name, value in limits.items():
        setattr(team.partner, name, value)
    team.partner.save()


def codes_of(broadcast: Broadcast, people: int = 12) -> list[str]:
    fresh = Broadcast.objects.get(pk=broadcast.pk)
    return [hold.code for hold in find_breaches(fresh, people, now=now())]


def approve_one(team: Team, **changes: Any) -> Broadcast:
    broadcast = factories.make_broadcast(team, **changes)
    factories.approve(team, broadcast, at=now())
    return broadcast


# ---- The rules ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "rule", "expected"),
    [
        ({}, {}, []),
        ({"countries": ["TN"]}, {"countries": ["TN"]}, []),
        ({"countries": ["TN"]}, {"countries": ["TN", "LY"]}, ["limit_countries"]),
        ({"countries": ["TN"]}, {"countries": []}, ["limit_countries"]),
        ({"routes": ["cmed"]}, {}, []),
        ({"routes": ["wmed"]}, {}, ["limit_routes"]),
        ({"languages": ["ar"]}, {"languages": ["ar"]}, []),
        ({"languages": ["ar"]}, {"languages": []}, ["limit_languages"]),
        ({"people_a_broadcast": 12}, {}, []),
        ({"people_a_broadcast": 11}, {}, ["limit_broadcast"]),
        ({"people_a_broadcast": 0}, {}, ["limit_broadcast"]),
        ({"people_an_hour": 11, "people_a_day": 12}, {}, ["limit_hour"]),
    ],
)
def test_each_limit_is_asked(
    team: Team, limits: dict[str, Any], rule: dict[str, Any], expected: list[str]
) -> None:
    limit(team, **limits)
    segment = factories.make_segment(team.partner, **rule)
    broadcast = factories.make_broadcast(team, segment=segment)
    assert codes_of(broadcast) == expected


def test_every_limit_is_told_with_a_way_out(team: Team) -> None:
    limit(
        team, countries=["LY"], routes=["x"], languages=["ar"],
        people_a_broadcast=1, people_an_hour=1, people_a_day=1,
    )  # fmt: skip
    broadcast = factories.make_broadcast(
        team, segment=factories.make_segment(team.partner, countries=["TN"])
    )
    found = find_breaches(Broadcast.objects.get(pk=broadcast.pk), 12, now=now())
    assert len(found) == 6
    assert "Tunisia" in found[0].what
    for hold in found:
        assert explain_hold(hold).why == hold.detail
        assert "lead" in explain_hold(hold).remedy


moments = st.lists(
    st.tuples(st.integers(0, 60 * 48), st.integers(0, 50)), min_size=1, max_size=12
).map(lambda found: [Sending(NOON + timedelta(minutes=at), people) for at, people in found])


@given(moments)
def test_fullest_stretch_is_found_as_by_trying_every_minute(sendings: list[Sending]) -> None:
    own, *others = sendings
    tried = []
    for minutes in range(60):
        begin = own.at - timedelta(minutes=minutes)
        tried.append(sum(one.people for one in sendings if begin <= one.at < begin + HOUR))
    assert count_most(own, others, HOUR) == max(tried)


# ---- What else goes out ------------------------------------------------------------------------


def test_what_was_approved_for_the_same_hour_counts(team: Team) -> None:
    at = now() + timedelta(days=1)
    approve_one(team, at_once=False, send_at=at)
    limit(team, people_an_hour=23)
    for shift, expected in (
        (timedelta(minutes=59), ["limit_hour"]),
        (timedelta(minutes=-59), ["limit_hour"]),
        (HOUR, []),
        (-HOUR, []),
    ):
        broadcast = factories.make_broadcast(team, at_once=False, send_at=at + shift)
        assert codes_of(broadcast) == expected


def test_what_was_only_asked_or_went_out_elsewhere_does_not_count(team: Team) -> None:
    other = factories.make_team("Another")
    approve_one(other)
    approving.ask_approval(factories.make_broadcast(team), now=now())
    limit(team, people_a_day=12)
    assert codes_of(factories.make_broadcast(team)) == []


def test_correction_waits_for_no_limit_of_people(team: Team) -> None:
    told = approve_one(team)
    factories.tick(now())
    limit(team, people_a_broadcast=11, people_an_hour=12, people_a_day=12)
    correction = factories.make_broadcast(team, corrects=told)
    assert codes_of(correction) == []
    approving.ask_approval(correction, now=now())
    limit(team, countries=["LY"], routes=["wmed"], languages=["ar"])
    assert codes_of(correction) == ["limit_countries", "limit_routes", "limit_languages"]


def test_what_was_launched_counts_for_a_day(team: Team) -> None:
    approve_one(team)
    factories.tick(now())
    limit(team, people_a_day=23)
    assert codes_of(factories.make_broadcast(team)) == ["limit_day"]
    tomorrow = factories.make_broadcast(team, at_once=False, send_at=now() + timedelta(days=1))
    assert codes_of(tomorrow) == []


def test_times_of_a_series_count_also_those_to_come(team: Team) -> None:
    start = now()
    schedule = Schedule.objects.create(
        every="daily",
        at=time(9),
        zone="UTC",
        starts_on=start.date(),
        ends_on=start.date() + timedelta(days=30),
    )
    series = factories.make_broadcast(team, at_once=False, schedule=schedule)
    limit(team, people_a_day=12)
    # It does not meet itself on the next day.
    factories.approve(team, series, at=start)
    at = datetime.combine(start.date() + timedelta(days=3), time(12), tzinfo=UTC)
    broadcast = factories.make_broadcast(team, at_once=False, send_at=at)
    assert codes_of(broadcast) == ["limit_day"]
    late = datetime.combine(date(2099, 1, 1), time(12), tzinfo=UTC)
    assert codes_of(factories.make_broadcast(team, at_once=False, send_at=late)) == []


# ---- Where it is asked -------------------------------------------------------------------------


def test_asking_is_refused_with_the_reason(team: Team) -> None:
    limit(team, people_a_broadcast=11)
    broadcast = factories.make_broadcast(team)
    with pytest.raises(ApprovalError, match="more people than one broadcast"):
        approving.ask_approval(broadcast, now=now())
    assert Broadcast.objects.get().state == Broadcast.State.DRAFT


def test_approval_is_refused_when_the_limit_came_after_asking(team: Team) -> None:
    broadcast = factories.make_broadcast(team)
    approving.ask_approval(broadcast, now=now())
    limit(team, people_a_broadcast=11)
    shown = approving.take_snapshot(broadcast, now=now()).shown
    with pytest.raises(ApprovalError, match="more people than one broadcast"):
        approving.approve(broadcast, team.approver, shown=shown, now=now())
    assert not broadcast.approvals.exists()


def test_two_that_are_too_many_together_are_not_both_approved(team: Team) -> None:
    limit(team, people_an_hour=23)
    first, second = (factories.make_broadcast(team) for _turn in range(2))
    for broadcast in (first, second):
        approving.ask_approval(broadcast, now=now())
    factories.give_approval(team, first, at=now())
    with pytest.raises(ApprovalError, match="in an hour"):
        factories.give_approval(team, second, at=now())


def test_at_its_time_it_is_held_when_a_limit_came_after_approval(team: Team) -> None:
    broadcast = approve_one(team)
    limit(team, countries=["LY"])
    assert factories.tick(now()) == 0
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.HELD
    assert not Delivery.objects.exists()
    assert [held["code"] for held in broadcast.held_by] == ["limit_countries"]
