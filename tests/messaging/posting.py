"""What a provider posts to us, signed as it signs."""

import html
import itertools
from typing import Any
from urllib.parse import urlencode

from django.conf import settings as deployed
from django.test import Client
from twilio.request_validator import RequestValidator

from tests.messaging.factories import number_of

INBOUND = "/hooks/twilio/inbound/"
FORM = "application/x-www-form-urlencoded"
_refs = itertools.count(1)


def sign(path: str, form: dict[str, str]) -> str:
    validator = RequestValidator(deployed.TWILIO_AUTH_TOKENS[0])
    return str(validator.compute_signature(deployed.PUBLIC_URL + path, form))


def post(path: str, form: dict[str, str], *, signature: str | None = None) -> Any:
    made = sign(path, form) if signature is None else signature
    return Client().post(
        path, urlencode(form), content_type=FORM, headers={"X-Twilio-Signature": made}
    )


def write(
    body: str, *, serial: int = 1, ref: str = "SM00000001", channel: str = "sms", **more: str
) -> Any:
    prefix = "whatsapp:" if channel == "whatsapp" else ""
    return post(
        INBOUND,
        {
            "MessageSid": ref,
            "From": prefix + number_of(serial),
            "To": prefix + "+9990000001",
            "Body": body,
        }
        | more,
    )


def text_of(response: Any) -> str:
    return str(response.content.decode())


def say(body: str, serial: int = 1, **more: Any) -> str:
    """Let a phone write something new and return what it is answered, "" for nothing."""
    answer = text_of(write(body, serial=serial, ref=f"SM9{next(_refs):07d}", **more))
    return html.unescape(answer.partition("<Message>")[2].partition("</Message>")[0])
