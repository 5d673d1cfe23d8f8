"""Budgets at its time: what was set or lowered since the approval is kept to, and nothing counts twice."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from campaigns.models import Broadcast, Budget, Reservation
from campaigns.reckoning import budgets
from messaging.models import Batch
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.test_budgets import (
    JANUARY,
    MIDDLE,
    PRICE,
    left,
    make_broadcast,
    make_budget,
    make_series,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
State = Broadcast.State
FIRST = datetime(2026, 12, 29, 9, tzinfo=UTC)
LAST = datetime(2027, 1, 1, 9, tzinfo=UTC)


def approve(team: Team) -> Broadcast:
    broadcast = make_broadcast(team)
    factories.approve(team, broadcast, at=MIDDLE)
    return broadcast


def tick(broadcast: Broadcast, *, at: datetime = MIDDLE) -> str:
    factories.tick(at)
    broadcast.refresh_from_db()
    return broadcast.state


def last_of(series: Broadcast) -> Broadcast:
    """Let all times of a series come, and return what the last one made."""
    for days in range(4):
        factories.tick(FIRST + timedelta(days=days))
    sending: Broadcast = series.sendings.get(send_at=LAST)
    return sending


def test_budget_that_is_set_after_the_approval_is_kept_to(team: Team) -> None:
    broadcast = approve(team)
    budget = make_budget(team, "0.01")
    assert tick(broadcast) == State.HELD
    assert "Over budget in Tunisia, December 2026" in broadcast.note
    assert not Batch.objects.exists()
    assert left(budget) == Decimal("0.01")


def test_budget_that_is_lowered_after_the_approval_is_kept_to(team: Team) -> None:
    budget = make_budget(team)
    broadcast = approve(team)
    Budget.objects.update(amount=Decimal("0.99"))
    assert tick(broadcast) == State.HELD
    budget.refresh_from_db()
    assert left(budget) == Decimal("0.99")


def test_what_goes_out_is_counted_in_a_budget_that_came_later_and_once(team: Team) -> None:
    broadcast = approve(team)
    budget = make_budget(team, "1.00")
    assert tick(broadcast) == State.LAUNCHED
    assert left(budget) == 0
    assert Reservation.objects.get().broadcast == broadcast


def test_what_was_reserved_is_not_reserved_twice_at_its_time(team: Team) -> None:
    budget = make_budget(team, "1.00")
    assert tick(approve(team)) == State.LAUNCHED
    assert left(budget) == 0
    assert Reservation.objects.count() == 1


def test_time_of_a_series_is_held_by_the_budget_of_a_month_that_came_later(team: Team) -> None:
    series = make_series(team)
    factories.approve(team, series, at=MIDDLE)
    make_budget(team, "0.01", month=JANUARY)
    assert last_of(series).state == State.HELD
    states = series.sendings.order_by("send_at").values_list("state", flat=True)
    assert list(states) == [State.LAUNCHED] * 3 + [State.HELD]


def test_time_of_a_series_is_counted_in_the_budget_of_a_month_that_came_later(team: Team) -> None:
    series = make_series(team)
    factories.approve(team, series, at=MIDDLE)
    budget = make_budget(team, "1.50", month=JANUARY)
    assert last_of(series).state == State.LAUNCHED
    assert left(budget) == Decimal("0.50")


def test_times_of_a_series_take_their_parts_of_what_it_holds(team: Team) -> None:
    budget = make_budget(team, "3.00")
    series = make_series(team)
    factories.approve(team, series, at=MIDDLE)
    for days in range(3):
        factories.tick(FIRST + timedelta(days=days))
        assert left(budget) == 0
    amounts = Reservation.objects.exclude(broadcast=series).values_list("amount", flat=True)
    assert list(amounts) == [PRICE] * 3
    assert series.reservations.get(budget=budget).amount == 0


def test_what_a_series_holds_for_later_does_not_stop_its_next_time(team: Team) -> None:
    budget = make_budget(team, "3.00")
    series = make_series(team)
    factories.approve(team, series, at=MIDDLE)
    Budget.objects.update(amount=PRICE)
    assert factories.tick(FIRST) == 1
    # Nothing is left for the second one.
    factories.tick(FIRST + timedelta(days=1))
    second = series.sendings.latest("send_at")
    assert second.state == State.HELD
    (use,) = budgets.read_use([budget], without=second)
    assert use.reserved == PRICE


def test_lowest_budget_that_suffices_lets_it_go_out(team: Team) -> None:
    make_budget(team)
    broadcast = approve(team)
    Budget.objects.filter(month=date(2026, 12, 1)).update(amount=PRICE)
    assert tick(broadcast) == State.LAUNCHED
