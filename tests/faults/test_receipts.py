"""Receipts: lost, tripled, shuffled, early, forged, replayed, malformed; and a flood (F12-F15)."""

import asyncio
import itertools
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.doses import FULL, dose_of
from tests.faults.invariants import Story, assert_invariants
from tests.faults.receipting import Post, make_post, make_receipt, post_all
from tests.faults.rig import Rig
from tests.faults.settling import MakeRig, Note, settle
from tests.faults.site import Site, run_site

pytestmark = pytest.mark.postgres
SECRET = "rehearsal-token"
PUBLIC = "http://127.0.0.1:8000"
# What the tables hold that a replay may not change.
TABLES = ("messaging_delivery", "messaging_event", "messaging_subscriber", "messaging_suppression")


def checksum(rig: Rig) -> list[object]:
    return [
        rig.ask(f"SELECT md5(string_agg(t::text, '|' ORDER BY t.id)) FROM {table} t")
        for table in TABLES
    ]


def test_receipts_in_any_order_end_in_the_highest_state(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F12")
    rig = make_rig(dose.people)
    rig.run("plan")
    said = settle(rig, Story())
    with run_site(rig) as site:
        asked = {"site": site.port, "secret": SECRET, "times": dose.times, "shuffle": True}
        told = rig.provider.say("send_receipts", drop=0.2, seed=5, **asked)
        assert set(told["answers"]) == {"204"}
        rig.run("fold")
        story = Story(receipts=True, reconciled=True)
        states = assert_invariants(rig, story)
        assert rig.ask(HIGHEST)[0][0] == 0, "every end state is the highest that was told"
        assert states["delivered"] > 0.9 * dose.people
        note(
            "F12 receipts", f"{dose.people} x {dose.times}, a fifth lost", f"{said}; {dict(states)}"
        )
        replay(rig, site, asked, dose.times, note)
        forge(rig, site, note)
        tell_of_unsent(rig, site, note)


# Deliveries whose state is not the highest of the receipts that came for them.
HIGHEST = """
    SELECT count(*) FROM messaging_delivery d JOIN (
        SELECT delivery_id, max(CASE state WHEN 'read' THEN 80 WHEN 'delivered' THEN 70
                                WHEN 'sent' THEN 50 ELSE 0 END) AS told
          FROM messaging_storedreceipt GROUP BY 1) r ON r.delivery_id = d.id
     WHERE d.rank <> greatest(r.told, 40)"""


def replay(rig: Rig, site: Site, asked: dict[str, object], times: int, note: Note) -> None:
    """Post a day's callbacks again and again: nothing may change (F13)."""
    # What was dropped before is not a replay, so the same are dropped again.
    before = checksum(rig)
    for _ in range(times):
        rig.provider.say("send_receipts", drop=0.2, seed=5, **asked)
    rig.run("fold")
    assert checksum(rig) == before, "a replay changes no row"
    note("F13 replay", f"x {times}", "no row changed")


def forge(rig: Rig, site: Site, note: Note) -> None:
    """Post what others signed, or signed for something else (F13)."""
    before, entries = checksum(rig), rig.provider.entries()[:100]
    true = [make_receipt(entry, "read", secret=SECRET) for entry in entries]
    forged = [make_receipt(entry, "read", secret="another account") for entry in entries]
    swapped = [Post(one.path, other.signature, one.body) for one, other in itertools.pairwise(true)]
    told = asyncio.run(post_all(forged + swapped, site.port))
    assert told["answers"] == {"403": len(forged) + len(swapped)}
    rig.run("fold")
    assert checksum(rig) == before, "a forgery changes no row"
    note("F13 forged", f"{len(forged) + len(swapped)} calls", "403 to each, no row changed")


def tell_of_unsent(rig: Rig, site: Site, note: Note) -> None:
    """Post genuine receipts for what never went out, as it expired while it waited (F13)."""
    calls = rig.provider.count("calls")
    rig.run("plan", reference="broadcast:2")
    rig.tell(
        "UPDATE messaging_delivery SET send_before = now() - interval '1 s' WHERE state = 'planned'"
    )
    # Rows are looked at once the window of their lane is over.
    rig.tell(
        "UPDATE messaging_batchlane SET send_before = now() - interval '1 s'"
        " WHERE batch_id = (SELECT max(id) FROM messaging_batch)"
    )
    rig.finish()
    assert rig.provider.count("calls") == calls, "what is too late is not sent"
    expired = [r[0] for r in rig.ask("SELECT id FROM messaging_delivery WHERE state = 'expired'")]
    assert len(expired) == rig.ask("SELECT size FROM messaging_batch ORDER BY id DESC")[0][0]
    assert not rig.ask("SELECT 1 FROM messaging_alarm WHERE kind = 'forged'")
    before = checksum(rig)
    posts = [
        make_post(
            f"{PUBLIC}/hooks/twilio/status/{token}/",
            {"MessageSid": f"SM{place:032x}", "MessageStatus": "delivered"},
            secret=SECRET,
        )
        for place, token in enumerate(rig.run("make_tokens", deliveries=expired[:100]))
    ]
    told = asyncio.run(post_all(posts, site.port))
    assert told["answers"] == {"204": len(posts)}, told
    rig.run("fold")
    assert checksum(rig) == before, "a receipt for what was never sent changes no row"
    assert rig.ask("SELECT 1 FROM messaging_alarm WHERE kind = 'forged' AND closed_at IS NULL")
    note("F13 receipts for what expired", f"{len(posts)} genuine", "no row changed, an alarm")


def test_receipts_before_the_answer_is_recorded_are_kept(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F12")
    people = min(dose.people, 400)
    rig = make_rig(people)
    with run_site(rig) as site:
        rig.provider.behave(hold="after")
        rig.run("plan")
        worker = rig.start()
        rig.wait_for_taken(min(people, 50))
        told = rig.provider.say("send_receipts", site=site.port, secret=SECRET)
        early = told["posted"]
        rig.run("fold")
        rig.provider.say("let_through")
        assert worker.wait() == 0, worker.log
        said = settle(rig, Story(receipts=True))
    assert rig.states()["delivered"] >= early // 2, "what the receipt said is not taken back"
    note("F12 before the record", f"{early} early receipts", said)


def make_garbage(times: int) -> Iterator[Post]:
    """Return malformed calls of every kind."""
    status, inbound = "/hooks/twilio/status/1.1.aaaaaaaaaaaaaaaaaaaaaaaa/", "/hooks/twilio/inbound/"
    form = {"From": "+9992210000001", "Body": "STOP", "MessageSid": "SM1"}
    good = make_post(PUBLIC + inbound, form, secret=SECRET)
    chance = random.Random(4)
    kinds = [
        Post(inbound, good.signature, b"Body=\xff\xfe%ff%fe&From=%00"),
        Post(inbound, good.signature, b"x" * (1024 * 1024)),
        Post(inbound, good.signature, b"[" * 20_000, "application/json"),
        Post(inbound, good.signature, b"Body=a%00b&From=%2B9992210000001"),
        Post(inbound, good.signature, good.body + b"&Body=HELP"),
        Post(inbound, good.signature[:-2], good.body),
        Post(inbound, "", good.body),
        Post(inbound, "\xff" * 3000, good.body),
        Post(inbound, good.signature, b"--x\r\nbad", "multipart/form-data; boundary=x"),
        Post(status, good.signature, b"MessageStatus=delivered&MessageSid="),
        Post(status + "%00/", good.signature, good.body),
        Post(inbound, good.signature, b"&".join(b"a%d=1" % n for n in range(2000))),
    ]
    for place in range(times):
        kind = kinds[place % len(kinds)]
        # A megabyte is sent now and then, not a thousand times.
        yield kind if len(kind.body) < 100_000 or place < 200 else kinds[chance.randrange(3, 9)]


def make_unsigned(times: int) -> Iterator[Post]:
    """Return the simplest calls that are refused."""
    yield from [Post("/hooks/twilio/inbound/", "", b"Body=a")] * times


def test_malformed_calls_are_answered_and_leave_nothing_behind(
    make_rig: MakeRig, note: Note
) -> None:
    dose = dose_of("F14")
    rig = make_rig(10)
    rig.run("plan")
    with run_site(rig) as site:
        asyncio.run(post_all(make_garbage(60), site.port))
        usual = asyncio.run(post_all(make_unsigned(dose.times), site.port))["p99"]
        before, rows = site.memory(), count_rows(rig)
        told = asyncio.run(post_all(make_garbage(dose.times), site.port))
        grown = site.memory() - before
        assert not [status for status in told["answers"] if status.startswith("5")], told
        assert not {"200", "204"} & set(told["answers"]), told
        assert count_rows(rig) == rows, "no row of what nobody signed"
        assert grown < 20 * 1024, f"{grown} KiB more than before"
        # In full doses on a quiet machine; else beside the simplest call on the same, busy one.
        most = 0.05 if FULL else 0.2 + 10 * usual
        assert told["p99"] < most, f"p99 {told['p99']:.3f} s, of the simplest call {usual:.3f} s"
        assert len(site.log.read_text(errors="replace").splitlines()) < 50
    note(
        "F14 malformed calls",
        f"{dose.times}",
        f"{told['answers']}, p99 {told['p99'] * 1000:.0f} ms (of the simplest"
        f" {usual * 1000:.0f} ms), memory +{grown // 1024} MB",
    )


def count_rows(rig: Rig) -> object:
    return rig.ask(
        "SELECT (SELECT count(*) FROM messaging_storedreceipt),"
        " (SELECT count(*) FROM messaging_inboundmessage),"
        " (SELECT count(*) FROM messaging_suppression)"
    )


def test_stops_in_a_flood_are_committed_within_two_seconds(make_rig: MakeRig, note: Note) -> None:
    dose = dose_of("F15")
    rig = make_rig(dose.people)
    rig.run("plan")
    settle(rig, Story())
    entries = rig.provider.entries()
    flood = [
        make_receipt(entry, word, secret=SECRET)
        for word in ("sent", "delivered")
        for entry in entries
    ] * (30 if FULL else 2)
    numbers = [entry.to for entry in entries[: dose.times]]
    stops = [
        make_post(
            f"{PUBLIC}/hooks/twilio/inbound/",
            {"From": number, "To": "+9990000001", "Body": "STOP", "MessageSid": f"SM{place:032d}"},
            secret=SECRET,
        )
        for place, number in enumerate(numbers)
    ]
    with run_site(rig) as site:
        told, waits = asyncio.run(flood_with_stops(flood, stops, site.port))
        rig.run("fold")
    assert set(told["answers"]) == {"204"}
    assert rig.ask("SELECT count(*) FROM messaging_suppression") == [(dose.times,)]
    assert max(waits) < 2.0, f"a STOP took {max(waits):.2f} s"
    note(
        "F15 flood",
        f"{len(flood)} receipts, {dose.times} STOP",
        f"slowest STOP {max(waits):.2f} s; p99 of receipts {told['p99'] * 1000:.0f} ms",
    )


async def flood_with_stops(
    flood: list[Post], stops: list[Post], site: int
) -> tuple[dict[str, Any], list[float]]:
    waits: list[float] = []

    async def stop_now_and_then() -> None:
        for one in stops:
            began = time.perf_counter()
            told = await post_all([one], site)
            assert set(told["answers"]) == {"200"}, told
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(0.02)

    told, _none = await asyncio.gather(post_all(flood, site), stop_now_and_then())
    return told, waits
