"""People who leave, lists that bring them, and pauses, in the middle of a broadcast (F16-F18)."""

import random
import signal
import time

import pytest

from tests.faults.doses import FULL, dose_of
from tests.faults.invariants import Story, assert_invariants
from tests.faults.rig import Rig, now_ns
from tests.faults.settling import MakeRig, Note, settle

pytestmark = pytest.mark.postgres


def people_by_serial(rig: Rig) -> dict[int, int]:
    """Return the row of each person by her serial: they joined in that order."""
    rows = rig.ask("SELECT id FROM messaging_subscriber ORDER BY id")
    return {place: row[0] for place, row in enumerate(rows, start=1)}


def test_nobody_is_sent_to_after_her_stop_was_committed(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F16")
    rig = make_rig(dose.people)
    rig.provider.behave(before=0.02, after=0.02)
    rig.run("plan", rate=800 if FULL else 300)
    workers = [rig.start() for _ in range(2)]
    rig.wait_for_taken(dose.people // 20)
    serials = random.Random(7).sample(range(1, dose.people + 1), dose.times)
    # Half of them one after the other, half by a second process at the same time.
    half = dose.times // 2
    stopping = [
        rig.start("stop", numbers=serials[:half], every=0.004),
        rig.start("stop_aimed", numbers=serials[half:]),
    ]
    told = [one.result(300) for one in stopping]
    committed = {int(serial): at for part in told for serial, at in part.items()}
    assert all(one.wait(240) == 0 for one in workers)
    ids = people_by_serial(rig)
    story = Story(stops={ids[serial]: at for serial, at in committed.items()})
    said = settle(rig, story)
    suppressed = rig.states()["suppressed"]
    assert 0 < suppressed <= dose.times, "some were in time, and none but they"
    note("F16 opt-outs in a run", f"{dose.times} stops in {dose.people}", said)


def test_last_word_on_consent_wins_and_no_stop_is_lost(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F17")
    rig = make_rig(10)
    serials = list(range(5_000, 5_000 + dose.times))
    # Who comes first joins, is stopped and imported by three processes at once.
    racing = [rig.start(job, numbers=serials) for job in ("opt_in", "stop", "opt_in_again")]
    for one in racing:
        one.result(300)
    broken = rig.ask(
        "SELECT count(*) FROM messaging_subscriber s JOIN messaging_suppression x"
        " ON x.number_hash = s.number_hash WHERE s.state <> 'stopped'"
    )
    assert broken == [(0,)], "whoever is on the stop list is subscribed nowhere"
    stops = rig.ask("SELECT count(*) FROM messaging_suppression")[0][0]
    assert stops == dose.times, "no import and no second yes lifts a stop"
    note("F17 stop, import and opt-in at once", f"{dose.times} triples", f"{stops} stops stand")


def test_pause_holds_at_once_and_resume_goes_on(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F18")
    rig = make_rig(dose.people)
    rig.provider.behave(after=0.03)
    rig.run("plan", rate=500)
    workers = [rig.start(patient=True, seconds=900) for _ in range(2)]
    story, late = Story(calls_at_once=200), 0.0
    for place in range(dose.times):
        rig.wait_for_taken((place + 1) * dose.people // (dose.times * 2))
        paused = rig.run("pause")
        time.sleep(0.5)
        before = rig.provider.count("calls")
        time.sleep(0.5)
        assert rig.provider.count("calls") == before, "it goes on while it is paused"
        resumed = rig.run("resume")
        story.pauses.append((paused, resumed))
        after = [e.came - paused for e in rig.provider.entries() if paused < e.came < resumed]
        late = max([late, *after])
    for worker in workers:
        worker.send(signal.SIGTERM)
    said = settle(rig, story)
    note(
        "F18 pause and resume",
        f"{dose.times}, {dose.people}",
        f"latest {late / 1e6:.0f} ms; {said}",
    )


def test_cancelled_broadcast_sends_nothing_more(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F18")
    rig = make_rig(dose.people)
    rig.provider.behave(after=0.03)
    rig.run("plan", rate=500)
    workers = [rig.start(patient=True, seconds=120) for _ in range(2)]
    rig.wait_for_taken(dose.people * 4 // 10)
    cancelled = rig.run("cancel")
    for worker in workers:
        time.sleep(0.2)
        worker.send(signal.SIGTERM)
    rig.finish()
    story = Story(calls_at_once=200, pauses=[(cancelled, now_ns())])
    states = assert_invariants(rig, story)
    assert set(states) == {"accepted", "cancelled"}
    assert states.total() == dose.people
    note("F18 cancel at 40%", f"{dose.people}", f"{dict(states)}")
