"""The rig: a database of its own, a stand-in provider, and workers that can be killed and stopped.

Nothing in it needs pytest or a connection of Django's, so that a scenario is the same in a test, in
`make faults` and in the storm.
"""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString, Self

import psycopg
from psycopg.sql import SQL, Identifier

from config.processes import die_with_parent
from tests.faults.history import keep_history
from tests.faults.ledger import Entry, read_entries
from tests.harness.waiting import wait_until

BASE_DIR = Path(__file__).resolve().parent.parent.parent
# States of what a provider has.
UNSENT = ("planned", "claimed")
HANDED = ("accepted", "sent", "delivered", "read")
_serial = itertools.count(1)


class StandIn:
    """Steer the stand-in provider."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.name = "ledger"
        self._start()

    def _start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.stand_in", str(self.folder)],
            stdout=subprocess.PIPE,
            cwd=BASE_DIR,
            text=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 (one system call, no other thread yet)
        )
        assert self.process.stdout is not None
        ports = self.process.stdout.readline().split()
        self.url = f"http://127.0.0.1:{ports[0]}"
        self.port = int(ports[0])
        self._wire = socket.create_connection(("127.0.0.1", int(ports[1])))
        self._lines = self._wire.makefile("rw")

    def say(self, do: str, **asked: Any) -> Any:
        """Ask for one thing and return the answer."""
        self._lines.write(json.dumps({"do": do, **asked}) + "\n")
        self._lines.flush()
        return json.loads(self._lines.readline())

    def behave(self, *rules: dict[str, Any], **manner: Any) -> None:
        """Answer in another manner from the next call on."""
        self.say("behave", rules=list(rules), **manner)

    def count(self, what: str = "taken") -> int:
        """Return how many calls were taken, came, or wait."""
        return int(self.say("state")[what])

    def turn_over(self) -> None:
        """Begin an empty ledger, and behave."""
        self.name = f"ledger-{next(_serial)}"
        self.say("turn_over", name=self.name)

    def entries(self) -> list[Entry]:
        """Return the whole ledger, from the file."""
        return read_entries(self.folder / self.name)

    def close(self) -> None:
        """End the process."""
        with suppress(OSError):
            self._wire.close()
        self.process.kill()
        self.process.wait()


class Worker:
    """One forked process."""

    def __init__(self, nursery: "Nursery", pid: int, number: int) -> None:
        self._nursery, self.pid = nursery, pid
        self.files = nursery.folder / str(number)

    @property
    def code(self) -> int | None:
        """Return how it ended, or None while it lives."""
        found: int | None = self._nursery.say("code", pid=self.pid)["code"]
        return found

    @property
    def log(self) -> str:
        """Return all that it has written."""
        path = self.files.with_suffix(".log")
        return path.read_text(errors="replace") if path.exists() else ""

    def send(self, number: int) -> None:
        """Send a signal to it, and to what it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """End it at once; fail if it had ended before."""
        self.send(signal.SIGKILL)
        code = self.wait(60)
        assert code == -signal.SIGKILL, f"it had ended before it was killed: {code}\n{self.log}"

    def wait(self, seconds: float = 60) -> int:
        """Wait until it has ended and return how."""
        until = time.monotonic() + seconds
        while (code := self.code) is None:
            if time.monotonic() > until:
                self.send(signal.SIGUSR1)
                time.sleep(0.5)
                raise AssertionError(
                    f"it did not end within {seconds} s; it is at\n{self.log[-4000:]}"
                )
            time.sleep(0.05)
        return code

    def result(self, seconds: float = 120) -> Any:
        """Wait for what its job returns; fail with its log if it failed."""
        assert self.wait(seconds) == 0, f"the job failed:\n{self.log[-3000:]}"
        return json.loads(self.files.with_suffix(".json").read_text())

    def is_stopped(self) -> bool:
        """Say whether it stands still by SIGSTOP."""
        with suppress(FileNotFoundError):
            stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii")
            return stat.rpartition(")")[2].split()[0] == "T"
        return False


class Nursery:
    """Have workers forked."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment
        folder.mkdir(parents=True, exist_ok=True)
        self.alive: list[Worker] = []
        self._errors = (folder / "nursery.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            cwd=BASE_DIR,
            text=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 (one system call, no other thread yet)
        )
        self._read()

    def say(self, do: str, **asked: Any) -> Any:
        """Ask for one thing and return the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **asked}) + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, (self.folder / "nursery.log").read_text()
        return json.loads(line)

    def start(self, job: str, given: dict[str, Any], rig: dict[str, Any]) -> Worker:
        """Fork a worker for one job."""
        said = self.say("start", job=job, given=given, rig=rig)
        worker = Worker(self, said["pid"], said["number"])
        self.alive.append(worker)
        return worker

    def end_all(self) -> None:
        """Kill, each by its id, whoever is left."""
        for worker in self.alive:
            if worker.code is None:
                worker.send(signal.SIGKILL)
                worker.wait(60)
        self.alive.clear()

    def close(self) -> None:
        """End the workers and the nursery."""
        self.end_all()
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._errors.close()


@dataclass(slots=True)
class Rig:
    """Hold one scenario's database, provider and workers."""

    database: str
    provider: StandIn
    nursery: Nursery
    # Settings of Waymark that its workers use instead of their own.
    settings: dict[str, Any] = field(default_factory=dict)
    # What is wrong with all of its workers.
    manner: dict[str, Any] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)
    # What other processes of this scenario wrote.
    extra_logs: list[Path] = field(default_factory=list)

    def start(
        self, job: str = "drain", *, rig: dict[str, Any] | None = None, **given: Any
    ) -> Worker:
        """Start one worker; `rig` says what is wrong with it."""
        urls = {"TWILIO_URL": self.provider.url, "TWILIO_CONTENT_URL": self.provider.url}
        told = {"database": self.database, "settings": urls | self.settings}
        told |= self.manner | (rig or {})
        worker = self.nursery.start(job, given, told)
        self.workers.append(worker)
        return worker

    def run(self, job: str, *, patience: float = 600, **given: Any) -> Any:
        """Do one job in a worker and return what came of it."""
        return self.start(job, **given).result(patience)

    def ask(self, statement: LiteralString, *values: object) -> list[Any]:
        """Return rows of the database."""
        with psycopg.connect(self.database, autocommit=True) as held:
            return held.execute(statement, values).fetchall()

    def tell(self, statement: LiteralString, *values: object) -> int:
        """Change the database and return how many rows."""
        with psycopg.connect(self.database, autocommit=True) as held:
            return held.execute(statement, values).rowcount

    def states(self) -> dict[str, int]:
        """Return how many deliveries are in each state."""
        return dict(self.ask("SELECT state, count(*) FROM messaging_delivery GROUP BY 1"))

    def wait_for_taken(self, count: int, *, seconds: float = 300) -> None:
        """Wait until the provider has taken so many."""
        what = f"{count} messages taken"
        wait_until(lambda: self.provider.count() >= count, seconds=seconds, what=what)

    def wait_for_begun(self, count: int, *, seconds: float = 300) -> None:
        """Wait until so many calls were begun, also those that a kill cut off on their way."""

        def are_begun() -> bool:
            begun = (times for state, times in self.states().items() if state not in UNSENT)
            return sum(begun) >= count

        wait_until(are_begun, seconds=seconds, what=f"{count} calls begun")

    def count_handed(self) -> int:
        """Return how many deliveries stand as handed to the provider, or further."""
        return sum(count for state, count in self.states().items() if state in HANDED)

    def let_time_pass(self, *, rests: bool = True) -> None:
        """Let leases and waits be over, and rests; for a moment when no worker lives."""
        self.tell(
            "UPDATE messaging_delivery SET lease_until = now() - interval '1 s'"
            " WHERE lease_until IS NOT NULL"
        )
        self.tell(
            "UPDATE messaging_delivery SET not_before = now() - interval '1 s'"
            " WHERE state = 'planned' AND not_before > now()"
        )
        if rests:
            self.tell("UPDATE messaging_sender SET resting_until = NULL")

    def finish(self, *, rounds: int = 12, workers: int = 1) -> None:
        """Let living workers end, then repair and send on until nothing moves."""
        for worker in self.workers:
            if worker.code is None and not worker.is_stopped():
                worker.wait(120)
        for _ in range(rounds):
            self.let_time_pass()
            self.run("repair")
            if not set(self.states()) & {"planned", "claimed", "submitting"}:
                return
            for worker in [self.start(seconds=60) for _ in range(workers)]:
                assert worker.wait(120) == 0, worker.log[-3000:]
        raise AssertionError(f"it never came to an end: {self.states()}")

    @property
    def environment(self) -> dict[str, str]:
        """Return what a process that is not forked needs to be part of this rig."""
        urls = dict.fromkeys(
            ("WAYMARK_TWILIO_URL", "WAYMARK_TWILIO_CONTENT_URL"), self.provider.url
        )
        return self.nursery.environment | {"WAYMARK_DATABASE_URL": self.database} | urls

    @property
    def logs(self) -> list[Path]:
        """Return the logs of this scenario's workers."""
        return [worker.files.with_suffix(".log") for worker in self.workers] + self.extra_logs


def create_database(server: str, template: str) -> str:
    """Make a database from a template and return its address."""
    name = f"faults-{os.getpid()}-{next(_serial)}"
    _say_to(server, "CREATE DATABASE {} TEMPLATE {}", name, template)
    return f"{server.rpartition('/')[0]}/{name}"


def drop_database(address: str) -> None:
    """Remove a database."""
    server, _, name = address.rpartition("/")
    _say_to(f"{server}/postgres", "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _say_to(server: str, statement: LiteralString, *names: str) -> None:
    with psycopg.connect(server, autocommit=True) as held:
        held.execute(SQL(statement).format(*map(Identifier, names)))


class Ground:
    """Make rigs on one server: one nursery and one stand-in for all of them."""

    def __init__(self, server: str, template: str, environment: dict[str, str]) -> None:
        self.server, self.template = server, template
        self._folder = tempfile.TemporaryDirectory(prefix="waymark-faults-")
        folder = Path(self._folder.name)
        environment = environment | {
            "WAYMARK_DATABASE_URL": server,
            "WAYMARK_DATA_DIR": str(folder / "data"),
            "PYTHONPATH": str(BASE_DIR),
        }
        self.provider = StandIn(folder / "provider")
        self.nursery = Nursery(folder / "workers", environment)
        self._peopled: dict[int, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.nursery.close()
        self.provider.close()
        for address in self._peopled.values():
            drop_database(address)
        self._folder.cleanup()

    @contextmanager
    def rig(self, people: int) -> Iterator[Rig]:
        """Yield a rig whose database holds so many people, and nothing planned."""
        address = create_database(self.server, self._find_peopled(people).rpartition("/")[2])
        self.provider.turn_over()
        try:
            yield Rig(address, self.provider, self.nursery)
        finally:
            self.nursery.end_all()
            drop_database(address)

    def _find_peopled(self, people: int) -> str:
        if people not in self._peopled:
            address = create_database(self.server, self.template)
            keep_history(address)
            rig = Rig(address, self.provider, self.nursery)
            rig.run("join", count=people, patience=600)
            # What the server does by itself within a minute.
            rig.tell("VACUUM ANALYZE")
            self._peopled[people] = address
        return self._peopled[people]


def spread(total: int, times: int) -> list[int]:
    """Return `times` goals, evenly spread over the first part of a total."""
    return [total * (place + 1) // (times + 2) for place in range(times)]


def now_ns() -> int:
    """Return the moment, on the clock that the ledger uses."""
    return time.time_ns()
