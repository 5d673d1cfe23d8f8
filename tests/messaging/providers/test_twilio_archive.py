"""What Twilio keeps: read in pages, as far back as asked, and not believed where it is odd."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from messaging.providers import twilio_archive
from messaging.providers.http import Answer, Call, Client
from messaging.providers.twilio import Twilio
from messaging.wire import AccountProblem, PartlyRead, SendError, Unclear

ACCOUNT = "AC" + "1" * 32
OURS, PHONE = "+9990000001", "+9992210000042"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Desk(Client):
    """Answer from a list of messages, the newest first, in pages."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.calls: list[Call] = []
        self.status = 200
        self.body: bytes | None = None

    def call(self, call: Call) -> Answer:
        self.calls.append(call)
        if self.body is not None:
            return Answer(self.status, "", self.body)
        url = urlsplit(call.url)
        if not url.path.endswith("Messages.json"):
            return Answer(self.status, "", json.dumps(self.rows[0]).encode())
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        first = int(asked.get("Page", 0)) * int(asked["PageSize"])
        last = first + int(asked["PageSize"])
        more = f"{url.path}?{url.query}&Page={int(asked.get('Page', 0)) + 1}"
        content = {
            "messages": self.rows[first:last],
            # An address of another host must not be followed.
            "next_page_uri": f"https://evil.test{more}" if last < len(self.rows) else None,
        }
        return Answer(200, "", json.dumps(content).encode())


@pytest.fixture
def desk() -> Desk:
    return Desk()


def twilio(desk: Desk) -> Twilio:
    return Twilio(ACCOUNT, ("one",), "http://127.0.0.1", "http://127.0.0.1", client=desk)


def row(serial: int, **more: Any) -> dict[str, Any]:
    return {
        "sid": f"SM{serial:032d}",
        "from": OURS,
        "to": PHONE,
        "body": "hello",
        "direction": "outbound-api",
        "date_created": format_datetime(NOW - timedelta(minutes=serial)),
        "status": "delivered",
        "num_segments": "2",
        "price": "-0.10000",
        "price_unit": "usd",
        "error_code": None,
    } | more


def test_a_list_is_read_page_by_page_as_far_back_as_asked(desk: Desk) -> None:
    desk.rows = [row(serial) for serial in range(200)]
    found = twilio(desk).list_sent(PHONE, channel="sms", since=NOW - timedelta(minutes=119))
    assert len(found) == 120
    assert len(desk.calls) == 3
    assert all(call.url.startswith("http://127.0.0.1/") for call in desk.calls)


def test_without_a_moment_only_the_newest_are_read(desk: Desk) -> None:
    desk.rows = [row(serial) for serial in range(200)]
    assert len(twilio(desk).list_sent(PHONE, channel="sms")) == 50
    assert len(desk.calls) == 1


def test_a_list_that_cannot_be_read_to_the_end_is_no_answer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_archive, "MOST_PAGES", 2)
    desk.rows = [row(serial) for serial in range(200)]
    with pytest.raises(Unclear):
        twilio(desk).list_sent(PHONE, channel="sms", since=NOW - timedelta(days=1))


def test_of_a_pool_both_names_are_told(desk: Desk) -> None:
    desk.rows = [
        row(1, messaging_service_sid="MG1"),
        row(2, messaging_service_sid="MG1", **{"from": None}),
    ]
    first, second = twilio(desk).list_sent(PHONE, channel="sms")
    assert (first.sender, first.service) == (OURS, "MG1")
    assert (second.sender, second.service) == ("MG1", "MG1")


def test_what_came_in_is_read_the_oldest_first_and_without_names(desk: Desk) -> None:
    desk.rows = [
        row(serial, direction="inbound", to=OURS, **{"from": PHONE}) for serial in range(3)
    ] + [row(9)]
    heard = twilio(desk).list_received(OURS, channel="sms", since=NOW - timedelta(hours=1))
    assert [one.ref[-1] for one in heard] == ["2", "1", "0"]
    assert {(one.number, one.sender, one.body) for one in heard} == {(PHONE, OURS, "hello")}
    assert parse_qs(urlsplit(desk.calls[0].url).query)["To"] == [OURS]


def test_of_too_much_that_came_in_the_newest_is_told_with_the_failure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_archive, "MOST_PAGES", 2)
    desk.rows = [
        row(serial, direction="inbound", to=OURS, **{"from": PHONE}) for serial in range(101)
    ]
    with pytest.raises(PartlyRead) as partly:
        twilio(desk).list_received(OURS, channel="sms", since=NOW - timedelta(days=1))
    refs = [one.ref for one in partly.value.read]
    assert refs == [f"SM{serial:032d}" for serial in reversed(range(100))]


def test_a_message_of_whatsapp_without_a_number_is_known_by_its_id(desk: Desk) -> None:
    desk.rows = [row(1, direction="inbound", to=f"whatsapp:{OURS}", **{"from": "whatsapp:SN.x"})]
    (heard,) = twilio(desk).list_received(OURS, channel="whatsapp", since=NOW - timedelta(hours=1))
    assert (heard.channel, heard.number, heard.user_id) == ("whatsapp", "SN.x", "SN.x")


def test_price_parts_and_state_of_one_message(desk: Desk) -> None:
    desk.rows = [row(1, status="undelivered", error_code=30005)]
    said = twilio(desk).look_up("SM1")
    assert (said.state, said.reason, said.parts) == ("failed", "number_unusable", 2)
    assert (said.amount, said.currency) == (Decimal("0.10000"), "USD")


@pytest.mark.parametrize(
    "price", [None, "", "free", "0.5", "-1e9", "-1e999999999", "NaN", "-Infinity", [], {}]
)
def test_a_price_that_is_none_is_none(desk: Desk, price: object) -> None:
    desk.rows = [row(1, price=price, num_segments="many")]
    said = twilio(desk).look_up("SM1")
    assert (said.amount, said.parts) == (None, 0)


def test_redacting_empties_the_text_and_nothing_else(desk: Desk) -> None:
    desk.rows = [row(1)]
    twilio(desk).redact("SM1/../x")
    (call,) = desk.calls
    assert (call.method, call.body) == ("POST", b"Body=")
    assert call.url.endswith("/Messages/SM1%2F..%2Fx.json")


def test_what_is_not_there_any_more_says_so(desk: Desk) -> None:
    desk.status, desk.body = 404, b'{"code": 20404, "message": "x"}'
    with pytest.raises(AccountProblem) as caught:
        twilio(desk).redact("SM1")
    assert caught.value.word == "20404"


@pytest.mark.parametrize(
    "more",
    [
        {"sid": None},
        {"sid": ""},
        {"sid": "S" * 65},
        {"sid": "SM0000001\0"},
        {"date_created": None},
        {"date_created": "Sun, 22 Nov 2026 12:00:00 +99999999999999"},
    ],
    ids=str,
)
def test_a_list_with_an_odd_line_is_no_answer(desk: Desk, more: dict[str, Any]) -> None:
    desk.rows = [row(1, **more)]
    with pytest.raises(Unclear):
        twilio(desk).list_sent(PHONE, channel="sms", since=NOW - timedelta(hours=1))


@pytest.mark.parametrize("odd", [None, 17, "text", []])
def test_a_line_that_is_no_message_makes_no_empty_list(desk: Desk, odd: object) -> None:
    # An empty list would be taken for a proof that nothing was sent.
    desk.body = json.dumps({"messages": [odd]}).encode()
    with pytest.raises(Unclear):
        twilio(desk).list_sent(PHONE, channel="sms", since=NOW)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"messages": 1}', b'{"messages": [{"direction": "outbound-api"}]}'],
)
def test_a_list_of_garbage_is_no_answer(desk: Desk, body: bytes) -> None:
    desk.body = body
    for ask in (
        lambda: twilio(desk).list_sent(PHONE, channel="sms", since=NOW),
        lambda: twilio(desk).list_received(OURS, channel="sms", since=NOW),
    ):
        with pytest.raises(SendError):
            ask()
