"""SNS at our door: only what it signed is taken; STOP commits before the answer; replays change nothing."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from messaging import aws_hooks
from messaging.models import (
    Alarm,
    Bill,
    ConsentEntry,
    InboundMessage,
    Notice,
    Sender,
    StoredReceipt,
    Subscriber,
    Suppression,
    Template,
)
from messaging.notifying import notices
from messaging.providers.aws_signing import Place, Service
from messaging.providers.aws_sms import AwsSms, Ways
from messaging.providers.aws_whatsapp import Account, AwsWhatsApp
from messaging.providers.memory import Memory
from messaging.receiving import receipts
from messaging.sealing.tokens import make_token
from messaging.states import State
from tests.messaging.factories import (
    drain_all,
    make_batch,
    make_sender,
    make_subscriber,
    number_of,
    the_delivery,
)
from tests.messaging.providers import aws_payloads
from tests.messaging.providers.aws_payloads import NUMBER_ID, inbound_sms, sms_event, status
from tests.messaging.providers.aws_stand_in import StandIn, keys_for_tests, stand_in
from tests.messaging.providers.modelled import REGION
from tests.messaging.providers.sns_topic import ARN, SnsHost, sns_host

HOOK = "/hooks/aws/sns/"
TEXT = "text/plain; charset=UTF-8"


@pytest.fixture(scope="module")
def host() -> Iterator[SnsHost]:
    with sns_host() as held:
        yield held


@pytest.fixture(autouse=True)
def our_topic(settings: Settings, host: SnsHost) -> Iterator[None]:
    settings.MESSAGING_INBOUND_HANDLER = "tests.messaging.factories.echo"
    settings.AWS_TOPICS, settings.AWS_SNS_URL = [ARN], host.url
    host.status, host.confirmed = 200, 0
    aws_hooks.the_topics.cache_clear()
    yield
    aws_hooks.the_topics.cache_clear()


def bring(body: bytes) -> int:
    return int(Client().generic("POST", HOOK, body, content_type=TEXT).status_code)


def tell(host: SnsHost, event: dict[str, Any] | str, **changes: Any) -> int:
    return bring(host.write(event, **changes))


def fold() -> None:
    while receipts.fold_waiting(now=timezone.now()):
        pass


# ---- Who may call --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "put", "delete", "head", "patch"])
def test_another_method_is_refused_before_anything_is_read(method: str) -> None:
    # This test has no database, so a query would fail it.
    assert getattr(Client(), method)(HOOK).status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        *[b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b"\x00", b"[" * 100_000, b"a=1&b=2"],
        json.dumps({"Type": "Notification", "TopicArn": ARN}).encode(),
        json.dumps({"Type": "Notification", "TopicArn": ARN, "Message": "STOP"}).encode(),
    ],
)
def test_what_is_no_message_of_sns_is_refused_without_a_query(body: bytes) -> None:
    assert bring(body) == 403


def test_message_of_anybody_elses_topic_is_refused_without_a_query(host: SnsHost) -> None:
    assert tell(host, inbound_sms("STOP"), TopicArn=ARN.replace("waymark", "theirs")) == 403


def test_changed_message_is_refused_without_a_query(host: SnsHost) -> None:
    body = json.loads(host.write(inbound_sms("hello")))

    assert bring(json.dumps(body | {"Message": json.dumps(inbound_sms("STOP"))}).encode()) == 403


def test_raw_delivery_has_no_signature_and_is_refused() -> None:
    assert bring(json.dumps(inbound_sms("STOP")).encode()) == 403


def test_body_that_is_too_long_is_not_read() -> None:
    assert bring(b"x" * (aws_hooks.LARGEST + 1)) == 413


def test_without_topics_nothing_is_taken(settings: Settings, host: SnsHost) -> None:
    settings.AWS_TOPICS = []
    aws_hooks.the_topics.cache_clear()

    assert tell(host, inbound_sms("STOP")) == 403


def test_where_nobody_can_be_asked_sns_is_told_to_come_again(host: SnsHost) -> None:
    host.status = 500

    assert tell(host, inbound_sms("STOP")) == 503


def test_rehearsal_that_names_no_host_asks_none(settings: Settings, host: SnsHost) -> None:
    settings.AWS_SNS_URL = ""
    aws_hooks.the_topics.cache_clear()
    amazon = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem"

    assert tell(host, inbound_sms("STOP")) == 403
    assert tell(host, inbound_sms("STOP"), SigningCertURL=amazon) == 403


# ---- Subscriptions -------------------------------------------------------------------------------


def test_subscription_of_our_topic_is_confirmed(host: SnsHost) -> None:
    assert bring(host.subscribe()) == 200
    assert host.confirmed == 1


def test_subscription_of_anybody_elses_topic_is_not(host: SnsHost) -> None:
    assert bring(host.subscribe(TopicArn=ARN + "-theirs")) == 403
    assert host.confirmed == 0


def test_subscription_that_leads_elsewhere_is_not(host: SnsHost) -> None:
    address = "http://127.0.0.1:9/?Action=ConfirmSubscription"

    assert bring(host.subscribe(SubscribeURL=address)) == 403


def test_end_of_a_subscription_is_told_to_a_person(
    host: SnsHost, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="waymark.aws"):
        assert bring(host.subscribe(Type="UnsubscribeConfirmation")) == 200

    assert "subscribe it again" in caplog.text
    assert host.confirmed == 0


# ---- Receipts ------------------------------------------------------------------------------------


@pytest.fixture
def sent(memory: Memory) -> str:
    """Send one message and return its token."""
    make_batch(people=1)
    drain_all(memory)
    return make_token(the_delivery().pk, 1)


@pytest.mark.database
@pytest.mark.django_db
def test_event_of_a_text_becomes_a_receipt_and_a_bill(host: SnsHost, sent: str) -> None:
    event = sms_event("TEXT_DELIVERED", context={"token": sent})

    assert tell(host, event) == 200
    fold()

    assert the_delivery().state == State.DELIVERED
    bill = Bill.objects.get()
    assert (bill.parts, bill.amount, bill.currency) == (2, Decimal("0.08450"), "USD")


@pytest.mark.django_db
@pytest.mark.parametrize("version", ["1", "2"])
def test_status_of_whatsapp_becomes_a_receipt(host: SnsHost, sent: str, version: str) -> None:
    assert tell(host, status("read", token=sent), SignatureVersion=version) == 200
    fold()

    assert the_delivery().state == State.READ


@pytest.mark.database
@pytest.mark.django_db
def test_message_that_sns_brings_again_changes_nothing(host: SnsHost, sent: str) -> None:
    event = sms_event("TEXT_SUCCESSFUL", context={"token": sent})

    assert [tell(host, event) for _ in range(3)] == [200, 200, 200]
    fold()

    assert StoredReceipt.objects.count() == 1
    assert the_delivery().state == State.SENT


@pytest.mark.django_db
def test_token_that_is_not_ours_is_taken_and_forgotten(host: SnsHost) -> None:
    # Another deployment may share the topic: SNS need not bring it again.
    assert tell(host, sms_event("TEXT_DELIVERED")) == 200
    assert not StoredReceipt.objects.exists()
    assert not Bill.objects.exists()


@pytest.mark.database
@pytest.mark.django_db
def test_price_of_a_message_that_was_purged_is_forgotten(host: SnsHost) -> None:
    event = sms_event("TEXT_DELIVERED", context={"token": make_token(4711, 1)})

    assert tell(host, event) == 200
    assert not Bill.objects.exists()


@pytest.mark.django_db
def test_opt_out_that_only_meta_knew_of_stops_everything(host: SnsHost, sent: str) -> None:
    tell(host, status("failed", 131050, token=sent))
    fold()

    assert Subscriber.objects.get().state == Subscriber.State.STOPPED
    assert Suppression.objects.exists()


# ---- What people write ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_stop_by_sms_commits_before_the_answer(host: SnsHost) -> None:
    make_subscriber(1)

    assert tell(host, inbound_sms("Stop", originationNumber=number_of(1))) == 200

    assert Subscriber.objects.get().state == Subscriber.State.STOPPED
    # AWS has answered it, and takes nothing more for her.
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_stop_that_aws_does_not_know_is_answered(host: SnsHost) -> None:
    make_subscriber(1)

    assert tell(host, inbound_sms("توقف", originationNumber=number_of(1))) == 200

    assert Subscriber.objects.get().state == Subscriber.State.STOPPED
    assert Notice.objects.get().kind == Notice.Kind.ANSWER


@pytest.mark.database
@pytest.mark.django_db
def test_answer_goes_out_by_the_sender_that_was_written_to(host: SnsHost, memory: Memory) -> None:
    make_sender()
    Sender.objects.create(
        name="AWS",
        channel="sms",
        provider="aws-sms",
        address="+9990000009",
        priority=9,
        parts_per_second=1000,
    )
    make_subscriber(1, language="en")
    event = inbound_sms(
        "where is help?", originationNumber=number_of(1), destinationNumber="+9990000009"
    )

    assert [tell(host, event) for _ in range(2)] == [200, 200]
    notices.send_due(clock=timezone.now, seconds=5, provider_of=lambda _name: memory)

    (entry,) = memory.ledger
    assert (entry.outgoing.to, entry.outgoing.sender) == (number_of(1), "+9990000009")
    assert entry.outgoing.body == "answer in en"


@pytest.mark.django_db
def test_answer_on_whatsapp_needs_no_template(host: SnsHost, memory: Memory) -> None:
    sender = make_sender("whatsapp")
    Sender.objects.filter(pk=sender.pk).update(address=NUMBER_ID)
    make_subscriber(1, channel="whatsapp", number=aws_payloads.PHONE, language="en")
    written = aws_payloads.written({"type": "text", "text": {"body": "where is help?"}})

    assert tell(host, written) == 200
    notices.send_due(clock=timezone.now, seconds=5, provider_of=lambda _name: memory)

    (entry,) = memory.ledger
    assert (entry.outgoing.channel, entry.outgoing.sender) == ("whatsapp", NUMBER_ID)
    assert (entry.outgoing.body, entry.outgoing.template) == ("answer in en", "")


@pytest.mark.django_db
def test_switching_advertising_off_on_whatsapp_stops_every_channel_silently(host: SnsHost) -> None:
    make_subscriber(1, channel="whatsapp", number=aws_payloads.PHONE)
    make_subscriber(1, channel="sms", number=aws_payloads.PHONE)

    assert tell(host, aws_payloads.preference("stop")) == 200

    states = set(Subscriber.objects.values_list("state", flat=True))
    assert states == {Subscriber.State.STOPPED}
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_replayed_stop_does_not_undo_a_later_yes(host: SnsHost) -> None:
    make_subscriber(1, channel="whatsapp", number=aws_payloads.PHONE)
    tell(host, aws_payloads.preference("stop"))
    Suppression.objects.all().delete()
    make_subscriber(1, channel="whatsapp", number=aws_payloads.PHONE)

    assert tell(host, aws_payloads.preference("stop")) == 200

    assert Subscriber.objects.get().state != Subscriber.State.STOPPED


@pytest.mark.django_db
def test_switching_it_on_again_brings_nobody_back(host: SnsHost) -> None:
    assert tell(host, aws_payloads.preference("resume")) == 200

    assert not ConsentEntry.objects.exists()
    assert not InboundMessage.objects.exists()


@pytest.mark.django_db
def test_word_on_a_wording_is_kept(host: SnsHost) -> None:
    sender = make_sender("whatsapp")
    asked = timezone.now() - timedelta(hours=1)
    wording = Template.objects.create(
        sender=sender,
        name="boat_warning",
        language="ar",
        category="marketing",
        body="x",
        digest="d",
        ref="boat_warning_1a2b:ar",
        state=Template.State.APPROVED,
        checked_at=asked,
    )
    value = {
        "event": "PAUSED",
        "message_template_name": "boat_warning_1a2b",
        "message_template_language": "ar",
        "reason": "NONE",
    }

    assert tell(host, aws_payloads.whatsapp_event("message_template_status_update", value)) == 200

    wording.refresh_from_db()
    assert (wording.state, wording.reason) == (Template.State.PAUSED, "")
    assert wording.checked_at is not None
    assert wording.checked_at > asked

    value |= {"new_category": "UTILITY"}
    assert tell(host, aws_payloads.whatsapp_event("template_category_update", value)) == 200

    # It is asked about next time: this event says nothing of its state.
    again = Template.objects.get()
    assert (again.state, again.checked_at) == (Template.State.PAUSED, None)


@pytest.mark.django_db
def test_no_number_and_no_text_is_logged(host: SnsHost, caplog: pytest.LogCaptureFixture) -> None:
    make_subscriber(1)
    with caplog.at_level(logging.DEBUG):
        tell(host, inbound_sms("the boat leaves at night", originationNumber=number_of(1)))
        tell(host, status("failed", 131026))

    assert number_of(1).removeprefix("+") not in caplog.text
    assert "boat" not in caplog.text
    assert aws_payloads.PHONE.removeprefix("+") not in caplog.text


# ---- There and back ------------------------------------------------------------------------------


@pytest.fixture
def aws() -> Iterator[StandIn]:
    with stand_in() as held:
        yield held


def open_service(aws: StandIn, name: str) -> Service:
    return Service(name, Place(REGION, aws.url), keys_for_tests())


@pytest.mark.django_db
@pytest.mark.parametrize("digits", ["42", "94"], ids=["answered", "answer lost"])
def test_sms_that_aws_took_comes_back_as_delivered(
    host: SnsHost, aws: StandIn, digits: str
) -> None:
    number = f"+99922100000{digits}"
    for channel in ("sms", "whatsapp"):
        make_sender(channel)
    make_subscriber(1, number=number)
    make_batch()
    provider = AwsSms(open_service(aws, "pinpoint-sms-voice-v2"), Ways(configuration_set="set"))

    drain_all(provider)

    (entry,) = aws.ledger
    before = State.ACCEPTED if digits == "42" else State.UNKNOWN
    assert the_delivery().state == before
    event = sms_event("TEXT_DELIVERED", context=entry.given["Context"], messageId=entry.ref)
    assert tell(host, event) == 200
    fold()
    delivery = the_delivery()
    assert (delivery.state, delivery.provider_ref) == (State.DELIVERED, entry.ref)
    assert aws.count(number) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("digits", ["42", "94"], ids=["answered", "answer lost"])
def test_whatsapp_that_aws_took_comes_back_as_read(
    host: SnsHost, aws: StandIn, digits: str
) -> None:
    number = f"+99922100000{digits}"
    sender = make_sender("whatsapp")
    Sender.objects.filter(pk=sender.pk).update(address=NUMBER_ID)
    make_sender("sms")
    make_subscriber(1, channel="whatsapp", number=number)
    make_batch(audience={"channels": ("whatsapp",)})
    Subscriber.objects.update(window_until=timezone.now() + timedelta(hours=3))
    provider = AwsWhatsApp(open_service(aws, "socialmessaging"), Account("waba-1"))

    drain_all(provider, channel="whatsapp")

    (entry,) = aws.ledger
    message = json.loads(entry.given["message"])
    assert tell(host, status("read", token=message["biz_opaque_callback_data"])) == 200
    fold()
    assert the_delivery().state == State.READ
    assert aws.count(number) == 1
    assert not Alarm.objects.exists()
