"""How far a broadcast is, how fast it goes, and when it will be through: from what was counted."""

from datetime import datetime, timedelta

import pytest
from django.template.loader import render_to_string

from campaigns.going_out.progress import Progress, read_progress
from campaigns.models import Broadcast
from campaigns.words import explain_pause
from messaging.guarding import restoring
from messaging.models import Batch, BatchLane, Delivery
from messaging.sending import recounting
from messaging.states import State
from tests.campaigns import factories
from tests.campaigns.factories import Team

SECOND = timedelta(seconds=1)


@pytest.fixture
def launched(team: Team) -> Broadcast:
    """Return a broadcast that is on its way to twelve people, none of them in a later window."""
    broadcast = factories.make_broadcast(team)
    factories.approve(team, broadcast, at=factories.now())
    factories.tick(factories.now())
    broadcast.refresh_from_db()
    return broadcast


@pytest.fixture
def now(launched: Broadcast) -> datetime:
    """Return a moment at which four people were served in the last ten seconds."""
    now = factories.now()
    count(now)
    served = list(Delivery.objects.values_list("pk", flat=True)[:4])
    Delivery.objects.filter(pk__in=served).update(state=State.ACCEPTED)
    count(now + 10 * SECOND)
    return now + 10 * SECOND


def count(now: datetime) -> None:
    assert recounting.recount_watched(clock=lambda: now) == 1


def show(broadcast: Broadcast, progress: Progress) -> str:
    page = render_to_string("desk/_states.html", {"broadcast": broadcast, "progress": progress})
    return " ".join(page.split())


def test_rate_and_what_is_left_come_from_the_counts(launched: Broadcast, now: datetime) -> None:
    progress = read_progress(launched, now=now)
    assert (progress.total, progress.waiting, progress.a_minute) == (12, 8, 24)
    assert progress.left == timedelta(seconds=20)
    page = show(launched, progress)
    assert "About 24 people a minute." in page
    assert "The rest takes about 20 seconds." in page


@pytest.mark.parametrize(
    ("a_minute", "shown"),
    [(0.4, 0), (8.6, 9), (99.4, 99), (697, 700), (1440, 1400), (123_456, 120_000)],
)
def test_rate_is_shown_in_two_figures(
    launched: Broadcast, now: datetime, a_minute: float, shown: int
) -> None:
    Batch.objects.update(rate=a_minute / 60)
    assert read_progress(launched, now=now).a_minute == shown


def test_nobody_forecasts_while_some_wait_for_a_morning(launched: Broadcast, now: datetime) -> None:
    BatchLane.objects.update(not_before=now + timedelta(hours=6))
    assert read_progress(launched, now=now).left is None


def test_nobody_forecasts_what_takes_longer_than_two_days(
    launched: Broadcast, now: datetime
) -> None:
    Batch.objects.update(rate=0.00001)
    assert read_progress(launched, now=now).left is None


def test_a_paused_broadcast_has_no_rate(launched: Broadcast, now: datetime) -> None:
    Batch.objects.update(state=Batch.State.PAUSED)
    progress = read_progress(launched, now=now)
    assert (progress.a_minute, progress.left) == (0, None)
    assert "a minute" not in show(launched, progress)


def test_counts_of_before_are_shown_with_their_time(launched: Broadcast, now: datetime) -> None:
    Batch.objects.update(size=recounting.SMALL + 1)
    Delivery.objects.update(state=State.DELIVERED)
    fresh = read_progress(launched, now=now + 10 * SECOND)
    assert (fresh.as_of, fresh.waiting) == (None, 8)
    older = read_progress(launched, now=now + 25 * SECOND)
    assert older.as_of == now
    assert f"{now:%H:%M} UTC" in show(launched, older)


def test_a_broadcast_without_a_batch_has_no_progress(team: Team) -> None:
    broadcast = factories.make_broadcast(team)
    progress = read_progress(broadcast, now=factories.now())
    assert (progress.batch, progress.total, progress.a_minute) == ("", 0, 0)


def test_page_says_why_a_restore_paused_it(launched: Broadcast) -> None:
    assert "after a restore" in explain_pause(restoring.RESTORED)
