"""A stand-in for three services of AWS on loopback: it checks each request by the models, keeps a ledger,

and behaves by the last two digits of a number. Real sockets; a connection is cut where an answer is lost.
"""

import json
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.credentials import ReadOnlyCredentials

from messaging.providers.aws_signing import AccessKeys
from tests.messaging.providers.modelled import KEY, SECRET, Asked, Request, Unacceptable, read
from tests.messaging.providers.serving import Quiet, serve

# Status, headers, body; None cuts the connection.
Said = tuple[int, dict[str, str], bytes] | None
OUTCOMES = {
    "42": "accepts",
    "92": "is_unusable",
    "93": "has_opted_out",
    "94": "loses_the_answer",
    "95": "breaks",
    "96": "is_busy",
    "97": "is_account",
}
_HTTP = {
    "is_unusable": 400,
    "has_opted_out": 400,
    "breaks": 500,
    "is_busy": 400,
    "is_account": 400,
}
_CONFLICT = "ConflictException"
SMS_ERRORS: dict[str, tuple[str, dict[str, Any]]] = {
    "is_unusable": (
        "ValidationException",
        {"Reason": "INVALID_PARAMETER", "Fields": [{"Name": "DestinationPhoneNumber"}]},
    ),
    "has_opted_out": (_CONFLICT, {"Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT"}),
    "breaks": ("InternalServerException", {}),
    "is_busy": ("ThrottlingException", {}),
    "is_account": (
        "ServiceQuotaExceededException",
        {"Reason": "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"},
    ),
}
SOCIAL_ERRORS = {
    "breaks": (502, "DependencyException"),
    "is_busy": (429, "ThrottledRequestException"),
    "is_account": (403, "AccessDeniedException"),
}
SNS_ERRORS = {
    "is_unusable": ("InvalidParameter", "Invalid parameter: PhoneNumber Reason: {} is not valid"),
    "has_opted_out": ("InvalidParameter", "Invalid parameter: {} is opted out"),
    "breaks": ("InternalError", ""),
    "is_busy": ("Throttling", "Rate exceeded"),
    "is_account": ("AuthorizationError", "not authorized"),
}


def keys_for_tests() -> AccessKeys:
    """Return the keys that the stand-in knows."""
    return AccessKeys(lambda: ReadOnlyCredentials(KEY, SECRET, None))


@dataclass(frozen=True)
class Entry:
    """One line of the ledger: a message that was accepted."""

    service: str
    ref: str
    number: str
    given: dict[str, Any]


@dataclass
class StandIn:
    """What the services have seen, and what they answer."""

    url: str = ""
    ledger: list[Entry] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    opted_out: dict[str, datetime] = field(default_factory=dict)
    templates: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    throttled: set[str] = field(default_factory=set)
    page: int = 100
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Said:
        """Return what is answered; None cuts the connection."""
        try:
            asked = read(request)
        except (Unacceptable, KeyError, ValueError, AssertionError) as error:
            self.wrong.append(str(error))
            return _say_json(400, {"__type": "ValidationException", "Message": str(error)})
        with self.lock:
            self.asked.append(asked)
            said: tuple[int, dict[str, str], bytes] | None = getattr(self, f"_{asked.operation}")(
                asked
            )
            return said

    def count(self, number: str) -> int:
        return sum(one.number == number for one in self.ledger)

    def _outcome(self, number: str) -> str:
        outcome = OUTCOMES.get(number[-2:], "accepts")
        if outcome == "is_busy":
            if number in self.throttled:
                return "accepts"
            self.throttled.add(number)
        return outcome

    def _enter(self, asked: Asked, number: str) -> str:
        ref = str(uuid.uuid4())
        self.ledger.append(Entry(asked.service, ref, number, asked.given))
        return ref

    def _SendTextMessage(self, asked: Asked) -> Any:  # noqa: N802
        number = asked.given["DestinationPhoneNumber"]
        outcome = self._outcome(number)
        if number in self.opted_out:
            outcome = "has_opted_out"
        if outcome in SMS_ERRORS:
            name, more = SMS_ERRORS[outcome]
            said = {"__type": f"com.amazonaws.sms#{name}", "Message": f"to {number}"} | more
            return _say_json(_HTTP[outcome], said)
        ref = self._enter(asked, number)
        return None if outcome == "loses_the_answer" else _say_json(200, {"MessageId": ref})

    def _SendWhatsAppMessage(self, asked: Asked) -> Any:  # noqa: N802
        message = json.loads(asked.given["message"])
        check_meta_message(message)
        number = message.get("to") or message["recipient"]
        outcome = self._outcome(number)
        if outcome in SOCIAL_ERRORS:
            status, name = SOCIAL_ERRORS[outcome]
            # As AWS does here: the name is in a header only.
            return _say_json(status, {"message": f"to {number}"}, **{"x-amzn-ErrorType": name})
        ref = self._enter(asked, number)
        return None if outcome == "loses_the_answer" else _say_json(200, {"messageId": ref})

    def _Publish(self, asked: Asked) -> Any:  # noqa: N802
        number = asked.given["PhoneNumber"]
        outcome = self._outcome(number)
        if outcome in SNS_ERRORS:
            name, said = SNS_ERRORS[outcome]
            return _say_xml(_HTTP[outcome], f"<Code>{name}</Code><Message>{said}</Message>", number)
        ref = self._enter(asked, number)
        body = f"<PublishResult><MessageId>{ref}</MessageId></PublishResult>"
        whole = f"<PublishResponse>{body}</PublishResponse>".encode()
        return None if outcome == "loses_the_answer" else (200, {}, whole)

    def _PutOptedOutNumber(self, asked: Asked) -> Any:  # noqa: N802
        self.opted_out.setdefault(asked.given["OptedOutNumber"], datetime.now(UTC))
        return _say_json(200, {"OptedOutNumber": asked.given["OptedOutNumber"]})

    def _DescribeOptedOutNumbers(self, asked: Asked) -> Any:  # noqa: N802
        place = asked.given.get("NextToken", "from 0")
        if not place.startswith("from "):
            return _say_json(400, {"__type": "ValidationException", "Reason": "INVALID_NEXT_TOKEN"})
        begin = int(place.removeprefix("from "))
        size = min(self.page, asked.given["MaxResults"])
        rows = sorted(self.opted_out.items())
        said: dict[str, Any] = {
            "OptedOutNumbers": [
                {
                    "OptedOutNumber": number,
                    "OptedOutTimestamp": at.timestamp(),
                    "EndUserOptedOut": True,
                }
                for number, at in rows[begin : begin + size]
            ]
        }
        if begin + size < len(rows):
            said["NextToken"] = f"from {begin + size}"
        return _say_json(200, said)

    def _CreateWhatsAppMessageTemplate(self, asked: Asked) -> Any:  # noqa: N802
        wording = json.loads(asked.given["templateDefinition"])
        assert wording["category"] in {"UTILITY", "MARKETING", "AUTHENTICATION"}
        key = (wording["name"], wording["language"])
        self.templates[key] = {**wording, "status": "APPROVED", "id": str(len(self.templates))}
        said = {"metaTemplateId": "12345", "templateStatus": "PENDING", "category": "MARKETING"}
        return _say_json(200, said)

    def _GetWhatsAppMessageTemplate(self, asked: Asked) -> Any:  # noqa: N802
        key = (asked.given["templateName"], asked.given["templateLanguageCode"])
        if key not in self.templates:
            said = {"message": "none", "x": 1}
            return _say_json(404, said, **{"x-amzn-ErrorType": "ResourceNotFoundException:"})
        return _say_json(200, {"template": json.dumps(self.templates[key])})


def check_meta_message(message: dict[str, Any]) -> None:
    """Fail for a message that Meta would not take."""
    assert message["messaging_product"] == "whatsapp"
    assert message["recipient_type"] == "individual"
    assert set(message) <= {
        *("messaging_product", "recipient_type", "to", "recipient", "type"),
        *("text", "template", "biz_opaque_callback_data"),
    }
    assert len(message.get("biz_opaque_callback_data", "")) <= 512
    if message["type"] == "text":
        assert set(message["text"]) == {"body", "preview_url"}
        assert 1 <= len(message["text"]["body"]) <= 4096
    else:
        assert message["type"] == "template"
        assert set(message["template"]) <= {"name", "language", "components"}
        assert set(message["template"]["language"]) == {"code"}


def _say_json(status: int, said: dict[str, Any], **headers: str) -> Said:
    return status, headers, json.dumps(said).encode()


def _say_xml(status: int, said: str, number: str) -> Said:
    error = f"<Error><Type>Sender</Type>{said.format(number)}</Error>"
    return status, {}, f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>".encode()


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """Run the services until the end of the block; whatever the models forbid fails it."""
    held = StandIn()

    class Handler(Quiet):
        protocol_version = "HTTP/1.1"

        def take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = held.answer(Request(self.command, self.path, headers, body))
            if said is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, more, answer = said
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET = take  # noqa: N815

    with serve(Handler) as held.url:
        yield held
    assert held.wrong == []
