"""Twilio: SMS and WhatsApp by its REST API, spoken directly, one attempt for each call.

It decides nothing. What Twilio's statuses and codes mean stands in `twilio_words`; what became of
a call on the wire, in `http`. No error or repr of this module holds a number or a text.
"""

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from xml.sax.saxutils import escape

from twilio.request_validator import RequestValidator

from messaging.providers.base import Form, refuse_doubled_fields
from messaging.providers.http import Answer, Call, Client
from messaging.providers.twilio_words import error_for, read_reason, read_state
from messaging.wire import (
    BAD_ANSWER,
    BUSY,
    SENDER,
    SMS,
    UNRECOGNISED,
    WHATSAPP,
    Accepted,
    AccountProblem,
    BadSignature,
    Found,
    Inbound,
    NotAccepted,
    Outgoing,
    Receipt,
    Unclear,
    digest_text,
)

VALIDITY_SECONDS = range(1, 36_001)
# Fifty long Arabic texts, each letter escaped, stay under the second figure.
LIST_PAGE = 50
LIST_LIMIT = 1024 * 1024

_WHATSAPP_PREFIX = "whatsapp:"
_SID = re.compile(r"[A-Za-z0-9]{8,64}")
_SERVICE = re.compile(r"MG[0-9a-f]{32}")
_GAP = re.compile(r"\{\{(\w+)\}\}")
# XML 1.0 has no way to write these, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Twilio:
    """Speak to Twilio's API, or to whatever answers like it at these addresses."""

    def __init__(
        self,
        account: str,
        tokens: tuple[str, ...],
        url: str,
        content_url: str,
        *,
        client: Client | None = None,
    ) -> None:
        self._messages = f"{url.rstrip('/')}/2010-04-01/Accounts/{account}/Messages.json"
        self._content = f"{content_url.rstrip('/')}/v1/Content"
        self._client = client or Client()
        self._validators = tuple(RequestValidator(token) for token in tokens)
        pair = base64.b64encode(f"{account}:{tokens[0]}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}", "User-Agent": "Waymark"}

    def send(self, outgoing: Outgoing) -> Accepted:
        """Hand over one message, once; raise a SendError otherwise."""
        return Accepted(_read_sid(self._post_form(self._messages, _form_of(outgoing))))

    def list_sent(self, to: str, *, channel: str) -> list[Found]:
        """Return the newest messages Twilio says it took for this number."""
        query = urlencode({"To": _address(to, channel), "PageSize": LIST_PAGE})
        url = f"{self._messages}?{query}"
        answer = self._call(Call("GET", url, self._headers, limit=LIST_LIMIT))
        listed = _read_object(answer).get("messages")
        if not isinstance(listed, list):
            raise Unclear(BAD_ANSWER)
        return [_read_found(row) for row in listed if _is_ours(row)]

    def register_template(self, *, name: str, language: str, category: str, body: str) -> str:
        """Create a content template, submit it to WhatsApp, and return its ContentSid."""
        content = {
            "friendly_name": name,
            "language": language,
            "variables": {gap: f"sample {gap}" for gap in _GAP.findall(body)},
            "types": {"twilio/text": {"body": body}},
        }
        ref = _read_sid(self._post_json(self._content, content))
        approval = {"name": name, "category": category}
        _read_object(self._post_json(f"{self._content}/{ref}/ApprovalRequests/whatsapp", approval))
        return ref

    def template_state(self, ref: str) -> str:
        """Return WhatsApp's word on a template, as Twilio passes it on."""
        url = f"{self._content}/{quote(ref, safe='')}/ApprovalRequests"
        answer = self._call(Call("GET", url, self._headers))
        whatsapp = _read_object(answer).get("whatsapp")
        if not isinstance(whatsapp, dict):
            raise Unclear(BAD_ANSWER)
        return str(whatsapp.get("status", ""))

    def verify(self, url: str, form: Form, signature: str) -> None:
        """Raise BadSignature unless one of our tokens signed this form for this address."""
        refuse_doubled_fields(form)
        if not signature or not signature.isascii():
            raise BadSignature("no readable signature")
        if "bodySHA256" in parse_qs(urlsplit(url).query, keep_blank_values=True):
            raise BadSignature("a JSON signature on a form")
        if not any(_is_signed(one, url, form, signature) for one in self._validators):
            raise BadSignature("no token of ours made this signature")

    def read_receipt(self, form: Form) -> Receipt:
        """Return the receipt in a status callback."""
        word, code = form.get("MessageStatus", ""), form.get("ErrorCode", "")
        return Receipt(
            ref=form.get("MessageSid", ""),
            state=read_state(word),
            reason=read_reason(code),
            word=f"{word} {code}".strip(),
        )

    def read_inbound(self, form: Form) -> Inbound:
        """Return the message in an inbound webhook; names, places and the rest stay behind."""
        number, is_whatsapp = _split_address(form.get("From", ""))
        return Inbound(
            ref=form.get("MessageSid", ""),
            channel=WHATSAPP if is_whatsapp else SMS,
            sender=_split_address(form.get("To", ""))[0],
            number=number,
            body=_read_body(form),
        )

    def reply(self, text: str) -> tuple[str, str]:
        """Return TwiML that answers with this text, or with nothing if it is empty."""
        clean = _NOT_XML.sub("", text)
        message = f"<Message>{escape(clean)}</Message>" if clean else ""
        xml = f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'
        return "text/xml; charset=utf-8", xml

    def _post_form(self, url: str, form: Mapping[str, str]) -> Answer:
        kind = "application/x-www-form-urlencoded"
        return self._post(url, kind, urlencode(form).encode())

    def _post_json(self, url: str, content: object) -> Answer:
        body = json.dumps(content, ensure_ascii=False).encode()
        return self._post(url, "application/json", body)

    def _post(self, url: str, kind: str, body: bytes) -> Answer:
        return self._call(Call("POST", url, self._headers | {"Content-Type": kind}, body))

    def _call(self, call: Call) -> Answer:
        answer = self._client.call(call)
        _raise_refusal(answer)
        return answer


def _form_of(outgoing: Outgoing) -> dict[str, str]:
    form = {"To": _address(outgoing.to, outgoing.channel)}
    if _SERVICE.fullmatch(outgoing.sender):
        form["MessagingServiceSid"] = outgoing.sender
    else:
        form["From"] = _address(outgoing.sender, outgoing.channel)
    if outgoing.template:
        form["ContentSid"] = outgoing.template
        form["ContentVariables"] = json.dumps(dict(outgoing.variables), ensure_ascii=False)
    else:
        form["Body"] = outgoing.body
    if outgoing.callback:
        form["StatusCallback"] = outgoing.callback
    shortest, longest = VALIDITY_SECONDS[0], VALIDITY_SECONDS[-1]
    form["ValidityPeriod"] = str(max(shortest, min(longest, outgoing.validity)))
    return form


def _address(number: str, channel: str) -> str:
    return f"{_WHATSAPP_PREFIX}{number}" if channel == WHATSAPP else number


def _split_address(address: str) -> tuple[str, bool]:
    return address.removeprefix(_WHATSAPP_PREFIX), address.startswith(_WHATSAPP_PREFIX)


def _read_body(form: Form) -> str:
    # Twilio may know a STOP that we do not: a service can have stop words of its own.
    if form.get("OptOutType") == "STOP":
        return "STOP"
    # A pressed button says what it means in its payload; its caption is for the eye.
    return form.get("ButtonPayload") or form.get("Body", "")


def _is_signed(validator: RequestValidator, url: str, form: Form, signature: str) -> bool:
    try:
        return bool(validator.validate(url, form, signature))
    except (TypeError, ValueError):
        # Half a surrogate pair, or a value that is no text: nothing Twilio would sign.
        return False


def _raise_refusal(answer: Answer) -> None:
    """Raise what an answer other than 2xx means; a refusal counts only in Twilio's own JSON."""
    if 200 <= answer.status < 300:
        return
    word = f"http {answer.status}"
    if answer.status == 429:
        raise NotAccepted(BUSY, word=word, retry_after=_read_wait(answer.retry_after))
    code = _read_code(answer)
    if not 400 <= answer.status < 500 or answer.status == 408 or not code:
        raise Unclear(BAD_ANSWER, word=word)
    reason = read_reason(code)
    if answer.status in (401, 403) and reason == UNRECOGNISED:
        raise AccountProblem(SENDER, word=code)
    raise error_for(reason)(reason, word=code)


def _read_code(answer: Answer) -> str:
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    code = content.get("code") if isinstance(content, dict) else None
    return str(code) if isinstance(code, int) and not isinstance(code, bool) else ""


def _read_wait(header: str) -> float | None:
    return float(header) if re.fullmatch(r"\d{1,5}", header) else None


def _read_object(answer: Answer) -> dict[str, Any]:
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        content = None
    # Raised out here so that it has no context: a JSON error holds the whole document.
    if not isinstance(content, dict):
        raise Unclear(BAD_ANSWER, word=f"http {answer.status}")
    return content


def _read_sid(answer: Answer) -> str:
    ref = _read_object(answer).get("sid")
    if not isinstance(ref, str) or not _SID.fullmatch(ref):
        raise Unclear(BAD_ANSWER, word=f"http {answer.status}")
    return ref


def _is_ours(row: object) -> bool:
    return isinstance(row, dict) and str(row.get("direction", "")).startswith("outbound-api")


def _read_found(row: dict[str, Any]) -> Found:
    code = row.get("error_code")
    return Found(
        ref=str(row.get("sid", "")),
        sender=_split_address(str(row.get("from") or row.get("messaging_service_sid") or ""))[0],
        body_digest=digest_text(str(row.get("body") or "")),
        created_at=_read_date(row.get("date_created")),
        state=read_state(str(row.get("status", ""))),
        reason=read_reason("" if code is None else str(code)),
    )


def _read_date(text: object) -> datetime:
    try:
        moment = parsedate_to_datetime(str(text))
    except ValueError:
        moment = None
    if moment is None:
        raise Unclear(BAD_ANSWER)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
