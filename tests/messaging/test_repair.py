"""Repair and batches: what a crash left half done, and what people stop, resume and count."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging import batches, dispatch
from messaging.models import Batch, Delivery, Event
from messaging.providers.memory import Memory
from messaging.repair import repair_leases
from messaging.states import State
from messaging.wire import NotAccepted
from tests.messaging.factories import (
    drain_all,
    end_leases,
    make_batch,
    make_sender,
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
    assert states() == ["submitting", "claimed"]


def test_what_was_not_sent_in_its_window_expires() -> None:
    make_batch(people=1)
    Delivery.objects.update(send_before=timezone.now() - timedelta(seconds=1))
    assert repair() == 1
    delivery = the_delivery()
    assert (delivery.state, delivery.rank, delivery.reason) == (State.EXPIRED, None, "window_over")
    assert Event.objects.get().state == State.EXPIRED


@pytest.mark.parametrize("state", [State.UNKNOWN, State.ACCEPTED, State.SENT, State.READ])
def test_nothing_expires_that_the_provider_may_have(state: State) -> None:
    make_batch(people=1)
    set_state(the_delivery(), state)
    Delivery.objects.update(send_before=timezone.now() - timedelta(seconds=1))
    assert repair() == 0
    assert states() == [state]


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
    sender = make_sender()
    sender.parts_per_second = 1
    dispatch.drain(sender, "worker", provider=memory, now=timezone.now())
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
    Delivery.objects.filter(pk=batch.deliveries.order_by("-pk")[0].pk).update(state=State.UNKNOWN)
    counts = batches.count_states(batch.reference)
    assert counts == {"planned": 1, "accepted": 4, "unknown": 1}
    assert counts.total() == reload(batch).size == 6
