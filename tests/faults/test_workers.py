"""Workers that are killed, stopped, woken and asked to end in the middle of a broadcast (F1-F4, F30)."""

import signal
import time

import pytest

from tests.faults.doses import dose_of
from tests.faults.invariants import CALLS_AT_ONCE, Story
from tests.faults.jobs import POINTS
from tests.faults.rig import spread
from tests.faults.settling import MakeRig, Note, settle
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.postgres


def test_killed_workers_send_nothing_twice_and_lose_nothing(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F1")
    rig = make_rig(dose.people)
    rig.provider.behave(before=0.03, after=0.03)
    rig.run("plan", rate=400)
    workers = [rig.start() for _ in range(dose.workers)]
    for goal in spread(dose.people, dose.times):
        rig.wait_for_begun(goal)
        workers.pop(0).kill()
        workers.append(rig.start())
    story = Story(kills=dose.times)
    said = settle(rig, story)
    note("F1 kill -9", f"{dose.times} kills, {dose.people}, {dose.workers} workers", said)


@pytest.mark.parametrize("point", POINTS)
def test_worker_killed_at_a_point_leaves_what_nobody_can_know_unknown(
    make_rig: MakeRig, note: Note, point: str
) -> None:
    dose = dose_of("F2")
    rig = make_rig(dose.people)
    rig.provider.behave(after=0.01)
    rig.run("plan")
    killed = 0
    for _ in range(dose.times):
        # At its first batch, so that nothing else is under way; of the answers at a later one.
        worker = rig.start(rig={"at": point, "turn": 9 if point == "after_answer" else 1})
        killed += worker.wait() == -signal.SIGKILL
        rig.run("repair")
    assert killed, "nobody came to that point"
    in_flight = rig.states().get("submitting", 0)
    if point in {"after_claim", "before_submit"}:
        assert in_flight == 0, "nothing may be in flight before the submit"
    story = Story(kills=killed)
    said = settle(rig, story)
    note(f"F2 kill {point.replace('_', ' ')}", f"{killed} kills, {dose.people}", said)


def test_workers_asked_to_end_finish_what_is_on_the_wire(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F3")
    rig = make_rig(dose.people)
    rig.provider.behave(after=0.05)
    rig.run("plan", rate=400)
    worker = rig.start(patient=True)
    for goal in spread(dose.people, dose.times):
        rig.wait_for_taken(goal)
        worker.send(signal.SIGTERM)
        assert worker.wait(60) == 0, worker.log
        assert not set(rig.states()) & {"submitting"}, "it left calls behind"
        worker = rig.start(patient=True)
    # It hears only once it is there.
    rig.wait_for_taken(rig.provider.count() + 1)
    worker.send(signal.SIGTERM)
    assert worker.wait(60) == 0, worker.log
    said = settle(rig, Story())
    note("F3 SIGTERM", f"{dose.times} restarts, {dose.people}", said)


@pytest.mark.parametrize("point", ["before_submit", "after_submit"])
def test_worker_stopped_over_its_lease_sends_nothing_when_it_wakes(
    make_rig: MakeRig, note: Note, point: str
) -> None:
    dose = dose_of("F4")
    rig = make_rig(dose.people)
    rig.run("plan")
    sleepers = [rig.start(rig={"at": point, "act": "stop"}) for _ in range(dose.times)]
    wait_until(lambda: all(one.is_stopped() for one in sleepers), what="they are stopped")
    before = rig.provider.count()
    rig.let_time_pass()
    rig.run("repair")
    held = {row[0] for row in rig.ask("SELECT id FROM messaging_delivery WHERE state = 'unknown'")}
    worker = rig.start()
    assert worker.wait() == 0, worker.log
    if point == "after_submit":
        assert held, "what was committed may have been sent, for all that anybody knows"
        # Longer than the five seconds after which a call is too old to be made.
        time.sleep(6)
    for one in sleepers:
        one.send(signal.SIGCONT)
    assert all(one.wait() == 0 for one in sleepers), sleepers[0].log
    said = settle(rig, Story(kills=len(sleepers)))
    assert before == 0
    # What they had committed never came to the provider: whatever did is a later attempt.
    late = [e for e in rig.provider.entries() if e.delivery in held and e.attempt == 1]
    assert not late, f"{len(late)} calls were made after the pause"
    note(f"F4 SIGSTOP {point.replace('_', ' ')}", f"{dose.times}, {dose.people}", said)


def test_worker_killed_with_its_calls_on_the_wire_leaves_them_unknown(
    make_rig: MakeRig, note: Note
) -> None:
    dose = dose_of("F2")
    rig = make_rig(dose.people)
    rig.run("plan")
    for _ in range(dose.times):
        # The provider has the messages, and has not answered.
        rig.provider.behave(hold="after")
        worker = rig.start()
        wait_until(lambda: rig.provider.count("waiting") >= CALLS_AT_ONCE, what="all wait")
        worker.kill()
        rig.provider.say("let_through")
    story = Story(kills=dose.times)
    said = settle(rig, story)
    assert rig.count_handed() == dose.people, "all that was taken is found again"
    note("F2 kill after bytes sent", f"{dose.times} kills, {dose.people}", said)


def test_worker_that_is_deaf_for_ever_holds_up_nobody_and_is_noticed(
    make_rig: MakeRig, note: Note
) -> None:
    dose = dose_of("F30")
    rig = make_rig(dose.people)
    rig.provider.behave(after=0.02)
    rig.run("plan", rate=400)
    workers = [rig.start() for _ in range(dose.workers)]
    rig.wait_for_taken(dose.people // 5)
    workers[0].send(signal.SIGSTOP)
    assert [one.wait() for one in workers[1:]] == [0, 0]
    # What it holds is given up by others, from outside, as time passes.
    said = settle(rig, Story(kills=1))
    workers[0].kill()
    alarms = rig.run("watch_progress", hours=1)
    note("F30 deaf worker", f"1 of {dose.workers}, {dose.people}", f"{said}; {alarms}")


def test_rows_that_are_due_while_nothing_moves_raise_an_alarm(
    make_rig: MakeRig, note: Note
) -> None:
    dose = dose_of("F30")
    rig = make_rig(dose.people)
    rig.run("plan")
    # Every worker is deaf: three minutes later somebody must be told.
    assert rig.run("watch_progress", hours=0.05) == ["stuck"]
    note("F30 all workers deaf", f"3 min, {dose.people}", "alarm `stuck`")
