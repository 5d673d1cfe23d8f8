"""Malformed callbacks: no error of ours, no row, flat memory.

A short form of 400 to each of three addresses; the full dose is `MALFORMED_CALLBACKS=10000`.
"""

import gc
import io
import json
import os
import random
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from messaging.aws_hooks import SnsWebhook
from messaging.models import Alarm, Delivery, Event, InboundMessage, StoredReceipt
from messaging.providers.http import Answer, Call
from messaging.providers.http import Client as Transport
from messaging.providers.sns import Topics
from messaging.sealing.tokens import make_token
from tests.messaging.factories import make_batch, the_delivery
from tests.messaging.posting import FORM, INBOUND, sign
from tests.messaging.providers.sns_topic import ARN, PEM, make_certificate

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MANY = int(os.environ.get("MALFORMED_CALLBACKS", "400"))
GROWTH = 2 * 1024 * 1024
_GOOD = {"MessageSid": "SM00000001", "MessageStatus": "delivered"}


class Holder(Transport):
    """Reaches nothing: gives the one answer that it holds."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def call(self, call: Call) -> Answer:
        return self._answer


def _odd_bytes(chance: random.Random) -> tuple[bytes, str]:
    """Return a body that no provider would send, and what it says it is."""
    noise = chance.randbytes(chance.randrange(200))
    pick: list[tuple[bytes, str]] = [
        (b"MessageSid=\xff\xfe%ff%fe&MessageStatus=sent", FORM),
        (b"MessageSid=" + noise, FORM),
        (noise, f"{FORM}; charset=no-such"),
        (b"MessageSid=S%00M\0&MessageStatus=%00", FORM),
        (b"MessageStatus=sent&MessageStatus=read&MessageSid=SM1", FORM),
        (b"&".join(b"f%d=1" % one for one in range(500)), FORM),
        (b"&=" * 2000, FORM),
        (b'{"MessageSid":' + b"[" * 3000, "application/json"),
        (b'{"MessageSid": "SM1"}', FORM),
        (noise, "text/plain"),
        (noise, ""),
        (
            b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n",
            "multipart/form-data; boundary=x",
        ),
        (b"<xml>" + noise, "text/xml"),
        (b"[" * 3000, "text/plain"),
        (json.dumps({"Type": "Notification", "TopicArn": ARN}).encode(), "text/plain"),
        (_forge(noise, SigningCertURL="https://evil.test/x.pem"), "text/plain"),
        (_forge(noise, Signature=noise.hex()), "text/plain"),
        (b"", FORM),
    ]
    return chance.choice(pick)


def _forge(noise: bytes, **changes: str) -> bytes:
    """Return what names our topic and is not signed by it."""
    said = {"Type": "Notification", "TopicArn": ARN, "Message": noise.decode("latin-1")}
    signed = {"MessageId": "1", "Timestamp": "x", "SignatureVersion": "2", "Signature": "Bm8="}
    where = {"SigningCertURL": f"https://sns.eu-west-1.amazonaws.com{PEM}"}
    return json.dumps(said | signed | where | changes).encode()


def _odd_calls(path: str, many: int) -> Iterator[int]:
    """Make many malformed calls and yield how each was answered."""
    chance = random.Random(7)
    server = WSGIHandler()
    for turn in range(many):
        body, kind = _odd_bytes(chance)
        headers = {"X-Twilio-Signature": chance.choice(["", "x" * 28, "ü", "A" * 8000, "="])}
        if turn % 5 == 0:
            headers["X-Twilio-Webhooks-Signature-Settings"] = "key=" + "k" * chance.randrange(5000)
        if turn % 97 == 0:
            body = b"x" * 1024 * 1024
        query = "q" * 100 if turn % 11 == 0 else ""
        yield _serve(server, f"{path}?{query}", body, kind, headers)


def _serve(
    server: WSGIHandler, address: str, body: bytes, kind: str, headers: dict[str, str]
) -> int:
    """Return what the server that listens here would answer: the test client keeps a word on each call."""
    path, _, query = address.partition("?")
    environ: dict[str, Any] = {f"HTTP_{_turn(name)}": said for name, said in headers.items()}
    environ |= {"REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": query}
    environ |= {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body))}
    environ |= {"wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO()}
    setup_testing_defaults(environ)
    answers: list[int] = []

    def start(status: str, _headers: Any, _failure: Any = None) -> Callable[[bytes], object]:
        answers.append(int(status.split(maxsplit=1)[0]))
        return lambda _body: None

    response = server(environ, start)
    try:
        b"".join(response)
    finally:
        response.close()
    return answers[0]


def _measure() -> int:
    """Return the memory that is held, in bytes: what waits to be collected is held by nobody."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _turn(name: str) -> str:
    return name.upper().replace("-", "_")


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's connection, and its transaction, open from one call to the next."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("kind", ["status", "inbound", "sns"])
def test_a_flood_of_malformed_callbacks_leaves_nothing_behind(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_batch(people=1)
    # A live deployment that has asked Amazon for the certificate already.
    topics = Topics([ARN], client=Holder(Answer(200, "", make_certificate())))
    monkeypatch.setattr(SnsWebhook, "find_topics", lambda _self: topics)
    paths = {"status": f"/hooks/twilio/status/{make_token(1, 1)}/", "inbound": INBOUND}
    path = paths.get(kind, "/hooks/aws/sns/")
    answers = set(_odd_calls(path, 100))
    before = list(Delivery.objects.values())
    tracemalloc.start()
    try:
        held = _measure()
        answers |= set(_odd_calls(path, MANY))
        grown = _measure() - held
    finally:
        tracemalloc.stop()
    assert answers <= {400, 403, 404, 413}, answers
    assert grown < GROWTH
    assert not any(
        model.objects.exists() for model in (StoredReceipt, InboundMessage, Event, Alarm)
    )
    assert list(Delivery.objects.values()) == before


@pytest.mark.parametrize(
    "form",
    [
        {"MessageSid": ""},
        {"MessageSid": "S\0M", "MessageStatus": "sent\0"},
        {"MessageSid": "x" * 5000, "MessageStatus": "sent"},
        {"MessageSid": "SM1", "MessageStatus": "w" * 5000, "ErrorCode": "9" * 5000},
        {"MessageSid": "SM1", "MessageStatus": "🧭\u202e", "ErrorCode": "٣"},
        {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "-1e9"},
    ],
)
def test_a_signed_form_of_odd_values_is_no_error_of_ours(form: dict[str, str]) -> None:
    make_batch(people=1)
    path = f"/hooks/twilio/status/{make_token(the_delivery().pk, 1)}/"
    for address in (path, INBOUND):
        headers = {"X-Twilio-Signature": sign(address, form)}
        answer = Client().post(address, urlencode(form), content_type=FORM, headers=headers)
        assert answer.status_code in {200, 204}


@pytest.mark.parametrize(
    "token", ["٣.1.x", "9" * 78, f"{'9' * 40}.1.{'a' * 24}", "1.1", "%00", "é"]
)
def test_a_signed_receipt_under_an_odd_token_is_not_found(token: str) -> None:
    path = f"/hooks/twilio/status/{token}/"
    answer = Client().post(
        path, urlencode(_GOOD), content_type=FORM, headers={"X-Twilio-Signature": sign(path, _GOOD)}
    )
    assert answer.status_code in {403, 404}
    assert not StoredReceipt.objects.exists()
