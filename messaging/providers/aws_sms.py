"""AWS End User Messaging SMS (`pinpoint-sms-voice-v2`): send one text, read its events, keep its list.

It decides nothing. What AWS's words mean stands in `aws_words`; how a call is made, in `aws_signing`.
There is no list of what was sent: our token comes back in each event as the context, and events are the
only evidence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from messaging.providers.aws_events import News, OnlySends, Price, Told, read_text
from messaging.providers.aws_signing import Service, read_ref
from messaging.providers.aws_words import SMS_STATES, STOP_WORDS, read_event_reason
from messaging.wire import SMS, Accepted, Inbound, Outgoing, Receipt

NAME = "pinpoint-sms-voice-v2"
VALIDITY_SECONDS = range(5, 259_201)
LIST_PAGE = 100
LONGEST_BODY = 10_000
_TOKEN = "token"  # noqa: S105  # the name of a field
_NUMBER = re.compile(r"\+[0-9]{5,18}")
_PRICE = re.compile(r"[0-9]{0,2}\.[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Ways:
    """Say how messages go: where their events go, and whether they are urgent or not."""

    configuration_set: str = ""
    message_type: str = "TRANSACTIONAL"
    opt_out_list: str = "Default"


@dataclass(frozen=True, slots=True)
class OptedOutNumber:
    """Hold one line of AWS's list; `by_phone` says that she wrote STOP herself."""

    number: str = field(repr=False)
    at: datetime
    by_phone: bool


@dataclass(frozen=True, slots=True)
class ListPage:
    """Hold one page of AWS's list and where the next begins, "" after the last."""

    numbers: tuple[OptedOutNumber, ...]
    next_place: str = field(default="", repr=False)


class AwsSms(OnlySends):
    """Speak to AWS's SMS service, or to whatever answers like it."""

    def __init__(self, service: Service, ways: Ways) -> None:
        super().__init__(service)
        self._ways = ways

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Hand over one message, once; raise a SendError otherwise."""
        given = _describe(outgoing, self._ways)
        return Accepted(read_ref(await self._service.ask("SendTextMessage", given), "MessageId"))

    def put_opted_out(self, number: str) -> None:
        """Put a number on AWS's list of those who left; raise a SendError otherwise."""
        given = {"OptOutListName": self._ways.opt_out_list, "OptedOutNumber": number}
        self._service.ask_here("PutOptedOutNumber", given)

    def list_opted_out(self, place: str = "") -> ListPage:
        """Return a page of AWS's list, from its begin or from a place; raise a SendError otherwise."""
        given: dict[str, Any] = {
            "OptOutListName": self._ways.opt_out_list,
            "MaxResults": LIST_PAGE,
        }
        if place:
            given["NextToken"] = place
        answer = self._service.ask_here("DescribeOptedOutNumbers", given)
        lines = answer.get("OptedOutNumbers") or []
        numbers = (_read_line(line) for line in lines if isinstance(line, dict))
        return ListPage(tuple(one for one in numbers if one), str(answer.get("NextToken") or ""))


def read_event(event: Mapping[str, Any]) -> News | None:
    """Return the receipt or the message in an event of the SMS service, or None for another's."""
    if read_text(event, "inboundMessageId"):
        # A name or a short code writes no STOP and joins nothing.
        is_phone = _NUMBER.fullmatch(read_text(event, "originationNumber"))
        return News(inbound=(_read_inbound(event),)) if is_phone else News()
    word = read_text(event, "eventType", most=30)
    if not word or not read_text(event, "messageId"):
        return None
    context = event.get("context")
    token = read_text(context, _TOKEN) if isinstance(context, dict) else ""
    if not token:
        # A notice: nothing hangs on what becomes of it.
        return News()
    receipt = Receipt(
        ref=read_text(event, "messageId", most=64),
        state=SMS_STATES.get(word),
        reason=read_event_reason(word),
        word=word,
    )
    return News(told=(Told(token, receipt, _read_price(event)),))


def _describe(outgoing: Outgoing, ways: Ways) -> dict[str, Any]:
    shortest, longest = VALIDITY_SECONDS[0], VALIDITY_SECONDS[-1]
    given: dict[str, Any] = {
        "DestinationPhoneNumber": outgoing.to,
        # Always named: left out, AWS would choose one itself.
        "OriginationIdentity": outgoing.sender,
        "MessageBody": outgoing.body,
        "MessageType": ways.message_type,
        "TimeToLive": max(shortest, min(longest, outgoing.validity)),
    }
    if ways.configuration_set:
        given["ConfigurationSetName"] = ways.configuration_set
    if outgoing.token:
        given["Context"] = {_TOKEN: outgoing.token}
    if price := write_price(outgoing.max_price):
        given["MaxPrice"] = price
    return given


def write_price(text: str) -> str:
    """Return a price as AWS writes it, at most 99.99999 dollars, and "" for none."""
    try:
        price = Decimal(text)
    except InvalidOperation:
        return ""
    written = f"{price:.5f}" if price.is_finite() else ""
    # At no price at all nothing would go.
    return written if _PRICE.fullmatch(written) and float(written) else ""


def _read_inbound(event: Mapping[str, Any]) -> Inbound:
    body = read_text(event, "messageBody", most=LONGEST_BODY)
    if body.strip().upper() in STOP_WORDS:
        # AWS has stopped her already: a few of its words are none of ours.
        body = "STOP"
    return Inbound(
        ref=read_text(event, "inboundMessageId", most=64),
        channel=SMS,
        sender=read_text(event, "destinationNumber"),
        number=read_text(event, "originationNumber", most=20),
        body=body,
    )


def _read_price(event: Mapping[str, Any]) -> Price | None:
    parts, amount = event.get("totalMessageParts"), event.get("totalMessagePrice")
    fee = event.get("totalCarrierFee") or 0
    try:
        whole = Decimal(str(amount)) + Decimal(str(fee))
        counted = int(str(parts))
    except (ArithmeticError, ValueError):
        return None
    if amount is None or not whole.is_finite() or not 0 <= whole < 1000 or not 0 < counted < 100:
        return None
    return Price(counted, whole)


def _read_line(line: Mapping[str, Any]) -> OptedOutNumber | None:
    number, at = line.get("OptedOutNumber"), line.get("OptedOutTimestamp")
    if not isinstance(number, str) or not isinstance(at, datetime):
        return None
    return OptedOutNumber(number, at, bool(line.get("EndUserOptedOut")))
