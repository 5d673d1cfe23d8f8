"""Many clocks, clocks that are off, double clicks, and an outage over the time of sending (F19-F22)."""

import signal
import time

import pytest

from tests.faults.doses import FULL, dose_of
from tests.faults.invariants import Story, assert_invariants
from tests.faults.jobs import CLOCK_POINTS
from tests.faults.settling import MakeRig, Note, settle

pytestmark = pytest.mark.postgres


def test_many_tickers_fire_each_time_once(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F19")
    rig = make_rig(12)
    rig.run("approve", count=dose.times, patience=600)
    tickers = [rig.start("tick_for", seconds=3) for _ in range(dose.workers)]
    # One of them is killed wherever it is: between the occurrence and its launch, by chance.
    time.sleep(0.2)
    tickers[0].send(signal.SIGKILL)
    for one in tickers[1:]:
        one.result(600)
    rig.run("tick_for", seconds=0, minutes=0)
    counted = rig.ask(
        "SELECT count(*), count(DISTINCT broadcast_id), count(launched_at) FROM campaigns_occurrence"
    )
    assert counted == [(dose.times, dose.times, dose.times)]
    assert rig.ask("SELECT count(*) FROM messaging_batch") == [(dose.times,)]
    assert_invariants(rig, Story(may_wait=True))
    note(
        "F19 tickers", f"{dose.workers} on {dose.times}, one killed", "each fired and launched once"
    )


@pytest.mark.parametrize("point", CLOCK_POINTS)
def test_ticker_killed_on_its_way_to_a_launch_is_made_up_for_by_any_other(
    make_rig: MakeRig, note: Note, point: str
) -> None:
    times = 20 if FULL else 3
    rig = make_rig(12)
    rig.run("approve", count=times, patience=600)
    ticker = rig.start("tick_for", seconds=60, rig={"at": point})
    assert ticker.wait(60) == -signal.SIGKILL, ticker.log
    fired = rig.ask("SELECT count(*), count(launched_at) FROM campaigns_occurrence")
    assert fired == [(times, 0)], "each has its occurrence, and none is launched"
    assert rig.ask("SELECT count(*) FROM messaging_batch") == [(0,)]
    assert rig.run("tick_for", seconds=0) == times
    counted = rig.ask(
        "SELECT count(*), count(DISTINCT broadcast_id), count(launched_at) FROM campaigns_occurrence"
    )
    assert counted == [(times, times, times)]
    assert rig.ask("SELECT count(*), count(DISTINCT reference) FROM messaging_batch") == [
        (times, times)
    ]
    assert_invariants(rig, Story(may_wait=True))
    note(f"F19 killed {point.replace('_', ' ')}", f"{times}", "each launched once by another")


def test_many_decisions_at_once_are_one(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F20")
    rig = make_rig(12)
    made, launched = rig.run("decide_at_once", times=dose.times)
    # Two have to say yes to a partner's first broadcast, and each of them says it once.
    assert (made, launched) == (2, 1)
    assert rig.ask("SELECT count(*) FROM messaging_batch") == [(1,)]
    same = rig.ask(
        "SELECT count(*) FROM campaigns_approval a JOIN campaigns_broadcast b"
        " ON b.id = a.broadcast_id WHERE a.approver_id = b.author_id"
    )
    assert same == [(0,)], "nobody approves her own"
    note("F20 double click, two approvers", f"{dose.times} at once", "1 broadcast, 1 batch")


def test_clocks_that_are_off_send_nothing_early(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F21")
    rig = make_rig(dose.people)
    rig.run("plan", rate=400)
    # A window that opens in an hour, by the database's clock.
    rig.tell("UPDATE messaging_delivery SET not_before = now() + interval '1 hour'")
    for hours in (2, -2):
        rig.start(seconds=1, patient=True, rig={"clock_off": hours}).result(60)
        assert rig.provider.count("calls") == 0, "a clock that is off opened a window"
    rig.let_time_pass()
    workers = [rig.start(rig={"clock_off": hours}) for hours in (2, -2)]
    assert all(one.wait(120) == 0 for one in workers), workers[0].log
    said = settle(rig, Story())
    assert rig.states() == {"accepted": dose.people}
    note("F21 clocks off by two hours", f"{dose.people}", f"nothing early; {said}")


@pytest.mark.parametrize("step", ["ahead", "back"])
@pytest.mark.parametrize("point", ["after_claim", "after_submit"])
def test_clock_that_is_set_anew_within_a_lease_ends_it_neither_early_nor_late(
    make_rig: MakeRig, note: Note, point: str, step: str
) -> None:
    dose = dose_of("F21")
    rig = make_rig(dose.people)
    rig.provider.behave(after=0.02)
    rig.run("plan", rate=400)
    # Those of an hour later stay where they are, whatever this worker believes.
    early = rig.tell(
        "UPDATE messaging_delivery SET not_before = now() + interval '1 hour' WHERE mod(id, 10) = 0"
    )
    worker = rig.start(rig={"at": point, "act": step, "turn": 2})
    assert worker.wait(120) == 0, worker.log
    assert rig.states() == {"accepted": dose.people - early, "planned": early}
    said = settle(rig, Story())
    assert rig.states() == {"accepted": dose.people}
    note(f"F21 clock set {step} {point.replace('_', ' ')}", f"{dose.people}, two hours", said)


@pytest.mark.parametrize(("minutes", "state", "batches"), [(25, "launched", 1), (180, "missed", 0)])
def test_outage_over_the_time_of_sending(
    make_rig: MakeRig, note: Note, minutes: int, state: str, batches: int
) -> None:
    rig = make_rig(12)
    rig.run("approve", count=1)
    rig.run("tick_for", seconds=0, minutes=minutes)
    assert rig.ask("SELECT state FROM campaigns_broadcast") == [(state,)]
    assert rig.ask("SELECT count(*) FROM messaging_batch") == [(batches,)]
    assert rig.provider.count("calls") == 0
    note("F22 outage", f"{minutes} min", f"{state}, {batches} batch")
