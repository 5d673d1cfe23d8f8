"""The whole house on one machine: site, worker with its clock, and sandbox, under one supervisor.

For rehearsals: `manage.py run` and `manage.py demo`. A live deployment runs each process under its
own supervisor (docs/operations.md).
"""

import errno
import fcntl
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self

from django.conf import settings
from django.db import connections

from config.broker import clear_folder
from config.loopback import open_local
from config.processes import Child, Program, holding_signals

HOST = "127.0.0.1"
READY_WITHIN = 60.0
STOPPED_WITHIN = 20.0
# After a kill -9 of the supervisor its children need a moment to end and free their ports.
FREED_WITHIN = 10.0
PAUSE = 0.1


class RunError(Exception):
    """Say why the house cannot start or go on, and what to do."""


@dataclass(frozen=True, slots=True)
class Running:
    """A house that runs: its supervisor's process, where it answers, and its processes once ready."""

    pid: int
    site: str
    sandbox: str
    processes: dict[str, int] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        """Say whether everything answers."""
        return bool(self.processes)


class HouseLock:
    """The lock of one data folder: held by at most one supervisor, and readable by everybody."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def take(self) -> bool:
        """Take the lock; say whether the one who held it before went without giving it back."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise RunError(_say_who_runs(self.read())) from None
        self._file = file
        return self.read() is not None

    def write(self, running: Running) -> None:
        """Say who holds the lock."""
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(json.dumps(asdict(running)))
            self._file.flush()

    def read(self) -> Running | None:
        """Return who holds the lock, or held it and did not give it back."""
        try:
            return Running(**json.loads(self.path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def is_taken(self) -> bool:
        """Say whether somebody holds the lock now."""
        try:
            with self.path.open("r", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def give_back(self) -> None:
        """Empty the file and let go of it."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None


def _say_who_runs(running: Running | None) -> str:
    who = f" (process {running.pid}, {running.site})" if running else ""
    return (
        f"Waymark is running already on this data folder{who}. Use that one, or stop it with Ctrl-C. "
        "For a second one, set WAYMARK_DATA_DIR, WAYMARK_PORT and WAYMARK_SANDBOX_PORT."
    )


def house_lock() -> HouseLock:
    """Return the lock of this deployment's data folder."""
    return HouseLock(Path(settings.DATA_DIR) / "run.lock")


def running_stack() -> Running | None:
    """Return the house that runs on this data folder now, or None."""
    lock = house_lock()
    return lock.read() if lock.is_taken() else None


def programs(*, pace: str = "natural") -> tuple[Program, ...]:
    """Return what to start, in this order, with receipts at a natural or a fast pace."""
    site, sandbox = _addresses()
    python = (sys.executable, "-W", "ignore")
    data = Path(settings.DATA_DIR)
    return (
        Program("sandbox", (*python, _manage(), "sandbox", "--pace", pace), f"{sandbox}/"),
        Program(
            "site",
            (
                *(*python, "-m", "gunicorn", "config.wsgi", "--chdir", str(settings.BASE_DIR)),
                *("--bind", f"{HOST}:{settings.HTTP_PORT}", "--preload", "--no-control-socket"),
                *("--worker-class", "gthread", "--workers", "2", "--threads", "8"),
                # At "warning" it would log the address of whoever sends a broken request.
                *("--graceful-timeout", "10", "--log-level", "error"),
            ),
            f"{site}/healthz",
        ),
        Program(
            "worker",
            (
                *(*python, "-m", "celery", "--workdir", str(settings.BASE_DIR)),
                *("-A", "config.celery", "--quiet", "worker", "--beat"),
                *("--schedule", str(data / "beat-schedule"), "--pool", "threads"),
                *("--concurrency", "4", "--without-gossip", "--without-mingle"),
                *("--without-heartbeat", "--loglevel", "warning"),
            ),
        ),
    )


# The worker first, so that nothing more is sent; the site last, so that receipts find it.
STOPPING = ("worker", "sandbox", "site")


def _manage() -> str:
    return str(Path(settings.BASE_DIR) / "manage.py")


def _addresses() -> tuple[str, str]:
    return f"http://{HOST}:{settings.HTTP_PORT}", f"http://{HOST}:{settings.SANDBOX_PORT}"


class Stack:
    """The running house as a context: everything answers inside it, and nothing runs after it.

    `prepare` is called once the lock is held and before anything starts: migrations, content.
    """

    def __init__(
        self, *, prepare: Callable[[], object], programs: tuple[Program, ...] | None = None
    ) -> None:
        self._prepare = prepare
        self._programs = programs
        self._lock = house_lock()
        self._children: dict[str, Child] = {}

    def __enter__(self) -> Self:
        if not settings.REHEARSAL:
            raise RunError(
                "This is a live deployment (WAYMARK_MODE=live): run the site, the worker and the "
                "clock each under your own supervisor. docs/operations.md has the commands."
            )
        was_killed = self._lock.take()
        try:
            self._start(patience=FREED_WITHIN if was_killed else 0)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    @property
    def pids(self) -> dict[str, int]:
        """Return the process ids of what runs, by name."""
        return {name: child.pid for name, child in self._children.items()}

    def check(self) -> None:
        """Raise `RunError`, with the end of its log, when a process has ended by itself."""
        for child in self._children.values():
            if child.has_ended:
                raise RunError(
                    f"The {child.program.name} has stopped by itself. The end of {child.log}:\n"
                    f"{child.last_words()}"
                )

    def watch(self) -> None:
        """Stay until a process ends by itself, and then raise."""
        while True:
            self.check()
            time.sleep(PAUSE)

    def _start(self, *, patience: float) -> None:
        site, sandbox = _addresses()
        self._lock.write(Running(os.getpid(), site, sandbox))
        deadline = time.monotonic() + patience
        wait_for_port("WAYMARK_PORT", settings.HTTP_PORT, deadline=deadline)
        wait_for_port("WAYMARK_SANDBOX_PORT", settings.SANDBOX_PORT, deadline=deadline)
        self._prepare()
        # A connection must not be shared with the children.
        connections.close_all()
        if settings.CELERY_BROKER_URL.startswith("filesystem"):
            clear_folder(Path(settings.BROKER_DIR))
        logs = Path(settings.DATA_DIR) / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        for program in programs() if self._programs is None else self._programs:
            with holding_signals():
                self._children[program.name] = Child(program, log=logs / f"{program.name}.log")
        self._wait_until_ready()
        self._lock.write(Running(os.getpid(), site, sandbox, self.pids))

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        for child in self._children.values():
            while child.program.answers_at and not answers(child.program.answers_at):
                self.check()
                if time.monotonic() > deadline:
                    raise RunError(
                        f"The {child.program.name} did not answer within {READY_WITHIN:.0f} s. "
                        f"The end of {child.log}:\n{child.last_words()}"
                    )
                time.sleep(PAUSE)

    def _stop(self) -> None:
        deadline = time.monotonic() + STOPPED_WITHIN
        order = [name for name in STOPPING if name in self._children]
        order += [name for name in self._children if name not in STOPPING]
        try:
            for name in order:
                self._children[name].stop(seconds=deadline - time.monotonic())
        finally:
            for child in self._children.values():
                child.kill()
            self._children.clear()
            self._lock.give_back()


def wait_for_port(variable: str, port: int, *, deadline: float) -> None:
    """Return once `port` is free; raise `RunError` naming it and its variable at the deadline."""
    while not _is_free(port):
        if time.monotonic() >= deadline:
            raise RunError(
                f"Port {port} is in use by another program. "
                f"To use another one: {variable}={port + 10} make run"
            )
        time.sleep(PAUSE)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise RunError(f"Port {port} cannot be used: {error.strerror}.") from error
    return True


def stop_on_signals() -> None:
    """Let Ctrl-C and SIGTERM end this process in order, also where the shell had Ctrl-C ignored."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise KeyboardInterrupt


def answers(address: str) -> bool:
    """Say whether `address` answers with a success."""
    try:
        with open_local(address, timeout=2) as response:
            return bool(response.status < 400)
    except OSError:
        return False
