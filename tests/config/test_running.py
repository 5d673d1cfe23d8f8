"""The supervisor, with small programs in place of the house's own."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from config import running
from config.processes import Program
from config.running import RunError, Running, Stack, answers, running_stack
from tests.harness.ports import free_port
from tests.harness.waiting import assert_ended, is_alive, wait_until


@pytest.fixture
def ports(settings: Any, data_dir: Path) -> tuple[int, int]:
    settings.HTTP_PORT, settings.SANDBOX_PORT = free_port(), free_port()
    return settings.HTTP_PORT, settings.SANDBOX_PORT


def server(port: int, name: str = "site") -> Program:
    command = (sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1")
    return Program(name, command, f"http://127.0.0.1:{port}/")


def sleeper(name: str = "worker", code: str = "import time; time.sleep(60)") -> Program:
    return Program(name, (sys.executable, "-c", code))


def nothing() -> None:
    """Prepare nothing."""


def test_everything_answers_inside_and_nothing_runs_after(ports: tuple[int, int]) -> None:
    address = f"http://127.0.0.1:{ports[0]}/"

    with Stack(prepare=nothing, programs=(server(ports[0]), sleeper())) as stack:
        pids = stack.pids.values()
        assert answers(address)
        assert running_stack() == Running(
            os.getpid(), address.rstrip("/"), f"http://127.0.0.1:{ports[1]}", stack.pids
        )

    assert not answers(address)
    assert_ended(pids)
    assert running_stack() is None


def test_second_start_beside_a_running_one_says_so_and_starts_nothing(
    ports: tuple[int, int],
) -> None:
    with (
        Stack(prepare=nothing, programs=(sleeper(),)),
        pytest.raises(RunError, match=rf"running already .*process {os.getpid()}, http"),
    ):
        Stack(prepare=pytest.fail, programs=()).__enter__()


@pytest.mark.parametrize(("index", "variable"), [(0, "WAYMARK_PORT"), (1, "WAYMARK_SANDBOX_PORT")])
def test_port_in_use_names_the_port_and_the_variable(
    ports: tuple[int, int], index: int, variable: str
) -> None:
    message = rf"Port {ports[index]} .*{variable}=\d+"

    with (
        socket.create_server(("127.0.0.1", ports[index])),
        pytest.raises(RunError, match=message),
    ):
        Stack(prepare=pytest.fail, programs=()).__enter__()

    assert running_stack() is None


def test_program_that_dies_stops_all_and_shows_its_last_words(ports: tuple[int, int]) -> None:
    dying = sleeper("worker", "print('no more ink', flush=True); raise SystemExit(3)")

    message = r"(?s)worker has stopped by itself.*no more ink"

    with Stack(prepare=nothing, programs=(sleeper("site"), dying)) as stack:
        pids = stack.pids.values()
        with pytest.raises(RunError, match=message):
            stack.watch()

    assert_ended(pids)


def test_program_that_dies_before_it_answers_is_named_at_once(ports: tuple[int, int]) -> None:
    broken = Program(
        "site", (sys.executable, "-c", "raise SystemExit('bad day')"), server(1).answers_at
    )

    began = time.monotonic()
    with pytest.raises(RunError, match=r"(?s)site has stopped.*bad day"):
        Stack(prepare=nothing, programs=(sleeper(), broken)).__enter__()

    assert time.monotonic() - began < running.READY_WITHIN / 2
    assert running_stack() is None


def test_failure_while_preparing_gives_the_lock_back(ports: tuple[int, int]) -> None:
    def fail() -> None:
        raise ValueError("broken content")

    with pytest.raises(ValueError, match="broken content"):
        Stack(prepare=fail, programs=()).__enter__()

    assert running_stack() is None


def test_program_that_ignores_the_signal_is_killed_with_its_children(
    ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(running, "STOPPED_WITHIN", 0.5)
    note = tmp_path / "pid"
    code = (
        "import os, signal, time, pathlib\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = os.fork()\n"
        f"child and pathlib.Path({str(note)!r}).write_text(str(child))\n"
        "time.sleep(60)"
    )

    with Stack(prepare=nothing, programs=(sleeper("worker", code),)) as stack:
        wait_until(lambda: note.exists() and note.read_text(), what="the grandchild")
        pids = [*stack.pids.values(), int(note.read_text())]

    assert_ended(pids)


def test_live_deployment_is_refused(settings: Any, data_dir: Path) -> None:
    settings.REHEARSAL = False

    with pytest.raises(RunError, match="WAYMARK_MODE=live"):
        Stack(prepare=pytest.fail, programs=()).__enter__()


def test_wake_ups_from_before_are_cleared(ports: tuple[int, int], data_dir: Path) -> None:
    stale = data_dir / "broker" / "1_x.celery.msg"
    stale.parent.mkdir()
    stale.write_text("{}")

    with Stack(prepare=nothing, programs=(sleeper(),)):
        assert not stale.exists()
        assert (data_dir / "broker" / "control").is_dir()


SUPERVISOR = """
import sys, django
django.setup()
from config.processes import Program
from config.running import Stack
sleep = "import time; time.sleep(60)"
with Stack(prepare=lambda: None, programs=(Program("worker", (sys.executable, "-c", sleep)),)) as stack:
    print(*stack.pids.values(), flush=True)
    stack.watch()
"""


def test_children_end_with_a_supervisor_that_is_killed(
    child_environment: dict[str, str], ports: tuple[int, int]
) -> None:
    environment = child_environment | {
        "WAYMARK_PORT": str(ports[0]),
        "WAYMARK_SANDBOX_PORT": str(ports[1]),
    }
    command = [sys.executable, "-c", SUPERVISOR]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = [int(word) for word in process.stdout.readline().split()]
        assert all(is_alive(pid) for pid in pids)
        assert pids
        process.send_signal(signal.SIGKILL)

    assert_ended(pids)
    assert running_stack() is None
