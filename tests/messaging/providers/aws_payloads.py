"""Events of AWS as they come, with a person who does not exist."""

import base64
import json
from typing import Any

PHONE, USER_ID = "+9992210000042", "SN.13491208655302741918"
TOKEN = "17.1.0123456789abcdef01234567"
META_ID = "106540352242922"
NUMBER_ID = "phone-number-id-976c72a700aac43eaf573ae050000000"
# Ids of Meta's hold the number of the person.
WAMID = "wamid." + base64.b64encode(b"\x1c\x18\x0b9992210000042\x15\x02\x00unique").decode()


def sms_event(word: str, **changes: Any) -> dict[str, Any]:
    return {
        "eventType": word,
        "eventVersion": "1.0",
        "eventTimestamp": 1_790_000_000_000,
        "isFinal": True,
        "originationPhoneNumber": "+9990000001",
        "destinationPhoneNumber": PHONE,
        "isoCountryCode": "SN",
        "messageId": "e-message-1",
        "messageEncoding": "GSM",
        "messageType": "TRANSACTIONAL",
        "messageStatus": word.removeprefix("TEXT_"),
        "context": {"token": TOKEN},
        "totalMessageParts": 2,
        "totalMessagePrice": 0.0845,
        "totalCarrierFee": 0.0,
    } | changes


def inbound_sms(body: str, **changes: Any) -> dict[str, Any]:
    return {
        "originationNumber": PHONE,
        "destinationNumber": "+9990000001",
        "messageKeyword": "KEYWORD_1",
        "messageBody": body,
        "inboundMessageId": "in-1",
        "previousPublishedMessageId": "e-message-1",
    } | changes


def whatsapp_event(about: str, value: Any) -> dict[str, Any]:
    arn = "arn:aws:social-messaging:eu-west-1:123456789012:"
    metadata = {"display_phone_number": "9990000002", "phone_number_id": META_ID}
    if isinstance(value, dict):
        value = {"messaging_product": "whatsapp", "metadata": metadata} | value
    entry = {"id": "1", "changes": [{"value": value, "field": about}]}
    return {
        "context": {
            "MetaWabaIds": [{"wabaId": "1", "arn": f"{arn}waba/fb2594b8a7974770b128a409e2000000"}],
            "MetaPhoneNumberIds": [
                {
                    "metaPhoneNumberId": META_ID,
                    "arn": f"{arn}phone-number-id/{NUMBER_ID.removeprefix('phone-number-id-')}",
                }
            ],
        },
        "whatsAppWebhookEntry": json.dumps(entry),
        "aws_account_id": "123456789012",
        "message_timestamp": "2026-11-22T10:00:00.000Z",
        "messageId": "6d69f07a-c317-4278-9d5c-6a8407840000",
    }


def status(word: str, code: int | None = None, token: str = TOKEN) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": WAMID,
        "status": word,
        "timestamp": "1790000000",
        "recipient_id": PHONE.removeprefix("+"),
        "recipient_user_id": USER_ID,
        "biz_opaque_callback_data": token,
    }
    if code is not None:
        said["errors"] = [{"code": code, "title": f"to {PHONE}"}]
    return whatsapp_event("messages", {"statuses": [said]})


def written(said: dict[str, Any], *, wa_id: str | None = "9992210000042") -> dict[str, Any]:
    person = {"profile": {"name": "A name"}, "wa_id": wa_id, "user_id": USER_ID}
    message = {"from": "9992210000042", "id": WAMID, "timestamp": "1790000000"} | said
    return whatsapp_event("messages", {"contacts": [person], "messages": [message]})


def preference(value: str) -> dict[str, Any]:
    wish = {
        "wa_id": "9992210000042",
        "user_id": USER_ID,
        "detail": "a request",
        "category": "marketing_messages",
        "value": value,
        "timestamp": "1790000000",
    }
    return whatsapp_event("user_preferences", {"user_preferences": [wish]})
