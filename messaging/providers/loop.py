"""The event loop on which this process calls providers: one, in a thread of its own, made when asked.

A forked child has none of its parent's threads, so it makes its own. Nothing that blocks may run here.
"""

import asyncio
import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
# Seconds after which a busy thread lets another one go on.
_TURN = 0.0005

_lock = threading.Lock()
_running: asyncio.AbstractEventLoop | None = None
_closing: list[Callable[[], Coroutine[Any, Any, None]]] = []
_parents: list[object] = []


def the_loop() -> asyncio.AbstractEventLoop:
    """Return the loop of this process, running."""
    global _running  # noqa: PLW0603 (one for the process is what this is)
    with _lock:
        if _running is None:
            # The thread that drains waits for this one at each of its statements, else for 5 ms.
            sys.setswitchinterval(_TURN)
            _running = asyncio.new_event_loop()
            threading.Thread(target=_running.run_forever, name="calls", daemon=True).start()
        return _running


def wait_for(doing: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the loop and return what it returns; call it from any other thread."""
    loop = the_loop()
    try:
        inside = asyncio.get_running_loop() is loop
    except RuntimeError:
        inside = False
    if inside:
        doing.close()
        raise RuntimeError("what runs on the loop cannot wait for it")
    return asyncio.run_coroutine_threadsafe(doing, loop).result()


def at_end(closing: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run something on the loop when the process ends, so that nothing is left open."""
    _closing.append(closing)


def _end() -> None:
    if _running is None:
        return
    for closing in _closing:
        # Whatever hangs must not keep the process from ending.
        with contextlib.suppress(Exception):
            asyncio.run_coroutine_threadsafe(closing(), _running).result(1)


def _forget() -> None:
    global _lock, _running
    # What the parent has open is the parent's: kept here unused, so that nothing closes it.
    _parents.append((_running, list(_closing)))
    _closing.clear()
    _lock, _running = threading.Lock(), None


atexit.register(_end)
os.register_at_fork(after_in_child=_forget)
