"""Budgets: reserved at asking, never beyond what is left, and settled with what it came to."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from campaigns import editions
from campaigns.approval import approving
from campaigns.approval.approving import ApprovalError
from campaigns.drafting import moving
from campaigns.going_out import scheduling
from campaigns.models import Broadcast, Budget, Reservation
from campaigns.reckoning import budgets
from campaigns.reckoning.costs import count_costs
from campaigns.reckoning.estimating import estimate
from campaigns.recurring import DAILY, Rhythm
from campaigns.series import make_schedule
from messaging.models import Batch, Bill, Delivery
from messaging.states import State
from tests.campaigns import factories
from tests.campaigns.factories import Team

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MIDDLE = datetime(2026, 12, 15, 12, tzinfo=UTC)
DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)
# Twelve people in Tunisia, shown as ten, at ten cents.
PRICE = Decimal("1.00")


def make_budget(team: Team, amount: str = "5.00", **changes: Any) -> Budget:
    given = {"partner": team.partner, "country": "TN", "month": DECEMBER, "amount": Decimal(amount)}
    return Budget.objects.create(**(given | changes))


def make_broadcast(team: Team, **changes: Any) -> Broadcast:
    message = factories.make_message(expires=date(2027, 3, 1))
    return factories.make_broadcast(team, **({"message": message} | changes))


def ask(broadcast: Broadcast, *, now: datetime = MIDDLE) -> None:
    approving.ask_approval(broadcast, now=now)


def left(budget: Budget) -> Decimal:
    (use,) = budgets.read_use([budget])
    return use.left


def test_asking_reserves_the_price_of_the_people_who_are_shown(team: Team) -> None:
    budget = make_budget(team)
    ask(make_broadcast(team))
    (row,) = Reservation.objects.all()
    assert (row.amount, row.settled_at) == (PRICE, None)
    assert left(budget) == Decimal("4.00")


def test_what_is_reserved_does_not_tell_how_many_people_there_are(team: Team) -> None:
    make_budget(team)
    factories.make_price("SN")
    make_budget(team, country="SN")
    factories.subscribe(3, country="SN")
    ask(make_broadcast(team))
    amounts = Reservation.objects.order_by("budget__country").values_list("amount", flat=True)
    assert list(amounts) == [Decimal("1.00"), Decimal("1.00")]


def test_over_budget_is_refused_with_the_reason_and_the_way_out(team: Team) -> None:
    make_budget(team, "0.99")
    broadcast = make_broadcast(team)
    with pytest.raises(ApprovalError, match="Tunisia, December 2026") as caught:
        ask(broadcast)
    assert "Choose fewer people" in str(caught.value)
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.DRAFT
    assert not Reservation.objects.exists()


def test_two_that_fit_alone_do_not_both_get_the_same_money(team: Team) -> None:
    make_budget(team, "1.50")
    ask(make_broadcast(team))
    with pytest.raises(ApprovalError, match=r"0\.50"):
        ask(make_broadcast(team))


@pytest.mark.parametrize("how", ["return", "cancel"])
def test_what_will_not_go_out_gives_its_money_back(team: Team, how: str) -> None:
    budget = make_budget(team, "1.00")
    first = make_broadcast(team)
    ask(first)
    assert left(budget) == 0
    if how == "return":
        approving.return_to_author(first, team.approver, reason="Shorter.", now=MIDDLE)
    else:
        scheduling.cancel(first, now=MIDDLE)
    assert left(budget) == Decimal("1.00")
    ask(make_broadcast(team))
    assert left(budget) == 0


def test_asking_again_takes_no_second_share(team: Team) -> None:
    budget = make_budget(team, "1.00")
    broadcast = make_broadcast(team)
    ask(broadcast)
    approving.return_to_author(broadcast, team.approver, reason="Shorter.", now=MIDDLE)
    broadcast.refresh_from_db()
    ask(broadcast)
    assert left(budget) == 0
    assert Reservation.objects.count() == 1


def test_a_country_or_a_month_without_a_budget_has_none_to_keep_to(team: Team) -> None:
    make_budget(team, "0.00", country="SN")
    make_budget(team, "0.00", month=JANUARY)
    make_budget(team, "0.00", partner=factories.make_team("Another").partner)
    ask(make_broadcast(team))
    assert not Reservation.objects.exists()


def test_what_is_approved_in_the_next_month_is_paid_from_that_one(team: Team) -> None:
    before = make_budget(team)
    after = make_budget(team, month=JANUARY)
    broadcast = make_broadcast(team)
    ask(broadcast)
    assert (left(before), left(after)) == (Decimal("4.00"), Decimal("5.00"))
    factories.give_approval(team, broadcast, at=MIDDLE + timedelta(days=20))
    assert (left(before), left(after)) == (Decimal("5.00"), Decimal("4.00"))


@pytest.mark.parametrize(
    ("change", "said"), [({"currency": "EUR"}, "EUR"), ({"country": "SN"}, "no price")]
)
def test_what_cannot_be_compared_is_refused(team: Team, change: dict[str, str], said: str) -> None:
    make_budget(team, "500.00", **change)
    factories.subscribe(10, country="SN")
    with pytest.raises(ApprovalError, match=said):
        ask(make_broadcast(team))


def make_series(team: Team) -> Broadcast:
    """Make one that goes out on four days: three in December, one in January."""
    rhythm = Rhythm(DAILY, time(9), "UTC", starts_on=date(2026, 12, 29), ends_on=JANUARY)
    return make_broadcast(team, at_once=False, schedule=make_schedule(rhythm))


def test_a_series_takes_all_its_times_of_each_month(team: Team) -> None:
    make_budget(team, "3.00")
    make_budget(team, "0.50", month=JANUARY)
    series = make_series(team)
    with pytest.raises(ApprovalError, match="January 2027"):
        ask(series)
    Budget.objects.filter(month=JANUARY).update(amount=1)
    ask(series)
    rows = Reservation.objects.order_by("budget__month")
    assert [row.amount for row in rows] == [Decimal(3), Decimal(1)]


def launch(team: Team, broadcast: Broadcast, *, at: datetime) -> Broadcast:
    factories.approve(team, broadcast, at=at)
    assert factories.tick(at) == 1
    broadcast.refresh_from_db()
    return broadcast


def end(broadcast: Broadcast, *, at: datetime) -> None:
    """Let nine get it and three not, and the batch be over."""
    rows = Delivery.objects.filter(batch__reference=broadcast.reference)
    rows.update(state=State.DELIVERED)
    missed = list(rows.values_list("pk", flat=True)[:3])
    rows.filter(pk__in=missed).update(state=State.SUPPRESSED)
    Batch.objects.filter(reference=broadcast.reference).update(
        state=Batch.State.FINISHED, finished_at=at
    )


def test_its_end_puts_what_it_came_to_in_the_place_of_what_was_expected(team: Team) -> None:
    budget = make_budget(team)
    now = factories.now()
    budget.month = now.date().replace(day=1)
    budget.save()
    broadcast = launch(team, factories.make_broadcast(team), at=now)
    assert budgets.settle_over(now=now) == 0
    end(broadcast, at=now)
    assert budgets.settle_over(now=now) == 1
    assert budgets.settle_over(now=now) == 0
    assert left(budget) == Decimal("4.10")
    # Days later the provider has said what one of them came to in truth.
    delivery = Delivery.objects.filter(state=State.DELIVERED)[0]
    Bill.objects.create(delivery=delivery, parts=2, amount="0.25", currency="USD", at=now)
    assert budgets.settle_over(now=now + timedelta(days=7)) == 0
    assert budgets.settle_over(now=now + timedelta(days=9)) == 1
    assert budgets.settle_over(now=now + timedelta(days=10)) == 0
    assert left(budget) == Decimal("3.95")
    assert count_costs(broadcast, today=now.date()) == {"TN": Decimal("1.05")}


def test_each_time_of_a_series_takes_its_part_of_what_is_reserved(team: Team) -> None:
    make_budget(team, "3.00")
    series = make_series(team)
    factories.approve(team, series, at=MIDDLE)
    first = datetime(2026, 12, 29, 9, tzinfo=UTC)
    assert factories.tick(first) == 1
    sending = series.sendings.get()
    end(sending, at=first)
    budgets.settle_over(now=first)
    rows = Reservation.objects.order_by("pk")
    assert [(row.broadcast, row.amount) for row in rows] == [
        (series, Decimal("2.0000")),
        (sending, Decimal("0.9000")),
    ]


def test_last_time_of_a_series_holds_its_part_until_it_is_over(team: Team) -> None:
    budget = make_budget(team, "1.00", month=JANUARY)
    series = make_series(team)
    factories.approve(team, series, at=MIDDLE)
    for day in (29, 30, 31):
        factories.tick(datetime(2026, 12, day, 9, tzinfo=UTC))
    last = datetime(2027, 1, 1, 9, tzinfo=UTC)
    assert factories.tick(last) == 1
    series.refresh_from_db()
    assert series.state == Broadcast.State.OVER
    assert left(budget) == 0


def test_time_that_does_not_go_out_gives_its_part_back(team: Team) -> None:
    budget = make_budget(team, "3.00")
    series = make_series(team)
    factories.approve(team, series, at=MIDDLE)
    assert left(budget) == 0
    factories.tick(datetime(2026, 12, 29, 12, tzinfo=UTC))
    assert series.sendings.get().state == Broadcast.State.MISSED
    assert left(budget) == PRICE


def test_time_that_is_moved_out_gives_its_part_back_and_the_others_keep_theirs(team: Team) -> None:
    budget = make_budget(team, "3.00")
    series = make_series(team)
    factories.approve(team, series, at=MIDDLE)
    second = datetime(2026, 12, 30, 9, tzinfo=UTC)
    by, to = team.scheduler.pk, second + timedelta(hours=1)
    moving.move_out(series, second, to, by=by, now=MIDDLE)
    assert left(budget) == PRICE
    factories.tick(datetime(2026, 12, 29, 9, tzinfo=UTC))
    assert series.sendings.get().reservations.get().amount == PRICE
    assert left(budget) == PRICE


def test_a_share_says_what_is_left_before_anybody_asks(team: Team) -> None:
    make_budget(team, "0.40")
    broadcast = make_broadcast(team)
    editions.freeze(broadcast, now=MIDDLE)
    shown = estimate(broadcast, broadcast.editions.all(), today=MIDDLE.date())
    (share,) = budgets.find_shares(broadcast, shown, now=MIDDLE)
    assert (share.needed, share.left, share.fault) == (PRICE, Decimal("0.40"), "over")
