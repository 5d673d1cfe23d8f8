"""AWS End User Messaging Social (`socialmessaging`): WhatsApp, with Meta's own JSON inside.

An answer means that AWS took the message, not that Meta did: what became of it is an event. There is no
list. Our token comes back as `biz_opaque_callback_data`. Ids of Meta's hold the person's number, so
ours are digests of them.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from messaging.providers.aws_events import (
    News,
    OnlySends,
    Told,
    WordingNews,
    make_ref,
    read_object,
    read_objects,
    read_text,
)
from messaging.providers.aws_signing import Service, read_ref
from messaging.providers.aws_words import META_STATES, read_code
from messaging.wire import (
    BAD_ANSWER,
    CONTENT,
    SENDER,
    WHATSAPP,
    Accepted,
    AccountProblem,
    Inbound,
    Outgoing,
    Receipt,
    Refused,
    TemplateWord,
    Unclear,
)

NAME = "socialmessaging"
LONGEST_BODY = 10_000
# Meta writes these with a country; all others are the same code as ours.
LANGUAGES = {"pt": "pt_PT", "zh": "zh_CN", "prs": "prs_AF", "ps": "ps_AF", "ky": "ky_KG"}
_GAP = re.compile(r"\{\{([0-9]+)\}\}")
_NAME_LETTERS = re.compile(r"[^a-z0-9_]+")
_SECONDS = re.compile(r"[0-9]{1,10}")
_LONGEST_NAME = 56
_ADDRESS = "phone-number-id-"
# What WhatsApp tells of a person rather than she of anything, and a heart on a message.
_NOT_SAID = frozenset({"system", "reaction"})


@dataclass(frozen=True, slots=True)
class Account:
    """Name our WhatsApp account at AWS, which owns the wordings, and the version of Meta's API."""

    id: str = ""
    meta_version: str = "v23.0"


class AwsWhatsApp(OnlySends):
    """Speak to AWS's WhatsApp service, or to whatever answers like it."""

    templates = True

    def __init__(self, service: Service, account: Account) -> None:
        super().__init__(service)
        self._account = account

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Hand over one message, once; raise a SendError otherwise."""
        given = {
            "originationPhoneNumberId": outgoing.sender,
            "message": _write(_describe(outgoing)),
            "metaApiVersion": self._account.meta_version,
        }
        return Accepted(
            read_ref(await self._service.ask("SendWhatsAppMessage", given), "messageId")
        )

    def register_template(self, *, name: str, language: str, category: str, body: str) -> str:
        """Submit a wording for approval; return its name and language, by which it is sent."""
        short = _shorten(name)
        spoken = LANGUAGES.get(language, language)
        wording: dict[str, Any] = {"type": "BODY", "text": body}
        if gaps := sorted(set(_GAP.findall(body)), key=int):
            wording["example"] = {"body_text": [[f"sample {gap}" for gap in gaps]]}
        definition = {
            "name": short,
            "language": spoken,
            "category": category.upper(),
            # Another category has another price: it is asked about, not agreed to.
            "allow_category_change": False,
            "components": [wording],
        }
        given = {"id": self._own_account(), "templateDefinition": _write(definition)}
        answer = self._service.ask_here("CreateWhatsAppMessageTemplate", given)
        if not answer.get("metaTemplateId"):
            raise Unclear(BAD_ANSWER, word="no id")
        return _join_ref(short, spoken)

    def read_template(self, ref: str) -> TemplateWord:
        """Return what WhatsApp says of a submitted wording."""
        name, language = _split_ref(ref)
        given = {
            "id": self._own_account(),
            "templateName": name,
            "templateLanguageCode": language,
        }
        answer = self._service.ask_here("GetWhatsAppMessageTemplate", given)
        held = read_object(answer.get("template"))
        if not read_text(held, "status"):
            raise Unclear(BAD_ANSWER, word="no status")
        return TemplateWord(
            word=read_text(held, "status").lower(),
            reason=_read_reason(held, "rejected_reason"),
            category=(read_text(held, "correct_category") or read_text(held, "category")).lower(),
        )

    def _own_account(self) -> str:
        if not self._account.id:
            raise AccountProblem(SENDER, word="no account")
        return self._account.id


def read_event(event: Mapping[str, Any]) -> News | None:
    """Return what an event of the WhatsApp service tells, or None for another's."""
    entry = read_object(event.get("whatsAppWebhookEntry"))
    if not entry:
        return News() if "whatsAppWebhookEntry" in event else None
    addresses = _read_addresses(event)
    news = [_read_change(one, addresses) for one in read_objects(entry.get("changes"))]
    return News(
        told=tuple(told for one in news for told in one.told),
        inbound=tuple(message for one in news for message in one.inbound),
        stops=tuple(stop for one in news for stop in one.stops),
        wordings=tuple(word for one in news for word in one.wordings),
    )


def _describe(outgoing: Outgoing) -> dict[str, Any]:
    # Whoever shows no number is written to by her user id.
    to = "to" if outgoing.to.startswith("+") else "recipient"
    message: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        to: outgoing.to,
    }
    if outgoing.template:
        name, language = _split_ref(outgoing.template)
        wording: dict[str, Any] = {"name": name, "language": {"code": language}}
        if outgoing.variables:
            filled = sorted(outgoing.variables, key=_place_of)
            parameters = [{"type": "text", "text": text} for _, text in filled]
            wording["components"] = [{"type": "body", "parameters": parameters}]
        message |= {"type": "template", "template": wording}
    else:
        # A preview would let the phone of the reader's peer fetch the page.
        text = {"body": outgoing.body, "preview_url": False}
        message |= {"type": "text", "text": text}
    if outgoing.token:
        message["biz_opaque_callback_data"] = outgoing.token
    return message


def _place_of(variable: tuple[str, str]) -> int:
    return int(variable[0]) if variable[0].isdecimal() else 0


def _write(content: object) -> bytes:
    try:
        return json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        pass
    # Raised out here so that it has no context: the codec's error holds the text.
    raise Refused(CONTENT, word="half a character")


def _shorten(name: str) -> str:
    """Return a name as Meta takes it, short enough for a reference, and still one of its own."""
    plain = _NAME_LETTERS.sub("_", name.lower())
    if len(plain) <= _LONGEST_NAME and plain == name:
        return plain
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{plain[: _LONGEST_NAME - 9]}_{digest}"


def _join_ref(name: str, language: str) -> str:
    return f"{name}:{language}"


def _split_ref(ref: str) -> tuple[str, str]:
    name, _, language = ref.partition(":")
    return name, language or "en"


def _read_addresses(event: Mapping[str, Any]) -> dict[str, str]:
    """Return AWS's address of each number of ours by Meta's id of it."""
    context = event.get("context")
    rows = read_objects(context.get("MetaPhoneNumberIds")) if isinstance(context, dict) else ()
    return {
        read_text(row, "metaPhoneNumberId"): _ADDRESS + read_text(row, "arn").rpartition("/")[2]
        for row in rows
    }


def _read_change(change: Mapping[str, Any], addresses: Mapping[str, str]) -> News:
    value, about = change.get("value"), read_text(change, "field")
    if not isinstance(value, dict):
        return News()
    if about == "message_template_status_update":
        return News(wordings=(_read_wording(value, word=read_text(value, "event")),))
    if about == "template_category_update":
        # It says nothing of the state: the next question does.
        return News(wordings=(_read_wording(value, word=""),))
    metadata = value.get("metadata")
    number_id = read_text(metadata, "phone_number_id") if isinstance(metadata, dict) else ""
    ours = addresses.get(number_id) or next(iter(addresses.values()), "")
    if about == "user_preferences":
        wishes = read_objects(value.get("user_preferences"))
        return News(
            stops=tuple(_read_stop(one, ours) for one in wishes if one.get("value") == "stop")
        )
    people = list(read_objects(value.get("contacts")))
    receipts = (_read_status(one) for one in read_objects(value.get("statuses")))
    messages = (
        _read_message(one, people, ours)
        for one in read_objects(value.get("messages"))
        if one.get("type") not in _NOT_SAID
    )
    return News(
        told=tuple(one for one in receipts if one.token),
        inbound=tuple(one for one in messages if one.number),
    )


def _read_status(status: Mapping[str, Any]) -> Told:
    word = read_text(status, "status", most=14)
    errors = list(read_objects(status.get("errors")))
    code = read_text(errors[0], "code", most=12) if errors else ""
    state = META_STATES.get(word)
    receipt = Receipt(
        ref=make_ref("wa", read_text(status, "id", most=400)),
        state=state,
        reason=read_code(code) if state == "failed" else "",
        word=f"{word} {code}".strip(),
    )
    return Told(read_text(status, "biz_opaque_callback_data"), receipt)


def _read_message(message: Mapping[str, Any], people: list[dict[str, Any]], ours: str) -> Inbound:
    person = people[0] if len(people) == 1 else {}
    user_id = read_text(message, "from_user_id") or read_text(person, "user_id")
    number = _read_number(read_text(message, "from") or read_text(person, "wa_id"))
    return Inbound(
        ref=make_ref("wa", read_text(message, "id", most=400)),
        channel=WHATSAPP,
        sender=ours,
        number=number or user_id,
        body=_read_body(message),
        user_id=user_id,
        written_at=_read_time(read_text(message, "timestamp")),
    )


def _read_stop(wish: Mapping[str, Any], ours: str) -> Inbound:
    user_id = read_text(wish, "user_id")
    number = _read_number(read_text(wish, "wa_id")) or user_id
    return Inbound(
        # One word of hers at one second; told twice it is the same.
        ref=make_ref("off", f"{number} {read_text(wish, 'timestamp')}"),
        channel=WHATSAPP,
        sender=ours,
        number=number,
        body="STOP",
        user_id=user_id,
    )


def _read_time(seconds: str) -> datetime | None:
    """Return a moment written as seconds since 1970; None for what is none."""
    return datetime.fromtimestamp(int(seconds), UTC) if _SECONDS.fullmatch(seconds) else None


def _read_number(digits: str) -> str:
    bare = digits.removeprefix("+")
    return f"+{bare}" if bare.isascii() and bare.isdecimal() else ""


def _read_body(message: Mapping[str, Any]) -> str:
    """Return what she wrote, or what the button she pressed means."""
    kind = read_text(message, "type")
    held = message.get(kind)
    if not isinstance(held, dict):
        return ""
    if kind == "interactive":
        held = held.get(read_text(held, "type"))
        return read_text(held, "id") if isinstance(held, dict) else ""
    said = read_text(held, "payload") if kind == "button" else ""
    return said or read_text(held, "body" if kind == "text" else "text", most=LONGEST_BODY)


def _read_wording(value: Mapping[str, Any], *, word: str) -> WordingNews:
    name = read_text(value, "message_template_name")
    language = read_text(value, "message_template_language")
    said = TemplateWord(
        word=word.lower(),
        reason=_read_reason(value, "reason"),
        category=read_text(value, "new_category").lower(),
    )
    return WordingNews(_join_ref(name, language), said)


def _read_reason(held: Mapping[str, Any], name: str) -> str:
    reason = read_text(held, name)
    return "" if reason.upper() == "NONE" else reason
