"""`kill -9` of real workers in the middle of a broadcast: nobody is sent to twice, nobody is lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from messaging import batches, consent, dispatch
from messaging.models import Batch, Delivery, Sender
from messaging.providers.twilio import Twilio
from messaging.reconcile import reconcile_unknown
from messaging.repair import repair_leases
from messaging.states import MOVING, State
from tests.faults.provider import FakeProvider, run_provider
from tests.harness.waiting import wait_until
from tests.messaging.factories import drain_all, end_leases, make_batch, make_joining

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

PEOPLE, KILLS, WORKERS = 300, 4, 2
ACCEPTED = (State.ACCEPTED, State.SENT, State.DELIVERED, State.READ)


@dataclass(slots=True)
class Workers:
    """Start and kill drainers; each is a real process of its own."""

    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.faults.drainer"]
        self.running.append(subprocess.Popen(command, env=self.environment))

    def kill_one(self) -> None:
        worker = self.running.pop(0)
        os.kill(worker.pid, signal.SIGKILL)
        assert worker.wait(10) == -signal.SIGKILL, "it ended before it was killed"

    def wait(self) -> None:
        for worker in self.running:
            assert worker.wait(60) == 0


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with run_provider(slowest=0.3) as provider:
        yield provider


@pytest.fixture
def workers(
    transactional_db: None, child_environment: dict[str, str], provider: FakeProvider
) -> Iterator[Workers]:
    workers = Workers(child_environment | {"WAYMARK_TWILIO_URL": provider.url})
    yield workers
    for worker in workers.running:
        worker.kill()
        worker.wait()


def plan_broadcast() -> Batch:
    with transaction.atomic():
        for serial in range(1, PEOPLE + 1):
            consent.grant(make_joining(serial), now=timezone.now())
    batch = make_batch()
    Sender.objects.update(provider="twilio")
    return batch


def adapter(provider: FakeProvider) -> Twilio:
    return Twilio("AC" + "0" * 32, ("rehearsal-token",), provider.url, provider.url)


def let_leases_end() -> None:
    end_leases()
    repair_leases(now=timezone.now())


def check_invariants(batch: Batch, provider: FakeProvider) -> None:
    taken = provider.count_by_delivery()
    doubled = [delivery for delivery, times in taken.items() if times > 1]
    assert not doubled, f"I1: {len(doubled)} deliveries were accepted twice"
    counts = batches.count_states(batch.reference)
    assert counts.total() == batch.size == PEOPLE, "I2: the states sum to the audience"
    assert not any(counts[state] for state in MOVING), f"I2: something still moves: {counts}"
    rows = dict(Delivery.objects.values_list("pk", "state"))
    handed = {pk for pk, state in rows.items() if state in ACCEPTED}
    assert handed <= set(taken), "I3: every accepted row is in the provider's ledger"
    known = {*ACCEPTED, State.UNKNOWN}
    assert {rows[pk] for pk in taken} <= known, "I3: what was taken is accepted, or unknown"


def test_killed_workers_send_nothing_twice_and_lose_nothing(
    workers: Workers, provider: FakeProvider
) -> None:
    batch = plan_broadcast()
    for _ in range(WORKERS):
        workers.start()
    for kill in range(KILLS):
        goal = len(provider.taken) + 20
        wait_until(lambda: len(provider.taken) >= goal, seconds=60, what="sending")  # noqa: B023
        workers.kill_one()
        assert len(provider.taken) < PEOPLE, f"kill {kill} came after the end"
        workers.start()
    workers.wait()
    let_leases_end()
    drain_all(adapter(provider), owner="last")
    let_leases_end()
    check_invariants(batch, provider)
    unknown = batches.count_states(batch.reference)["unknown"]
    assert 0 < unknown <= KILLS * dispatch.CALLS_AT_ONCE, "I7: at most the calls in flight"
    reconcile(provider)
    check_invariants(batch, provider)
    left = set(Delivery.objects.filter(state=State.UNKNOWN).values_list("pk", flat=True))
    assert not left & set(provider.count_by_delivery()), "I7: all that was taken is settled"


def reconcile(provider: FakeProvider) -> None:
    reconcile_unknown(
        now=timezone.now() + timedelta(seconds=1),
        older_than=timedelta(0),
        limit=PEOPLE,
        provider_of=lambda _name: adapter(provider),
    )


def test_a_worker_that_was_stopped_over_its_leases_sends_nothing_more(
    workers: Workers, provider: FakeProvider
) -> None:
    batch = plan_broadcast()
    workers.start()
    wait_until(lambda: len(provider.taken) >= 20, seconds=60, what="the worker sends")
    # Stopped in the middle of its calls, when it holds no lock that others would wait for.
    provider.opened.clear()
    wait_until(lambda: provider.waiting >= dispatch.CALLS_AT_ONCE, what="all its calls wait")
    sleeper = workers.running[0]
    os.kill(sleeper.pid, signal.SIGSTOP)
    provider.opened.set()
    let_leases_end()
    drain_all(adapter(provider), owner="awake")
    os.kill(sleeper.pid, signal.SIGCONT)
    assert sleeper.wait(60) == 0
    let_leases_end()
    drain_all(adapter(provider), owner="awake")
    check_invariants(batch, provider)
