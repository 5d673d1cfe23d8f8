"""Races between a sender's workers and an opt-out, with real threads and connections."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from messaging.consenting import consent
from messaging.models import Batch, Delivery, Subscriber, Suppression
from messaging.providers.memory import Memory
from messaging.receiving.receipts import fold_waiting, keep
from messaging.sealing.crypto import hash_number
from messaging.sealing.tokens import make_token
from messaging.senders.calls import Call
from messaging.sending import dispatch, planning, record
from messaging.sending.gate import Gate as TheGate
from messaging.states import State
from messaging.wire import Accepted, Outgoing, Receipt
from tests.messaging.factories import (
    drain_all,
    make_batch,
    make_joining,
    make_plan,
    make_sender,
    make_subscriber,
    number_of,
    states,
    stop,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
T = TypeVar("T")


class Slow(Memory):
    """Take a moment over each message."""

    async def send(self, outgoing: Outgoing) -> Accepted:
        await asyncio.sleep(0.01)
        return await super().send(outgoing)


class Gate:
    """Hold a thread at one point until it may go on."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def wait_here(self) -> None:
        self.reached.set()
        assert self.opened.wait(60)


@contextmanager
def beside(work: Callable[[], T]) -> Iterator["Future[T]"]:
    """Run something in a thread with a connection of its own."""

    def run() -> T:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(run)


def hold(patch: pytest.MonkeyPatch, owner: Any, name: str, gate: Gate) -> None:
    """Let a function wait at a gate after it has done its work; only the first call waits."""
    original = getattr(owner, name)

    def wait_after(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        if not gate.reached.is_set():
            gate.wait_here()
        return result

    patch.setattr(owner, name, wait_after)


def be_impatient() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'")


@pytest.fixture(autouse=True)
def be_patient_again() -> Iterator[None]:
    yield
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def claim(limit: int = 24, owner: str = "worker") -> list[int]:
    return dispatch.claim_due(make_sender(), owner, limit=limit)


def submit(ids: list[int]) -> list[Call]:
    return dispatch.submit(ids, "worker", now=timezone.now())


@pytest.mark.postgres
def test_an_opt_out_waits_for_a_submit_that_is_past_its_consent_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_batch(people=1)
    ids, waiting = claim(), Gate()
    hold(monkeypatch, TheGate, "_end", waiting)
    with beside(lambda: submit(ids)) as submitting:
        assert waiting.reached.wait(60)
        be_impatient()
        with pytest.raises(OperationalError, match="lock timeout"):
            stop(1)
        waiting.opened.set()
        assert len(submitting.result(60)) == 1
    # In flight when the opt-out came, so it may finish; the opt-out itself goes through now.
    assert stop(1) == 0
    assert states() == ["submitting"]


@pytest.mark.postgres
def test_a_submit_waits_for_an_opt_out_under_way_and_then_heeds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_batch(people=1)
    ids, gate = claim(), Gate()
    hold(monkeypatch, Suppression.objects, "bulk_create", gate)
    with beside(lambda: stop(1)) as stopping:
        assert gate.reached.wait(60)
        be_impatient()
        with pytest.raises(OperationalError, match="lock timeout"):
            submit(ids)
        gate.opened.set()
        stopping.result(60)
    assert submit(ids) == []
    assert states() == ["suppressed"]


@pytest.mark.postgres
def test_a_submit_that_waited_for_an_opt_out_sees_it_in_the_same_transaction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_batch(people=1)
    ids, gate = claim(), Gate()
    hold(monkeypatch, Suppression.objects, "bulk_create", gate)
    with beside(lambda: stop(1)) as stopping:
        assert gate.reached.wait(60)
        threading.Timer(0.3, gate.opened.set).start()
        assert submit(ids) == []
        stopping.result(60)
    assert states() == ["suppressed"]


@pytest.mark.postgres
def test_two_claimers_of_one_batch_share_no_row_and_neither_waits() -> None:
    make_batch(people=10)
    gate = Gate()

    def claim_and_wait() -> list[int]:
        with transaction.atomic():
            ids = claim(5, "a")
            gate.wait_here()
            return ids

    with beside(claim_and_wait) as claiming:
        assert gate.reached.wait(60)
        be_impatient()
        mine = claim(24, "b")
        gate.opened.set()
        theirs = claiming.result(60)
    assert len(mine) == len(theirs) == 5
    assert not set(mine) & set(theirs)


@pytest.mark.postgres
def test_an_opt_out_does_not_wait_for_a_batch_that_is_being_planned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_sender()
    make_sender("whatsapp")
    make_subscriber(1)
    gate, insert = Gate(), planning._insert_deliveries

    def insert_and_check(batch: Batch, **more: Any) -> Any:
        inserted = insert(batch, **more)
        # As the commit will: each new row looks for its subscriber, and locks the key meanwhile.
        connection.check_constraints()
        return inserted

    monkeypatch.setattr(planning, "_insert_deliveries", insert_and_check)
    hold(monkeypatch, planning, "_insert_deliveries", gate)
    with beside(lambda: planning.plan(make_plan(), now=timezone.now())) as planned:
        assert gate.reached.wait(60)
        be_impatient()
        stop(1)
        gate.opened.set()
        planned.result(60)
    # It was planned before the opt-out could see it; the last gate still stops it.
    assert states() == ["planned"]
    assert submit(claim()) == []
    assert states() == ["suppressed"]


@pytest.mark.postgres
def test_joining_again_waits_for_an_opt_out_under_way_and_is_then_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_subscriber(1)
    gate = Gate()
    hold(monkeypatch, Suppression.objects, "bulk_create", gate)
    with beside(lambda: stop(1)) as stopping:
        assert gate.reached.wait(60)
        threading.Timer(0.3, gate.opened.set).start()
        with pytest.raises(consent.SuppressedError):
            make_subscriber(1)
        stopping.result(60)
    assert Subscriber.objects.get().state == Subscriber.State.STOPPED


def test_a_number_that_joins_in_several_threads_at_once_is_one_subscriber() -> None:
    def join() -> int:
        try:
            return consent.grant(make_joining(1), now=timezone.now()).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        made = {future.result(60) for future in [pool.submit(join) for _ in range(6)]}
    assert len(made) == Subscriber.objects.count() == 1


def test_many_claimers_at_once_neither_fail_nor_send_twice() -> None:
    make_batch(people=120)
    memory = Slow()

    def work(name: int) -> int:
        try:
            claimed = 0
            while ids := claim(5, f"worker {name}"):
                calls = dispatch.submit(ids, f"worker {name}", now=timezone.now())
                outcomes = [dispatch.make_call(call, make_sender(), memory) for call in calls]
                record.record(outcomes, now=timezone.now())
                claimed += len(ids)
            return claimed
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        claimed = list(pool.map(work, range(4), timeout=60))
    # On SQLite a claimer queues for the write lock; "database is locked" would have come out here.
    assert sum(claimed) == len(memory.ledger) == 120
    assert len({entry.outgoing.to for entry in memory.ledger}) == 120
    assert states() == ["accepted"] * 120


def test_nothing_enters_submitting_after_its_opt_out_committed() -> None:
    make_batch(people=100)
    memory, said_stop = Slow(), {}
    sender = make_sender()

    def drain_slowly() -> None:
        step = True
        while step:
            now = timezone.now()
            step = dispatch.drain(sender, "worker", provider=memory, now=now, most=6).claimed > 0

    with beside(drain_slowly) as draining:
        for serial in range(100, 40, -2):
            stop(serial)
            said_stop[serial] = timezone.now()
        draining.result(60)
    people: dict[int, datetime] = {make_id(serial): at for serial, at in said_stop.items()}
    assert Delivery.objects.filter(state=State.SUPPRESSED).exists()
    for delivery in Delivery.objects.filter(subscriber_id__in=people):
        if delivery.state != State.SUPPRESSED:
            assert delivery.submitting_at is not None
            assert delivery.submitting_at <= people[delivery.subscriber_id]
    counts = {state: states().count(state) for state in set(states())}
    assert set(counts) <= {"accepted", "suppressed"}
    assert counts["accepted"] == len(memory.ledger)


def make_id(serial: int) -> int:
    found = hash_number(number_of(serial))
    return Subscriber.objects.get(number_hash=found).pk


def test_receipts_folded_in_several_threads_end_at_the_highest_rank(memory: Memory) -> None:
    make_batch(people=20)
    drain_all(memory)
    for row in Delivery.objects.all():
        for state in ("delivered", "sent", "read", "accepted"):
            keep(
                make_token(row.pk, 1),
                Receipt(row.provider_ref, state, word=state),
                now=timezone.now(),
            )

    def fold() -> int:
        try:
            return fold_waiting(now=timezone.now())
        finally:
            connection.close()

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(4) as pool:
        patch.setattr("messaging.receiving.receipts._BATCH", 7)
        folded = [pool.submit(fold) for _ in range(16)]
        assert sum(future.result(60) for future in folded) == 80
    assert states() == ["read"] * 20


def test_a_plan_made_twice_at_once_is_one_batch() -> None:
    make_sender()
    make_sender("whatsapp")
    for serial in range(1, 6):
        make_subscriber(serial)

    def make() -> int:
        try:
            return planning.plan(make_plan(), now=timezone.now()).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        made = {future.result(60) for future in [pool.submit(make) for _ in range(3)]}
    assert len(made) == 1
    assert Delivery.objects.count() == 5
