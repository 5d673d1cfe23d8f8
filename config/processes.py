"""One child process: started in a group of its own, watched, and stopped whole.

Knows nothing of what runs in it. Linux only: a child asks the kernel to end it with its parent.
"""

import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
ENDINGS = {signal.SIGINT, signal.SIGTERM}
# Looked up before any fork: the child of a fork may not load libraries.
_prctl = ctypes.CDLL(None).prctl


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent ends, even by kill -9."""
    _prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


@contextmanager
def holding_signals() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until the end of the block: what is started there is also noted."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _begin() -> None:
    """Prepare a child between fork and exec: it must hear the signals that its parent holds."""
    die_with_parent()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)


@dataclass(frozen=True, slots=True)
class Program:
    """What to start: a name for people, its command, and the address where it answers once ready."""

    name: str
    command: tuple[str, ...]
    answers_at: str = ""


class Child:
    """A started program."""

    def __init__(self, program: Program, *, log: Path) -> None:
        self.program = program
        self.log = log
        if log.exists():
            log.replace(log.with_suffix(".log.before"))
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for the parent alone
                preexec_fn=_begin,  # noqa: PLW1509 (two system calls, no other thread yet)
            )

    @property
    def pid(self) -> int:
        """Return its process id, which is its group's id too."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Say whether it has ended, for whatever reason."""
        return self._process.poll() is not None

    def ask_to_stop(self) -> None:
        """Send SIGTERM; it may take its time."""
        if not self.has_ended:
            self._process.terminate()

    def stop(self, *, seconds: float) -> None:
        """Ask it to stop, wait at most `seconds`, then end whatever is left of its group."""
        self.ask_to_stop()
        try:
            self._process.wait(timeout=max(seconds, 0))
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.kill()

    def kill(self) -> None:
        """End its whole group at once."""
        with suppress(ProcessLookupError):  # the whole group may have gone already
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def last_words(self, *, lines: int = 15) -> str:
        """Return the end of its log."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.rstrip().splitlines()[-lines:])
