"""A phone writes: a signed inbound webhook goes out, and the TwiML answer comes to the phone.

Twilio's own handling of STOP is not imitated: what STOP does here is what the site does.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree import ElementTree

from messaging.sandbox.answers import make_sid
from messaging.sandbox.ledger import Ledger
from messaging.sandbox.signing import API_VERSION, Caller, SiteAnswer
from messaging.sandbox.store import IN, REPLY, WHATSAPP, Message


@dataclass(frozen=True, slots=True)
class Written:
    """Hold what came of a phone's message."""

    message: Message
    status: int
    replies: list[str] = field(repr=False)


class Writer:
    """Let phones write to the site."""

    def __init__(
        self, url: str, ledger: Ledger, caller: Caller, clock: Callable[[], float]
    ) -> None:
        self._url = url
        self._ledger = ledger
        self._caller = caller
        self._clock = clock

    async def write(self, number: str, *, channel: str, sender: str, body: str) -> Written:
        """Send a text from a phone to a sender of ours and keep what is answered."""
        message = Message(
            sid=make_sid("SM"),
            direction=IN,
            channel=channel,
            number=number,
            sender=sender,
            body=body,
            created_at=self._clock(),
            status="received",
        )
        self._ledger.add(message)
        answer = await self._caller.post(self._url, form_of(message, self._caller.account))
        if not answer.arrived:
            self._ledger.set_status(message.sid, "unanswered", str(answer.status or ""))
        replies = read_twiml(answer)
        for text in replies:
            self._ledger.add(self._reply_to(message, text))
        return Written(message, answer.status, replies)

    def _reply_to(self, message: Message, text: str) -> Message:
        return Message(
            sid=make_sid("SM"),
            direction=REPLY,
            channel=message.channel,
            number=message.number,
            sender=message.sender,
            body=text,
            created_at=self._clock(),
            status="delivered",
        )


def form_of(message: Message, account: str) -> dict[str, str]:
    """Return the form of an inbound webhook, with the fields that Twilio sends."""
    prefix = "whatsapp:" if message.channel == WHATSAPP else ""
    form = {
        "AccountSid": account,
        "ApiVersion": API_VERSION,
        "Body": message.body,
        "From": prefix + message.number,
        "To": prefix + message.sender,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "SmsStatus": "received",
        "NumMedia": "0",
        "NumSegments": "1",
    }
    if prefix:
        is_number = message.number.startswith("+")
        # Whoever shows no number shows a user id in its place.
        named = (
            {"WaId": message.number.removeprefix("+")}
            if is_number
            else {"ExternalUserId": form["From"]}
        )
        form |= {"ProfileName": "Sandbox"} | named
    return form


def read_twiml(answer: SiteAnswer) -> list[str]:
    """Return the texts of a TwiML answer's messages; none if it is not readable."""
    # No document type, so no entities of its own: TwiML has no use for either.
    if not answer.arrived or re.search("<!(DOCTYPE|ENTITY)", answer.text, re.IGNORECASE):
        return []
    try:
        root = ElementTree.fromstring(answer.text.encode())  # noqa: S314  # guarded above
    except ElementTree.ParseError:
        return []
    texts = ["".join(found.itertext()).strip() for found in root.iter("Message")]
    return [text for text in texts if text]
