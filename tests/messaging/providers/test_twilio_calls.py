"""What became of a call: each way a connection or an answer can go wrong, and what may follow."""

import logging
import socket
import traceback
from collections.abc import Callable

import pytest

from messaging.providers.http import Client
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
from tests.harness.ports import free_port
from tests.messaging.providers import wires
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
        return error_of(lambda: provider.send(OUTGOING)), len(server.seen)


def refusal(code: int) -> bytes:
    return f'{{"code": {code}, "message": "to {CANARY_NUMBER}", "status": 400}}'.encode()


@pytest.mark.parametrize(
    "doing",
    [
        wires.close_at_once,
        wires.reset,
        wires.answer_half,
        wires.speak_nonsense,
        wires.answer_ten_megabytes,
        answer("201 Created", b"<html>", JSON),
        answer("201 Created", b"", JSON),
        answer("201 Created", b"[]", JSON),
        answer("201 Created", b'{"sid": null}', JSON),
        answer("201 Created", b'{"sid": "' + b"S" * 100 + b'"}', JSON),
        answer("201 Created", b"[" * 60_000, JSON),
        answer("301 Moved", b"", "Location: http://127.0.0.1:9/"),
        answer("307 Moved", b"", "Location: http://127.0.0.1:9/"),
        answer("400 Bad Request", b"<html>a proxy says no</html>"),
        answer("400 Bad Request", b'{"code": "21610"}', JSON),
        answer("400 Bad Request", b"[21610]", JSON),
        answer("404 Not Found", b""),
        answer("408 Request Timeout", refusal(21610), JSON),
        answer("500 Internal Server Error", refusal(21610), JSON),
        answer("502 Bad Gateway", b""),
        answer("503 Service Unavailable", b"", "Retry-After: 5"),
    ],
    ids=lambda doing: getattr(doing, "__name__", ""),
)
def test_unreadable_answer_is_unclear_after_one_request(doing: Doing) -> None:
    error, requests = send_to(doing)

    assert type(error) is Unclear
    assert requests == 1


@pytest.mark.parametrize("doing", [wires.answer_nothing, wires.drip])
def test_answer_that_takes_too_long_is_unclear_after_one_request(doing: Doing) -> None:
    error, requests = send_to(doing, total=0.4)

    assert (type(error), error.reason) == (Unclear, "no_answer")
    assert requests == 1


def test_refused_connection_was_not_accepted() -> None:
    with pytest.raises(NotAccepted, match="no_connection") as caught:
        adapter(f"http://127.0.0.1:{free_port()}").send(OUTGOING)

    assert type(caught.value) is NotAccepted


def test_unknown_host_was_not_accepted() -> None:
    with pytest.raises(NotAccepted, match="no_connection"):
        adapter("http://nowhere.invalid").send(OUTGOING)


def test_host_that_lets_nobody_connect_was_not_accepted() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))

        with pytest.raises(NotAccepted, match="no_connection"):
            adapter(f"http://127.0.0.1:{port}").send(OUTGOING)

        for one in waiting:
            one.close()


def test_failed_tls_handshake_was_not_accepted() -> None:
    # A plain server that waits for the end of a request which TLS never sends.
    with bad_server(answer("201 Created", b"")) as server:
        secure = adapter(server.url.replace("http:", "https:"))
        error = error_of(lambda: secure.send(OUTGOING))

    assert (type(error), error.reason) == (NotAccepted, "no_connection")


def test_address_that_is_none_was_not_accepted() -> None:
    with pytest.raises(NotAccepted, match="no_connection"):
        adapter("http://[half").send(OUTGOING)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 7", 7.0),
        ("Retry-After: Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("Retry-After: -1", None),
        ("Retry-After: 9999999999", None),
        ("X-Other: 1", None),
    ],
)
def test_too_many_requests_says_when_to_come_again(header: str, seconds: float | None) -> None:
    error, requests = send_to(answer("429 Too Many Requests", refusal(20429), JSON, header))

    assert isinstance(error, NotAccepted)
    assert (type(error), error.reason, error.retry_after) == (NotAccepted, "provider_busy", seconds)
    assert requests == 1


@pytest.mark.parametrize(
    ("status", "code", "error", "reason"),
    [
        ("400 Bad Request", 21610, OptedOut, "opted_out"),
        ("400 Bad Request", 63014, OptedOut, "opted_out"),
        ("400 Bad Request", 21211, Unusable, "number_unusable"),
        ("400 Bad Request", 21614, Unusable, "number_unusable"),
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


def everything_said(error: BaseException) -> str:
    """Return all that a log, a report or a debugger's page would print of an error."""
    said = "".join(traceback.format_exception(error))
    chain: BaseException | None = error
    while chain:
        said += f"{chain!r} {chain} {chain.args} {vars(chain)}"
        chain = chain.__cause__ or chain.__context__
    return said


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
            "send": lambda: provider.send(OUTGOING),
            "list_sent": lambda: provider.list_sent(CANARY_NUMBER, channel=WHATSAPP),
        }
        error = error_of(calls[asked])

    said = everything_said(error) + caplog.text
    assert CANARY_NUMBER not in said
    assert CANARY_NUMBER.removeprefix("+") not in said
    assert CANARY_TEXT not in said


def test_repr_of_the_adapter_holds_no_secret() -> None:
    assert "one" not in repr(adapter("http://127.0.0.1"))
