"""What was approved holds within bounds: five percent more or fewer, and some may always leave."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.approval.change_words import explain_changes
from campaigns.approval.snapshots import Snapshot
from campaigns.going_out import scheduling
from campaigns.models import Broadcast
from campaigns.reckoning.estimating import Estimate, Line
from messaging.models import Delivery, Subscriber
from tests.campaigns import factories
from tests.campaigns.factories import Team


def find_codes(*, approved: int, now: int) -> list[str]:
    line = Line("sms", "TN", people=now, own=now, fallback=0, unreadable=0, parts=now, cost=None)
    estimate = Estimate(
        lines=(line,),
        cost=Decimal(1),
        currency="USD",
        example_prices=False,
        duration=timedelta(),
        one_way=0,
    )
    figures = {"people": approved, "cost": "1", "currency": "USD"}
    return [change.code for change in Snapshot({}, estimate).find_drift(figures)]


@pytest.mark.parametrize(
    ("approved", "now", "codes"),
    [
        (20, 21, []),
        (20, 22, ["people"]),
        (20, 1, []),
        (51, 1, []),
        (51, 0, ["fewer"]),
        (1_000, 950, []),
        (1_000, 949, ["fewer"]),
        (10_000, 9_500, []),
        (10_000, 9_499, ["fewer"]),
    ],
)
def test_bounds(approved: int, now: int, codes: list[str]) -> None:
    assert find_codes(approved=approved, now=now) == codes


@given(approved=st.integers(0, 10**6), stops=st.integers(0, 50))
def test_a_few_who_leave_void_nothing(approved: int, stops: int) -> None:
    assert "fewer" not in find_codes(approved=approved, now=max(0, approved - stops))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("left", "state"), [(50, Broadcast.State.LAUNCHED), (51, Broadcast.State.VOID)]
)
def test_audience_that_shrank_voids(team: Team, left: int, state: str) -> None:
    factories.subscribe(88)  # to 100 people
    broadcast = factories.make_broadcast(team)
    now = factories.now()
    factories.approve(team, broadcast, at=now)
    gone = Subscriber.objects.order_by("pk").values("pk")[:left]
    Subscriber.objects.filter(pk__in=list(gone.values_list("pk", flat=True))).update(state="left")
    scheduling.fire_due(now=now)
    scheduling.launch_waiting(now=now)
    broadcast.refresh_from_db()
    assert broadcast.state == state
    assert Delivery.objects.count() == (50 if state == Broadcast.State.LAUNCHED else 0)
    if state == Broadcast.State.VOID:
        assert explain_changes(broadcast.held_by) == [
            "The audience shrank by more than 5 percent, and by more than 50 people."
        ]
