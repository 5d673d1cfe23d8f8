"""Who signs for AWS: keys are found once, renewed beside the calls, and never waited for for long."""

import os
import signal
import threading

import pytest
from botocore.credentials import ReadOnlyCredentials

from messaging.providers.aws_signing import AccessKeys, Place, Service
from messaging.providers.aws_sns import AwsSns
from messaging.providers.loop import wait_for
from messaging.wire import SMS, AccountProblem, NotAccepted, Outgoing
from tests.messaging.providers.modelled import REGION
from tests.messaging.providers.wires import answer, bad_server

PHONE = "+9992210000042"
OUTGOING = Outgoing(channel=SMS, sender="pool-1", to=PHONE, body="hello", callback="")


def give(times: list[int]) -> ReadOnlyCredentials:
    times.append(1)
    return ReadOnlyCredentials(f"KEY{len(times)}", "secret", None)


def test_keys_are_found_once_for_many_calls() -> None:
    asked: list[int] = []
    keys = AccessKeys(lambda: give(asked))

    assert {keys.read().access_key for _ in range(5)} == {"KEY1"}
    assert {wait_for(keys.get()).access_key for _ in range(5)} == {"KEY1"}
    assert len(asked) == 1


def test_keys_are_renewed_beside_the_calls_and_the_old_ones_serve_meanwhile() -> None:
    asked: list[int] = []
    now = [0.0]
    going, may_end = threading.Event(), threading.Event()

    def find() -> ReadOnlyCredentials:
        if asked:
            going.set()
            assert may_end.wait(60)
        return give(asked)

    keys = AccessKeys(find, clock=lambda: now[0])
    assert wait_for(keys.get()).access_key == "KEY1"

    now[0] = 100.0
    assert wait_for(keys.get()).access_key == "KEY1"
    assert going.wait(60)
    # Whoever is asked for them takes long; nobody who sends waits for that.
    assert wait_for(keys.get()).access_key == "KEY1"
    may_end.set()
    assert keys.read().access_key == "KEY2"


def test_keys_that_are_too_old_are_waited_for() -> None:
    asked: list[int] = []
    now = [0.0]
    keys = AccessKeys(lambda: give(asked), clock=lambda: now[0])
    wait_for(keys.get())

    now[0] = 1000.0

    assert wait_for(keys.get()).access_key == "KEY2"


def test_keys_that_take_too_long_are_waited_for_no_longer() -> None:
    may_end = threading.Event()

    def find() -> ReadOnlyCredentials:
        assert may_end.wait(60)
        return give([])

    keys = AccessKeys(find, patience=0.05)
    # A call that was let through must go soon, or not at all.
    with pytest.raises(NotAccepted, match="no_connection") as caught:
        wait_for(keys.get())
    may_end.set()

    assert type(caught.value) is NotAccepted
    assert caught.value.__context__ is None
    assert keys.read().access_key == "KEY1"


def test_a_forked_process_finds_keys_of_its_own() -> None:
    assert wait_for(AccessKeys(lambda: give([])).get()).access_key == "KEY1"
    child = os.fork()
    if not child:
        # What waits for a thread that only the parent has would wait for ever.
        signal.alarm(5)
        found = wait_for(AccessKeys(lambda: give([]), patience=60).get())
        os._exit(0 if found.access_key == "KEY1" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_without_keys_nothing_is_sent_and_a_person_is_needed() -> None:
    with bad_server(answer("200 OK", b"{}")) as server:
        service = Service("sns", Place(REGION, server.url), AccessKeys(lambda: None))
        with pytest.raises(AccountProblem, match="sender_refused"):
            wait_for(AwsSns(service).send(OUTGOING))

        assert server.seen == []


def test_keys_that_cannot_be_had_now_are_no_fault_of_the_message() -> None:
    def fail() -> ReadOnlyCredentials:
        raise OSError(f"no way to 10.0.0.1 with half a key for {PHONE}")

    with pytest.raises(NotAccepted) as caught:
        wait_for(AccessKeys(fail).get())

    assert (type(caught.value), caught.value.word) == (NotAccepted, "OSError")
    assert caught.value.__context__ is None
