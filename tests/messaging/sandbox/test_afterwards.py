"""What can be asked of the sandbox after a message: its price, its text emptied, what phones wrote."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote

import pytest

from messaging.providers.loop import wait_for
from messaging.wire import AccountProblem
from tests.harness.waiting import wait_until
from tests.messaging.sandbox.stage import OURS, PHONE, Stage


def test_a_price_comes_after_the_last_receipt_and_the_text_can_be_emptied(stage: Stage) -> None:
    ref = wait_for(stage.provider.send(stage.outgoing(body="x" * 161))).ref
    wait_until(lambda: stage.provider.look_up(ref).state == "delivered")
    said = stage.provider.look_up(ref)
    assert (said.parts, said.amount, said.currency) == (2, Decimal("0.10000"), "USD")
    stage.provider.redact(ref)
    stage.provider.redact(ref)
    (listed,) = stage.messages()["messages"]
    assert (listed["body"], listed["status"]) == ("", "delivered")


def test_what_is_not_there_cannot_be_emptied(stage: Stage) -> None:
    with pytest.raises(AccountProblem):
        stage.provider.redact("SM" + "0" * 32)


def test_what_phones_wrote_is_listed_and_what_we_sent_is_not(stage: Stage) -> None:
    stage.create(Body="hello")
    stage.ask(
        "POST",
        f"/phones/{quote(PHONE, safe='')}/reply",
        fields={"body": "STOP", "line": f"sms {OURS}", "channel": "sms", "sender": OURS},
        encode_multipart=False,
    )
    since = datetime.now(UTC) - timedelta(hours=1)
    heard = stage.provider.list_received(OURS, channel="sms", since=since)
    assert [(one.number, one.sender, one.body) for one in heard] == [(PHONE, OURS, "STOP")]
    later = datetime.now(UTC) + timedelta(hours=1)
    assert stage.provider.list_received(OURS, channel="sms", since=later) == []
