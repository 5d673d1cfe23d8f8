"""Gathering: many threads, few statements, and nobody's row is lost or paid for by another."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from messaging.receiving.gathering import Gathering


class Store:
    """Takes its time over each statement; cannot store what is negative."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()

    def __call__(self, rows: Sequence[int]) -> None:
        self.gate.wait(60)
        if any(row < 0 for row in rows):
            raise ValueError(str(rows))
        self.batches.append(list(rows))


def test_who_waits_at_the_same_time_shares_a_statement() -> None:
    store = Store()
    gathering = Gathering(store, most=100)
    with ThreadPoolExecutor(40) as threads:
        waiting = [threads.submit(gathering.put, row) for row in range(40)]
        while len(gathering._queue) < 39:
            time.sleep(0.001)
        store.gate.set()
        for one in waiting:
            one.result(60)
    assert sorted(row for batch in store.batches for row in batch) == list(range(40))
    assert len(store.batches) == 2


def test_no_statement_is_longer_than_it_may_be() -> None:
    store = Store()
    gathering = Gathering(store, most=7)
    store.gate.set()
    with ThreadPoolExecutor(40) as threads:
        list(threads.map(gathering.put, range(400)))
    assert sorted(row for batch in store.batches for row in batch) == list(range(400))
    assert max(map(len, store.batches)) <= 7


def test_a_row_that_cannot_be_stored_fails_alone() -> None:
    store = Store()
    gathering = Gathering(store, most=100)

    def put(row: int) -> str:
        try:
            gathering.put(row)
        except ValueError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(20) as threads:
        waiting = [threads.submit(put, row) for row in [-1, *range(19)]]
        while len(gathering._queue) < 19:
            time.sleep(0.001)
        store.gate.set()
        assert [one.result(60) for one in waiting] == ["[-1]"] + [""] * 19
    assert sorted(row for batch in store.batches for row in batch) == list(range(19))


def test_a_row_that_comes_alone_is_stored_at_once() -> None:
    store = Store()
    store.gate.set()
    Gathering(store, most=5).put(1)
    assert store.batches == [[1]]
    with pytest.raises(ValueError, match="-1"):
        Gathering(store, most=5).put(-1)


def test_nobody_waits_for_a_thread_that_is_ended_while_it_writes() -> None:
    class Ended(BaseException):
        pass

    store = Store()
    ends = threading.Event()

    def write(rows: Sequence[int]) -> None:
        store.gate.wait(60)
        if not ends.is_set():
            ends.set()
            raise Ended
        store(rows)

    gathering = Gathering(write, most=100)
    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(gathering.put, row) for row in range(3)]
        while len(gathering._queue) < 2:
            time.sleep(0.001)
        store.gate.set()
        ended = [isinstance(one.exception(10), Ended) for one in waiting]
    assert sorted(ended) == [False, False, True]
    assert len([row for batch in store.batches for row in batch]) == 2
