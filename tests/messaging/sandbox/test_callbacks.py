"""Status callbacks: signed, complete, kept through a restart; and what each kind of number does."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from messaging.providers.loop import wait_for
from messaging.providers.twilio import Twilio
from messaging.sandbox.behaviours import BEHAVIOURS
from messaging.sandbox.pace import PACES, plan_steps
from messaging.sandbox.store import RANKS
from messaging.wire import SMS, WHATSAPP, BadSignature, NotAccepted, Unclear
from tests.harness.waiting import wait_until
from tests.messaging.sandbox.stage import ACCOUNT, OURS, PHONE, TOKEN, Stage, open_stage

FAST = PACES["fast"]


def test_every_callback_is_signed_for_its_address(stage: Stage) -> None:
    wait_for(stage.provider.send(stage.outgoing()))
    wait_until(stage.has_settled)

    assert stage.site.heard
    for heard in stage.site.heard:
        stage.provider.verify(stage.site.url + heard.path, heard.form, heard.signature)
        with pytest.raises(BadSignature):
            stage.provider.verify(stage.site.url + "/other/", heard.form, heard.signature)


def test_callback_holds_what_twilio_sends(stage: Stage) -> None:
    ref = wait_for(stage.provider.send(stage.outgoing())).ref
    wait_until(stage.has_settled)

    form = stage.site.heard[0].form
    assert form["MessageSid"] == form["SmsSid"] == ref
    assert (form["AccountSid"], form["From"], form["To"]) == (ACCOUNT, OURS, PHONE)
    assert form["MessageStatus"] == form["SmsStatus"]


def test_query_of_the_callback_address_is_kept(stage: Stage) -> None:
    callback = f"{stage.site.url}/status/one/?token=a%20b"
    wait_for(stage.provider.send(stage.outgoing(callback=callback)))
    wait_until(stage.has_settled)

    heard = stage.site.heard[0]
    stage.provider.verify(callback, heard.form, heard.signature)


@pytest.mark.parametrize(
    ("digits", "words", "code"),
    [
        ("42", {"sent", "delivered"}, ""),
        ("90", {"sent", "undelivered"}, "30003"),
        ("91", {"sent", "undelivered"}, "30005"),
        ("97", {"sent"}, ""),
    ],
)
def test_number_decides_what_becomes_of_a_message(
    stage: Stage, digits: str, words: set[str], code: str
) -> None:
    wait_for(stage.provider.send(stage.outgoing(to=f"+99922100000{digits}")))
    wait_until(stage.has_settled)

    assert set(stage.site.words()) == words
    codes = {heard.form.get("ErrorCode", "") for heard in stage.site.heard}
    assert codes == ({"", code} if code else {""})


def test_unknown_number_is_not_on_whatsapp(stage: Stage) -> None:
    ref = stage.provider.register_template(name="a", language="en", category="UTILITY", body="b")
    wait_for(
        stage.provider.send(stage.outgoing(to="+9992210000091", channel=WHATSAPP, template=ref))
    )
    wait_until(stage.has_settled)

    assert stage.ledger()["messages"][0]["code"] == "63024"


def test_lost_answer_is_followed_by_callbacks(stage: Stage) -> None:
    with pytest.raises(Unclear):
        wait_for(stage.provider.send(stage.outgoing(to="+9992210000094")))
    wait_until(stage.has_settled)

    assert set(stage.site.words()) == {"sent", "delivered"}


def test_busy_number_takes_each_text_at_the_second_try(stage: Stage) -> None:
    for body in ("one", "two"):
        outgoing = stage.outgoing(to="+9992210000096", body=body)
        with pytest.raises(NotAccepted) as caught:
            wait_for(stage.provider.send(outgoing))
        assert caught.value.retry_after == 1
        wait_for(stage.provider.send(outgoing))

    assert len(stage.ledger()["messages"]) == 2


def test_cut_connection_is_tried_once_more(stage: Stage) -> None:
    stage.site.cuts = 1
    wait_for(stage.provider.send(stage.outgoing(to="+9992210000097")))
    wait_until(stage.has_settled)

    assert stage.ledger()["tallies"].get("callbacks lost", 0) == 0
    assert "sent" in stage.site.words()


def test_callback_that_finds_nobody_twice_is_lost(stage: Stage) -> None:
    stage.close_site()
    wait_for(stage.provider.send(stage.outgoing(to="+9992210000097")))
    wait_until(stage.has_settled)

    assert stage.ledger()["tallies"]["callbacks lost"] >= 1


def test_answer_of_an_error_is_not_tried_again(stage: Stage) -> None:
    stage.site.status = 500
    wait_for(stage.provider.send(stage.outgoing()))
    wait_until(stage.has_settled)

    assert stage.ledger()["tallies"]["callbacks lost"] == len(stage.site.heard)


def test_message_without_a_callback_address_moves_on_unheard(stage: Stage) -> None:
    wait_for(stage.provider.send(stage.outgoing(callback="")))
    wait_until(stage.has_settled)

    assert stage.site.heard == []
    assert stage.ledger()["statuses"] == {"delivered": 1}


def test_waiting_callbacks_go_out_after_a_restart(stage: Stage) -> None:
    stage.close_sandbox()
    stage.pace = "natural"
    stage.open_sandbox()
    wait_for(stage.provider.send(stage.outgoing(to="+9992210000097")))
    stage.close_sandbox()
    assert stage.site.heard == []

    stage.open_sandbox()

    wait_until(stage.has_settled)
    assert set(stage.site.words()) == {"sent"}


def test_restarted_sandbox_waits_for_the_site(stage: Stage) -> None:
    stage.close_sandbox()
    stage.pace = "natural"
    stage.open_sandbox()
    wait_for(stage.provider.send(stage.outgoing(to="+9992210000097")))
    stage.close_sandbox()
    stage.close_site()
    stage.open_sandbox()
    time.sleep(2.5)

    stage.open_site()

    wait_until(stage.has_settled)
    assert "sent" in stage.site.words()
    assert stage.ledger()["tallies"].get("callbacks lost", 0) == 0


SERVE = """
import asyncio, sys
from pathlib import Path
from messaging.sandbox.server import Options, Sandbox, serve
options = Options(sys.argv[1], sys.argv[2], 0, Path(sys.argv[3]), "http://127.0.0.1:9/inbound/")
asyncio.run(serve(Sandbox(options), lambda port: print(port, flush=True)))
"""


def start_process(store: Path) -> tuple[subprocess.Popen[str], Twilio]:
    command = [sys.executable, "-c", SERVE, ACCOUNT, TOKEN, str(store)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    url = f"http://127.0.0.1:{process.stdout.readline().strip()}"
    return process, Twilio(ACCOUNT, (TOKEN,), url, url)


def test_message_that_was_taken_outlives_a_kill(stage: Stage, tmp_path: Path) -> None:
    store = tmp_path / "killed.sqlite3"
    process, provider = start_process(store)
    sent = [wait_for(provider.send(stage.outgoing(to=f"+999221{n:05}42"))).ref for n in range(50)]
    process.kill()
    process.wait()

    process, provider = start_process(store)
    found = [provider.list_sent(f"+999221{n:05}42", channel=SMS) for n in range(50)]
    process.send_signal(signal.SIGTERM)

    assert [[one.ref for one in listed] for listed in found] == [[ref] for ref in sent]
    assert process.wait(60) == os.EX_OK


def plans(count: int = 2000) -> list[list[str]]:
    words = ("sent", "delivered", "read")
    return [
        [step.word for step in plan_steps(words, "", pace=FAST, chance=Random(n))]
        for n in range(count)
    ]


def test_about_a_tenth_of_callbacks_come_twice() -> None:
    doubled = sum(len(words) - 3 for words in plans())

    assert 0.08 < doubled / (2000 * 3) < 0.12


def test_some_deliveries_are_told_before_their_sending() -> None:
    early = sum(words.index("delivered") < words.index("sent") for words in plans())

    assert 0.04 < early / 2000 < 0.12


def test_same_seed_draws_the_same_plan() -> None:
    assert plans(50) == plans(50)


@pytest.mark.parametrize("pace", PACES.values(), ids=PACES)
def test_some_callbacks_are_late(pace: object) -> None:
    last = [
        max(s.delay for s in plan_steps(("sent", "delivered"), "", pace=pace, chance=Random(n)))  # type: ignore[arg-type]
        for n in range(500)
    ]

    assert max(last) > PACES["fast"].late[0]


def test_every_word_has_a_pace_and_a_rank() -> None:
    words = {word for behaviour in BEHAVIOURS.values() for word in behaviour.words} | {"read"}

    assert words <= set(RANKS)
    assert all(words <= set(pace.steps) for pace in PACES.values())


def test_two_in_three_whatsapp_messages_are_read(tmp_path: Path) -> None:
    # At a natural pace nothing is read within the first seconds, so all that will be still waits.
    with open_stage(tmp_path, pace="natural") as stage:
        provider = stage.provider
        ref = provider.register_template(name="a", language="en", category="UTILITY", body="b")
        for n in range(60):
            to = f"+999221{n:05}42"
            wait_for(provider.send(stage.outgoing(to=to, channel=WHATSAPP, template=ref)))
        query = "SELECT count(DISTINCT message) FROM callback WHERE word = 'read'"
        with closing(sqlite3.connect(stage.store)) as base:
            to_be_read = base.execute(query).fetchone()[0]

    assert 30 <= to_be_read <= 50
