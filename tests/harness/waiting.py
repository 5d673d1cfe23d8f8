"""Waiting in tests: for what must become true, with a limit."""

import time
from collections.abc import Callable, Collection


def wait_until(is_true: Callable[[], object], *, seconds: float = 60, what: str = "") -> None:
    """Return once `is_true()`; fail the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or is_true}"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended and waits for its parent does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False


def assert_ended(pids: Collection[int]) -> None:
    """Fail unless all of them end; the kernel may need a moment after a kill."""
    wait_until(lambda: not any(map(is_alive, pids)), seconds=60, what="every process has ended")
