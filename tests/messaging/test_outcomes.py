"""Recording: what each kind of error leaves behind, and what may follow it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import Attempt, ConsentEntry, Delivery, Event, Sender, Suppression
from messaging.providers.memory import ANSWER_LOST, Memory
from messaging.senders import breaker
from messaging.senders.calls import Call, Outcome
from messaging.sending import dispatch, record
from messaging.states import State
from messaging.wire import (
    Accepted,
    AccountProblem,
    NotAccepted,
    OptedOut,
    Outgoing,
    Refused,
    SendError,
    Unclear,
    Unusable,
)
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


class Broken(Memory):
    """Raise what no provider should raise, as a bug would."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    async def send(self, outgoing: Outgoing) -> Accepted:
        raise self.error


def submit_one() -> Call:
    make_batch(people=1)
    ids = dispatch.claim_due(make_sender(), "worker", limit=1)
    (call,) = dispatch.submit(ids, "worker", now=timezone.now())
    return call


def record_one(call: Call, *, ref: str = "", error: SendError | None = None) -> None:
    accepted = Accepted(ref) if ref else None
    outcome = Outcome(call, accepted=accepted, error=error)
    record.record([outcome], now=timezone.now())


def let_wait_pass() -> None:
    Delivery.objects.update(not_before=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Refused("content_refused"), "failed"),
        (Unusable("number_unusable"), "failed"),
        (OptedOut("opted_out"), "failed"),
        (NotAccepted("provider_busy"), "planned"),
        (AccountProblem("sender_refused"), "planned"),
        (Unclear("no_answer"), "unknown"),
        (SendError("of no class"), "unknown"),
    ],
)
def test_the_class_of_an_error_says_what_becomes_of_the_message(
    memory: Memory, error: SendError, state: str
) -> None:
    make_batch(people=1)
    memory.script(number_of(1), error)
    drain_all(memory)
    delivery = the_delivery()
    assert (delivery.state, delivery.reason) == (state, error.reason)
    assert (delivery.attempts, delivery.lease_until) == (1, None)
    noted = list(Event.objects.filter(delivery=delivery).values_list("state", flat=True))
    assert noted == ([state] if state != "planned" else [])


@pytest.mark.parametrize("error", [ValueError(), KeyError("x"), MemoryError(), RecursionError()])
def test_an_unforeseen_error_is_unknown_and_the_rest_goes_on(error: Exception) -> None:
    make_batch(people=3)
    drain_all(Broken(error))
    assert states() == ["unknown"] * 3
    assert the_reasons() == {type(error).__name__}


def the_reasons() -> set[str]:
    return set(Delivery.objects.values_list("reason", flat=True))


def test_an_error_with_a_very_long_name_is_recorded_all_the_same() -> None:
    long_name = type("E" * 90, (Exception,), {})
    make_batch(people=2)
    drain_all(Broken(long_name()))
    assert states() == ["unknown"] * 2


def test_one_poisoned_message_does_not_hold_up_the_others(memory: Memory) -> None:
    make_batch(people=3)
    memory.script(number_of(2), Refused("content_refused"))
    drain_all(memory)
    assert states() == ["accepted", "failed", "accepted"]


# ---- Refused -------------------------------------------------------------------------------------


def test_an_opt_out_that_only_the_provider_knew_is_taken_over(memory: Memory) -> None:
    make_batch(people=2)
    make_subscriber(1, channel="whatsapp")
    memory.script(number_of(1), OptedOut("opted_out"))
    drain_all(memory)
    assert states() == ["failed", "accepted"]
    assert Suppression.objects.get().source == ConsentEntry.Method.PROVIDER
    assert ConsentEntry.objects.filter(verdict="withdrawn").count() == 2


def test_after_an_opt_out_at_the_provider_nothing_planned_is_left(memory: Memory) -> None:
    make_batch("broadcast:1", people=1)
    memory.script(number_of(1), OptedOut("opted_out"))
    make_batch("broadcast:2")
    dispatch.drain(make_sender(), "worker", provider=memory, now=timezone.now(), most=1)
    assert states() == ["failed", "suppressed"]
    assert drain_all(memory) == 0
    assert memory.ledger == []


def test_an_opt_out_is_kept_even_if_the_process_ends_before_the_outcome_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call = submit_one()

    def die(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(record, "_record_ended", die)
    with pytest.raises(KeyboardInterrupt):
        record_one(call, error=OptedOut("opted_out"))
    assert Suppression.objects.exists()
    assert states() == ["submitting"]


def test_a_number_that_cannot_be_opened_fails_and_says_so(
    memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    make_batch(people=2)
    person = the_first().subscriber
    person.number_sealed = bytes(person.number_sealed)[:-1] + b"\x00"
    person.save()
    drain_all(memory)
    assert states() == ["failed", "accepted"]
    assert the_first().reason == "decrypt"
    assert [r.levelname for r in caplog.records if "cannot be opened" in r.message] == ["ERROR"]


def the_first() -> Delivery:
    delivery = Delivery.objects.order_by("subscriber").first()
    assert delivery is not None
    return delivery


# ---- Not accepted --------------------------------------------------------------------------------


def test_what_was_not_accepted_waits_before_it_is_tried_again(memory: Memory) -> None:
    make_batch(people=1)
    memory.script(number_of(1), NotAccepted("provider_busy"))
    before = timezone.now()
    drain_all(memory)
    delivery = the_delivery()
    assert timedelta(seconds=4) < delivery.not_before - before < timedelta(seconds=15)
    assert drain_all(memory) == 0
    assert (delivery.owner, delivery.rank) == ("", 0)


def test_a_provider_is_given_the_wait_it_asked_for(memory: Memory) -> None:
    make_batch(people=1)
    memory.script(number_of(1), NotAccepted("provider_busy", retry_after=9.0))
    before = timezone.now()
    drain_all(memory)
    assert the_delivery().not_before - before > timedelta(seconds=8.5)


def test_a_second_attempt_has_a_number_and_a_token_of_its_own(memory: Memory) -> None:
    make_batch(people=1)
    memory.script(number_of(1), NotAccepted("provider_busy"))
    drain_all(memory)
    let_wait_pass()
    drain_all(memory)
    delivery = the_delivery()
    assert (delivery.state, delivery.attempts, delivery.reason) == (State.ACCEPTED, 2, "")
    assert list(Attempt.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert f"/{delivery.pk}.2." in memory.ledger[0].outgoing.callback
    assert len(memory.ledger) == 1


def test_what_is_never_accepted_ends_with_its_window(memory: Memory) -> None:
    make_batch(people=1)
    memory.script(number_of(1), *[NotAccepted("provider_busy")] * 20)
    for _ in range(20):
        let_wait_pass()
        drain_all(memory)
    assert states() == ["planned"]
    assert the_delivery().attempts == 20


def test_a_refused_account_halts_its_sender_until_a_person_lets_it_go(memory: Memory) -> None:
    make_batch(people=2)
    memory.script(number_of(1), AccountProblem("sender_refused"))
    drain_all(memory)
    assert states() == ["planned", "accepted"]
    assert Sender.objects.filter(halted_at__isnull=False).get().pk == make_sender().pk
    let_wait_pass()
    assert drain_all(memory) == 0
    breaker.let_go(make_sender().pk)
    assert drain_all(memory) == 1


# ---- Unknown -------------------------------------------------------------------------------------


def test_a_lost_answer_is_unknown_and_never_sent_again(memory: Memory) -> None:
    make_batch(people=1)
    memory.script(number_of(1), ANSWER_LOST)
    drain_all(memory)
    for _ in range(3):
        let_wait_pass()
        end_leases()
        drain_all(memory)
    assert states() == ["unknown"]
    assert len(memory.ledger) == 1


# ---- Late, doubled and overtaken outcomes --------------------------------------------------------


@pytest.mark.parametrize("state", [State.SENT, State.FAILED, State.DELIVERED, State.READ])
def test_an_outcome_that_a_receipt_overtook_keeps_the_higher_state(state: State) -> None:
    call = submit_one()
    set_state(the_delivery(), state)
    record_one(call, ref="SM1")
    delivery = the_delivery()
    assert (delivery.state, delivery.provider_ref) == (state, "SM1")


@pytest.mark.parametrize("state", [State.ACCEPTED, State.SENT, State.DELIVERED, State.READ])
def test_an_unclear_answer_changes_nothing_that_a_receipt_proved(state: State) -> None:
    call = submit_one()
    set_state(the_delivery(), state)
    record_one(call, error=Unclear("no_answer"))
    record_one(call, error=NotAccepted("provider_busy"))
    assert states() == [state]
    assert not Event.objects.exists()


def test_a_slow_owner_can_still_say_that_its_message_was_accepted() -> None:
    call = submit_one()
    set_state(the_delivery(), State.UNKNOWN)
    record_one(call, ref="SM1")
    assert states() == ["accepted"]


def test_a_slow_owner_can_still_say_that_its_message_was_not_accepted() -> None:
    call = submit_one()
    set_state(the_delivery(), State.UNKNOWN)
    record_one(call, error=NotAccepted("no_connection"))
    assert states() == ["planned"]


@pytest.mark.parametrize(
    "error", [None, NotAccepted("provider_busy"), Refused("content_refused"), Unclear("no_answer")]
)
def test_the_outcome_of_an_older_attempt_changes_nothing(error: SendError | None) -> None:
    call = submit_one()
    Delivery.objects.update(attempts=2)
    record_one(call, ref="" if error else "SM1", error=error)
    assert states() == ["submitting"]
    assert not Event.objects.exists()


def test_recording_twice_changes_nothing_more() -> None:
    call = submit_one()
    record_one(call, ref="SM1")
    record_one(call, ref="SM1")
    assert states() == ["accepted"]
    assert Event.objects.count() == 1
