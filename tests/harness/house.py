"""The whole house as its own processes, as `make run` starts it, for journeys and faults."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.running import HouseLock, Running
from messaging.sandbox.codes import PERIOD, make_code
from tests.harness.ports import free_port
from tests.harness.waiting import wait_until

BASE_DIR = Path(__file__).resolve().parent.parent.parent
READY_WITHIN = 120.0
# Seconds that a browser may take to give a code.
_TYPING = 5


@dataclass(frozen=True, slots=True)
class House:
    """A started `manage.py run`: its process, its environment and its data folder."""

    process: subprocess.Popen[str]
    environment: dict[str, str]
    data_dir: Path
    # By e-mail: the last code's step, for a code is taken once, and what a signed-in browser keeps.
    steps: dict[str, int] = field(default_factory=dict)
    sessions: dict[str, Any] = field(default_factory=dict)

    @property
    def running(self) -> Running:
        """Return what the house says of itself; it must be up."""
        running = HouseLock(self.data_dir / "run.lock").read()
        assert running is not None, "the house does not run"
        return running

    @property
    def sign_ins(self) -> dict[str, str]:
        """Return the passwords of the rehearsal's people, by e-mail."""
        return {email: held["password"] for email, held in self._read_sign_ins().items()}

    def make_code(self, email: str) -> str:
        """Return the sign-in code of one of them at this moment, good for seconds, and once."""

        def is_fresh() -> bool:
            lasts = time.time() % PERIOD < PERIOD - _TYPING
            return lasts and time.time() // PERIOD > self.steps.get(email, 0)

        wait_until(is_fresh, seconds=2 * PERIOD, what="a code that is new and lasts")
        self.steps[email] = int(time.time() // PERIOD)
        return make_code(self._read_sign_ins()[email]["secret"], time.time())

    def _read_sign_ins(self) -> dict[str, dict[str, str]]:
        held: dict[str, dict[str, str]] = json.loads((self.data_dir / "sign-ins.json").read_text())
        return held

    def manage(self, *words: str) -> str:
        """Run a management command on the house's data; return what it printed."""
        return self._run("manage.py", *words)

    def run_module(self, name: str, *words: str) -> str:
        """Run a module of the tests on the house's data; return what it printed."""
        return self._run("-m", name, *words)

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            env=self.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def kill(self, name: str) -> None:
        """End one of its processes (`site`, `worker`, `sandbox`) by kill -9, with its own children."""
        os.killpg(self.running.processes[name], signal.SIGKILL)

    def stop(self) -> str:
        """Stop it as Ctrl-C does; return all that it printed."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=60)[0]

    def end(self) -> None:
        """End all of it at once, for tests that do not look at how it stops."""
        running = HouseLock(self.data_dir / "run.lock").read()
        self.process.kill()
        self.process.communicate(timeout=60)
        for group in running.processes.values() if running else ():
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


def house_environment(base: dict[str, str]) -> dict[str, str]:
    """Return `base` with two free ports."""
    ports = {"WAYMARK_PORT": str(free_port()), "WAYMARK_SANDBOX_PORT": str(free_port())}
    return base | ports


def open_house(environment: dict[str, str]) -> House:
    """Start the house without waiting for it."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run"],
        env=environment,
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return House(process, environment, Path(environment["WAYMARK_DATA_DIR"]))


@contextmanager
def running_house(environment: dict[str, str]) -> Iterator[House]:
    """Run the house until the end of the block; it answers from the start of it."""
    house = open_house(environment)
    try:
        wait_until(lambda: is_up(house), seconds=READY_WITHIN, what="the house is up")
        yield house
    finally:
        if house.process.poll() is None:
            house.end()


@contextmanager
def house_on_copy(prepared: Path, folder: Path) -> Iterator[House]:
    """Run a house on a copy of a prepared data folder, for all tests of a file."""
    with running_house(environment_on_copy(prepared, folder)) as house:
        yield house


def environment_on_copy(prepared: Path, folder: Path) -> dict[str, str]:
    """Copy a prepared data folder and return the environment of a house on the copy."""
    shutil.copytree(prepared, folder)
    own = {k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_")}
    place = {"WAYMARK_DATA_DIR": str(folder), "PYTHONPATH": str(BASE_DIR)}
    return house_environment(own | place)


def is_up(house: House) -> bool:
    """Say whether everything answers; fail with its words when it has ended."""
    if house.process.poll() is not None:
        assert house.process.stdout is not None
        raise AssertionError(house.process.stdout.read())
    held = HouseLock(house.data_dir / "run.lock").read()
    return held is not None and held.is_ready and held.pid == house.process.pid
