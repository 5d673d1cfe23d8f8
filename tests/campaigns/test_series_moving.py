"""Times of a series: how long each lasts, and moving one of them, which goes out once or not at all."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns import series
from campaigns.approval import limits
from campaigns.approval.approving import take_snapshot
from campaigns.calendar.agenda import list_busy, list_own
from campaigns.drafting import moving
from campaigns.drafting.moving import MoveError
from campaigns.going_out import scheduling
from campaigns.models import AuditEntry, Broadcast, Budget, Occurrence, Reservation
from messaging.models import Batch
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.series import make_series, next_time, sendings, states
from tests.campaigns.test_desk_series import fill, send

pytestmark = pytest.mark.database
SignIn = Callable[[User], Client]
State = Broadcast.State
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def move(team: Team, pattern: Broadcast, moment: datetime, to: datetime) -> Broadcast:
    return moving.move_out(pattern, moment, to, by=team.scheduler.pk, now=factories.now())


def times(pattern: Broadcast, most: int = 3) -> list[datetime]:
    pattern.refresh_from_db()
    assert pattern.schedule is not None
    return series.list_times(pattern.schedule, after=factories.now(), most=most)


# ---- How long each time lasts --------------------------------------------------------------------


def test_each_time_has_its_own_last_moment(team: Team, sign_in: SignIn) -> None:
    client = sign_in(team.scheduler)
    form = fill(team, every="daily", lasts_hours="5", in_quiet_hours="on")
    page = send(client, form).content.decode()
    assert "Nobody gets it later than 5 hours after each of its times." in page
    pattern = Broadcast.objects.get()
    factories.approve(team, pattern, at=factories.now())
    for _day in range(2):
        moment = next_time(pattern)
        assert factories.tick(moment) == 1
        sending = sendings(pattern)[-1]
        assert sending.send_before == moment + 5 * HOUR
        lane = Batch.objects.get(reference=sending.reference).lanes.get(channel="sms")
        assert lane.send_before == moment + 5 * HOUR


def test_another_last_moment_is_another_rule(team: Team) -> None:
    pattern = make_series(team)
    approved = take_snapshot(pattern, now=factories.now())
    assert pattern.schedule is not None
    pattern.schedule.lasts_hours = 3
    pattern.schedule.save()
    pattern.refresh_from_db()
    changed = take_snapshot(pattern, now=factories.now())
    assert [one.code for one in changed.find_changes(approved.data)] == ["time"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lasts_hours": "0"}, "greater than or equal to 1"),
        ({"lasts_hours": "169"}, "less than or equal to 168"),
        ({"send_before": "2031-01-01T10:00"}, "say how many hours after each of its times"),
    ],
)
def test_a_last_moment_that_cannot_be_is_refused(
    team: Team, sign_in: SignIn, changes: dict[str, Any], said: str
) -> None:
    answer = send(sign_in(team.scheduler), fill(team, **changes))
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_last_moment_before_its_evening_is_said_before_asking(
    team: Team, sign_in: SignIn
) -> None:
    client = sign_in(team.scheduler)
    page = send(client, fill(team, lasts_hours="1", in_evening="on")).content.decode()
    assert "Nobody there could get it" in page


# ---- Moving one of its times ---------------------------------------------------------------------


def test_a_time_that_is_moved_goes_out_once_and_only_when_approved_anew(
    team: Team, sign_in: SignIn
) -> None:
    pattern = make_series(team)
    first, second = times(pattern, 2)
    client = sign_in(team.scheduler)
    path = reverse("desk_move", args=[pattern.code])
    form = client.get(path, {"shown": first.isoformat()}).content.decode()
    assert "It is one time of a series." in form
    to = first + 3 * HOUR
    given = {"send_at": f"{to:%Y-%m-%dT%H:%M}", "shown": first.isoformat()}
    page = client.post(path, given, follow=True).content.decode()
    assert "ask for approval anew" in page
    assert "It goes out at another time." in page
    assert reverse("desk_broadcast", args=[pattern.code]) in page
    moved = Broadcast.objects.exclude(pk=pattern.pk).get()
    assert (moved.state, moved.send_at, moved.pattern) == (State.VOID, to, None)
    assert not moved.approvals.filter(void_at__isnull=True).exists()
    assert AuditEntry.objects.filter(verb="moved", object_code=pattern.code).count() == 1
    # The series goes on with its other times, approved as they were.
    pattern.refresh_from_db()
    assert (pattern.state, next_time(pattern), pattern.send_at) == (State.APPROVED, second, second)
    # Its old time makes nothing, and the new one nothing without a yes.
    assert factories.tick(first) == 0
    assert factories.tick(to - HOUR) == 0
    factories.approve(team, moved, at=factories.now())
    assert [factories.tick(to) for _twice in range(2)] == [1, 0]
    assert factories.tick(second) == 1
    assert Batch.objects.count() == 2
    assert states(pattern) == [State.LAUNCHED]


def test_a_later_time_is_moved_while_the_next_stays(team: Team) -> None:
    pattern = make_series(team)
    first, second, third = times(pattern)
    move(team, pattern, second, second + HOUR)
    assert next_time(pattern) == first
    assert factories.tick(first) == 1
    assert next_time(pattern) == third
    assert factories.tick(second) == 0


def test_the_last_time_that_is_moved_ends_the_series(team: Team) -> None:
    tomorrow = factories.now().date() + DAY
    pattern = make_series(team, starts_on=tomorrow, ends_on=tomorrow)
    (only,) = times(pattern)
    moved = move(team, pattern, only, only + HOUR)
    pattern.refresh_from_db()
    assert pattern.state == State.OVER
    factories.approve(team, moved, at=factories.now())
    assert factories.tick(only + HOUR) == 1


def test_the_same_time_cannot_be_moved_twice(team: Team) -> None:
    pattern = make_series(team)
    first = times(pattern, 1)[0]
    move(team, pattern, first, first + HOUR)
    with pytest.raises(MoveError, match="moved it meanwhile"):
        move(team, pattern, first, first + 2 * HOUR)
    assert Occurrence.objects.count() == 1


def test_nothing_is_moved_onto_a_time_at_which_the_series_goes_out(team: Team) -> None:
    pattern = make_series(team)
    first, second, third = times(pattern)
    for to in (first, second):
        with pytest.raises(MoveError, match="already"):
            move(team, pattern, first, to)
    moved = move(team, pattern, first, first + HOUR)
    with pytest.raises(MoveError, match="already"):
        move(team, pattern, second, first + HOUR)
    with pytest.raises(MoveError, match="already"):
        moving.move(moved, third, shown=None, by=team.scheduler.pk, now=factories.now())


def test_what_is_moved_back_goes_out_at_its_old_time_once(team: Team) -> None:
    pattern = make_series(team)
    first = times(pattern, 1)[0]
    moved = move(team, pattern, first, first + 5 * HOUR)
    moving.move(moved, first, shown=None, by=team.scheduler.pk, now=factories.now())
    moved.refresh_from_db()
    factories.approve(team, moved, at=factories.now())
    # Not before its time, though it stood in the series with just this one.
    assert factories.tick(first - HOUR) == 0
    # The pause of the series is none of its.
    pattern.refresh_from_db()
    assert scheduling.pause(pattern, now=factories.now())
    assert [factories.tick(first) for _twice in range(2)] == [1, 0]


def test_resuming_does_not_bring_back_a_time_that_was_moved(team: Team) -> None:
    pattern = make_series(team)
    first, second = times(pattern, 2)
    move(team, pattern, first, first + HOUR)
    pattern.refresh_from_db()
    scheduling.pause(pattern, now=factories.now())
    scheduling.resume(pattern, now=factories.now())
    assert next_time(pattern) == second


def test_a_law_that_moves_the_clocks_does_not_bring_it_back(team: Team) -> None:
    pattern = make_series(team)
    first = times(pattern, 1)[0]
    move(team, pattern, first, first + 5 * HOUR)
    # As if the zone were an hour off since.
    Occurrence.objects.update(occurs_at=first - HOUR)
    assert pattern.schedule is not None
    series.begin(pattern.schedule, now=factories.now())
    assert next_time(pattern) > first + 20 * HOUR


@pytest.mark.parametrize("how", ["paused", "not approved", "another time"])
def test_what_cannot_be_moved_says_so(team: Team, sign_in: SignIn, how: str) -> None:
    pattern = make_series(team)
    shown = times(pattern, 1)[0]
    if how == "paused":
        scheduling.pause(pattern, now=factories.now())
    elif how == "not approved":
        Broadcast.objects.update(state=State.ASKED)
    else:
        shown += HOUR
    path = reverse("desk_move", args=[pattern.code])
    given = {"send_at": "2031-01-01T10:00", "shown": shown.isoformat()}
    page = sign_in(team.scheduler).post(path, given, follow=True).content.decode()
    said = "was moved. Look again" if how == "another time" else "while it is approved and goes on"
    assert said in page
    assert Broadcast.objects.count() == 1


def test_the_calendar_shows_it_at_its_new_time_only(team: Team, sign_in: SignIn) -> None:
    pattern = make_series(team)
    first = times(pattern, 1)[0]
    moved = move(team, pattern, first, first + 2 * HOUR)
    page = sign_in(team.scheduler).get(reverse("desk_calendar"), {"view": "list"}).content.decode()
    assert f"{reverse('desk_move', args=[pattern.code])}?back=list&amp;shown=" in page
    now = factories.now()
    slots = list_own(team.scheduler, now, first + 3 * HOUR, now=now)
    assert [(slot.moment, slot.broadcast) for slot in slots] == [(first + 2 * HOUR, moved.pk)]
    stranger = factories.make_team("Another").scheduler
    assert list_busy(stranger, now, first + 3 * HOUR, now=now) == []


def test_it_gives_back_its_share_of_money_and_counts_once_against_the_limits(team: Team) -> None:
    now = factories.now()
    month = (now + DAY).date().replace(day=1)
    budget = Budget.objects.create(
        partner=team.partner, country="TN", month=month, amount="900", currency="USD"
    )
    pattern = make_series(team)
    before = Reservation.objects.get(budget=budget, broadcast=pattern).amount
    first = times(pattern, 1)[0]
    many = sum(one.date().replace(day=1) == month for one in times(pattern, 31))
    moved = move(team, pattern, first, first + HOUR)
    after = Reservation.objects.get(budget=budget, broadcast=pattern).amount
    assert float(before - after) == pytest.approx(float(before) / many, abs=0.01)
    # Twelve people at its new time, and nobody at the old one.
    team.partner.people_a_day = 20
    team.partner.save()
    moved.refresh_from_db()
    assert limits.find_breaches(moved, 12, now=now) == []
