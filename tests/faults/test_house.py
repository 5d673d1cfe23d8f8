"""`make run` as it is: everything starts, one is enough, and nothing outlives it."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from config.loopback import open_local
from tests.harness.house import BASE_DIR, House, open_house, running_house
from tests.harness.waiting import assert_ended, wait_until


def read(address: str) -> str:
    with open_local(address, timeout=10) as response:
        return str(response.read().decode())


def pids_below(pid: int) -> list[int]:
    """Return the process and everything it has started."""
    found = [pid]
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in tasks.read_text().split():
            found += pids_below(int(child))
    return found


def test_house_answers_refuses_a_second_one_says_where_and_stops_whole(house: House) -> None:
    assert read(f"{house.running.site}/healthz") == "ok"
    assert "Sandbox" in read(f"{house.running.sandbox}/")
    pids = pids_below(house.process.pid)
    # The supervisor, the sandbox, the site with two workers, the worker with its clock.
    assert len(pids) >= 6
    assert_second_house_says_so_and_harms_nothing(house)

    words = house.stop()

    assert house.process.returncode == 0
    assert "it can reach no real phone" in words
    assert all(f"{email}   {password}" in words for email, password in house.sign_ins.items())
    assert_ended(pids)


def assert_second_house_says_so_and_harms_nothing(house: House) -> None:
    second = open_house(house.environment)

    words = second.process.communicate(timeout=60)[0]

    assert second.process.returncode == 1
    assert f"running already on this data folder (process {house.process.pid}" in words
    assert "Traceback" not in words
    assert read(f"{house.running.site}/healthz") == "ok"


@pytest.mark.parametrize("variable", ["WAYMARK_PORT", "WAYMARK_SANDBOX_PORT"])
def test_port_in_use_is_named_with_the_variable_that_moves_it(
    house_settings: dict[str, str], variable: str
) -> None:
    port = int(house_settings[variable])
    with socket.create_server(("127.0.0.1", port)):
        house = open_house(house_settings)
        words = house.process.communicate(timeout=60)[0]

    assert house.process.returncode == 1
    assert f"Port {port} is in use" in words
    assert f"{variable}=" in words
    assert "Traceback" not in words


def test_house_stops_whole_when_one_of_it_is_killed(house: House) -> None:
    pids = pids_below(house.process.pid)

    house.kill("worker")
    words = house.process.communicate(timeout=60)[0]

    assert house.process.returncode == 1
    assert "The worker has stopped by itself" in words
    assert_ended(pids)


def test_nothing_outlives_a_killed_supervisor_and_the_next_run_starts(
    house_settings: dict[str, str],
) -> None:
    with running_house(house_settings) as house:
        pids = pids_below(house.process.pid)
        house.process.kill()
        house.process.communicate(timeout=60)

        with running_house(house_settings) as successor:
            assert read(f"{successor.running.site}/healthz") == "ok"
            assert_ended(pids)


def test_interrupt_while_it_starts_leaves_nothing_behind(house_settings: dict[str, str]) -> None:
    house = open_house(house_settings)
    wait_until((house.data_dir / "logs" / "site.log").exists, seconds=60, what="children start")
    pids = pids_below(house.process.pid)

    house.process.send_signal(signal.SIGINT)
    words = house.process.communicate(timeout=60)[0]

    assert house.process.returncode == 0
    assert "Traceback" not in words
    assert_ended(pids)


def test_live_deployment_does_not_run_this_way(house_settings: dict[str, str]) -> None:
    live = {
        "WAYMARK_MODE": "live",
        "WAYMARK_PUBLIC_URL": "https://waymark.example.org",
        "WAYMARK_SECRET_KEY": "s" * 60,
        "WAYMARK_NUMBER_KEYS": "1:" + "A" * 43 + "=",
        "WAYMARK_INDEX_KEY": "1:" + "A" * 43 + "=",
        "WAYMARK_EMAIL_URL": "smtps://waymark:unused@mail.example.org",
        "WAYMARK_TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
        "WAYMARK_TWILIO_AUTH_TOKENS": "token",
    }
    house = open_house(house_settings | live)

    words = house.process.communicate(timeout=60)[0]

    assert "live deployment" in words
    assert house.process.returncode == 1


def test_makefile_runs_what_these_tests_run() -> None:
    # Below `make test` the inner make would say which folder it enters.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--dry-run", "run"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=BASE_DIR,
    )

    assert done.stdout.rstrip().endswith(".venv/bin/python manage.py run")
