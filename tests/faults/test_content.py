"""Size, poison, keys, a restored backup, and old code beside new (F24-F28)."""

import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pytest

from tests.faults.doses import dose_of
from tests.faults.invariants import Story
from tests.faults.rig import BASE_DIR, Ground, create_database, drop_database
from tests.faults.servers import copy_database
from tests.faults.settling import MakeRig, Note, settle
from tests.harness import services

pytestmark = pytest.mark.postgres


def test_large_audience_is_planned_and_sent_in_little_memory(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F24")
    rig = make_rig(dose.people)
    began = time.monotonic()
    size, kib = rig.run("plan_measured", patience=300)
    took = time.monotonic() - began
    assert size == dose.people
    assert took < 15, f"planning took {took:.1f} s"
    assert kib < 300 * 1024, f"{kib} KiB to plan"
    worker = rig.start("drain_briefly", seconds=10)
    sent, used = worker.result(120)
    assert used < 300 * 1024, f"{used} KiB to send"
    assert sent
    note("F24 audience", f"{dose.people}", f"planned in {took:.1f} s, {max(kib, used) // 1024} MB")


def test_poisoned_rows_fail_alone_and_the_rest_is_sent(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F25")
    rig = make_rig(dose.people)
    rig.run("plan", rate=500, senders=2)
    # Nobody is called so: what this sender has waits, and a person hears of it.
    rig.tell("UPDATE messaging_sender SET provider = 'nobody' WHERE name = 'Sender 2'")
    bad = dose.times
    # Bytes that no key opens, and rows of which nothing can be made for a reason nobody foresaw.
    rig.tell(
        "UPDATE messaging_subscriber SET number_sealed = '\\x0100' WHERE id IN"
        " (SELECT id FROM messaging_subscriber ORDER BY id LIMIT %s)",
        bad,
    )
    rows = rig.ask("SELECT uid::text FROM messaging_subscriber ORDER BY id DESC LIMIT %s", 2 * bad)
    rig.manner["poisoned"] = [row[0] for row in rows[:bad]]
    rig.manner["unwritable"] = [row[0] for row in rows[bad:]]
    rig.start(seconds=60).result()
    waiting = dict(rig.ask(BY_SENDER))
    assert waiting["Sender 1"] == 0
    assert waiting["Sender 2"] > bad, "what has no provider waits"
    assert "stuck" in rig.run("watch_progress", hours=0.05)
    rig.tell("UPDATE messaging_sender SET provider = 'twilio' WHERE name = 'Sender 2'")
    rig.finish()
    states = rig.states()
    assert states == {"accepted": dose.people - 3 * bad, "failed": 3 * bad}, states
    settle(rig, Story())
    reasons = dict(
        rig.ask("SELECT reason, count(*) FROM messaging_delivery WHERE state = 'failed' GROUP BY 1")
    )
    alarms = rig.ask("SELECT kind FROM messaging_alarm WHERE closed_at IS NULL")
    assert len(alarms) == len(set(alarms)) > 0, "one alarm of a kind, not one for each row"
    assert reasons == {"decrypt": bad, "poison": bad, "content_refused": bad}
    note("F25 poison", f"{3 * bad} in {dose.people}", f"{reasons}; alarms {len(alarms)}")


# How much each sender has left that could go out, but for what waits for another try.
BY_SENDER = """
    SELECT s.name, count(*) FILTER (WHERE d.state = 'planned' AND d.attempts = 0)
      FROM messaging_sender s JOIN messaging_delivery d ON d.sender_id = s.id GROUP BY 1"""


def test_keys_are_rotated_while_a_broadcast_goes_out(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F26")
    rig = make_rig(dose.people)
    rig.provider.behave(after=0.02)
    rig.run("plan", rate=150)
    # Everybody has both keys before the first number is sealed under the new one.
    rig.manner["rings"] = ["NUMBER_KEYS"]
    workers = [rig.start() for _ in range(2)]
    rig.wait_for_taken(dose.people // 10)
    for _ in range(dose.times):
        rotating = rig.start("rotate")
        time.sleep(0.4)
        rotating.send(signal.SIGKILL)
        rotating.wait()
    rig.run("rotate")
    assert all(one.wait(120) == 0 for one in workers)
    said = settle(rig, Story())
    assert rig.ask("SELECT DISTINCT key_id FROM messaging_subscriber") == [(2,)]
    assert rig.states() == {"accepted": dose.people}, "no number could not be opened"
    note("F26 keys rotated in a run", f"{dose.people}, killed {dose.times} times", said)


def test_restored_backup_sends_nothing_until_the_fence_is_raised(
    ground: Ground, note: Note
) -> None:
    dose = dose_of("F27")
    binaries = services.find_postgres()
    assert binaries is not None
    with ground.rig(dose.people) as rig:
        rig.provider.behave(after=0.01)
        rig.run("plan", rate=400)
        assert rig.run("bind"), "the fence knows its database"
        live, backup = rig.database, create_database(ground.server, "template0")
        try:
            # Yesterday's backup: hardly anything had gone out, and nobody had left.
            copy_database(binaries, live, backup)
            then = rig.ask("SELECT now()")[0][0]
            rig.start().result(120)
            rig.run("stop", numbers=[1, 2, 3])
            sent = rig.provider.count()
            rig.database = backup
            rig.start(seconds=4, patient=True).result(60)
            assert rig.provider.count() == sent, "a restored database sends nothing"
            waiting = rig.states()
            rig.run("restore", since=then.isoformat())
            rig.start(seconds=4, patient=True).result(60)
            assert rig.provider.count() == sent, "nor after the checks, before the epoch moves on"
            rig.settings["EPOCH"] = rig.run("raise_fence")
            said = settle(rig, Story(unclear=dose.people))
            assert rig.provider.count() == sent, "whatever may have gone out is never sent again"
        finally:
            rig.database = live
            rig.nursery.end_all()
            drop_database(backup)
    note("F27 restored backup", f"{dose.people}; {waiting} in it", f"0 sends; {said}")


def test_workers_of_two_versions_honour_each_others_claims(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F28")
    commit = find_older_version()
    if commit is None:
        note("F28 old and new code", "not run", "no history of versions lies beside this code")
        pytest.skip("no history of versions lies beside this code")
    rig = make_rig(dose.people)
    rig.provider.behave(after=0.02)
    # So slow that whoever starts late finds work, and the older one's minute is enough for all.
    rig.run("plan", rate=max(60, dose.people // 30))
    with tempfile.TemporaryDirectory(prefix="waymark-older-") as folder:
        check_out(commit, folder)
        older = subprocess.Popen(
            [sys.executable, "manage.py", "drain", "--seconds", "60"],
            env=rig.environment | {"PYTHONPATH": folder},
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # The older one begins, and is then beside the newer ones.
        rig.wait_for_taken(dose.people // 10, seconds=120)
        workers = [rig.start(seconds=120) for _ in range(2)]
        said = older.communicate(timeout=180)[0]
    assert older.returncode == 0, said
    assert [worker.wait(180) for worker in workers] == [0, 0]
    told = settle(rig, Story())
    assert rig.states() == {"accepted": dose.people}
    note("F28 old and new code", f"{dose.people}; older: {commit[:10]}", told)


# Versions before this room are not replaced while they run: they were never released.
FIRST_ROOM = "messaging/sending/gate.py"


def find_older_version() -> str | None:
    """Return the last version before the schema of messaging changed, or else the first that may run.

    None where there is no history.
    """
    changed = read_git("log", "-1", "--format=%H", "--", "messaging/migrations")
    if changed and read_git("rev-parse", "--verify", "--quiet", f"{changed}~1:{FIRST_ROOM}"):
        return read_git("rev-parse", "--verify", f"{changed}~1")
    return read_git("log", "--diff-filter=A", "--format=%H", "--", FIRST_ROOM)


def check_out(commit: str, folder: str) -> None:
    """Write all files of a version into a folder."""
    with subprocess.Popen(
        ["git", "archive", "--format=tar", commit], cwd=BASE_DIR, stdout=subprocess.PIPE
    ) as archive:
        subprocess.run(["tar", "-x", "-C", folder], stdin=archive.stdout, check=True)
    assert archive.returncode == 0


def read_git(*words: str) -> str | None:
    """Return what git says; None where it, or what is asked for, is not there."""
    if shutil.which("git") is None:
        return None
    done = subprocess.run(
        ["git", *words], cwd=BASE_DIR, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or None if done.returncode == 0 else None
