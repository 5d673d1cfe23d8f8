"""Twilio: SMS and WhatsApp by its REST API, spoken directly, one attempt for each call.

It decides nothing. What Twilio's statuses and codes mean stands in `twilio_words`; what became of
a call on the wire, in `http`. No error or repr of this module holds a number or a text.
"""

import base64
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, quote_plus, urlencode
from xml.sax.saxutils import escape

from messaging.providers.base import Form
from messaging.providers.http import Answer, Call, Client
from messaging.providers.twilio_answers import (
    join_address,
    raise_refusal,
    read_object,
    read_sid,
    settle_reason,
    split_address,
)
from messaging.providers.twilio_archive import TwilioArchive
from messaging.providers.twilio_signing import Signatures
from messaging.providers.twilio_words import read_state
from messaging.wire import (
    BAD_ANSWER,
    CONTENT,
    SMS,
    WHATSAPP,
    Accepted,
    Inbound,
    Outgoing,
    Receipt,
    Refused,
    TemplateWord,
    Unclear,
)

VALIDITY_SECONDS = range(1, 36_001)

_SERVICE = re.compile(r"MG[0-9a-f]{32}")
_GAP = re.compile(r"\{\{(\w+)\}\}")
# XML 1.0 has no way to write these, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Twilio(TwilioArchive):
    """Speak to Twilio's API, or to whatever answers like it at these addresses."""

    lists = True
    templates = True

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
        self._signatures = Signatures(tokens, {})
        self._tokens = tokens
        pair = base64.b64encode(f"{account}:{tokens[0]}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}", "User-Agent": "Waymark"}
        self._form = self._headers | {"Content-Type": "application/x-www-form-urlencoded"}

    def trust(self, shared_keys: Mapping[str, str]) -> None:
        """Take signatures made with shared keys as well, named by their ids."""
        self._signatures = Signatures(self._tokens, shared_keys)

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Hand over one message, once; raise a SendError otherwise."""
        body = _encode(outgoing)
        answer = await self._client.exchange(Call("POST", self._messages, self._form, body))
        raise_refusal(answer)
        return Accepted(read_sid(answer))

    def register_template(self, *, name: str, language: str, category: str, body: str) -> str:
        """Create a content template, submit it to WhatsApp, and return its ContentSid."""
        content = {
            "friendly_name": name,
            "language": language,
            "variables": {gap: f"sample {gap}" for gap in _GAP.findall(body)},
            "types": {"twilio/text": {"body": body}},
        }
        ref = read_sid(self._post_json(self._content, content))
        approval = {"name": name, "category": category}
        read_object(self._post_json(f"{self._content}/{ref}/ApprovalRequests/whatsapp", approval))
        return ref

    def read_template(self, ref: str) -> TemplateWord:
        """Return what WhatsApp says of a template, as Twilio passes it on."""
        url = f"{self._content}/{quote(ref, safe='')}/ApprovalRequests"
        answer = self._call(Call("GET", url, self._headers))
        whatsapp = read_object(answer).get("whatsapp")
        if not isinstance(whatsapp, dict):
            raise Unclear(BAD_ANSWER)
        words = (whatsapp.get(name) for name in ("status", "rejection_reason", "category"))
        return TemplateWord(*(word if isinstance(word, str) else "" for word in words))

    def verify(self, url: str, form: Form, signature: str, *, scheme: str = "") -> None:
        """Raise BadSignature unless one of our secrets signed this form for this address."""
        self._signatures.check(url, form, signature, scheme=scheme)

    def read_receipt(self, form: Form) -> Receipt:
        """Return the receipt in a status callback."""
        word, code = form.get("MessageStatus", ""), form.get("ErrorCode", "")
        return Receipt(
            ref=form.get("MessageSid", "").replace("\0", ""),
            state=read_state(word),
            reason=settle_reason(code),
            word=f"{word} {code}".strip(),
        )

    def read_inbound(self, form: Form) -> Inbound:
        """Return the message in an inbound webhook; names, places and the rest stay behind."""
        number, is_whatsapp = split_address(form.get("From", ""))
        # Whoever has a user name on WhatsApp may be shown by an id instead of a number.
        user_id = split_address(form.get("ExternalUserId", ""))[0] if is_whatsapp else ""
        if not user_id and is_whatsapp and not number.startswith("+"):
            user_id = number
        return Inbound(
            ref=form.get("MessageSid", "").replace("\0", ""),
            channel=WHATSAPP if is_whatsapp else SMS,
            sender=split_address(form.get("To", ""))[0],
            number=number or user_id,
            body=_read_body(form),
            user_id=user_id,
        )

    def reply(self, text: str) -> tuple[str, str]:
        """Return TwiML that answers with this text, or with nothing if it is empty."""
        clean = _NOT_XML.sub("", text)
        message = f"<Message>{escape(clean)}</Message>" if clean else ""
        xml = f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'
        return "text/xml; charset=utf-8", xml

    def _post_json(self, url: str, content: object) -> Answer:
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = self._headers | {"Content-Type": "application/json"}
        return self._call(Call("POST", url, headers, body))


def _encode(outgoing: Outgoing) -> bytes:
    form = _form_of(outgoing)
    text = form.pop("Body", None)
    try:
        whole = urlencode(form)
        if text is not None:
            # One text goes to thousands; a single message, such as a code, is kept nowhere.
            quoted = _quote_often(text) if outgoing.token else quote_plus(text)
            whole = f"{whole}&Body={quoted}"
        return whole.encode()
    except UnicodeEncodeError:
        pass
    # Raised out here so that it has no context: that error holds the whole text.
    raise Refused(CONTENT, word="no text")


@lru_cache(maxsize=16)
def _quote_often(text: str) -> str:
    return quote_plus(text)


def _form_of(outgoing: Outgoing) -> dict[str, str]:
    form = {"To": join_address(outgoing.to, outgoing.channel)}
    if _SERVICE.fullmatch(outgoing.sender):
        form["MessagingServiceSid"] = outgoing.sender
    else:
        form["From"] = join_address(outgoing.sender, outgoing.channel)
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


def _read_body(form: Form) -> str:
    # Twilio may know a STOP that we do not: a service can have stop words of its own.
    if form.get("OptOutType") == "STOP":
        return "STOP"
    # A pressed button says what it means in its payload; its caption is for the eye.
    return form.get("ButtonPayload") or form.get("Body", "")
