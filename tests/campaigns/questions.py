"""People who write to us, for tests: through the real door, from a phone that has joined or has not."""

import re
from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from campaigns.field import inbox
from campaigns.models import Partner, Question
from messaging.consenting import consent
from messaging.models import InboundMessage, Subscriber
from messaging.receiving import inbound
from messaging.wire import Inbound
from tests.campaigns import factories

SENDER = "+9990000001"


def write(person: Subscriber, body: str, *, at: datetime | None = None) -> str:
    """Let somebody who has joined write, and return what she is answered at once."""
    sealed = bytes(person.number_sealed)
    number = consent.open_number(person.uid, sealed, purpose="sending")
    return write_from(number, body, channel=person.channel, at=at)


def write_from(number: str, body: str, *, channel: str = "sms", at: datetime | None = None) -> str:
    """Let whoever has a number write."""
    serial = f"SM{InboundMessage.objects.count():032d}"
    message = Inbound(ref=serial, channel=channel, sender=SENDER, number=number, body=body)
    return inbound.receive(message, now=at or factories.now())


def ask(body: str = "When is the office open?", *, channel: str = "sms") -> Question:
    """Return the question that somebody who has joined asks."""
    (person,) = factories.subscribe(1, channel=channel)
    write(person, body)
    question: Question = Question.objects.latest("pk")
    return question


def hand(question: Question, partner: Partner) -> Question:
    """Let a question belong to a partner, as after a broadcast of it."""
    Question.objects.filter(pk=question.pk).update(partner=partner)
    question.refresh_from_db()
    return question


def press(client: Client, name: str, question: Question, **form: Any) -> Any:
    """Press a button of a question, with all its texts on the page where the form says no other."""
    if name in ("answer", "close"):
        form = form if "seen" in form else form | {"seen": names_of(question)}
    return client.post(reverse(f"desk_question_{name}", args=[question.code]), form)


def page_of(client: Client, question: Question) -> str:
    """Return the page of a question."""
    return client.get(reverse("desk_question", args=[question.code])).content.decode()


def names_of(question: Question) -> list[str]:
    """Return the names of all texts of a question, as of whoever has read each."""
    return [str(said.uid) for said in inbox.read(question)]


def list_seen(page: str) -> list[str]:
    """Return the names of the texts that a page says it has shown."""
    return sorted(set(re.findall(r'name="seen" value="([^"]+)"', page)))
