"""A provider that is busy, broken, slow, endless, elsewhere or dead (F8-F11)."""

import time
from pathlib import Path

import pytest

from tests.faults.doses import FULL, dose_of
from tests.faults.invariants import CALLS_AT_ONCE, Story
from tests.faults.rig import StandIn
from tests.faults.settling import MakeRig, Note, settle

pytestmark = pytest.mark.postgres


def test_busy_provider_gets_every_message_in_the_end(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F8")
    rig = make_rig(dose.people)
    rig.provider.behave({"what": "busy", "share": 0.05}, {"what": "busy_wait", "share": 0.05})
    rig.run("plan")
    rig.start("drain", seconds=2).result(60)
    # Whoever is busy is given time: the next try is not before five seconds, less a fifth.
    waits = rig.ask(
        "SELECT count(*), extract(epoch FROM min(d.not_before - a.started_at))"
        " FROM messaging_delivery d JOIN messaging_attempt a ON a.delivery_id = d.id"
        " WHERE d.state = 'planned' AND a.number = d.attempts"
    )[0]
    assert waits[0] > 0
    assert waits[1] >= 4
    said = settle(rig, Story())
    counts = rig.provider.say("state")["counts"]
    assert min(counts["busy"], counts["busy_wait"]) > 0
    assert rig.states() == {"accepted": dose.people}
    note("F8 429 to a tenth", f"{dose.people}", said)


def test_what_a_broken_answer_leaves_open_is_never_sent_again(
    make_rig: MakeRig, note: Note
) -> None:
    dose = dose_of("F9")
    rig = make_rig(dose.people)
    shares = {
        "busy": 0.10,
        "error": 0.02,
        "error_taken": 0.02,
        "garbage_taken": 0.01,
        "reset_taken": 0.01,
        "half_taken": 0.01,
        "silent_taken": 0.005,
    }
    rig.provider.behave(*({"what": what, "share": share} for what, share in shares.items()))
    rig.run("plan")
    unclear = round(dose.people * 0.15)
    said = settle(rig, Story(unclear=unclear))
    counts = rig.provider.say("state")["counts"]
    assert all(counts[what] for what in shares), counts
    calls = rig.provider.count("calls")
    assert calls == dose.people + counts["busy"], "only what was provably refused is tried again"
    lost = counts["error"]
    assert rig.count_handed() == dose.people - lost
    assert rig.states()["unknown"] == lost
    note("F9 broken answers", f"{dose.people}; {len(shares)} kinds", said)


TROUBLES = ("slow", "half_closed_taken", "drip_taken", "huge_taken", "redirect", "garbage")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_bad_answer_neither_crashes_a_worker_nor_fills_its_memory(
    make_rig: MakeRig, note: Note, trouble: str
) -> None:
    dose = dose_of("F10")
    people = dose.people if FULL else 60
    rig = make_rig(people)
    if trouble == "slow":
        rig.provider.behave(wait=9 if FULL else 2)
    else:
        rig.provider.behave({"what": trouble, "next": 15})
    rig.run("plan", rate=500)
    worker = rig.start("drain_measured")
    before, after = worker.result(180)
    assert after - before < 50 * 1024, f"{after - before} KiB more than before"
    # So many in a row may have halted it, which waits for a person.
    rig.tell("UPDATE messaging_sender SET halted_at = NULL, halted_reason = ''")
    said = settle(rig, Story(unclear=people))
    seen = rig.states()
    if trouble == "slow":
        assert seen == {"accepted": people}
    else:
        missing = 15 if trouble in {"redirect", "garbage"} else 0
        assert seen.get("unknown", 0) == missing, "what was not taken stays unknown"
        assert rig.count_handed() == people - missing
    grown = (after - before) // 1024
    note(f"F10 {trouble.replace('_', ' ')}", f"{people}", f"{said}; memory +{grown} MB")


def test_dead_provider_is_asked_once_a_minute_and_harms_no_other_sender(
    make_rig: MakeRig, note: Note, tmp_path: Path
) -> None:
    dose = dose_of("F10")
    rig = make_rig(dose.people)
    rig.run("plan", rate=500, senders=2)
    rig.tell("UPDATE messaging_sender SET provider = 'other' WHERE name = 'Sender 2'")
    other = StandIn(tmp_path / "other")
    try:
        rig.provider.say("die")
        seconds = 600 if FULL else 6
        rig.start("drain", seconds=seconds, patient=True, other=other.url).result(seconds + 60)
        theirs = other.count()
    finally:
        other.close()
    senders = rig.ask("SELECT halted_reason FROM messaging_sender ORDER BY id")
    assert senders == [("transport",), ("",)], "one breaker has opened"
    counts = dict(rig.ask("SELECT sender_id || state, count(*) FROM messaging_delivery GROUP BY 1"))
    assert set(counts.values()) == {theirs, dose.people - theirs}, counts
    assert rig.ask("SELECT 1 FROM messaging_alarm WHERE kind = 'breaker' AND closed_at IS NULL")
    tries = rig.ask(
        "SELECT count(*) FROM messaging_attempt a JOIN messaging_delivery d"
        " ON d.id = a.delivery_id JOIN messaging_sender s ON s.id = d.sender_id"
        " WHERE s.name = 'Sender 1'"
    )[0][0]
    assert tries <= CALLS_AT_ONCE + 20 + seconds // 60 + 1, f"{tries} calls to a dead provider"
    rig.provider.say("rise")
    # A minute later one message may try; that it has arrived a person is told, who lets it go on.
    rig.tell("UPDATE messaging_sender SET resting_until = now() - interval '1 s'")
    rig.let_time_pass(rests=False)
    rig.start("drain", seconds=10, patient=True).result(60)
    senders = rig.ask("SELECT halted_reason FROM messaging_sender ORDER BY id")
    assert senders == [("way_free",), ("",)]
    assert rig.provider.count() == 1, "one message has tried, and the others wait for a person"
    rig.run("let_go", name="Sender 1")
    rig.let_time_pass(rests=False)
    rig.start("drain", seconds=20, other=rig.provider.url).result(60)
    assert rig.states() == {"accepted": dose.people}
    note("F10 dead provider", f"{dose.people}, 2 senders", f"{tries} calls; the other sender all")


@pytest.mark.parametrize("url", ["https://127.0.0.1:{port}", "http://nowhere.invalid:80"])
def test_provider_behind_a_broken_tls_or_no_name_never_got_anything(
    make_rig: MakeRig, note: Note, url: str
) -> None:
    dose = dose_of("F10")
    people = dose.people if FULL else 40
    rig = make_rig(people)
    rig.run("plan", rate=500)
    rig.settings["TWILIO_URL"] = url.format(port=rig.provider.port)
    rig.start("drain", seconds=8, patient=True).result(60)
    assert rig.states() == {"planned": people}, "provably not accepted, so planned again"
    assert rig.provider.count() == 0
    rig.settings.clear()
    rig.tell("UPDATE messaging_sender SET halted_at = NULL, halted_reason = ''")
    said = settle(rig, Story())
    assert rig.states() == {"accepted": people}
    note(f"F10 {'TLS error' if 'https' in url else 'no DNS'}", f"{people}", said)


def test_account_that_is_refused_halts_the_sender_and_loses_no_message(
    make_rig: MakeRig, note: Note
) -> None:
    dose = dose_of("F10")
    rig = make_rig(dose.people)
    rig.provider.behave({"what": "account", "share": 1.0})
    rig.run("plan", rate=500)
    rig.start("drain", seconds=5, patient=True).result(60)
    assert rig.ask("SELECT halted_reason FROM messaging_sender") == [("account",)]
    assert rig.states() == {"planned": dose.people}
    # No time closes this one: a person does.
    rig.let_time_pass()
    before = rig.provider.count("calls")
    rig.start("drain", seconds=3, patient=True).result(60)
    assert rig.provider.count("calls") == before
    rig.provider.behave()
    rig.tell("UPDATE messaging_sender SET halted_at = NULL, halted_reason = ''")
    said = settle(rig, Story())
    note("F10 account refused", f"{dose.people}", f"{before} calls; {said}")


def test_rate_is_held_by_any_number_of_workers(make_rig: MakeRig, note: Note) -> None:
    people, rate = (2_000, 100) if FULL else (400, 50)
    rig = make_rig(people)
    rig.run("plan", rate=rate)
    workers = [rig.start() for _ in range(3)]
    assert [one.wait(120) for one in workers] == [0, 0, 0]
    sender = rig.ask("SELECT address FROM messaging_sender")[0][0]
    said = settle(rig, Story(limits={sender: rate}))
    note("I8 rate", f"{people} at {rate}/s, 3 workers", said)


# ---- F11: one call is one request ----------------------------------------------------------------

BROKEN = ("silent", "error", "reset", "garbage", "half_taken", "busy", "redirect")


@pytest.mark.parametrize("what", BROKEN)
def test_one_call_is_one_request_whatever_the_answer(make_rig: MakeRig, what: str) -> None:
    # The same for every provider, on a counted wire: tests/messaging/providers/test_calls.py.
    rig = make_rig(1)
    rig.run("plan")
    rig.provider.behave({"what": what, "share": 1.0})
    began = time.monotonic()
    rig.start("drain", seconds=2).result(60)
    # A call is given up after ten seconds; without that end it would last for minutes.
    assert time.monotonic() - began < 45
    assert rig.provider.count("calls") == 1
    assert rig.states() == {"planned" if what == "busy" else "unknown": 1}
