"""Redis and PostgreSQL that crash, refuse, forget or are full amid a broadcast (F5-F7, F23, F29)."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis, RedisError

from config.processes import die_with_parent
from tests.faults.doses import FULL, dose_of
from tests.faults.invariants import Story, assert_invariants
from tests.faults.rig import BASE_DIR, Ground, Rig, spread
from tests.faults.servers import (
    Postgres,
    Server,
    find_pooler,
    run_pooler,
    run_postgres,
    run_redis,
    run_replica,
    small_volume,
)
from tests.faults.settling import MakeRig, Note, settle
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.postgres


@contextmanager
def run_celery(rig: Rig, broker: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a real worker with its clock, as a deployment does."""
    folder = rig.nursery.folder
    log = folder / "celery.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "-A", "config.celery", "--quiet", "worker"),
                *("--beat", "--schedule", str(folder / "beat"), "--pool", "threads"),
                *("--concurrency", "4", "--without-gossip", "--without-mingle"),
                *("--without-heartbeat", "--loglevel", "warning"),
            ],
            env=rig.environment | {"WAYMARK_BROKER_URL": broker},
            cwd=BASE_DIR,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 (one system call, no other thread yet)
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def test_redis_that_forgets_restarts_and_hangs_costs_only_time(
    make_rig: MakeRig, note: Note
) -> None:
    dose = dose_of("F5")
    rig = make_rig(dose.people)
    rig.run("plan", rate=80 if FULL else 60)
    story = Story()
    with (
        run_redis() as redis,
        listening(redis.port, story.broker),
        run_celery(rig, f"redis://127.0.0.1:{redis.port}/0"),
    ):
        rig.wait_for_taken(1)
        for trouble in (flush, restart, hang) * dose.times:
            trouble(redis)
            before = rig.provider.count()
            # A tick comes every two seconds; after a restart the worker connects anew.
            rig.wait_for_taken(min(before + 30, dose.people), seconds=60)
        rig.wait_for_taken(dose.people // 2, seconds=300)
        redis.stop(signal.SIGTERM)
    assert any(b"messaging.drain" in line for line in story.broker), "nothing of it was heard"
    # Without any broker the rest goes by command.
    said = settle(rig, story)
    note("F5 Redis", f"flush, restart, hang, off: {dose.times} each; {dose.people}", said)


@contextmanager
def listening(port: int, heard: list[bytes]) -> Iterator[None]:
    """Hear everything that a Redis is told, also after it was away."""
    ended = threading.Event()

    def listen() -> None:
        while not ended.is_set():
            redis: Any = Redis(port=port, socket_timeout=2)
            with suppress(RedisError), redis.monitor() as monitor:
                while not ended.is_set():
                    heard.append(monitor.next_command()["command"].encode())
            ended.wait(0.05)

    ear = threading.Thread(target=listen, daemon=True)
    ear.start()
    try:
        yield
    finally:
        ended.set()
        ear.join(5)


def flush(redis: Server) -> None:
    subprocess.run(
        ["redis-cli", "-p", str(redis.port), "FLUSHALL"], check=True, capture_output=True
    )


def restart(redis: Server) -> None:
    redis.stop(signal.SIGTERM)
    redis.start()


def hang(redis: Server) -> None:
    redis.send(signal.SIGSTOP)
    time.sleep(20 if FULL else 3)
    redis.send(signal.SIGCONT)


@contextmanager
def rig_on(server: Postgres, ground: Ground, people: int) -> Iterator[Rig]:
    """Yield a rig whose database lies on a server of its own."""
    with ground.rig(people) as rig:
        shared, rig.database = rig.database, server.take_over(rig.database)
        try:
            yield rig
        finally:
            rig.nursery.end_all()
            rig.database = shared


def due(rig: Rig) -> bool:
    """Say whether anything is due."""
    found = rig.ask(
        "SELECT 1 FROM messaging_delivery WHERE state = 'planned' AND not_before <= now() LIMIT 1"
    )
    return bool(found)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Give this file a server to crash, which says that commits may be lost, as some do to be quick.

    The sending role must not heed that: what it commits has to be there after a crash.
    """
    with run_postgres("synchronous_commit=off", "wal_buffers=16MB") as server:
        yield server


def test_postgresql_that_crashes_forgets_nothing_and_nothing_goes_out_twice(
    ground: Ground, server: Postgres, note: Note
) -> None:
    dose = dose_of("F6")
    with rig_on(server, ground, dose.people) as rig:
        rig.provider.behave(before=0.02, after=0.02)
        rig.run("plan", rate=400)
        workers = [rig.start(patient=True, seconds=600) for _ in range(dose.workers)]
        for goal in spread(dose.people, dose.times):
            server.hold_log()
            rig.wait_for_taken(goal, seconds=120)
            server.crash()
            time.sleep(0.5)
            server.start()
        wait_until(lambda: not due(rig), seconds=240, what="the workers go on by themselves")
        assert all(worker.code is None for worker in workers), "workers survive a crash"
        for worker in workers:
            worker.send(signal.SIGTERM)
        # What was on the wire is unknown, as with so many kills.
        said = settle(rig, Story(kills=dose.workers * dose.times))
    note("F6 PostgreSQL crashes", f"{dose.times} of -m immediate, {dose.people}", said)


def test_workers_survive_a_database_that_refuses(
    ground: Ground, server: Postgres, note: Note
) -> None:
    dose = dose_of("F7")
    away = 60 if FULL else 3
    with rig_on(server, ground, dose.people) as rig:
        rig.run("plan", rate=400)
        workers = [rig.start(patient=True, seconds=900) for _ in range(dose.workers)]
        for goal in spread(dose.people, dose.times):
            rig.wait_for_taken(goal)
            server.stop(signal.SIGINT)
            time.sleep(away)
            server.start()
        wait_until(lambda: not due(rig), seconds=240, what="the workers go on by themselves")
        assert all(worker.code is None for worker in workers)
        for worker in workers:
            worker.send(signal.SIGTERM)
        said = settle(rig, Story(kills=dose.workers * dose.times))
    note("F7 PostgreSQL refuses", f"{dose.times} times {away} s, {dose.people}", said)


def test_failover_to_a_replica_that_lags_sends_nothing_before_the_epoch_is_bumped(
    ground: Ground, server: Postgres, note: Note
) -> None:
    people = dose_of("F7").people
    with rig_on(server, ground, people) as rig:
        rig.provider.behave(after=0.02)
        rig.run("plan", rate=100)
        assert rig.run("bind"), "the fence knows its database"
        with run_replica(server) as replica:
            workers = [rig.start(patient=True, seconds=120) for _ in range(2)]
            rig.wait_for_taken(people // 5)
            replica.stop_listening()
            then = datetime.now(UTC) - timedelta(seconds=5)
            # What is committed within this never reaches the replica.
            behind = rig.provider.count()
            rig.wait_for_taken(behind + people // 5)
            server.crash()
            for worker in workers:
                worker.kill()
            sent = rig.provider.count()
            lost, rig.database = rig.database, replica.address_of(rig.database)
            try:
                replica.promote()
                seen = fail_over(rig, since=then, sent=sent)
            finally:
                rig.nursery.end_all()
                rig.database = lost
                server.start()
    note("F7 failover to a replica that lags", f"{people}, {sent - behind} sends behind", seen)


def fail_over(rig: Rig, *, since: datetime, sent: int) -> str:
    """Go on with a database that has lost its last moments; return what was seen."""
    waiting = rig.states()
    assert waiting["planned"] > rig.ask("SELECT size FROM messaging_batch")[0][0] - sent
    rig.start(seconds=3, patient=True).result(60)
    assert rig.provider.count() == sent, "another line of time sends nothing"
    rig.run("restore", since=since.isoformat())
    rig.start(seconds=3, patient=True).result(60)
    assert rig.provider.count() == sent, "nor after the checks, before the epoch moves on"
    rig.settings["EPOCH"] = rig.run("raise_fence")
    said = settle(rig, Story(unclear=10**6))
    return f"{waiting} on the replica; 0 sends before the epoch moved on; {said}"


def test_full_volume_stops_sending_before_a_call_and_needs_no_mending(
    ground: Ground, note: Note
) -> None:
    dose = dose_of("F23")
    with small_volume(220) as volume:
        if volume is None:
            note("F23 disk full", "not run", "this user may not mount a small volume")
            pytest.skip("only root may mount a small volume")
        small = ("max_wal_size=48MB", "min_wal_size=32MB", "wal_init_zero=on")
        with (
            run_postgres(*small, folder=volume) as server,
            rig_on(server, ground, dose.people) as rig,
        ):
            rig.run("plan", rate=200)
            worker = rig.start(patient=True, seconds=600)
            rig.wait_for_taken(dose.people // 5)
            ballast = volume / "ballast"
            fill(ballast)
            wait_until(lambda: is_still(rig), seconds=120, what="sending stops")
            ballast.unlink()
            if server.process is None or server.process.poll() is not None:
                server.start()
            wait_until(lambda: not due(rig), seconds=240, what="the worker goes on by itself")
            worker.send(signal.SIGTERM)
            said = settle(rig, Story(kills=1))
    note("F23 disk full", f"a volume of 220 MB, {dose.people}", said)


def test_full_volume_of_logs_stops_nothing(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F23")
    rig = make_rig(dose.people)
    # So that there is something to log: callers that wait, and answers that nobody can read.
    rig.provider.behave({"what": "busy", "share": 0.05}, {"what": "garbage", "share": 0.01})
    rig.run("plan", rate=500)
    worker = rig.start(seconds=120, rig={"full_log": True})
    assert worker.wait(180) == 0, "it ended as usual"
    said = settle(rig, Story(unclear=dose.people // 20))
    assert rig.count_handed() > 0.9 * dose.people
    note("F23 full volume of logs", f"{dose.people}", said)


def fill(path: object) -> None:
    """Write until nothing more fits."""
    subprocess.run(["dd", "if=/dev/zero", f"of={path}", "bs=64k"], capture_output=True, check=False)


def is_still(rig: Rig) -> bool:
    before = rig.provider.count()
    time.sleep(3)
    return rig.provider.count() == before


def test_whole_broadcast_goes_through_a_pooler_that_shares_connections(
    make_rig: MakeRig, note: Note
) -> None:
    dose = dose_of("F29")
    if find_pooler() is None:
        note("F29 pgbouncer", "not run", "pgbouncer is not installed here")
        pytest.skip("pgbouncer is not installed: sudo apt-get install pgbouncer")
    rig = make_rig(dose.people)
    direct = rig.database
    with run_pooler(direct) as rig.database:
        rig.provider.behave(after=0.02)
        rig.run("plan", rate=400)
        workers = [rig.start() for _ in range(2)]
        for goal in spread(dose.people, dose.times):
            rig.wait_for_taken(goal)
            workers.pop(0).kill()
            workers.append(rig.start())
        said = settle(rig, Story(kills=dose.times))
        assert_invariants(rig, Story(kills=dose.times))
    rig.database = direct
    note("F29 pgbouncer, by transaction", f"{dose.times} kills, {dose.people}", said)
