"""`kill -9` of real workers in the middle of a broadcast: nobody is sent to twice, nobody is lost.

On whatever the suite runs on, so on SQLite; on PostgreSQL `test_workers` does the same and more.
"""

import signal
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from messaging.consenting import consent
from messaging.models import Batch, Delivery, Sender
from messaging.providers.twilio import Twilio
from messaging.receiving.reconcile import reconcile_unknown
from messaging.sending import batches
from messaging.sending.repair import repair_leases
from messaging.states import MOVING, State
from tests.faults.ledger import NO_DELIVERY, count_taken
from tests.faults.rig import Rig, Worker
from tests.harness.waiting import wait_until
from tests.messaging.factories import drain_all, end_leases, make_batch, make_joining

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, KILLS, WORKERS = 300, 4, 2
AT_ONCE = 24
ACCEPTED = (State.ACCEPTED, State.SENT, State.DELIVERED, State.READ)


@pytest.fixture(autouse=True)
def _few_at_once(rig: Rig) -> None:
    rig.settings["CALLS_AT_ONCE"] = AT_ONCE
    rig.provider.behave(before=0.15, after=0.15)


def plan_broadcast() -> Batch:
    with transaction.atomic():
        for serial in range(1, PEOPLE + 1):
            consent.grant(make_joining(serial), now=timezone.now())
    batch = make_batch()
    Sender.objects.update(provider="twilio")
    # Asking whether another sender's is due takes SQLite's one lock: nobody is to be stopped in that.
    Sender.objects.exclude(channel="sms").update(active=False)
    return batch


def adapter(rig: Rig) -> Twilio:
    return Twilio("AC" + "0" * 32, ("rehearsal-token",), rig.provider.url, rig.provider.url)


def let_leases_end() -> None:
    end_leases()
    repair_leases(now=timezone.now())


def check_invariants(batch: Batch, rig: Rig) -> None:
    taken = count_taken(rig.provider.entries())
    assert NO_DELIVERY not in taken, "a message came without a token of ours"
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


def test_killed_workers_send_nothing_twice_and_lose_nothing(rig: Rig) -> None:
    batch = plan_broadcast()
    workers = [rig.start() for _ in range(WORKERS)]
    for kill in range(KILLS):
        rig.wait_for_taken(rig.provider.count() + 20)
        workers.pop(0).kill()
        assert rig.provider.count() < PEOPLE, f"kill {kill} came after the end"
        workers.append(rig.start())
    assert [worker.wait() for worker in workers] == [0] * WORKERS, workers[0].log
    let_leases_end()
    drain_all(adapter(rig), owner="last")
    let_leases_end()
    check_invariants(batch, rig)
    unknown = batches.count_states(batch.reference)["unknown"]
    assert 0 < unknown <= KILLS * AT_ONCE, "I7: at most the calls in flight"
    reconcile(rig)
    check_invariants(batch, rig)
    left = set(Delivery.objects.filter(state=State.UNKNOWN).values_list("pk", flat=True))
    assert not left & set(count_taken(rig.provider.entries())), "I7: all that was taken is settled"


def stop_without_the_lock(rig: Rig, worker: Worker) -> bool:
    """Stop a worker, or let it go on where it holds SQLite's one lock; say whether it is stopped."""
    worker.send(signal.SIGSTOP)
    wait_until(worker.is_stopped, what="it is stopped")
    path = rig.database.removeprefix("sqlite:")
    with closing(sqlite3.connect(path, timeout=0.1, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            worker.send(signal.SIGCONT)
            return False
        other.execute("ROLLBACK")
    return True


def reconcile(rig: Rig) -> None:
    reconcile_unknown(
        now=timezone.now() + timedelta(seconds=1),
        older_than=timedelta(0),
        limit=PEOPLE,
        provider_of=lambda _name: adapter(rig),
    )


def test_a_worker_that_was_stopped_over_its_leases_sends_nothing_more(rig: Rig) -> None:
    batch = plan_broadcast()
    sleeper = rig.start()
    rig.wait_for_taken(20)
    # Stopped in the middle of its calls, when it holds no lock that others would wait for.
    rig.provider.behave(hold="before")
    wait_until(lambda: rig.provider.count("waiting") >= AT_ONCE, what="all its calls wait")
    wait_until(lambda: stop_without_the_lock(rig, sleeper), what="it stands still with no lock")
    rig.provider.say("let_through")
    let_leases_end()
    drain_all(adapter(rig), owner="awake")
    sleeper.send(signal.SIGCONT)
    assert sleeper.wait() == 0, sleeper.log
    let_leases_end()
    drain_all(adapter(rig), owner="awake")
    check_invariants(batch, rig)
