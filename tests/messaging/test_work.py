"""Work: what a tick does, with no broker; one drainer for each sender, at the sender's own rate."""

import asyncio
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from messaging import tasks, work
from messaging.models import Batch, Fence, Sender
from messaging.providers.memory import Memory
from messaging.senders import breaker
from messaging.senders.roster import NoSenderError, choose_sender, provider_named
from messaging.sending import dispatch
from messaging.sending.planning import FrozenText
from messaging.states import State
from messaging.wire import Accepted, NotAccepted, Outgoing
from tests.messaging.factories import make_batch, make_sender, make_subscriber, number_of, states
from tests.messaging.moments import Moment, busiest_second

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def send(memory: Memory, seconds: float = 10.0) -> int:
    return work.send_due(clock=timezone.now, seconds=seconds, provider_of=lambda _name: memory)


def test_a_tick_sends_everything_that_is_due_on_every_channel(memory: Memory) -> None:
    make_subscriber(90, channel="whatsapp")
    batch = make_batch(people=60)
    assert send(memory) == 61
    assert states() == ["accepted"] * 61
    batch.refresh_from_db()
    assert batch.state == Batch.State.FINISHED


def test_a_tick_with_nothing_due_sends_nothing(memory: Memory) -> None:
    make_sender()
    assert send(memory) == 0


def test_a_tick_behind_a_closed_fence_sends_nothing_and_ends_at_once(memory: Memory) -> None:
    make_batch(people=3)
    Fence.objects.update(send_enabled=False)
    began = time.monotonic()
    assert send(memory, seconds=120) == 0
    assert time.monotonic() - began < 60
    assert states() == ["planned"] * 3


def test_a_sender_that_cannot_be_drained_does_not_stop_those_after_it(
    memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    bad = make_sender("sms")
    Sender.objects.filter(pk=bad.pk).update(provider="pigeon")
    make_subscriber(91, channel="whatsapp")
    make_batch(people=1)

    def provider_of(name: str) -> Memory:
        if name == "pigeon":
            raise LookupError(name)
        return memory

    assert work.send_due(clock=timezone.now, seconds=10.0, provider_of=provider_of) == 1
    assert [entry.outgoing.channel for entry in memory.ledger] == ["whatsapp"]
    (line,) = caplog.messages
    assert line.startswith(f"sender {bad.pk} cannot be drained")


def test_a_sender_that_fails_in_the_middle_still_records_what_is_in_flight(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_sender(rate=20)
    make_batch(people=30)
    claim, times = dispatch.claim_due, []

    def fail_later(*args: Any, **kwargs: Any) -> list[int]:
        times.append(1)
        if len(times) > 1:
            raise RuntimeError
        return claim(*args, **kwargs)

    monkeypatch.setattr("messaging.sending.dispatch.claim_due", fail_later)
    assert send(memory) == len(memory.ledger) == states().count("accepted") > 0
    assert "cannot be drained" in caplog.text


def test_a_halted_sender_is_not_drained(memory: Memory) -> None:
    make_batch(people=1)
    breaker.halt(make_sender().pk, now=timezone.now())
    assert send(memory) == 0
    assert states() == ["planned"]


def test_a_sender_that_was_halted_for_its_network_sends_one_message_to_try(memory: Memory) -> None:
    make_batch(people=5)
    now = timezone.now()
    breaker.halt(make_sender().pk, reason=breaker.TRANSPORT, now=now - timedelta(minutes=5))
    # Whose turn it is is nobody's promise.
    for serial in range(1, 6):
        memory.script(number_of(serial), NotAccepted("no_connection"))
    assert send(memory) == 1
    assert memory.ledger == []
    assert states() == ["planned"] * 5


def test_a_halted_sender_with_nothing_due_keeps_its_try(memory: Memory) -> None:
    make_subscriber(91, channel="whatsapp")
    make_batch()
    sender, now = make_sender(), timezone.now()
    breaker.halt(sender.pk, reason=breaker.TRANSPORT, now=now - timedelta(minutes=5))
    assert send(memory) == 1
    assert breaker.may_probe(sender, now)


class Slow(Memory):
    """Answer after a tick is over."""

    def __init__(self) -> None:
        super().__init__()
        self.is_over = threading.Event()

    async def send(self, outgoing: Outgoing) -> Accepted:
        assert await asyncio.to_thread(self.is_over.wait, 60)
        return await super().send(outgoing)


def test_a_sender_whose_answers_cannot_be_recorded_does_not_stop_those_of_the_next(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_subscriber(91, channel="whatsapp")
    make_batch(people=1)
    land, slow = dispatch.Drainer.land, Slow()

    def fail_first(drainer: dispatch.Drainer, *args: Any, **kwargs: Any) -> None:
        slow.is_over.set()
        if drainer.sender.channel == "sms":
            raise RuntimeError
        land(drainer, *args, **kwargs)

    monkeypatch.setattr(dispatch.Drainer, "land", fail_first)
    assert send(slow, seconds=0.5) == 2
    assert states() == ["accepted", "submitting"]
    assert f"sender {make_sender().pk}: its answers cannot be recorded" in caplog.text


def test_a_full_day_sends_no_more_than_its_cap(memory: Memory) -> None:
    make_batch(people=5)
    Sender.objects.update(daily_cap=3)
    assert send(memory, seconds=2.0) >= 3
    assert len(memory.ledger) == 3


def test_a_sender_that_is_not_active_is_neither_drained_nor_chosen(memory: Memory) -> None:
    make_batch(people=1)
    Sender.objects.update(active=False)
    assert send(memory) == 0
    with pytest.raises(NoSenderError):
        choose_sender("sms", "SN")


def test_a_provider_nobody_knows_is_named() -> None:
    with pytest.raises(LookupError, match="pigeon"):
        provider_named("pigeon")


def test_no_second_at_the_provider_holds_more_than_the_senders_rate(
    memory: Memory, moments: list[Moment]
) -> None:
    make_sender(rate=10)
    make_batch(people=25)
    send(memory, seconds=60)
    assert len(memory.ledger) == len(moments) == 25
    assert not [one for one in moments if one.is_early]
    # A fifth is kept back for replies.
    assert 7 <= busiest_second(moments, second=0.95) <= 9


def test_a_long_text_counts_for_each_of_its_parts(memory: Memory, moments: list[Moment]) -> None:
    make_sender(rate=10)
    texts = (FrozenText(channel="sms", language="fr", body="Bonjour. " * 30, parts=5),)
    make_batch(people=2, texts=texts)
    send(memory, seconds=60)
    first, second = moments
    # Five parts at eight a second.
    assert second.reserved - first.reserved >= 0.6
    assert not second.is_early


def test_the_rate_of_one_tick_is_kept_by_the_next(memory: Memory) -> None:
    make_sender(rate=2)
    make_batch(people=3)
    began = time.monotonic()
    send(memory, seconds=0.1)
    send(memory, seconds=60)
    # 1.6 a second: the third goes 1.25 s after the first.
    assert time.monotonic() - began >= 1.25
    assert states().count(State.ACCEPTED) == 3


def test_a_slow_sender_does_not_starve_the_one_after_it(memory: Memory) -> None:
    make_sender("sms", rate=1)
    make_subscriber(91, channel="whatsapp")
    make_batch(people=5)
    send(memory, seconds=1)
    assert {entry.outgoing.channel for entry in memory.ledger} == {"sms", "whatsapp"}


def test_every_task_may_run_when_there_is_nothing_to_do() -> None:
    for task in (tasks.drain, tasks.fold_receipts, tasks.repair_leases, tasks.reconcile):
        task()
        task()


def test_no_task_takes_an_argument() -> None:
    for task in (tasks.drain, tasks.fold_receipts, tasks.repair_leases, tasks.reconcile):
        assert task.run.__code__.co_argcount == 0
