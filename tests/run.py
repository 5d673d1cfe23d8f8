"""`make test`: the suite on SQLite, part of it again on PostgreSQL and Redis, then the browser.

Starts the services itself and stops them. Databases are migrated and loaded once for all processes of
all passes. What cannot run here is counted and named in the last lines with the command that installs
what is missing; with REQUIRE_SERVICES=1 that is a failure. What failed in a crowded pass is tried once
more, alone, and named in the last line where it passes then.
Words after `python -m tests.run` go to pytest as they are (`make test TESTS=tests/cms`).
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from config.processes import die_with_parent
from tests.harness import services, templates
from tests.harness.second_try import worth_another_try

BASE_DIR = Path(__file__).resolve().parent.parent
NOTHING_COLLECTED = 5
# Each process needs one of sixteen databases on Redis, and its part of 100 connections to PostgreSQL.
MOST_PROCESSES = 8
# A file of tests in a browser shares one house, and a house is half a dozen processes by itself.
MOST_BROWSERS = 2


@dataclass(frozen=True, slots=True)
class Pass:
    """One run of pytest: which tests, and what they need."""

    title: str
    marks: str
    needs: tuple[str, ...] = ()
    # Each process takes its tests in their order: what is on the starter pack stays last.
    sharing: tuple[str, ...] = ("--dist=load",)
    most_processes: int = MOST_PROCESSES
    # Processes beyond the cores: a pass that waits much, for time-outs and paces, leaves cores idle.
    spare: int = 0
    # Where all of its tests are, so that the others need not be read.
    folder: str = ""


# What a pass needs, the way to find it, and the Debian package that brings it.
FINDERS = {
    "postgresql": services.find_postgres,
    "redis-server": services.find_redis,
    "chromium": services.find_chromium,
}
PASSES = (
    Pass("on SQLite", "not postgres and not redis and not browser"),
    Pass(
        "on PostgreSQL and Redis",
        "(database or postgres or redis) and not browser and not once",
        ("postgresql", "redis-server"),
        spare=1,
    ),
    Pass(
        "in Chromium",
        "browser",
        ("chromium",),
        sharing=("--dist=loadfile", "--no-loadscope-reorder"),
        most_processes=MOST_BROWSERS,
        folder="tests/browser",
    ),
)


@dataclass(slots=True)
class Totals:
    """What all passes came to."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    notes: list[str] = field(default_factory=list)
    unsteady: list[str] = field(default_factory=list)

    def add(self, report: Path) -> None:
        """Count one pass from its JUnit report."""
        for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 (pytest wrote it)
            held = {
                key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")
            }
            failed = held["failures"] + held["errors"]
            self.failed += failed
            self.skipped += held["skipped"]
            self.passed += held["tests"] - failed - held["skipped"]

    def pass_after_all(self, tests: list[str]) -> None:
        """Count as passed what has passed alone, and keep its name."""
        self.failed -= len(tests)
        self.passed += len(tests)
        self.unsteady += tests

    def closing_line(self) -> str:
        """Return the one line that says it all."""
        line = f"{self.passed} passed, {self.failed} failed"
        line = f"{line}, {self.skipped} skipped" if self.skipped else line
        names = ", ".join(self.unsteady)
        return f"{line}; unsteady, passed only alone: {names}" if names else line


def main(words: list[str]) -> int:
    """Run every pass; return the exit code."""
    totals = Totals()
    required = os.environ.get("REQUIRE_SERVICES", "") not in {"", "0", "no"}
    missing: list[str] = []
    with ExitStack() as stack:
        ahead = _make_ahead(words, stack)
        for one in PASSES:
            absent = [package for package in one.needs if not FINDERS[package]()]
            began = time.monotonic()
            print(f"\n==== {one.title} ====", flush=True)
            if absent:
                missing += absent
                _count_unrun(one, words, absent, totals)
            else:
                _run(one, words, totals, ahead)
                print(f"==== {one.title}: {time.monotonic() - began:.0f} s ====", flush=True)
    _say_what_is_missing(totals, missing, required=required)
    print(totals.closing_line(), flush=True)
    return 1 if totals.failed or not totals.passed or (missing and required) else 0


def _make_ahead(words: list[str], stack: ExitStack) -> dict[str, str]:
    """Begin with PostgreSQL's templates while the first pass makes SQLite's; return what tells of them.

    Where that fails the pass itself will say why.
    """
    ahead = {"TESTS_TEMPLATES": str(templates.store())}
    binaries = services.find_postgres()
    is_whole = all(FINDERS[package]() for package in PASSES[1].needs)
    if not binaries or not is_whole or not _share_out(PASSES[1], words):
        return ahead
    try:
        ahead["TESTS_DATABASE_URL"] = stack.enter_context(services.postgres(binaries))
    except services.ServiceError:
        return ahead
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.harness.templates"],
        env=_environment() | ahead,
        cwd=BASE_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent,  # noqa: PLW1509 (one system call, no other thread yet)
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return ahead


def _run(one: Pass, words: list[str], totals: Totals, ahead: dict[str, str]) -> None:
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        try:
            environment = _start_services(one, stack, ahead)
        except services.ServiceError as error:
            print(error, file=sys.stderr)
            totals.failed += 1
            return
        shared, cache = _share_out(one, words), Path(folder) / "cache"
        options = (f"--junit-xml={report}", "-q", f"--override-ini=cache_dir={cache}", *shared)
        command = _pytest(one, words, *options)
        code = subprocess.run(command, env=environment, cwd=BASE_DIR, check=False).returncode
        failed_before = totals.failed
        if report.exists():
            totals.add(report)
        if code not in {0, NOTHING_COLLECTED} and totals.failed == failed_before:
            totals.failed += 1  # pytest itself failed
        elif shared and (again := worth_another_try(cache)):
            _try_again(one, again, environment, totals)


def _try_again(one: Pass, tests: list[str], environment: dict[str, str], totals: Totals) -> None:
    print(f"\n==== {len(tests)} failed {one.title}: once more, alone ====", flush=True)
    command = _pytest(one, tests, "-q")
    if not subprocess.run(command, env=environment, cwd=BASE_DIR, check=False).returncode:
        totals.pass_after_all(tests)


def _start_services(one: Pass, stack: ExitStack, ahead: dict[str, str]) -> dict[str, str]:
    environment = _environment() | {"TESTS_TEMPLATES": ahead["TESTS_TEMPLATES"]}
    binaries, server = services.find_postgres(), services.find_redis()
    if "postgresql" in one.needs and binaries:
        begun = ahead.get("TESTS_DATABASE_URL")
        environment["TESTS_DATABASE_URL"] = begun or stack.enter_context(
            services.postgres(binaries)
        )
    if "redis-server" in one.needs and server:
        environment["TESTS_BROKER_URL"] = stack.enter_context(services.redis(server))
    return environment


def _environment() -> dict[str, str]:
    # A run inside a test is not a part of the run around it.
    ours = ("WAYMARK_", "TESTS_", "DJANGO_", "PYTEST_XDIST_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _share_out(one: Pass, words: list[str]) -> list[str]:
    """Return the options that share a pass out to one process for each core, and its spare ones.

    A single file is sooner done than a second process is ready.
    """
    cores = len(os.sched_getaffinity(0))
    is_small = any(".py" in word for word in words)
    if cores < 2 or is_small:
        return []
    processes = min(cores + one.spare, one.most_processes)
    return [f"--numprocesses={processes}", *one.sharing]


def _pytest(one: Pass, words: list[str], *options: str) -> list[str]:
    where = [one.folder] if not words and (BASE_DIR / one.folder).is_dir() else []
    return [sys.executable, "-m", "pytest", *options, "-m", one.marks, *words, *filter(None, where)]


def _count_unrun(one: Pass, words: list[str], absent: list[str], totals: Totals) -> None:
    command = _pytest(one, words, "--collect-only", "-qq", "--no-header")
    done = subprocess.run(
        command, cwd=BASE_DIR, env=_environment(), capture_output=True, text=True, check=False
    )
    # With -qq pytest prints one line per file: `tests/cms/test_models.py: 12`.
    lines = [line.rpartition(":") for line in done.stdout.splitlines()]
    counts = {name: int(count) for name, _, count in lines if count.strip().isdigit()}
    totals.skipped += sum(counts.values())
    totals.notes.append(
        f"{sum(counts.values())} tests did not run {one.title}, no {' and no '.join(absent)} here: "
        f"{', '.join(counts) or 'none'}"
    )
    print(f"not run: {' and '.join(absent)} cannot be found", flush=True)


def _say_what_is_missing(totals: Totals, missing: list[str], *, required: bool) -> None:
    if not missing:
        return
    print("\n==== What did not run ====")
    for note in totals.notes:
        print(note)
    print(f"To install what is missing: sudo apt-get install {' '.join(dict.fromkeys(missing))}")
    if required:
        print("REQUIRE_SERVICES is set, so this is a failure.")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
