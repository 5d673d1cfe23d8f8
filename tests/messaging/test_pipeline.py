"""The pipeline: calls in flight while the next batch is committed, and what is wrong with one row."""

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DataError, OperationalError, connection
from django.utils import timezone

from messaging import work
from messaging.models import Alarm, Batch, BatchText, Delivery, Event, SenderHour, Subscriber
from messaging.providers.memory import Memory
from messaging.sealing.tokens import make_token
from messaging.senders.calls import Outcome
from messaging.sending import claiming, dispatch, flight, record
from messaging.sending.dispatch import record_patiently
from messaging.sending.gate import Gate
from messaging.sending.planning import FrozenText
from messaging.wire import Accepted, Outgoing
from tests.messaging.factories import (
    drain_all,
    make_batch,
    make_sender,
    make_subscriber,
    number_of,
    states,
    the_delivery,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class Busy(Memory):
    """Count how many calls are in flight at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    async def send(self, outgoing: Outgoing) -> Accepted:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.02)
        self.now -= 1
        return await super().send(outgoing)


def send(provider: Memory, seconds: float = 20.0) -> int:
    return work.send_due(clock=timezone.now, seconds=seconds, provider_of=lambda _name: provider)


def let_wait_pass() -> None:
    Delivery.objects.update(not_before=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize("at_once", [1, 7])
def test_no_more_calls_are_in_flight_than_the_setting_says(
    settings: LazySettings, at_once: int
) -> None:
    settings.CALLS_AT_ONCE = at_once
    provider = Busy()
    make_batch(people=20)
    assert send(provider) == 20
    assert provider.most == at_once
    assert states() == ["accepted"] * 20


def test_the_next_batch_goes_out_while_a_call_still_waits(settings: LazySettings) -> None:
    settings.CALLS_AT_ONCE = 4
    slow, rest = number_of(1), asyncio.Event()

    class Waiting(Memory):
        async def send(self, outgoing: Outgoing) -> Accepted:
            if outgoing.to == slow:
                await asyncio.wait_for(rest.wait(), 10)
            elif len(self.ledger) == 10:
                rest.set()
            return await super().send(outgoing)

    provider = Waiting()
    make_batch(people=12)
    send(provider)
    assert [entry.outgoing.to for entry in provider.ledger].index(slow) >= 10
    assert states() == ["accepted"] * 12


def test_a_process_that_is_asked_to_end_records_what_is_in_flight(
    settings: LazySettings, ending: threading.Event
) -> None:
    settings.CALLS_AT_ONCE = 5

    class Ending(Busy):
        async def send(self, outgoing: Outgoing) -> Accepted:
            work.stop_sending()
            return await super().send(outgoing)

    make_batch(people=30)
    provider = Ending()
    send(provider)
    assert 5 <= len(provider.ledger) < 30
    assert states().count("accepted") == len(provider.ledger)
    assert set(states()) == {"accepted", "planned"}


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    event = threading.Event()
    monkeypatch.setattr(work, "_ending", event)
    return event


def test_what_was_used_of_a_sender_is_counted(memory: Memory) -> None:
    text = FrozenText(channel="sms", language="fr", body="Bonjour.", parts=2)
    make_batch(people=3, texts=(text,))
    send(memory)
    assert list(SenderHour.objects.values_list("messages", "parts")) == [(3, 6)]


def test_a_capped_sender_is_counted_with_the_commit(memory: Memory) -> None:
    make_batch(people=3)
    sender = make_sender()
    sender.daily_cap = 2
    sender.save()
    ids = dispatch.claim_due(sender, "worker", limit=3)
    assert len(dispatch.submit(ids, "worker", now=timezone.now())) == 2
    assert SenderHour.objects.get().messages == 2
    assert sorted(states()) == ["planned", "submitting", "submitting"]


# ---- A template or free text ---------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "template"), [(5, ""), (-5, "HX1"), (None, "HX1")])
def test_who_wrote_within_a_day_gets_free_text(
    memory: Memory, minutes: int | None, template: str
) -> None:
    until = None if minutes is None else timezone.now() + timedelta(minutes=minutes)
    make_subscriber(1, channel="whatsapp")
    Subscriber.objects.update(window_until=until)
    make_batch()
    BatchText.objects.update(template_ref="HX1")
    drain_all(memory, channel="whatsapp")
    (entry,) = memory.ledger
    assert (entry.outgoing.template, entry.outgoing.body) == (template, "Bonjour.")


# ---- Poison --------------------------------------------------------------------------------------


def test_what_cannot_be_prepared_fails_alone_after_three_tries(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_batch(people=3)
    poison = Delivery.objects.order_by("pk")[1].pk

    def make(delivery: int, attempt: int) -> str:
        if delivery == poison:
            raise ZeroDivisionError
        return make_token(delivery, attempt)

    monkeypatch.setattr(flight, "make_token", make)
    for _ in range(4):
        drain_all(memory)
        let_wait_pass()
    assert states() == ["accepted", "failed", "accepted"]
    row = Delivery.objects.get(pk=poison)
    assert (row.reason, row.strikes, row.attempts) == ("poison", 3, 3)
    assert Alarm.objects.get().kind == Alarm.Kind.POISON
    assert Event.objects.get(delivery=poison).state == "failed"


def test_what_cannot_be_committed_fails_alone_after_three_tries(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_batch(people=3)
    poison = Delivery.objects.order_by("pk")[1].pk
    read = Gate._read

    def fail(gate: Gate, ids: Any) -> Any:
        if poison in ids:
            raise ZeroDivisionError
        return read(gate, ids)

    monkeypatch.setattr(Gate, "_read", fail)
    for _ in range(4):
        drain_all(memory)
        let_wait_pass()
    assert states() == ["accepted", "failed", "accepted"]
    row = Delivery.objects.get(pk=poison)
    assert (row.reason, row.strikes, row.attempts) == ("poison", 3, 0)
    assert Alarm.objects.get().kind == Alarm.Kind.POISON


def submitted(people: int) -> list[Outcome]:
    make_batch(people=people)
    ids = dispatch.claim_due(make_sender(), "worker", limit=people)
    calls = dispatch.submit(ids, "worker", now=timezone.now())
    return [Outcome(call, accepted=Accepted(f"SM{call.delivery}")) for call in calls]


def test_an_outcome_that_cannot_be_recorded_does_not_hold_up_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcomes = submitted(3)
    bad = outcomes[1].call.delivery
    record_accepted = record._record_accepted

    def fail(some: list[Outcome], **more: Any) -> None:
        if any(one.call.delivery == bad for one in some):
            raise DataError
        record_accepted(some, **more)

    monkeypatch.setattr(record, "_record_accepted", fail)
    record_patiently(outcomes, now=timezone.now())
    assert states() == ["accepted", "submitting", "accepted"]


def test_a_reference_of_any_letters_is_kept_as_far_as_it_goes() -> None:
    (outcome,) = submitted(1)
    record.record([Outcome(outcome.call, accepted=Accepted("S\0M" + "é" * 90))], now=timezone.now())
    assert the_delivery().provider_ref == "SM" + "é" * 62


@pytest.mark.django_db(transaction=True)
def test_outcomes_wait_for_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes, tries = submitted(2), []
    accept = record._record_accepted

    def be_away(*args: Any, **kwargs: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError
        accept(*args, **kwargs)

    monkeypatch.setattr(record, "_record_accepted", be_away)
    monkeypatch.setattr(dispatch, "_RECORD_AGAIN", 0.01)
    record_patiently(outcomes, now=timezone.now())
    assert states() == ["accepted"] * 2


# ---- The claim -----------------------------------------------------------------------------------


@pytest.mark.postgres
def test_a_claim_reads_due_rows_from_their_index_however_many_wait() -> None:
    make_batch("broadcast:1", people=3)
    paused = make_batch("broadcast:2")
    Batch.objects.filter(pk=paused.pk).update(state=Batch.State.PAUSED)
    with connection.cursor() as cursor:
        # A few rows are soonest read in any way; what counts is that this way is there and needs no sort.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("EXPLAIN " + claiming._CLAIM, [make_sender().pk, 2, 2, "worker"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "delivery_due" in plan
    assert "Sort" not in plan.partition("delivery_due")[2].partition("Nested")[0]
