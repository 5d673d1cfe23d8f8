"""What became of a call, for every provider that speaks HTTP: each way an answer can go wrong.

Real sockets on loopback. One request at most, whatever happens; in doubt `Unclear`; no redirect is
followed.
"""

import logging
import socket
from collections.abc import Callable

import pytest

from messaging.providers.aws_signing import Place, Service
from messaging.providers.aws_sms import AwsSms, Ways
from messaging.providers.aws_sns import AwsSns
from messaging.providers.aws_whatsapp import Account, AwsWhatsApp
from messaging.providers.base import Provider
from messaging.providers.http import Client
from messaging.providers.loop import wait_for
from messaging.providers.twilio import Twilio
from messaging.wire import SMS, NotAccepted, Outgoing, SendError, Unclear
from tests.harness.ports import free_port
from tests.messaging.providers import wires
from tests.messaging.providers.aws_stand_in import keys_for_tests
from tests.messaging.providers.cases import everything_said
from tests.messaging.providers.wires import Doing, answer, bad_server

Make = Callable[[str, Client], Provider]
ACCOUNT = "AC" + "1" * 32
CANARY_NUMBER, CANARY_TEXT = "+9992210000042", "the boat leaves at night"
TOKEN = "17.1.0123456789abcdef01234567"
OUTGOING = Outgoing(
    channel=SMS,
    sender="+9990000001",
    to=CANARY_NUMBER,
    body=CANARY_TEXT,
    callback="http://127.0.0.1/status/token/",
    token=TOKEN,
)


def open_service(name: str, url: str, client: Client) -> Service:
    return Service(name, Place("eu-west-1", url), keys_for_tests(), client=client)


def make_twilio(url: str, client: Client) -> Provider:
    return Twilio(ACCOUNT, ("one", "two"), url, url, client=client)


def make_aws_sms(url: str, client: Client) -> Provider:
    return AwsSms(open_service("pinpoint-sms-voice-v2", url, client), Ways())


def make_aws_whatsapp(url: str, client: Client) -> Provider:
    return AwsWhatsApp(open_service("socialmessaging", url, client), Account())


def make_aws_sns(url: str, client: Client) -> Provider:
    return AwsSns(open_service("sns", url, client))


MAKERS = {
    "twilio": make_twilio,
    "aws-sms": make_aws_sms,
    "aws-whatsapp": make_aws_whatsapp,
    "aws-sns": make_aws_sns,
}
pytestmark = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


def adapter(make: Make, url: str, *, total: float = 3.0) -> Provider:
    return make(url, Client(connect=1, total=total))


def error_of(provider: Provider) -> SendError:
    with pytest.raises(SendError) as caught:
        wait_for(provider.send(OUTGOING))
    return caught.value


def send_to(make: Make, doing: Doing, *, total: float = 3.0) -> tuple[SendError, int]:
    """Return the error of one sending to a bad server, and how many requests it saw."""
    with bad_server(doing) as server:
        error = error_of(adapter(make, server.url, total=total))
        return error, len(server.seen)


@pytest.mark.parametrize(
    "doing",
    [
        wires.close_at_once,
        wires.reset,
        wires.answer_half,
        wires.speak_nonsense,
        wires.answer_ten_megabytes,
        answer("200 OK", b"<html>"),
        answer("200 OK", b""),
        answer("200 OK", b"[]"),
        answer("200 OK", b"{}"),
        answer("200 OK", b'{"sid": null, "MessageId": null, "messageId": 17}'),
        answer("200 OK", b'{"sid": "' + b"S" * 100 + b'"}'),
        answer("200 OK", b'{"MessageId": "' + b"S" * 100 + b'"}'),
        answer("200 OK", b'{"messageId": "two words"}'),
        answer("200 OK", b"[" * 60_000),
        answer("200 OK", b"<a>" * 20_000),
        answer("200 OK", b"<PublishResponse/>"),
        answer("200 OK", b"\xff\xfe\x00"),
        answer("301 Moved", b"", "Location: http://127.0.0.1:9/"),
        answer("307 Moved", b'{"MessageId": "12345678"}', "Location: http://127.0.0.1:9/"),
        answer("400 Bad Request", b"<html>a proxy says no</html>"),
        answer("400 Bad Request", b"[21610]"),
        answer("400 Bad Request", b'{"Message": "no"}'),
        answer("403 Forbidden", b"<html>a proxy says no</html>"),
        answer("404 Not Found", b""),
        answer("408 Request Timeout", b'{"__type": "ThrottlingException", "code": 20429}'),
        answer("500 Internal Server Error", b'{"__type": "ThrottlingException", "code": 21610}'),
        answer("502 Bad Gateway", b""),
        answer("503 Service Unavailable", b"<html></html>", "Retry-After: 5"),
    ],
    ids=lambda doing: getattr(doing, "__name__", ""),
)
def test_unreadable_answer_is_unclear_after_one_request(make: Make, doing: Doing) -> None:
    error, requests = send_to(make, doing)

    assert type(error) is Unclear
    assert requests == 1


@pytest.mark.parametrize("doing", [wires.answer_nothing, wires.drip])
def test_answer_that_takes_too_long_is_unclear_after_one_request(make: Make, doing: Doing) -> None:
    error, requests = send_to(make, doing, total=0.4)

    assert (type(error), error.reason) == (Unclear, "no_answer")
    assert requests == 1


def test_refused_connection_was_not_accepted(make: Make) -> None:
    error = error_of(adapter(make, f"http://127.0.0.1:{free_port()}"))

    assert (type(error), error.reason) == (NotAccepted, "no_connection")


def test_unknown_host_was_not_accepted(make: Make) -> None:
    error = error_of(adapter(make, "http://nowhere.invalid"))

    assert (type(error), error.reason) == (NotAccepted, "no_connection")


def test_host_that_lets_nobody_connect_was_not_accepted(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))

        error = error_of(adapter(make, f"http://127.0.0.1:{port}"))

        for one in waiting:
            one.close()
    assert (type(error), error.reason) == (NotAccepted, "no_connection")


def test_failed_tls_handshake_was_not_accepted(make: Make) -> None:
    # A plain server that waits for the end of a request which TLS never sends.
    with bad_server(answer("201 Created", b"")) as server:
        error = error_of(adapter(make, server.url.replace("http:", "https:")))

    assert (type(error), error.reason) == (NotAccepted, "no_connection")


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
def test_too_many_requests_says_when_to_come_again(
    make: Make, header: str, seconds: float | None
) -> None:
    error, requests = send_to(make, answer("429 Too Many Requests", b"", header))

    assert isinstance(error, NotAccepted)
    assert (type(error), error.reason, error.retry_after) == (NotAccepted, "provider_busy", seconds)
    assert requests == 1


@pytest.mark.parametrize(
    "doing",
    [
        wires.close_at_once,
        wires.answer_half,
        wires.speak_nonsense,
        answer("200 OK", CANARY_NUMBER.encode() + CANARY_TEXT.encode()),
        answer("200 OK", f'{{"sid": "{CANARY_NUMBER}", "MessageId": "{CANARY_TEXT}"}}'.encode()),
        answer(
            "400 Bad Request",
            f'{{"__type": "ValidationException", "Message": "{CANARY_NUMBER}", "code": 21614}}'.encode(),
        ),
        answer("400 Bad Request", CANARY_NUMBER.encode()),
        answer("500 Internal Server Error", CANARY_TEXT.encode()),
    ],
    ids=lambda doing: getattr(doing, "__name__", ""),
)
def test_no_error_and_no_log_line_holds_the_number_or_the_text(
    make: Make, doing: Doing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with bad_server(doing) as server:
        error = error_of(adapter(make, server.url))

    said = everything_said(error) + caplog.text
    assert CANARY_NUMBER.removeprefix("+") not in said
    assert CANARY_TEXT not in said


def test_repr_of_the_adapter_holds_no_secret(make: Make) -> None:
    said = repr(adapter(make, "http://127.0.0.1"))

    assert "one" not in said
    assert "secret" not in said
