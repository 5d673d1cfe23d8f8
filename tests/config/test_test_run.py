"""`make test` itself: what it counts, what it says of services that are missing, and when it fails."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import run
from tests.harness.second_try import worth_another_try
from tests.harness.services import find_postgres, find_redis, postgres, redis
from tests.harness.waiting import wait_until

SUITE = """
import pytest

@pytest.mark.database
def test_good(): pass

def test_left_out(): pytest.skip("not here")

@pytest.mark.browser
def test_seen(): pass
"""


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nmarkers =\n  database\n  postgres\n  redis\n  browser\n"
    )
    (tmp_path / "test_suite.py").write_text(SUITE)
    monkeypatch.delenv("REQUIRE_SERVICES", raising=False)
    monkeypatch.setattr(run, "BASE_DIR", tmp_path)
    # These few tests are sooner done in one process; one test below shares them out.
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0})
    return tmp_path


def leave_out(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    finders = run.FINDERS | {package: lambda: None for package in packages}
    monkeypatch.setattr(run, "FINDERS", finders)


def last_lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.rstrip().splitlines()[-4:]


def test_missing_services_are_named_with_the_command_that_installs_them(
    suite: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leave_out(monkeypatch, "redis-server", "chromium")

    code = run.main([])

    assert code == 0
    assert last_lines(capsys) == [
        "1 tests did not run on PostgreSQL and Redis, no redis-server here: test_suite.py",
        "1 tests did not run in Chromium, no chromium here: test_suite.py",
        "To install what is missing: sudo apt-get install redis-server chromium",
        "1 passed, 0 failed, 3 skipped",
    ]


def test_missing_services_are_a_failure_where_they_are_required(
    suite: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leave_out(monkeypatch, "postgresql", "redis-server", "chromium")
    monkeypatch.setenv("REQUIRE_SERVICES", "1")

    code = run.main([])

    assert code == 1
    assert "so this is a failure" in last_lines(capsys)[-2]


def test_failure_and_broken_file_count_as_failed(
    suite: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leave_out(monkeypatch, "postgresql", "redis-server", "chromium")
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 1})
    (suite / "test_bad.py").write_text("def test_bad(): assert False")

    assert run.main([]) == 1
    assert last_lines(capsys)[-1] == "1 passed, 1 failed, 3 skipped"

    (suite / "test_bad.py").write_text("import nothing_of_this_name")

    assert run.main([]) == 1
    assert "1 failed" in last_lines(capsys)[-1]


# Fails in the first process that comes to it and passes in every later one.
UNSTEADY = """
from pathlib import Path

def test_unsteady():
    been = Path(__file__).with_name("been")
    tried = been.exists()
    been.touch()
    assert tried
"""


def test_what_passes_alone_is_named_and_what_fails_alone_too_is_a_failure(
    suite: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leave_out(monkeypatch, "postgresql", "redis-server", "chromium")
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 1})
    (suite / "test_moment.py").write_text(UNSTEADY)

    assert run.main([]) == 0
    named = "unsteady, passed only alone: test_moment.py::test_unsteady"
    assert last_lines(capsys)[-1] == f"2 passed, 0 failed, 3 skipped; {named}"

    (suite / "been").unlink()
    (suite / "test_bad.py").write_text("def test_bad(): assert False")

    assert run.main([]) == 1
    assert last_lines(capsys)[-1] == "1 passed, 2 failed, 3 skipped"


def test_what_looks_for_races_and_what_fails_by_the_dozen_gets_no_second_try(
    tmp_path: Path,
) -> None:
    lately = tmp_path / "v/cache/lastfailed"
    lately.parent.mkdir(parents=True)
    assert worth_another_try(tmp_path) == []
    for failed, tried in (
        (["tests/cms/test_uses.py::test_one"], True),
        (["tests/faults/test_kill.py::test_one"], False),
        (["tests/cms/test_uses.py"], False),
        ([f"tests/cms/test_uses.py::test_one[{number}]" for number in range(4)], False),
    ):
        lately.write_text(json.dumps(dict.fromkeys(failed, True)))
        assert worth_another_try(tmp_path) == (failed if tried else [])


def test_run_without_any_test_is_a_failure(
    suite: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leave_out(monkeypatch, "postgresql", "redis-server", "chromium")
    (suite / "test_suite.py").unlink()

    assert run.main([]) == 1
    assert last_lines(capsys)[-1] == "0 passed, 0 failed"


def test_pass_is_shared_out_among_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite, services, chromium = run.PASSES
    shared = ["--numprocesses=3", "--dist=load"]
    by_file = ["--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder"]
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 2, 5})
    assert run._share_out(sqlite, []) == run._share_out(sqlite, ["tests/cms"]) == shared
    assert run._share_out(sqlite, ["tests/cms/test_uses.py"]) == []
    assert run._share_out(services, []) == ["--numprocesses=4", "--dist=load"]
    assert run._share_out(chromium, []) == by_file

    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0})
    assert run._share_out(sqlite, []) == run._share_out(services, []) == []


def test_pass_of_one_folder_reads_no_other_unless_it_is_asked() -> None:
    sqlite, _services, chromium = run.PASSES
    assert run._pytest(chromium, [])[-1] == "tests/browser"
    assert run._pytest(chromium, ["tests/cms"])[-1] == "tests/cms"
    assert run._pytest(sqlite, [])[-1] == sqlite.marks


@pytest.mark.skipif(not find_redis(), reason="needs redis-server: apt-get install redis-server")
def test_redis_runs_inside_and_has_stopped_after() -> None:
    server = find_redis()
    assert server is not None

    with redis(server) as address:
        port = address.rpartition(":")[2].partition("/")[0]
        assert listens(port)

    assert not listens(port)


@pytest.mark.skipif(not find_postgres(), reason="needs PostgreSQL: apt-get install postgresql")
def test_postgres_runs_inside_and_has_stopped_after() -> None:
    binaries = find_postgres()
    assert binaries is not None

    with postgres(binaries, durable=True) as address:
        done = subprocess.run(
            [str(binaries / "psql"), address, "-Atc", "SHOW fsync"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.strip() == "on", done.stderr
        port = address.rpartition(":")[2].partition("/")[0]

    wait_until(lambda: not listens(port), seconds=60)


def listens(port: str) -> bool:
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    return done.returncode == 0
