"""What Twilio answers to a call, and what may follow; `test_calls` holds what is the same for all."""

import logging
from collections.abc import Callable

import pytest

from messaging.providers.http import Client
from messaging.providers.loop import wait_for
from messaging.providers.twilio import Twilio
from messaging.wire import (
    SMS,
    WHATSAPP,
    AccountProblem,
    NotAccepted,
    OptedOut,
    Outgoing,
    Refused,
    SendError,
    Unclear,
    Unusable,
)
from tests.messaging.providers import wires
from tests.messaging.providers.cases import everything_said
from tests.messaging.providers.wires import Doing, answer, bad_server

ACCOUNT = "AC" + "1" * 32
CANARY_NUMBER, CANARY_TEXT = "+9992210000042", "the boat leaves at night"
OUTGOING = Outgoing(
    channel=SMS,
    sender="+9990000001",
    to=CANARY_NUMBER,
    body=CANARY_TEXT,
    callback="http://127.0.0.1/status/token/",
)
JSON = "Content-Type: application/json"


def adapter(url: str, *, total: float = 3.0) -> Twilio:
    return Twilio(ACCOUNT, ("one", "two"), url, url, client=Client(connect=1, total=total))


def error_of(call: Callable[[], object]) -> SendError:
    with pytest.raises(SendError) as caught:
        call()
    return caught.value


def send_to(doing: Doing, *, total: float = 3.0) -> tuple[SendError, int]:
    """Return the error of one sending to a bad server, and how many requests it saw."""
    with bad_server(doing) as server:
        provider = adapter(server.url, total=total)
        return error_of(lambda: wait_for(provider.send(OUTGOING))), len(server.seen)


def refusal(code: int) -> bytes:
    return f'{{"code": {code}, "message": "to {CANARY_NUMBER}", "status": 400}}'.encode()


@pytest.mark.parametrize(
    "doing",
    [
        answer("201 Created", b"[]", JSON),
        answer("201 Created", b'{"sid": null}', JSON),
        answer("201 Created", b'{"sid": "' + b"S" * 100 + b'"}', JSON),
        answer("400 Bad Request", b"<html>a proxy says no</html>"),
        answer("400 Bad Request", b'{"code": "21610"}', JSON),
        answer("400 Bad Request", b"[21610]", JSON),
        answer("408 Request Timeout", refusal(21610), JSON),
        answer("500 Internal Server Error", refusal(21610), JSON),
    ],
    ids=lambda doing: getattr(doing, "__name__", ""),
)
def test_unreadable_answer_is_unclear_after_one_request(doing: Doing) -> None:
    error, requests = send_to(doing)

    assert type(error) is Unclear
    assert requests == 1


def test_address_that_is_none_was_not_accepted() -> None:
    with pytest.raises(NotAccepted, match="no_connection"):
        wait_for(adapter("http://[half").send(OUTGOING))


@pytest.mark.parametrize(
    ("status", "code", "error", "reason"),
    [
        ("400 Bad Request", 21610, OptedOut, "opted_out"),
        ("400 Bad Request", 63014, OptedOut, "opted_out"),
        ("400 Bad Request", 21211, Unusable, "number_unusable"),
        ("400 Bad Request", 21614, Unusable, "number_unusable"),
        ("400 Bad Request", 21612, Refused, "filtered"),
        ("400 Bad Request", 21408, AccountProblem, "sender_refused"),
        ("400 Bad Request", 21606, AccountProblem, "sender_refused"),
        ("400 Bad Request", 63007, AccountProblem, "sender_refused"),
        ("401 Unauthorized", 20003, AccountProblem, "sender_refused"),
        ("403 Forbidden", 12345, AccountProblem, "sender_refused"),
        ("403 Forbidden", 21610, OptedOut, "opted_out"),
        ("404 Not Found", 20404, AccountProblem, "sender_refused"),
        ("400 Bad Request", 21617, Refused, "content_refused"),
        ("400 Bad Request", 21655, Refused, "content_refused"),
        ("400 Bad Request", 63016, Refused, "content_refused"),
        ("400 Bad Request", 30007, Refused, "filtered"),
        ("400 Bad Request", 63018, Refused, "limit_reached"),
        ("400 Bad Request", 30003, Refused, "temporary"),
        ("400 Bad Request", 21611, NotAccepted, "provider_busy"),
        ("400 Bad Request", 99999, Refused, "unrecognised"),
    ],
)
def test_code_of_a_refusal_says_what_may_follow(
    status: str, code: int, error: type[SendError], reason: str
) -> None:
    raised, _ = send_to(answer(status, refusal(code), JSON))

    assert type(raised) is error
    assert (raised.reason, raised.word) == (reason, str(code))


@pytest.mark.parametrize(
    "doing",
    [
        wires.close_at_once,
        wires.answer_half,
        wires.speak_nonsense,
        answer("201 Created", CANARY_NUMBER.encode() + CANARY_TEXT.encode()),
        answer("201 Created", f'{{"sid": "{CANARY_NUMBER}", "body": "{CANARY_TEXT}"}}'.encode()),
        answer("400 Bad Request", refusal(21614), JSON),
        answer("400 Bad Request", CANARY_NUMBER.encode()),
        answer("500 Internal Server Error", CANARY_TEXT.encode()),
    ],
    ids=lambda doing: getattr(doing, "__name__", ""),
)
@pytest.mark.parametrize("asked", ["send", "list_sent"])
def test_no_error_and_no_log_line_holds_the_number_or_the_text(
    doing: Doing, asked: str, caplog: pytest.LogCaptureFixture
) -> None:
    # Info, as in production at its most talkative: urllib3 prints addresses at debug only.
    caplog.set_level(logging.INFO)
    with bad_server(doing) as server:
        provider = adapter(server.url)
        calls = {
            "send": lambda: wait_for(provider.send(OUTGOING)),
            "list_sent": lambda: provider.list_sent(CANARY_NUMBER, channel=WHATSAPP),
        }
        error = error_of(calls[asked])

    said = everything_said(error) + caplog.text
    assert CANARY_NUMBER not in said
    assert CANARY_NUMBER.removeprefix("+") not in said
    assert CANARY_TEXT not in said
