"""What AWS tells us by SNS, as values: receipts, messages from people, stops, words on a wording.

Nothing here knows how it came: `sns` has proved before that it is AWS's own. AWS calls back in no other
way, so a form is never genuine.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from messaging.providers.aws_signing import Service
from messaging.providers.base import Form
from messaging.wire import (
    CONTENT,
    BadSignature,
    CannotList,
    Found,
    Inbound,
    Receipt,
    Refused,
    TemplateWord,
)


@dataclass(frozen=True, slots=True)
class Price:
    """Hold what one message cost in all, and how many parts it took."""

    parts: int
    amount: Decimal
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Told:
    """Hold one receipt with the token that says whose it is, and its price where that is told."""

    token: str = field(repr=False)
    receipt: Receipt
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class WordingNews:
    """Hold what Meta tells of a wording: `ref` is ours, as `register_template` returned it."""

    ref: str
    said: TemplateWord


@dataclass(frozen=True, slots=True)
class News:
    """Hold all that one event told; `stops` are people who switched us off without a word to us."""

    told: tuple[Told, ...] = ()
    inbound: tuple[Inbound, ...] = ()
    stops: tuple[Inbound, ...] = ()
    wordings: tuple[WordingNews, ...] = ()


class EventReader(Protocol):
    """Read one kind of event."""

    def __call__(self, event: Mapping[str, Any]) -> News | None:
        """Return what an event tells, or None for an event of another kind."""
        ...


class OnlySends:
    """Answer for what a provider of AWS has not: a list, wordings, callbacks by form."""

    lists = False
    templates = False

    def __init__(self, service: Service) -> None:
        self._service = service

    def list_sent(self, to: str, *, channel: str, since: datetime | None = None) -> list[Found]:  # noqa: ARG002
        """Raise CannotList: only events tell what became of a message."""
        raise CannotList

    def register_template(self, *, name: str, language: str, category: str, body: str) -> str:  # noqa: ARG002
        """Raise Refused: no wording is approved for this channel."""
        raise Refused(CONTENT, word="no templates")

    def read_template(self, ref: str) -> TemplateWord:  # noqa: ARG002
        """Raise Refused: no wording is approved for this channel."""
        raise Refused(CONTENT, word="no templates")

    def verify(self, url: str, form: Form, signature: str, *, scheme: str = "") -> None:  # noqa: ARG002
        """Raise BadSignature: what AWS tells comes by SNS and never as a form."""
        raise BadSignature("AWS sends no forms")

    def read_receipt(self, form: Form) -> Receipt:  # noqa: ARG002
        """Return a receipt that says nothing."""
        return Receipt("", None)

    def read_inbound(self, form: Form) -> Inbound:  # noqa: ARG002
        """Raise BadSignature: what AWS tells comes by SNS and never as a form."""
        raise BadSignature("AWS sends no forms")

    def reply(self, text: str) -> tuple[str, str]:  # noqa: ARG002
        """Return an empty answer: a reply goes out as a message of its own."""
        return "text/plain; charset=utf-8", ""


def read_object(text: object) -> dict[str, Any]:
    """Return the JSON object in a text, or an empty one for anything else."""
    if not isinstance(text, str):
        return {}
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def read_objects(held: object) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list, and nothing where there is no list."""
    if isinstance(held, list):
        yield from (one for one in held if isinstance(one, dict))


def read_text(held: Mapping[str, Any], name: str, *, most: int = 200) -> str:
    """Return a text or a number under a name as a text, "" for anything else."""
    found = held.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    # Half a surrogate pair and NUL can be stored by no database.
    return str(found).encode(errors="ignore").decode().replace("\0", "")[:most]


def make_ref(kind: str, theirs: str) -> str:
    """Return a reference of our own for an id of Meta's, which has the person's number inside."""
    return f"{kind}:{hashlib.sha256(theirs.encode()).hexdigest()[:40]}" if theirs else ""
