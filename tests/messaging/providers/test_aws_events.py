"""What AWS tells, in our words: each event of the SMS service, each status of Meta's, what people write."""

import base64
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.aws_hooks import read_news
from messaging.providers.aws_events import News
from messaging.providers.aws_words import (
    EXCEPTIONS,
    EXCEPTIONS_BY_REASON,
    META_CODES_BY_REASON,
    META_REASONS,
    META_STATES,
    SMS_REASONS,
    SMS_STATES,
)
from messaging.wire import SMS, WHATSAPP, Receipt
from tests.messaging.providers.aws_payloads import (
    NUMBER_ID,
    PHONE,
    TOKEN,
    USER_ID,
    WAMID,
    inbound_sms,
    preference,
    sms_event,
    status,
    whatsapp_event,
    written,
)


def news_of(event: dict[str, Any]) -> News:
    return read_news(json.dumps(event))


def receipt_of(event: dict[str, Any]) -> Receipt:
    (told,) = news_of(event).told
    assert told.token == TOKEN
    return told.receipt


# ---- SMS -----------------------------------------------------------------------------------------


def sms_words() -> Iterator[str]:
    model = botocore.session.get_session().get_service_model("pinpoint-sms-voice-v2")
    words = model.shape_for("EventType").enum
    yield from (word for word in words if word.startswith("TEXT_") and word != "TEXT_ALL")


def test_every_event_of_a_text_has_a_state_and_every_failure_a_reason() -> None:
    assert set(SMS_STATES) == set(sms_words())
    assert {word for word, state in SMS_STATES.items() if state == "failed"} == set(SMS_REASONS)


@pytest.mark.parametrize(
    ("word", "state", "reason"),
    [
        ("TEXT_PENDING", "accepted", ""),
        ("TEXT_QUEUED", "accepted", ""),
        ("TEXT_UNKNOWN", "accepted", ""),
        ("TEXT_SUCCESSFUL", "sent", ""),
        ("TEXT_DELIVERED", "delivered", ""),
        ("TEXT_INVALID", "failed", "number_unusable"),
        ("TEXT_INVALID_MESSAGE", "failed", "content_refused"),
        ("TEXT_UNREACHABLE", "failed", "temporary"),
        ("TEXT_CARRIER_UNREACHABLE", "failed", "temporary"),
        ("TEXT_BLOCKED", "failed", "filtered"),
        ("TEXT_CARRIER_BLOCKED", "failed", "filtered"),
        ("TEXT_SPAM", "failed", "filtered"),
        ("TEXT_TTL_EXPIRED", "failed", "expired_at_provider"),
        ("TEXT_PROTECT_BLOCKED", "failed", "sender_refused"),
        ("TEXT_TELEPORTED", None, ""),
    ],
)
def test_event_of_a_text_says_its_state(word: str, state: str | None, reason: str) -> None:
    receipt = receipt_of(sms_event(word))

    assert (receipt.ref, receipt.state, receipt.reason, receipt.word) == (
        *("e-message-1", state, reason),
        word,
    )


def test_price_is_the_message_and_the_fee() -> None:
    (told,) = news_of(sms_event("TEXT_DELIVERED", totalCarrierFee=0.01)).told

    assert told.price is not None
    assert (told.price.parts, told.price.amount, told.price.currency) == (
        *(2, Decimal("0.0945")),
        "USD",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"totalMessagePrice": None},
        {"totalMessageParts": None},
        {"totalMessagePrice": "dear"},
        {"totalMessagePrice": float("inf")},
        {"totalMessagePrice": -1},
        {"totalMessagePrice": "1e999999999"},
        {"totalMessageParts": 10**9},
        {"totalMessageParts": [1]},
    ],
)
def test_price_that_is_none_is_not_told(changes: dict[str, Any]) -> None:
    (told,) = news_of(sms_event("TEXT_DELIVERED", **changes)).told

    assert told.price is None


@pytest.mark.parametrize("context", [None, {}, "a text", {"token": ["x"]}, {"other": TOKEN}])
def test_event_without_our_token_tells_nothing(context: Any) -> None:
    assert news_of(sms_event("TEXT_DELIVERED", context=context)) == News()


def test_number_is_in_no_repr_of_what_was_told() -> None:
    said = repr(news_of(sms_event("TEXT_DELIVERED"))) + repr(news_of(inbound_sms("STOP")))

    assert PHONE.removeprefix("+") not in said
    assert TOKEN not in said


def test_sms_of_a_person_is_read() -> None:
    (message,) = news_of(inbound_sms("ابدأ")).inbound

    assert (message.ref, message.channel, message.sender) == ("in-1", SMS, "+9990000001")
    assert (message.number, message.body, message.user_id) == (PHONE, "ابدأ", "")


@pytest.mark.parametrize("body", ["STOP", "stop ", "Td", "remove", "OPT-OUT", "arret"])
def test_word_by_which_aws_has_stopped_her_is_a_stop_here_too(body: str) -> None:
    (message,) = news_of(inbound_sms(body)).inbound

    assert message.body == "STOP"


@pytest.mark.parametrize("number", ["INFO", "12345", "", "+", "+12 34"])
def test_message_of_a_name_or_short_code_is_nobodys(number: str) -> None:
    assert news_of(inbound_sms("STOP", originationNumber=number)) == News()


# ---- WhatsApp ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "code", "state", "reason"),
    [
        ("sent", None, "sent", ""),
        ("delivered", None, "delivered", ""),
        ("read", None, "read", ""),
        ("failed", 131026, "failed", "number_unusable"),
        ("failed", 131047, "failed", "content_refused"),
        ("failed", 131050, "failed", "opted_out"),
        ("failed", 131049, "failed", "limit_reached"),
        ("failed", 130472, "failed", "limit_reached"),
        ("failed", 131042, "failed", "sender_refused"),
        ("failed", 131000, "failed", "temporary"),
        ("failed", 999999, "failed", "unrecognised"),
        ("failed", None, "failed", ""),
        ("undeliverable", 131026, "failed", "number_unusable"),
        ("teleported", None, None, ""),
    ],
)
def test_status_says_its_state(word: str, code: int | None, state: str | None, reason: str) -> None:
    receipt = receipt_of(status(word, code))

    assert (receipt.state, receipt.reason) == (state, reason)
    assert receipt.word == (f"{word} {code}" if code else word)


def test_ids_of_metas_hold_a_number_and_are_not_kept() -> None:
    inside = base64.b64decode(WAMID.removeprefix("wamid.")).decode()
    assert PHONE.removeprefix("+") in inside

    receipt = receipt_of(status("sent"))
    (message,) = news_of(written({"type": "text", "text": {"body": "hello"}})).inbound

    for ref in (receipt.ref, message.ref):
        assert ref.startswith("wa:")
        assert len(ref) <= 64
        assert WAMID not in ref
    # The same id is the same reference, or a replay would be news.
    assert receipt_of(status("read")).ref == receipt.ref


def test_status_without_our_token_tells_nothing() -> None:
    event = whatsapp_event("messages", {"statuses": [{"id": WAMID, "status": "sent"}]})

    assert news_of(event) == News()


@pytest.mark.parametrize(
    ("said", "body"),
    [
        ({"type": "text", "text": {"body": "ابدأ"}}, "ابدأ"),
        ({"type": "button", "button": {"payload": "STOP", "text": "No more"}}, "STOP"),
        ({"type": "button", "button": {"text": "No more"}}, "No more"),
        (
            {
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "x"}},
            },
            "1",
        ),
        (
            {
                "type": "interactive",
                "interactive": {"type": "list_reply", "list_reply": {"id": "2"}},
            },
            "2",
        ),
        ({"type": "image", "image": {"id": "1"}}, ""),
        ({"type": "location", "location": {"latitude": 1}}, ""),
        ({"type": "text", "text": "no object"}, ""),
        ({"type": "interactive", "interactive": {"type": "other"}}, ""),
        ({}, ""),
    ],
)
def test_message_of_a_person_is_read(said: dict[str, Any], body: str) -> None:
    (message,) = news_of(written(said)).inbound

    assert (message.channel, message.sender, message.number) == (WHATSAPP, NUMBER_ID, PHONE)
    assert (message.body, message.user_id) == (body, USER_ID)
    assert message.written_at is not None
    assert message.written_at.timestamp() == 1_790_000_000


def test_whoever_shows_no_number_is_known_by_her_user_id() -> None:
    hidden = written({"type": "text", "text": {"body": "hello"}, "from": None}, wa_id=None)

    (message,) = news_of(hidden).inbound

    assert (message.number, message.user_id) == (USER_ID, USER_ID)


@pytest.mark.parametrize("kind", ["system", "reaction"])
def test_what_nobody_said_is_no_message(kind: str) -> None:
    assert news_of(written({"type": kind, kind: {"body": "x"}})).inbound == ()


def test_switching_advertising_off_is_a_stop_and_on_is_nothing() -> None:
    (stop,) = news_of(preference("stop")).stops

    assert (stop.number, stop.user_id, stop.body) == (PHONE, USER_ID, "STOP")
    assert (stop.channel, stop.sender) == (WHATSAPP, NUMBER_ID)
    assert news_of(preference("stop")).stops[0].ref == stop.ref
    assert PHONE.removeprefix("+") not in stop.ref
    assert news_of(preference("resume")) == News()


def test_word_on_a_wording_is_read() -> None:
    value = {
        "event": "REJECTED",
        "message_template_id": 123,
        "message_template_name": "boat_warning_1a2b",
        "message_template_language": "ar",
        "reason": "PROMOTIONAL",
    }

    (word,) = news_of(whatsapp_event("message_template_status_update", value)).wordings

    assert (word.ref, word.said.word, word.said.reason) == (
        *("boat_warning_1a2b:ar", "rejected"),
        "PROMOTIONAL",
    )


def test_changed_category_is_read_and_says_nothing_of_the_state() -> None:
    value = {
        "message_template_name": "boat_warning_1a2b",
        "message_template_language": "ar",
        "new_category": "MARKETING",
    }

    (word,) = news_of(whatsapp_event("template_category_update", value)).wordings

    assert (word.said.word, word.said.category) == ("", "marketing")


def test_several_changes_of_one_event_are_all_read() -> None:
    event = status("sent")
    entry = json.loads(event["whatsAppWebhookEntry"])
    entry["changes"] *= 3
    event["whatsAppWebhookEntry"] = json.dumps(entry)

    assert len(news_of(event).told) == 3


# ---- What is none --------------------------------------------------------------------------------

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        *("eventType", "messageId", "context", "inboundMessageId", "originationNumber"),
        *("whatsAppWebhookEntry", "messageBody", "totalMessagePrice", "totalMessageParts"),
    ]
)
META_KEYS = st.sampled_from(
    ["metadata", "contacts", "statuses", "messages", "user_preferences", "event", "new_category"]
)


@given(st.text() | st.dictionaries(KEYS, JSON_VALUES, max_size=6).map(json.dumps))
def test_no_event_makes_it_fail(text: str) -> None:
    read_news(text)


@given(
    st.sampled_from(["messages", "user_preferences", "message_template_status_update", "x"]),
    JSON_VALUES | st.dictionaries(META_KEYS, JSON_VALUES, max_size=6),
)
def test_no_webhook_of_metas_makes_it_fail(about: str, value: Any) -> None:
    news_of(whatsapp_event(about, value))


@pytest.mark.parametrize(
    "text",
    [
        "Successfully validated SNS topic for Amazon End User Messaging Social event publishing.",
        *["", "null", "[]", "{}", "17", "[" * 100_000],
        '{"eventType": "VOICE_ANSWERED"}',
        '{"whatsAppWebhookEntry": "no json"}',
        '{"whatsAppWebhookEntry": {"changes": 17}}',
    ],
)
def test_text_that_is_no_event_of_ours_tells_nothing(text: str) -> None:
    assert read_news(text) == News()


# ---- The tables ----------------------------------------------------------------------------------


def test_no_word_stands_under_two_reasons() -> None:
    assert len(EXCEPTIONS) == sum(map(len, EXCEPTIONS_BY_REASON.values()))
    assert len(META_REASONS) == sum(map(len, META_CODES_BY_REASON.values()))


def test_every_reason_of_an_exception_is_one_that_aws_knows() -> None:
    model = botocore.session.get_session().get_service_model("pinpoint-sms-voice-v2")
    named = [word.split(" ") for word in EXCEPTIONS if " " in word]

    assert named
    assert [
        (name, reason)
        for name, reason in named
        if reason not in model.shape_for(name).members["Reason"].enum
    ] == []


def test_every_state_is_one_of_ours() -> None:
    ours = {"accepted", "sent", "delivered", "read", "failed"}

    assert {*SMS_STATES.values(), *META_STATES.values()} <= ours
