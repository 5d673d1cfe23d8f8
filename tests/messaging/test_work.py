"""Work: what a tick does, with no broker; one drainer for each sender, at the sender's own rate."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging import tasks, work
from messaging.models import Batch, Fence, Sender
from messaging.planning import FrozenText
from messaging.providers.memory import Memory
from messaging.senders import (
    NoSenderError,
    choose_sender,
    give_back_lease,
    provider_named,
    rest_sender,
    take_lease,
)
from messaging.states import State
from tests.messaging.factories import make_batch, make_sender, make_subscriber, states

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def send(memory: Memory, seconds: float = 10.0) -> int:
    return work.send_due(clock=timezone.now, seconds=seconds, provider_of=lambda _name: memory)


def take(owner: str, *, seconds: int = 0) -> bool:
    later = timezone.now() + timedelta(seconds=seconds)
    return take_lease(make_sender(), owner, seconds=30, now=later)


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
    assert send(memory) == 0
    assert time.monotonic() - began < 5
    assert states() == ["planned"] * 3


def test_a_sender_that_somebody_drains_is_left_to_him(memory: Memory) -> None:
    make_batch(people=1)
    assert take("another")
    assert send(memory) == 0
    assert states() == ["planned"]


def test_a_lease_is_free_again_when_its_time_is_over() -> None:
    make_sender()
    assert take("a")
    assert take("a")
    assert not take("b")
    assert take("b", seconds=31)
    assert not take("a", seconds=31)


def test_a_lease_is_given_back_by_its_owner_only() -> None:
    sender = make_sender()
    take("a")
    give_back_lease(sender, "b")
    assert not take("b")
    give_back_lease(sender, "a")
    assert take("b")


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


def test_a_tick_gives_its_leases_back_even_when_it_fails(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_batch(people=1)

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("messaging.work.drain", fail)
        assert send(memory) == 0
    assert take("another")


def test_a_sender_that_rests_is_not_drained(memory: Memory) -> None:
    make_batch(people=1)
    rest_sender(make_sender(), until=timezone.now() + timedelta(seconds=60))
    assert send(memory) == 0


def test_a_sender_that_is_not_active_is_neither_drained_nor_chosen(memory: Memory) -> None:
    make_batch(people=1)
    Sender.objects.update(active=False)
    assert send(memory) == 0
    with pytest.raises(NoSenderError):
        choose_sender("sms", "SN")


def test_a_provider_nobody_knows_is_named() -> None:
    with pytest.raises(LookupError, match="pigeon"):
        provider_named("pigeon")


def test_no_second_at_the_provider_holds_more_than_the_senders_rate(memory: Memory) -> None:
    make_sender(rate=10)
    make_batch(people=25)
    send(memory)
    times = sorted(entry.created_at for entry in memory.ledger)
    second = timedelta(seconds=0.95)
    busiest = max(sum(at <= other < at + second for other in times) for at in times)
    assert (len(times), busiest) == (25, 10)


def test_a_long_text_counts_for_each_of_its_parts(memory: Memory) -> None:
    make_sender(rate=10)
    texts = (FrozenText(channel="sms", language="fr", body="Bonjour. " * 30, parts=5),)
    began = time.monotonic()
    make_batch(people=2, texts=texts)
    send(memory)
    assert time.monotonic() - began >= 1.0


def test_the_pause_after_the_last_message_is_kept_past_the_end_of_the_tick(memory: Memory) -> None:
    make_sender(rate=2)
    make_batch(people=4)
    began = time.monotonic()
    send(memory, seconds=0.1)
    assert time.monotonic() - began >= 1.0
    assert states().count(State.ACCEPTED) == 2


def test_a_slow_sender_does_not_starve_the_one_after_it(memory: Memory) -> None:
    make_sender("sms", rate=1)
    make_subscriber(91, channel="whatsapp")
    make_batch(people=5)
    send(memory, seconds=0.5)
    assert {entry.outgoing.channel for entry in memory.ledger} == {"sms", "whatsapp"}


def test_every_task_may_run_when_there_is_nothing_to_do() -> None:
    for task in (tasks.drain, tasks.fold_receipts, tasks.repair_leases, tasks.reconcile):
        task()
        task()


def test_no_task_takes_an_argument() -> None:
    for task in (tasks.drain, tasks.fold_receipts, tasks.repair_leases, tasks.reconcile):
        assert task.run.__code__.co_argcount == 0
