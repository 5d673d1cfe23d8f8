"""Repair and batches: what a crash left half done, and what people stop, resume and count."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.models import Batch, BatchLane, Delivery, Event
from messaging.providers.memory import Memory
from messaging.sending import batches, dispatch
from messaging.sending.repair import repair_leases
from messaging.states import State
from messaging.wire import NotAccepted
from tests.messaging.factories import (
    drain_all,
    end_leases,
    make_batch,
    make_sender,
    make_subscriber,
    number_of,
    set_state,
    states,
    the_delivery,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def repair() -> int:
    return repair_leases(now=timezone.now())


def claim() -> list[int]:
    return dispatch.claim_due(make_sender(), "worker", limit=24)


def reload(batch: Batch) -> Batch:
    batch.refresh_from_db()
    return batch


# ---- Repair --------------------------------------------------------------------------------------


def test_a_claim_whose_lease_is_over_is_planned_again() -> None:
    make_batch(people=1)
    claim()
    end_leases()
    assert repair() == 1
    delivery = the_delivery()
    assert (delivery.state, delivery.rank, delivery.owner) == (State.PLANNED, 0, "")
    assert delivery.lease_until is None
    assert not Event.objects.exists()


def test_a_sending_that_was_cut_off_is_unknown_and_keeps_owner_and_attempt() -> None:
    make_batch(people=1)
    dispatch.submit(claim(), "worker", now=timezone.now())
    end_leases()
    assert repair() == 1
    delivery = the_delivery()
    assert (delivery.state, delivery.rank, delivery.reason) == (State.UNKNOWN, 30, "cut_off")
    assert (delivery.owner, delivery.attempts) == ("worker", 1)
    assert Event.objects.get().state == State.UNKNOWN


def test_leases_that_run_are_left_alone() -> None:
    make_batch(people=2)
    first, _second = claim()
    dispatch.submit([first], "worker", now=timezone.now())
    assert repair() == 0
    assert sorted(states()) == ["claimed", "submitting"]


def end_windows() -> None:
    """Let every window be over, as if time had passed."""
    before = timezone.now() - timedelta(seconds=1)
    BatchLane.objects.update(send_before=before)
    Delivery.objects.update(send_before=before)


def test_what_was_not_sent_in_its_window_expires() -> None:
    make_batch(people=1)
    end_windows()
    assert repair() == 1
    delivery = the_delivery()
    assert (delivery.state, delivery.rank, delivery.reason) == (State.EXPIRED, None, "window_over")
    assert Event.objects.get().state == State.EXPIRED


@pytest.mark.parametrize("state", [State.UNKNOWN, State.ACCEPTED, State.SENT, State.READ])
def test_nothing_expires_that_the_provider_may_have(state: State) -> None:
    make_batch(people=1)
    set_state(the_delivery(), state)
    end_windows()
    assert repair() == 0
    assert states() == [state]


@pytest.mark.parametrize("state", list(Batch.State))
def test_what_is_late_expires_whatever_became_of_its_batch(state: Batch.State) -> None:
    make_batch(people=2)
    Batch.objects.update(state=state)
    end_windows()
    assert repair() == 2
    assert set(states()) == {"cancelled" if state == Batch.State.CANCELLED else "expired"}


def test_a_window_that_is_over_ends_nothing_of_one_that_is_open() -> None:
    make_subscriber(1, country="SN")
    make_subscriber(2, country="ML")
    make_batch()
    before = timezone.now() - timedelta(seconds=1)
    BatchLane.objects.filter(country="SN").update(send_before=before)
    Delivery.objects.filter(country="SN").update(send_before=before)
    assert repair() == 1
    assert states() == ["expired", "planned"]


def test_nothing_is_read_for_lateness_while_every_window_is_open() -> None:
    make_batch(people=2)
    with CaptureQueriesContext(connection) as captured:
        assert repair() == 0
    late = '"messaging_delivery"."send_before" <='
    assert not any(late in query["sql"] for query in captured.captured_queries)
    end_windows()
    with CaptureQueriesContext(connection) as captured:
        assert repair() == 2
    assert any(late in query["sql"] for query in captured.captured_queries)


def test_repairing_again_changes_nothing(memory: Memory) -> None:
    make_batch(people=3)
    drain_all(memory)
    assert repair() == 0
    assert states() == ["accepted"] * 3


def test_a_claim_that_died_with_its_worker_is_cancelled_with_its_batch() -> None:
    batch = make_batch(people=2)
    claim()
    batches.cancel(batch.reference, now=timezone.now())
    end_leases()
    repair()
    assert states() == ["cancelled", "cancelled"]


def test_what_comes_back_unaccepted_after_a_cancel_is_cancelled(memory: Memory) -> None:
    batch = make_batch(people=1)
    memory.script(number_of(1), NotAccepted("provider_busy"))
    drain_all(memory)
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.CANCELLED)
    repair()
    assert states() == ["cancelled"]


def test_what_comes_back_unsent_after_its_batch_was_over_is_sent(memory: Memory) -> None:
    batch = make_batch(people=1)
    memory.script(number_of(1), NotAccepted("paused_too_long"))
    drain_all(memory)
    # Its lease was over, so that it stood as unknown while its batch was closed.
    Batch.objects.filter(pk=batch.pk).update(
        state=Batch.State.FINISHED, finished_at=batch.created_at
    )
    assert repair() == 1
    assert reload(batch).state == Batch.State.RUNNING
    assert batch.finished_at is None
    Delivery.objects.update(not_before=batch.created_at)
    drain_all(memory)
    assert states() == ["accepted"]


# ---- Batches -------------------------------------------------------------------------------------


def test_a_batch_is_paused_and_resumed_once_each() -> None:
    reference = make_batch(people=1).reference
    assert not batches.resume(reference)
    assert batches.pause(reference)
    assert not batches.pause(reference)
    assert batches.resume(reference)


def test_a_cancelled_batch_stays_cancelled() -> None:
    batch = make_batch(people=2)
    assert batches.cancel(batch.reference, now=timezone.now()) == 2
    assert batches.cancel(batch.reference, now=timezone.now()) == 0
    assert not batches.resume(batch.reference)
    assert not batches.pause(batch.reference)
    assert reload(batch).finished_at is not None


def test_a_cancel_spares_what_was_sent(memory: Memory) -> None:
    batch = make_batch(people=3)
    dispatch.drain(make_sender(), "worker", provider=memory, now=timezone.now(), most=1)
    assert batches.cancel(batch.reference, now=timezone.now()) == 2
    assert batches.count_states(batch.reference) == {"accepted": 1, "cancelled": 2}
    assert drain_all(memory) == 0


def test_a_paused_batch_can_be_cancelled() -> None:
    batch = make_batch(people=1)
    batches.pause(batch.reference)
    assert batches.cancel(batch.reference, now=timezone.now()) == 1


def test_an_unknown_reference_changes_nothing() -> None:
    make_batch(people=1)
    assert not batches.pause("broadcast:x")
    assert batches.cancel("broadcast:x", now=timezone.now()) == 0
    assert states() == ["planned"]


def test_the_time_for_which_a_text_is_true_only_gets_shorter() -> None:
    batch = make_batch()
    sooner = timezone.now() + timedelta(hours=1)
    batches.limit_text(batch.reference, until=sooner)
    batches.limit_text(batch.reference, until=sooner + timedelta(days=9))
    assert reload(batch).text_valid_until == sooner


def test_a_batch_is_finished_when_nothing_moves_any_more(memory: Memory) -> None:
    batch = make_batch(people=2)
    assert batches.finish_done(now=timezone.now()) == 0
    drain_all(memory)
    assert batches.finish_done(now=timezone.now()) == 1
    assert reload(batch).state == Batch.State.FINISHED
    assert batches.finish_done(now=timezone.now()) == 0


@pytest.mark.parametrize("state", [State.PLANNED, State.CLAIMED, State.SUBMITTING])
def test_a_batch_that_still_moves_is_not_finished(state: State) -> None:
    batch = make_batch(people=1)
    set_state(the_delivery(), state)
    assert batches.finish_done(now=timezone.now()) == 0
    assert reload(batch).state == Batch.State.RUNNING


def test_the_states_of_a_batch_sum_to_its_audience(memory: Memory) -> None:
    batch = make_batch(people=6)
    memory.script(number_of(1), NotAccepted("provider_busy"))
    drain_all(memory)
    accepted = batch.deliveries.filter(state=State.ACCEPTED)
    Delivery.objects.filter(pk=accepted[0].pk).update(state=State.UNKNOWN)
    counts = batches.count_states(batch.reference)
    assert counts == {"planned": 1, "accepted": 4, "unknown": 1}
    assert counts.total() == reload(batch).size == 6
