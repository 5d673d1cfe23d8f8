"""A call to send, as Twilio reads it: its fields as a value, and the code that refuses it."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from messaging.sandbox.behaviours import MAGIC_PHONES, MAGIC_SENDERS, behaviour_of
from messaging.sandbox.store import SMS, WHATSAPP, Content

LONGEST_BODY = 1600
LONGEST_TEMPLATE = 1024
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_PREFIX = "whatsapp:"
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_USER_ID = re.compile(r"[A-Z]{2}\.[\w.]{1,128}")
_SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11}|MG[0-9a-f]{32}")
_GAP = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class SendRequest:
    """Hold the fields of a call to send; `to` and `sender` without their prefix."""

    channel: str
    to: str = field(repr=False)
    sender: str
    body: str = field(repr=False)
    callback: str = field(repr=False)
    template: str
    variables: Mapping[str, str] | None = field(repr=False)
    is_sender_whatsapp: bool

    def digest(self) -> str:
        """Return what makes two tries of one message the same, whatever their callback."""
        parts = (self.channel, self.to, self.sender, self.body, self.template, str(self.variables))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def read_request(form: Mapping[str, str]) -> SendRequest:
    """Return the call that a form makes."""
    to, sender = form.get("To", ""), form.get("MessagingServiceSid") or form.get("From", "")
    return SendRequest(
        channel=WHATSAPP if to.startswith(_PREFIX) else SMS,
        to=to.removeprefix(_PREFIX),
        sender=sender.removeprefix(_PREFIX),
        body=form.get("Body", ""),
        callback=form.get("StatusCallback", ""),
        template=form.get("ContentSid", ""),
        variables=_read_variables(form.get("ContentVariables", "")),
        is_sender_whatsapp=sender.startswith((_PREFIX, "MG")),
    )


def _read_variables(text: str) -> Mapping[str, str] | None:
    try:
        values = json.loads(text or "{}")
    except ValueError:
        return None
    if not isinstance(values, dict) or not all(isinstance(one, str) for one in values.values()):
        return None
    return values


def find_refusal(request: SendRequest, *, hosts: frozenset[str]) -> int:
    """Return the code of the first thing wrong with a call, or 0; `hosts` may be called back."""
    return (
        _find_in_addresses(request)
        or _find_in_text(request)
        or _find_in_callback(request.callback, hosts)
        or MAGIC_SENDERS.get(request.sender, 0)
        or MAGIC_PHONES.get(request.to, 0)
        or _find_in_behaviour(request)
    )


def _find_in_addresses(request: SendRequest) -> int:
    if not request.to:
        return 21604
    is_user = request.channel == WHATSAPP and _USER_ID.fullmatch(request.to)
    if not is_user and not _E164.fullmatch(request.to):
        return 21211
    if not request.sender:
        return 21603
    if request.channel == WHATSAPP and not request.is_sender_whatsapp:
        return 63007
    return 0 if _SENDER.fullmatch(request.sender) else 21212


def _find_in_text(request: SendRequest) -> int:
    if request.template:
        return 21656 if request.variables is None else 0
    if not request.body.strip():
        return 21602
    return 21617 if len(request.body) > LONGEST_BODY else 0


def _find_in_callback(url: str, hosts: frozenset[str]) -> int:
    if not url:
        return 0
    try:
        address = urlsplit(url)
        known = address.scheme in ("http", "https") and address.hostname in hosts
    except ValueError:
        known = False
    return 0 if known else 21609


def _find_in_behaviour(request: SendRequest) -> int:
    behaviour = behaviour_of(request.to)
    return 0 if behaviour.refuses_first else behaviour.refusal


def fill_template(content: Content, variables: Mapping[str, str]) -> tuple[str, str]:
    """Return a template's text with its gaps filled, and the code that fails it, or nothing."""
    gaps = set(_GAP.findall(content.body))
    text = _GAP.sub(lambda gap: variables.get(gap[1], gap[0]), content.body)
    if content.status != "approved":
        return text, "63027"
    if not gaps <= set(variables):
        return text, "63028"
    if any(not variables[gap] or re.search(r"[\n\t]| {5,}", variables[gap]) for gap in gaps):
        return text, "63013"
    return text, "63021" if len(text) > LONGEST_TEMPLATE else ""
