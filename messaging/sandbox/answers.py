"""Answers in Twilio's shapes, and readers of what came in."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from locales.alphabets import count_parts
from messaging.sandbox.behaviours import REFUSALS
from messaging.sandbox.signing import API_VERSION
from messaging.sandbox.store import IN, SMS, WHATSAPP, Message

PRICE_OF_PART = Decimal("0.05")
_PRICED = frozenset({"delivered", "read", "undelivered"})


def make_sid(prefix: str) -> str:
    """Return a new id of Twilio's form."""
    return f"{prefix}{secrets.token_hex(16)}"


def read_texts(form: Mapping[str, object]) -> dict[str, str]:
    """Return the fields of a form that are text; an uploaded file is none."""
    return {name: value for name, value in form.items() if isinstance(value, str)}


def read_number(text: str | None, default: int) -> int:
    """Return a whole number from a query, or the default if it is none."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else default


def refuse(code: int, *, to: str = "", sender: str = "") -> web.Response:
    """Return Twilio's error answer for a code."""
    refusal = REFUSALS[code]
    # Replaced, not formatted: an address may hold braces.
    text = refusal.text.replace("{to}", to).replace("{from}", sender)
    more = f"https://www.twilio.com/docs/errors/{code}"
    content = {"code": code, "message": text, "more_info": more, "status": refusal.status}
    headers = {"Retry-After": "1"} if refusal.status == 429 else None
    return web.json_response(content, status=refusal.status, headers=headers)


def as_json(message: Message, *, account: str) -> dict[str, Any]:
    """Return a message as the Messages resource shows it."""
    prefix = "whatsapp:" if message.channel == WHATSAPP else ""
    phone, ours = prefix + message.number, prefix + message.sender
    is_inbound = message.direction == IN
    created = format_datetime(datetime.fromtimestamp(message.created_at, UTC))
    is_service = message.sender.startswith("MG")
    parts = count_parts(message.body).parts if message.channel == SMS else 1
    return {
        "sid": message.sid,
        "account_sid": account,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": created,
        "date_sent": None if message.status == "queued" else created,
        "date_updated": created,
        "direction": message.direction,
        "error_code": int(message.code) if message.code else None,
        "error_message": None,
        "from": phone if is_inbound else (None if is_service else ours),
        "to": ours if is_inbound else phone,
        "messaging_service_sid": message.sender if is_service else None,
        "num_media": "0",
        "num_segments": str(parts),
        # What it takes away from our account, once it is known what became of it.
        "price": f"{-PRICE_OF_PART * parts:.5f}" if message.status in _PRICED else None,
        "price_unit": "USD",
        "status": "received" if is_inbound else message.status,
        "uri": f"/{API_VERSION}/Accounts/{account}/Messages/{message.sid}.json",
    }
