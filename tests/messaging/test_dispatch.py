"""Claim and submit: what is re-checked before anything may be called, and by whom."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from messaging.models import (
    Attempt,
    Batch,
    Delivery,
    Event,
    Fence,
    SenderCountry,
    Subscriber,
    Suppression,
)
from messaging.providers.memory import Memory
from messaging.sealing.crypto import hash_number
from messaging.sealing.tokens import read_token
from messaging.senders.calls import Call
from messaging.sending import batches, dispatch, flight
from messaging.sending.dispatch import claim_due, make_call, submit
from messaging.sending.gate import Gate
from messaging.sending.planning import FrozenText
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
    states,
    stop,
    the_delivery,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def claim(limit: int = 24, owner: str = "worker") -> list[int]:
    return claim_due(make_sender(), owner, limit=limit)


def claim_everybody() -> list[int]:
    """Claim all there is and return it in the order of its people, whatever order they were planned in."""
    claim()
    return list(Delivery.objects.order_by("subscriber").values_list("pk", flat=True))


def submit_now(ids: list[int], owner: str = "worker") -> list[Call]:
    return submit(ids, owner, now=timezone.now())


def test_a_planned_message_is_accepted_once(memory: Memory) -> None:
    make_batch(people=1)
    assert drain_all(memory) == 1
    delivery = the_delivery()
    (entry,) = memory.ledger
    assert (delivery.state, delivery.rank, delivery.attempts) == (State.ACCEPTED, 40, 1)
    assert (delivery.provider_ref, delivery.reason) == (entry.ref, "")
    assert delivery.submitting_at is not None
    assert Attempt.objects.get().number == 1
    assert list(Event.objects.values_list("state", flat=True)) == ["accepted"]


def test_the_provider_gets_the_approved_text_and_an_address_for_receipts(memory: Memory) -> None:
    make_batch(people=1)
    drain_all(memory)
    outgoing = memory.ledger[0].outgoing
    assert (outgoing.to, outgoing.body) == (number_of(1), "Bonjour.")
    assert outgoing.sender == make_sender().address
    token = outgoing.callback.rstrip("/").rpartition("/")[2]
    assert read_token(token) == (the_delivery().pk, 1)
    assert outgoing.callback.startswith("http://127.0.0.1:8000/hooks/twilio/status/")
    assert 3.9 * 3600 < outgoing.validity <= 4 * 3600


@pytest.mark.parametrize(
    ("cost", "currency", "most"),
    [("0.05", "USD", "0.2"), ("0.05", "EUR", ""), ("0", "USD", ""), (None, "USD", "")],
)
def test_the_provider_hears_what_a_message_may_cost_at_most(
    memory: Memory, cost: str | None, currency: str, most: str
) -> None:
    SenderCountry.objects.create(
        sender=make_sender(), country="SN", state="active", cost=cost, currency=currency
    )
    make_batch(people=1, texts=(FrozenText("sms", "fr", "Bonjour.", parts=2),))
    drain_all(memory)
    asked = memory.ledger[0].outgoing.max_price
    assert asked == most or Decimal(asked) == Decimal(most)


def test_draining_again_sends_nothing(memory: Memory) -> None:
    make_batch(people=30)
    drain_all(memory)
    drain_all(memory, owner="another")
    assert len(memory.ledger) == 30
    assert len({entry.outgoing.to for entry in memory.ledger}) == 30


@pytest.mark.parametrize(("rate", "taken"), [(1, 1), (3, 2), (20, 16), (100, 30)])
def test_one_step_takes_no_more_than_its_sender_sends_in_a_second(
    memory: Memory, rate: int, taken: int
) -> None:
    sender = make_sender(rate=rate)
    make_batch(people=30)
    step = dispatch.drain(sender, "worker", provider=memory, now=timezone.now())
    # A fifth of the rate is kept back for replies.
    assert step.claimed == step.parts == len(memory.ledger) == taken


# ---- Claim ---------------------------------------------------------------------------------------


def test_a_claim_takes_only_what_is_due() -> None:
    now = timezone.now()
    make_subscriber(1, country="SN")
    make_subscriber(2, country="ML")
    make_subscriber(3, country="GM")
    hour = timedelta(hours=1)
    windows = {"SN": (now - hour, now + hour), "ML": (now + hour, now + 2 * hour)}
    make_batch(window_of=lambda country: windows.get(country, (now - 2 * hour, now - hour)))
    assert len(claim()) == 1
    assert states() == ["claimed", "planned", "planned"]


def test_what_is_claimed_cannot_be_claimed_again() -> None:
    make_batch(people=3)
    first, second = claim(2, "a"), claim(2, "b")
    assert len(first) == 2
    assert len(second) == 1
    assert not set(first) & set(second)
    assert claim(2, "c") == []


def test_a_claim_leaves_other_senders_alone() -> None:
    make_subscriber(1, channel="whatsapp")
    make_batch(people=0)
    assert claim() == []


def test_a_batch_of_higher_priority_goes_first() -> None:
    make_batch("broadcast:1", people=1)
    urgent = make_batch("broadcast:2")
    Batch.objects.filter(pk=urgent.pk).update(priority=5)
    assert claim(1) == [urgent.deliveries.get().pk]


@pytest.mark.parametrize("state", [Batch.State.PAUSED, Batch.State.CANCELLED, Batch.State.PLANNING])
def test_a_batch_that_does_not_run_is_not_claimed(state: Batch.State) -> None:
    make_batch(people=1)
    Batch.objects.update(state=state)
    assert claim() == []


def test_nothing_is_claimed_behind_a_closed_fence(memory: Memory) -> None:
    make_batch(people=1)
    Fence.objects.update(send_enabled=False)
    assert drain_all(memory) == 0
    assert states() == ["planned"]


# ---- Between claim and submit --------------------------------------------------------------------


def test_an_opt_out_after_the_claim_is_heeded(memory: Memory) -> None:
    make_batch(people=2)
    ids = claim_everybody()
    stop(1)
    calls = submit_now(ids)
    assert [call.delivery for call in calls] == [ids[1]]
    assert states() == ["suppressed", "submitting"]


def test_a_suppression_of_which_the_subscriber_row_knows_nothing_is_heeded() -> None:
    make_batch(people=1)
    ids = claim()
    Suppression.objects.create(
        number_hash=hash_number(number_of(1)), source="provider", at=timezone.now()
    )
    assert submit_now(ids) == []
    delivery = the_delivery()
    assert (delivery.state, delivery.rank, delivery.owner) == (State.SUPPRESSED, None, "")
    assert Event.objects.get().state == State.SUPPRESSED


def test_a_subscriber_who_was_stopped_is_not_sent_to() -> None:
    make_batch(people=1)
    ids = claim()
    Subscriber.objects.update(state=Subscriber.State.STOPPED)
    assert submit_now(ids) == []
    assert states() == ["suppressed"]


def test_an_opt_out_by_sms_stops_whatsapp_too(memory: Memory) -> None:
    make_subscriber(1, channel="sms")
    make_subscriber(1, channel="whatsapp")
    make_batch("broadcast:1", audience={"channels": ("sms",)})
    make_batch("broadcast:2", audience={"channels": ("whatsapp",)})
    stop(1)
    drain_all(memory)
    drain_all(memory, channel="whatsapp")
    assert memory.ledger == []
    assert states() == ["suppressed", "suppressed"]


def test_a_pause_after_the_claim_gives_the_message_back() -> None:
    batch = make_batch(people=1)
    ids = claim()
    assert batches.pause(batch.reference)
    assert submit_now(ids) == []
    delivery = the_delivery()
    assert (delivery.state, delivery.rank, delivery.owner) == (State.PLANNED, 0, "")
    assert (delivery.lease_until, delivery.attempts) == (None, 0)


def test_a_resumed_batch_goes_on(memory: Memory) -> None:
    batch = make_batch(people=2)
    batches.pause(batch.reference)
    assert drain_all(memory) == 0
    assert batches.resume(batch.reference)
    assert drain_all(memory) == 2


def test_a_cancel_after_the_claim_ends_the_message() -> None:
    batch = make_batch(people=2)
    ids = claim(1)
    assert batches.cancel(batch.reference, now=timezone.now()) == 1
    assert submit_now(ids) == []
    assert states() == ["cancelled", "cancelled"]


def test_a_text_that_ceased_to_be_true_after_the_claim_is_held() -> None:
    batch = make_batch(people=1)
    ids = claim()
    batches.limit_text(batch.reference, until=timezone.now() - timedelta(seconds=1))
    assert submit_now(ids) == []
    delivery = the_delivery()
    assert (delivery.state, delivery.reason) == (State.HELD, "text_expired")


def test_a_window_that_closed_after_the_claim_ends_the_message() -> None:
    make_batch(people=1)
    ids = claim()
    Delivery.objects.update(send_before=timezone.now() - timedelta(seconds=1))
    assert submit_now(ids) == []
    delivery = the_delivery()
    assert (delivery.state, delivery.reason) == (State.EXPIRED, "window_over")


def test_a_fence_that_closed_after_the_claim_gives_the_message_back() -> None:
    make_batch(people=1)
    ids = claim()
    Fence.objects.update(send_enabled=False)
    assert submit_now(ids) == []
    assert states() == ["planned"]


def test_a_fence_of_another_epoch_after_the_claim_gives_the_message_back() -> None:
    make_batch(people=1)
    ids = claim()
    Fence.objects.update(epoch=F("epoch") + 1)
    assert submit_now(ids) == []
    assert states() == ["planned"]


def test_a_missing_fence_counts_as_closed() -> None:
    make_batch(people=1)
    ids = claim()
    Fence.objects.all().delete()
    assert submit_now(ids) == []
    assert states() == ["planned"]


def test_a_claim_whose_lease_is_over_is_not_sent() -> None:
    make_batch(people=1)
    ids = claim()
    end_leases()
    assert submit_now(ids) == []
    assert states() == ["planned"]


def test_a_claim_of_somebody_else_is_neither_sent_nor_touched() -> None:
    make_batch(people=1)
    ids = claim(owner="a")
    assert submit_now(ids, owner="b") == []
    delivery = the_delivery()
    assert (delivery.state, delivery.owner) == (State.CLAIMED, "a")


def test_a_claim_that_was_repaired_and_taken_by_another_is_not_sent_twice(memory: Memory) -> None:
    make_batch(people=1)
    slept = claim(owner="sleeper")
    end_leases()
    repair_leases(now=timezone.now())
    assert drain_all(memory, owner="awake") == 1
    assert submit_now(slept, owner="sleeper") == []
    assert len(memory.ledger) == 1


def test_a_submit_that_is_repeated_commits_nothing_more() -> None:
    make_batch(people=1)
    ids = claim()
    assert len(submit_now(ids)) == 1
    assert submit_now(ids) == []
    assert Attempt.objects.count() == 1


def test_each_message_is_judged_on_its_own() -> None:
    make_batch(people=4)
    ids = claim_everybody()
    stop(1)
    Delivery.objects.filter(pk=ids[1]).update(send_before=timezone.now() - timedelta(seconds=1))
    Delivery.objects.filter(pk=ids[2]).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert [call.delivery for call in submit_now(ids)] == [ids[3]]
    assert states() == ["suppressed", "expired", "planned", "submitting"]


# ---- The call ------------------------------------------------------------------------------------


def test_a_process_that_slept_after_its_commit_does_not_send(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_batch(people=1)
    (call,) = submit_now(claim())
    woken = call.committed + 5.1
    monkeypatch.setattr(flight, "read_clock", lambda: woken)
    outcome = make_call(call, make_sender(), memory)
    assert isinstance(outcome.error, NotAccepted)
    assert memory.ledger == []


def test_what_was_not_sent_for_sleeping_is_planned_again(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_batch(people=1)
    slept = flight.read_clock() - 5.1
    monkeypatch.setattr("messaging.sending.gate.read_clock", lambda: slept)
    drain_all(memory)
    delivery = the_delivery()
    assert (delivery.state, delivery.reason) == (State.PLANNED, "paused_too_long")
    assert memory.ledger == []


def test_the_guard_counts_from_before_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    make_batch(people=1)
    at_commit, write = [], Gate._write

    def note_time(*args: Any, **kwargs: Any) -> Any:
        at_commit.append(flight.read_clock())
        return write(*args, **kwargs)

    monkeypatch.setattr(Gate, "_write", note_time)
    (call,) = submit_now(claim())
    assert call.committed <= at_commit[0]


# ---- A crash at each point -----------------------------------------------------------------------


class Killed(BaseException):
    """Stand for the end of the process at one point."""


@pytest.mark.parametrize(
    ("point", "state", "calls"),
    [
        ("messaging.sending.gate.Gate.submit", "planned", 0),
        ("messaging.sending.flight.Flight.start", "unknown", 0),
        ("messaging.sending.dispatch.record", "unknown", 1),
    ],
)
def test_a_crash_at_any_point_leaves_a_named_state_and_no_double(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, point: str, state: str, calls: int
) -> None:
    make_batch(people=1)

    def die(*args: object, **kwargs: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(point, die)
        with pytest.raises(Killed):
            drain_all(memory)
    end_leases()
    repair_leases(now=timezone.now())
    assert states() == [state]
    assert len(memory.ledger) == calls
    drain_all(memory, owner="next")
    assert len(memory.ledger) <= 1
