"""A yes and a no at the same moment, doubled lines, many workers: with real threads and connections."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from messaging.joining import signups
from messaging.models import (
    Alarm,
    ConsentEntry,
    InboundMessage,
    Notice,
    SignUp,
    Subscriber,
    Suppression,
)
from messaging.providers.memory import Memory
from messaging.receiving import inbound
from messaging.wire import Inbound
from tests.messaging.factories import make_subscriber, number_of
from tests.messaging.joining import make_request, open_country, read_code, send_notices

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ROUNDS = 5


@pytest.fixture(autouse=True)
def house(settings: Settings) -> None:
    settings.MESSAGING_INBOUND_HANDLER = "tests.messaging.factories.echo"
    settings.MESSAGING_JOIN_WORDS = "tests.messaging.test_dialogue.find_word"
    open_country("SN", two_way="yes")


def write(body: str, serial: int = 1, *, ref: str) -> str:
    message = Inbound(
        ref=ref, channel="sms", sender="+9990000001", number=number_of(serial), body=body
    )
    return inbound.receive(message, now=timezone.now())


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run works in threads that begin together, each on a connection of its own."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            start.wait(60)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def confirmed() -> int:
    return ConsentEntry.objects.filter(verdict="confirmed").count()


@pytest.mark.parametrize("by", ["code", "message"])
def test_a_stop_beside_a_confirmation_always_wins(by: str, memory: Memory) -> None:
    for serial in range(ROUNDS):
        uid = signups.begin(make_request(serial), now=timezone.now())
        send_notices(memory)
        code = read_code(memory, serial)

        def confirm(serial: int = serial, uid: Any = uid, code: str = code) -> Any:
            if by == "code":
                return signups.confirm_by_code(uid, code, now=timezone.now())
            return write("yes", serial, ref=f"SMyes{serial}")

        at_once(confirm, partial(write, "STOP", serial, ref=f"SMstop{serial}"))
        assert not Subscriber.objects.exclude(state="stopped").exists()
        assert Suppression.objects.count() == serial + 1
        assert not SignUp.objects.exists()


def test_two_yes_at_once_confirm_once() -> None:
    for serial in range(ROUNDS):
        signups.begin(make_request(serial), now=timezone.now())
        at_once(*[partial(write, "1", serial, ref=f"SM{serial}.{n}") for n in range(3)])
    assert Subscriber.objects.count() == ROUNDS
    assert confirmed() == ROUNDS


def test_a_code_typed_twice_at_once_confirms_once(memory: Memory) -> None:
    uid = signups.begin(make_request(1), now=timezone.now())
    send_notices(memory)
    code = read_code(memory)
    told = at_once(*[lambda: signups.confirm_by_code(uid, code, now=timezone.now())] * 3)
    assert sorted(told) == [False, False, True]
    assert confirmed() == 1


def test_wrong_codes_at_once_are_counted_each() -> None:
    uid = signups.begin(make_request(1), now=timezone.now())
    SignUp.objects.update(code_hash=bytes(16))
    at_once(*[lambda: signups.confirm_by_code(uid, "123456", now=timezone.now())] * 4)
    assert SignUp.objects.get().tries == 4


def test_one_stop_that_comes_twice_at_once_is_one() -> None:
    make_subscriber(1)
    answers = at_once(*[lambda: write("STOP", ref="SMone")] * 3)
    assert sorted(map(bool, answers)) == [False, False, True]
    assert ConsentEntry.objects.filter(verdict="withdrawn").count() == 1
    assert InboundMessage.objects.count() == 1


def test_many_beginnings_of_one_number_at_once_send_one_code() -> None:
    at_once(*[lambda: signups.begin(make_request(1), now=timezone.now())] * 6)
    assert Notice.objects.count() == 1
    assert SignUp.objects.count() == 1


def test_many_threads_get_no_more_out_of_a_range_than_its_limit() -> None:
    def begin_many(first: int) -> None:
        for serial in range(first, first + 10):
            signups.begin(make_request(serial), now=timezone.now())

    at_once(*[lambda n=n: begin_many(n * 10) for n in range(4)])
    assert Notice.objects.count() == 20


def test_many_workers_send_each_code_once(memory: Memory) -> None:
    for serial in range(20):
        signups.begin(make_request(serial), now=timezone.now())
    at_once(*[lambda: send_notices(memory)] * 4)
    sent = [entry.outgoing.to for entry in memory.ledger]
    assert len(sent) == len(set(sent)) == 20
    assert not Notice.objects.exclude(state="accepted").exists()


def test_a_thousand_stops_in_a_minute_are_all_honoured_and_raise_one_alarm() -> None:
    make_subscriber(0)
    workers, share = 4, 250

    def stop_many(worker: int) -> None:
        for serial in range(worker * share, (worker + 1) * share):
            write("STOP", serial, ref=f"SM{serial}")

    at_once(*[lambda n=n: stop_many(n) for n in range(workers)])
    assert Suppression.objects.count() == workers * share
    assert ConsentEntry.objects.filter(verdict="withdrawn").count() == workers * share
    assert Subscriber.objects.get().state == "stopped"
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.closed_at) == ("many_stops", None)
