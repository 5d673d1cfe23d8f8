"""Turns: one drain and one round of notices at a time in a process; its other threads stay free."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from messaging import tasks, work
from messaging.notifying import notices

PATIENCE = 60


class Doing:
    """Stand for what a task does: it lasts until it may end."""

    def __init__(self) -> None:
        self.began, self.may_end = threading.Semaphore(0), threading.Event()
        self.times = 0

    def __call__(self, **_how: Any) -> int:
        self.times += 1
        self.began.release()
        assert self.may_end.wait(PATIENCE)
        return 0


def begin(task: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=task)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("task", "where"),
    [(tasks.drain, work), (tasks.send_notices, notices)],
    ids=["drain", "notices"],
)
def test_whoever_comes_while_another_is_at_it_goes_at_once(
    task: Callable[[], None], where: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    doing = Doing()
    monkeypatch.setattr(where, "send_due", doing)
    first = begin(task)
    assert doing.began.acquire(timeout=PATIENCE)
    second = begin(task)
    second.join(PATIENCE)
    assert not second.is_alive(), "it waited"
    assert doing.times == 1
    doing.may_end.set()
    first.join(PATIENCE)
    task()
    assert doing.times == 2


def test_whoever_comes_near_the_end_takes_over_without_a_gap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    doing = Doing()
    monkeypatch.setattr(work, "send_due", doing)
    monkeypatch.setattr(tasks, "_SECONDS", 0.0)
    monkeypatch.setattr(tasks, "_TICK", float(PATIENCE))
    first = begin(tasks.drain)
    assert doing.began.acquire(timeout=PATIENCE)
    second = begin(tasks.drain)
    doing.may_end.set()
    for thread in (first, second):
        thread.join(PATIENCE)
    assert doing.times == 2


def test_a_failure_gives_the_turn_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_how: Any) -> int:
        raise RuntimeError

    monkeypatch.setattr(work, "send_due", fail)
    for _time in range(2):
        with pytest.raises(RuntimeError):
            tasks.drain()
