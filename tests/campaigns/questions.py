"""People who write to us, for tests: through the real door, from a phone that has joined or has not."""

from datetime import datetime

from campaigns.models import Question
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
