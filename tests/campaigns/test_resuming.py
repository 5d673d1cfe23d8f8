"""Resuming asks limits and budgets anew: what was lowered while it stood still, it may not pass."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from campaigns.going_out import scheduling
from campaigns.going_out.scheduling import StandstillError
from campaigns.models import Broadcast, Budget, Price
from campaigns.recurring import DAILY, Rhythm
from campaigns.series import make_schedule
from messaging.models import Batch
from tests.campaigns import factories
from tests.campaigns.factories import Team

pytestmark = pytest.mark.django_db
NOW = factories.now()


@pytest.fixture
def budget(team: Team) -> Budget:
    """Return a budget that the twelve people of a broadcast fit into, shown as ten."""
    month = NOW.date().replace(day=1)
    return Budget.objects.create(
        partner=team.partner, country="TN", month=month, amount=Decimal("1.10")
    )


@pytest.fixture
def paused(team: Team, budget: Budget) -> Broadcast:
    """Return a broadcast that a person paused before anything of it went out."""
    broadcast = factories.make_broadcast(team)
    factories.approve(team, broadcast, at=NOW)
    factories.tick(NOW)
    assert scheduling.pause(broadcast, now=NOW)
    return Broadcast.objects.get(pk=broadcast.pk)


def refuse(broadcast: Broadcast) -> str:
    """Try to let it go on and return why it may not."""
    with pytest.raises(StandstillError) as refused:
        scheduling.resume(Broadcast.objects.get(pk=broadcast.pk), now=NOW + timedelta(minutes=5))
    assert Batch.objects.get().state == Batch.State.PAUSED
    return str(refused.value)


def test_what_still_fits_goes_on(paused: Broadcast) -> None:
    assert scheduling.resume(paused, now=NOW + timedelta(minutes=5))
    assert not scheduling.resume(paused, now=NOW + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"people_an_hour": 11}, "more people in an hour"),
        ({"people_a_broadcast": 11}, "more people than one broadcast"),
        ({"countries": ["SN"]}, "countries that are not this partner"),
    ],
)
def test_limit_that_was_lowered_meanwhile_is_asked(
    team: Team, paused: Broadcast, limits: dict[str, Any], said: str
) -> None:
    type(team.partner).objects.filter(pk=team.partner.pk).update(**limits)
    assert said in refuse(paused)


def test_budget_that_was_lowered_meanwhile_is_asked(paused: Broadcast, budget: Budget) -> None:
    Budget.objects.filter(pk=budget.pk).update(amount=Decimal("0.99"))
    assert "Tunisia" in refuse(paused)
    Budget.objects.filter(pk=budget.pk).update(amount=Decimal("1.00"))
    assert scheduling.resume(paused, now=NOW)


def test_price_that_rose_meanwhile_is_asked(paused: Broadcast) -> None:
    Price.objects.update(amount="0.1200")
    assert "Tunisia" in refuse(paused)


def test_series_asks_too(team: Team) -> None:
    rhythm = Rhythm(
        DAILY,
        at=(NOW + timedelta(hours=1)).time(),
        zone="UTC",
        starts_on=NOW.date(),
        ends_on=NOW.date() + timedelta(days=3),
    )
    series = factories.make_broadcast(team, at_once=False, schedule=make_schedule(rhythm))
    factories.approve(team, series, at=NOW)
    series = Broadcast.objects.get(pk=series.pk)
    assert scheduling.pause(series, now=NOW)
    partners = type(team.partner).objects.filter(pk=team.partner.pk)
    partners.update(people_a_broadcast=11)
    with pytest.raises(StandstillError, match="more people than one broadcast"):
        scheduling.resume(Broadcast.objects.get(pk=series.pk), now=NOW)
    partners.update(people_a_broadcast=None)
    assert scheduling.resume(Broadcast.objects.get(pk=series.pk), now=NOW)
