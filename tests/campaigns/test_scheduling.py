"""The campaign's clock: any number of tickers, one occurrence, one batch; too late is missed."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from campaigns.going_out import launching, scheduling
from campaigns.models import Broadcast, Occurrence
from messaging.models import Batch, Delivery
from messaging.states import State as Delivered
from tests.campaigns import factories
from tests.campaigns.factories import Team

pytestmark = pytest.mark.database
State = Broadcast.State


@pytest.fixture
def approved(team: Team) -> Broadcast:
    """Return an approved broadcast due in an hour."""
    broadcast = factories.make_broadcast(
        team, at_once=False, send_at=factories.now() + timedelta(hours=1)
    )
    factories.approve(team, broadcast, at=factories.now())
    broadcast.refresh_from_db()
    return broadcast


def state_of(broadcast: Broadcast) -> str:
    broadcast.refresh_from_db()
    return broadcast.state


# ---- Its time ------------------------------------------------------------------------------------


def test_nothing_fires_before_its_time(approved: Broadcast) -> None:
    early = approved.send_at - timedelta(microseconds=1)
    assert scheduling.fire_due(now=early) == 0
    assert scheduling.launch_waiting(now=early) == 0
    assert state_of(approved) == State.APPROVED


def test_time_that_has_come_fires_and_launches_once(approved: Broadcast) -> None:
    assert scheduling.fire_due(now=approved.send_at) == 1
    assert scheduling.fire_due(now=approved.send_at) == 0
    assert scheduling.launch_waiting(now=approved.send_at) == 1
    assert scheduling.launch_waiting(now=approved.send_at) == 0
    assert state_of(approved) == State.LAUNCHED
    assert Occurrence.objects.get().launched_at == approved.send_at


@pytest.mark.parametrize(
    ("late", "state"),
    [
        (timedelta(minutes=30), State.LAUNCHED),
        (timedelta(minutes=30, microseconds=1), State.MISSED),
        (timedelta(days=2), State.MISSED),
    ],
)
def test_later_than_half_an_hour_is_missed_and_never_made_up_for(
    approved: Broadcast, late: timedelta, state: State
) -> None:
    factories.tick(approved.send_at + late)
    assert state_of(approved) == state
    assert Batch.objects.exists() == (state == State.LAUNCHED)
    factories.tick(approved.send_at + late)
    assert Batch.objects.exists() == (state == State.LAUNCHED)


def test_crash_between_firing_and_launching_is_mended_by_the_next_tick(
    approved: Broadcast,
) -> None:
    scheduling.fire_due(now=approved.send_at)
    # Here a ticker died. The next one finds the occurrence.
    assert factories.tick(approved.send_at + timedelta(seconds=2)) == 1
    assert Delivery.objects.count() == 12


def test_repeated_launch_of_an_occurrence_changes_nothing(approved: Broadcast) -> None:
    factories.tick(approved.send_at)
    occurrence = Occurrence.objects.get()
    before = Delivery.objects.order_by("pk").values_list("pk", flat=True)
    factories.subscribe(5)
    for minutes in (0, 5, 50):
        late = approved.send_at + timedelta(minutes=minutes)
        assert launching.launch(occurrence, now=late) == State.LAUNCHED
    assert list(Delivery.objects.order_by("pk").values_list("pk", flat=True)) == list(before)
    assert Batch.objects.count() == 1


@pytest.mark.parametrize("state", sorted(set(State) - {State.APPROVED}))
def test_only_what_is_approved_fires(approved: Broadcast, state: State) -> None:
    Broadcast.objects.update(state=state)
    assert factories.tick(approved.send_at) == 0
    assert not Occurrence.objects.exists()
    assert state_of(approved) == state


def test_what_was_returned_after_it_fired_is_not_launched(approved: Broadcast) -> None:
    scheduling.fire_due(now=approved.send_at)
    Broadcast.objects.update(state=State.CANCELLED)
    assert launching.launch(Occurrence.objects.get(), now=approved.send_at) == State.CANCELLED
    assert not Batch.objects.exists()


def test_window_begins_at_its_time_where_the_launch_is_early_or_late(approved: Broadcast) -> None:
    late = approved.send_at + timedelta(minutes=7)
    factories.tick(late)
    assert set(Delivery.objects.values_list("not_before", flat=True)) == {late}


# ---- Pause, resume, cancel -----------------------------------------------------------------------


def test_cancelled_before_its_time_never_goes_out(approved: Broadcast) -> None:
    assert scheduling.cancel(approved, now=factories.now()) == 0
    assert state_of(approved) == State.CANCELLED
    assert factories.tick(approved.send_at) == 0


def test_cancelled_on_the_way_ends_every_planned_message(approved: Broadcast) -> None:
    factories.tick(approved.send_at)
    assert scheduling.cancel(approved, now=approved.send_at) == 12
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivered.CANCELLED}
    assert scheduling.cancel(approved, now=approved.send_at) == 0
    assert not scheduling.resume(approved, now=approved.send_at)


def test_pause_and_resume_are_said_once(approved: Broadcast) -> None:
    assert not scheduling.pause(approved, now=approved.send_at)  # nothing runs yet
    factories.tick(approved.send_at)
    at = approved.send_at
    assert [scheduling.pause(approved, now=at) for _twice in range(2)] == [True, False]
    assert [scheduling.resume(approved, now=at) for _twice in range(2)] == [True, False]


# ---- Many clocks ---------------------------------------------------------------------------------


def run_together(*works: Callable[[], object]) -> None:
    """Run several things at the same moment, each in a thread with a connection of its own."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait(60)
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(run, work) for work in works]:
            future.result(timeout=60)


@pytest.mark.django_db(transaction=True)
def test_many_tickers_make_one_occurrence_and_one_batch(approved: Broadcast) -> None:
    def tick_often() -> None:
        for _tick in range(3):
            factories.tick(approved.send_at)

    run_together(*[tick_often] * 4)
    assert Occurrence.objects.count() == 1
    assert Batch.objects.count() == 1
    assert Delivery.objects.count() == 12
    assert state_of(approved) == State.LAUNCHED


@pytest.mark.django_db(transaction=True)
def test_cancelling_beside_a_tick_ends_all_or_launches_nothing(approved: Broadcast) -> None:
    def tick() -> object:
        return factories.tick(approved.send_at)

    def cancel() -> object:
        return scheduling.cancel(approved, now=approved.send_at)

    run_together(tick, cancel)
    states = set(Delivery.objects.values_list("state", flat=True))
    assert states <= {Delivered.CANCELLED}
    assert factories.tick(approved.send_at) == 0
