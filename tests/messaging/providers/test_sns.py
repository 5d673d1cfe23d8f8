"""SNS: only what it signed for a topic of ours is opened, and nothing it names sends us elsewhere."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.providers.http import Answer, Call, Client
from messaging.providers.sns import (
    CERTIFICATE_SECONDS,
    PAUSE_SECONDS,
    CertificateAway,
    Envelope,
    Topics,
)
from messaging.wire import NO_ANSWER, BadSignature, SendError, Unclear
from tests.messaging.providers.sns_topic import ARN, SnsHost, make_certificate, sns_host

NOW = datetime.now(UTC)
OTHER_PEM = "/SimpleNotificationService-feedface.pem"
REAL_PEM = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcdef.pem"


@pytest.fixture
def host() -> Iterator[SnsHost]:
    with sns_host() as held:
        yield held


@pytest.fixture
def topics(host: SnsHost) -> Topics:
    return Topics([ARN], local=host.url)


class Recorder(Client):
    """Reaches nothing: keeps what it was asked, and answers as told."""

    def __init__(self, answer: Answer | None = None) -> None:
        super().__init__()
        self.asked: list[str] = []
        self._answer = answer

    def call(self, call: Call) -> Answer:
        self.asked.append(call.url)
        if self._answer is None:
            raise Unclear(NO_ANSWER)
        return self._answer


def open_(topics: Topics, body: bytes) -> Envelope:
    return topics.open(body, now=NOW)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("text", ["{}", "سلام", "two\nlines", ""])
def test_what_sns_signed_for_our_topic_is_opened(
    host: SnsHost, topics: Topics, version: str, text: str
) -> None:
    envelope = open_(topics, host.write(text, SignatureVersion=version))

    assert (envelope.kind, envelope.topic, envelope.text) == ("Notification", ARN, text)
    assert text not in repr(envelope) or text in ("", "{}")


def test_subject_is_signed_where_there_is_one(host: SnsHost, topics: Topics) -> None:
    body = host.write("text", Subject="About something")

    assert open_(topics, body).text == "text"
    with pytest.raises(BadSignature):
        open_(topics, _change(body, Subject="About another"))


def _change(body: bytes, **changes: Any) -> bytes:
    return json.dumps(json.loads(body) | changes).encode()


@pytest.mark.parametrize(
    "name", ["Message", "MessageId", "Timestamp", "TopicArn", "Type", "Signature"]
)
def test_whatever_was_changed_after_it_was_signed_is_refused(
    host: SnsHost, topics: Topics, name: str
) -> None:
    with pytest.raises(BadSignature):
        open_(topics, _change(host.write("text"), **{name: "Bm8="}))


def test_topic_that_is_not_ours_is_refused_before_anybody_is_asked(host: SnsHost) -> None:
    body = host.write("text", TopicArn=ARN.replace("waymark", "theirs"))

    with pytest.raises(BadSignature, match="topic"):
        open_(Topics([ARN], local=host.url), body)
    with pytest.raises(BadSignature, match="topic"):
        open_(Topics([], local=host.url), host.write("text"))

    assert host.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0123.pem",
        "https://evil.example/SimpleNotificationService-0123.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123.pem",
        "https://sns.eu-west-1.amazonaws.com.cn/SimpleNotificationService-0123.pem",
        "https://SNS.eu-west-1.amazonaws.com./SimpleNotificationService-0123.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-0123.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0123.pem",
        "https://evil.example\\@sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
        "https://evil.example#sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
        "https://sns-eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
        "https://bucket.s3.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
        "https://sns.eu-west-1.amazonaws.com/?Action=Anything",
        "https://sns.eu-west-1.amazonaws.com/other.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem?x=1",
        "https://sns.eu-west-1.amazonaws.com/../SimpleNotificationService-0123.pem",
        "https://sns.eu-west-1.amazonaws.com /SimpleNotificationService-0123.pem",
        "https://snś.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
        "https://[half/SimpleNotificationService-0123.pem",
        "//sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
        "",
    ],
)
def test_certificate_is_asked_for_at_sns_itself_and_nowhere_else(
    host: SnsHost, address: str
) -> None:
    recorder = Recorder()

    with pytest.raises(BadSignature, match="elsewhere"):
        open_(Topics([ARN], client=recorder), host.write("text", SigningCertURL=address))

    assert recorder.asked == []


@pytest.mark.parametrize(
    ("arn", "address"),
    [
        (ARN, REAL_PEM),
        (
            "arn:aws-cn:sns:cn-north-1:123456789012:waymark",
            "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0123abcdef.pem",
        ),
    ],
)
def test_genuine_address_is_asked_once_for_many_messages(
    host: SnsHost, arn: str, address: str
) -> None:
    recorder = Recorder(Answer(200, "", host.pem))
    topics = Topics([arn], client=recorder)

    for _ in range(3):
        open_(topics, host.write("text", TopicArn=arn, SigningCertURL=address))

    assert recorder.asked == [address]


def test_live_deployment_asks_no_loopback_and_a_rehearsal_no_other_host(host: SnsHost) -> None:
    with pytest.raises(BadSignature, match="elsewhere"):
        open_(Topics([ARN], client=Recorder()), host.write("text"))
    with pytest.raises(BadSignature, match="elsewhere"):
        open_(Topics([ARN], local=host.url), host.write("text", SigningCertURL=REAL_PEM))


def test_certificate_is_fetched_again_after_a_day(host: SnsHost) -> None:
    now = [0.0]
    topics = Topics([ARN], local=host.url, clock=lambda: now[0])
    open_(topics, host.write("text"))
    now[0] = CERTIFICATE_SECONDS + 1
    open_(topics, host.write("text"))

    assert len(host.asked) == 2


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"<html>",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"x" * 100_000,
        make_certificate(begins=timedelta(days=-30), lasts=timedelta(days=1)),
        make_certificate(begins=timedelta(days=3)),
        make_certificate(bits=1024),
    ],
    ids=["empty", "html", "no certificate", "too long", "over", "not yet", "weak"],
)
def test_certificate_that_is_none_is_not_believed_and_sns_may_come_again(
    host: SnsHost, topics: Topics, pem: bytes
) -> None:
    host.pem = pem

    with pytest.raises(CertificateAway):
        open_(topics, host.write("text"))


def test_after_a_failure_nobody_asks_again_for_a_while(host: SnsHost) -> None:
    now = [0.0]
    topics = Topics([ARN], local=host.url, clock=lambda: now[0])
    host.status = 500
    for _ in range(5):
        with pytest.raises(CertificateAway):
            open_(topics, host.write("text"))
    assert len(host.asked) == 1

    host.status, now[0] = 200, PAUSE_SECONDS + 1

    assert open_(topics, host.write("text")).text == "text"


def test_made_up_certificate_does_not_keep_a_known_one_from_being_renewed(host: SnsHost) -> None:
    now = [0.0]
    topics = Topics([ARN], local=host.url, clock=lambda: now[0])
    open_(topics, host.write("text"))
    now[0], host.status = CERTIFICATE_SECONDS + 1, 404
    with pytest.raises(CertificateAway):
        open_(topics, host.write("text", SigningCertURL=f"{host.url}{OTHER_PEM}"))
    host.status = 200

    assert open_(topics, host.write("text")).text == "text"


def test_redirect_is_not_followed_to_a_certificate(host: SnsHost, topics: Topics) -> None:
    host.status = 302

    with pytest.raises(CertificateAway):
        open_(topics, host.write("text"))


@pytest.mark.parametrize(
    "body",
    [
        *[b"", b"{", b"[]", b'"text"', b"null", b"\xff\xfe", b"[" * 100_000, b"{}", b"17"],
        b'{"Type": 17, "TopicArn": ["x"]}',
        json.dumps({"TopicArn": ARN}).encode(),
        json.dumps({"TopicArn": ARN, "Type": "Notification"}).encode(),
    ],
)
def test_body_that_is_no_message_is_refused(topics: Topics, body: bytes) -> None:
    with pytest.raises(BadSignature):
        open_(topics, body)


@pytest.mark.parametrize(
    "changes",
    [
        {"SignatureVersion": "3"},
        {"SignatureVersion": ""},
        {"Type": "Publication"},
        {"Signature": "no base64!"},
        {"Signature": ""},
        {"Signature": "ü"},
        {"MessageId": None},
        {"Message": ["a list"]},
        {"Message": "half \ud83d"},
    ],
)
def test_message_without_what_is_signed_is_refused(
    host: SnsHost, topics: Topics, changes: dict[str, Any]
) -> None:
    with pytest.raises(BadSignature):
        open_(topics, _change(host.write("text"), **changes))


def test_signature_of_one_kind_does_not_serve_for_another(host: SnsHost, topics: Topics) -> None:
    body = _change(host.write("text"), SubscribeURL=host.url, Token="abc", Type="Notification")
    assert open_(topics, body).kind == "Notification"

    with pytest.raises(BadSignature):
        open_(topics, _change(body, Type="SubscriptionConfirmation"))


@given(st.binary(max_size=300))
def test_no_body_makes_it_fail_in_another_way(body: bytes) -> None:
    with pytest.raises(BadSignature):
        Topics([ARN], client=Recorder()).open(body, now=NOW)


# ---- Confirmations -------------------------------------------------------------------------------


def test_subscription_of_our_topic_is_confirmed(host: SnsHost, topics: Topics) -> None:
    topics.confirm(open_(topics, host.subscribe()))

    assert host.confirmed == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/?Action=ConfirmSubscription",
        "https://sns.eu-west-1.amazonaws.com.evil.example/?Action=ConfirmSubscription",
        "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription",
        "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
        "https://sns.eu-west-1.amazonaws.com/?Action=DeleteTopic",
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Action=DeleteTopic",
        "http://169.254.169.254/latest/?Action=ConfirmSubscription",
        "",
    ],
)
def test_confirmation_goes_to_sns_and_nowhere_else(address: str) -> None:
    recorder = Recorder(Answer(200, "", b""))
    envelope = Envelope("SubscriptionConfirmation", ARN, "1", "", subscribe_url=address)

    with pytest.raises(BadSignature, match="elsewhere"):
        Topics([ARN], client=recorder).confirm(envelope)

    assert recorder.asked == []


def test_confirmation_that_fails_is_told(host: SnsHost, topics: Topics) -> None:
    envelope = open_(topics, host.subscribe())
    host.status = 500

    with pytest.raises(SendError):
        topics.confirm(envelope)
