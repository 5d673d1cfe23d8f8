"""Reading Twilio's answers: ids, dates, prices, refusals; every doubt is an `Unclear`.

No error of this module holds a number or a text.
"""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from messaging.providers.http import Answer
from messaging.providers.settling import settle
from messaging.providers.twilio_words import read_reason
from messaging.wire import (
    BAD_ANSWER,
    BUSY,
    WHATSAPP,
    NotAccepted,
    Unclear,
    make_refusal,
)

_WHATSAPP_PREFIX = "whatsapp:"
_SID = re.compile(r"[A-Za-z0-9]{8,64}")
_DEAREST = Decimal(1000)


def join_address(number: str, channel: str) -> str:
    """Return an address as Twilio writes it."""
    return f"{_WHATSAPP_PREFIX}{number}" if channel == WHATSAPP else number


def split_address(address: str) -> tuple[str, bool]:
    """Return an address without its prefix, and whether it is one of WhatsApp's."""
    return address.removeprefix(_WHATSAPP_PREFIX), address.startswith(_WHATSAPP_PREFIX)


def settle_reason(code: str) -> str:
    """Return our reason for an error code of Twilio's; empty for no code."""
    reason = read_reason(code)
    return settle("twilio", code, reason) if reason else ""


def raise_refusal(answer: Answer) -> None:
    """Raise what an answer other than 2xx means; a refusal counts only in Twilio's own JSON."""
    if 200 <= answer.status < 300:
        return
    word = f"http {answer.status}"
    if answer.status == 429:
        raise NotAccepted(BUSY, word=word, retry_after=answer.wait)
    code = _read_code(answer)
    if not 400 <= answer.status < 500 or answer.status == 408 or not code:
        raise Unclear(BAD_ANSWER, word=word)
    reason = settle_reason(code)
    raise make_refusal(reason, status=answer.status, word=code, retry_after=answer.wait)


def read_object(answer: Answer) -> dict[str, Any]:
    """Return the object that an answer holds."""
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        content = None
    # Raised out here so that it has no context: a JSON error holds the whole document.
    if not isinstance(content, dict):
        raise Unclear(BAD_ANSWER, word=f"http {answer.status}")
    return content


def read_sid(answer: Answer) -> str:
    """Return the id that an answer names."""
    return sid_of(read_object(answer), word=f"http {answer.status}")


def sid_of(row: dict[str, Any], *, word: str = "") -> str:
    """Return the id in a message; raise Unclear where it has none that can be read."""
    ref = row.get("sid")
    if not isinstance(ref, str) or not _SID.fullmatch(ref):
        raise Unclear(BAD_ANSWER, word=word)
    return ref


def read_rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the messages that a page of a list holds."""
    listed = content.get("messages")
    # What is left out would pass for what was never sent.
    if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
        raise Unclear(BAD_ANSWER)
    return listed


def read_date(text: object) -> datetime:
    """Return a moment written as in a letter's head."""
    try:
        moment = parsedate_to_datetime(str(text))
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise Unclear(BAD_ANSWER)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_amount(text: object) -> Decimal | None:
    """Return a price, which Twilio writes as what is taken away; None while there is none."""
    try:
        amount = -Decimal(str(text)) if text not in (None, "") else None
    except ArithmeticError:
        return None
    if amount is None or not amount.is_finite() or not 0 <= amount < _DEAREST:
        return None
    return amount.copy_abs()


def read_count(text: object) -> int:
    """Return a small whole number, 0 for what is none."""
    return int(text) if isinstance(text, str) and re.fullmatch(r"[0-9]{1,3}", text) else 0


def code_of(row: dict[str, Any]) -> str:
    """Return the error code in a message, "" where there is none."""
    code = row.get("error_code")
    return "" if code is None else str(code)


def _read_code(answer: Answer) -> str:
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    code = content.get("code") if isinstance(content, dict) else None
    return str(code) if isinstance(code, int) and not isinstance(code, bool) else ""
