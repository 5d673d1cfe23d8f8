"""Inbound messages: STOP, START and HELP first; everything else goes to the named handler."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from locales.keywords import Keyword, read_keyword
from locales.languages import LAST_RESORT, READER_LANGUAGES, choose_language
from messaging import consent
from messaging.crypto import hash_number, seal
from messaging.models import ConsentEntry, InboundMessage, Subscriber, Suppression
from messaging.wire import Inbound

_PLACE = "inbound.text"
_KINDS = {
    Keyword.STOP: InboundMessage.Kind.STOP,
    Keyword.START: InboundMessage.Kind.START,
    Keyword.HELP: InboundMessage.Kind.HELP,
}


@dataclass(frozen=True, slots=True)
class Question:
    """Hold what somebody wrote, for the layer that can answer; no number."""

    subscriber: int
    channel: str
    language: str
    country: str
    body: str = field(repr=False)


def receive(message: Inbound, *, now: datetime) -> str:
    """Take one inbound message and return the text to answer with, or nothing.

    A STOP commits here, in the same request. A replayed message changes nothing and gets no answer.
    """
    keyword = read_keyword(message.body)
    found = hash_number(message.number)
    subscriber = Subscriber.objects.filter(channel=message.channel, number_hash=found).first()
    with transaction.atomic():
        # One commit: a STOP whose withdrawal failed must not count as seen when it is sent again.
        if not _keep(message, subscriber, _KINDS.get(keyword) if keyword else None, now=now):
            return ""
        if keyword is Keyword.STOP:
            consent.withdraw(
                found,
                method=ConsentEntry.Method.KEYWORD,
                wording="STOP",
                now=now,
                channel=message.channel,
            )
    return _answer(message, subscriber, keyword)


def _keep(
    message: Inbound,
    subscriber: Subscriber | None,
    kind: InboundMessage.Kind | None,
    *,
    now: datetime,
) -> bool:
    row = InboundMessage(
        # Without an id nothing can be told apart from a replay; a STOP must not be lost by that.
        ref=message.ref or f"none:{uuid.uuid4().hex}",
        channel=message.channel,
        subscriber=subscriber,
        kind=kind or InboundMessage.Kind.OTHER,
        received_at=now,
    )
    row.text_sealed = seal(message.body, place=_PLACE, row=row.uid)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return False
    return True


def _answer(message: Inbound, subscriber: Subscriber | None, keyword: Keyword | None) -> str:
    asked = subscriber.language if subscriber else settings.LANGUAGE_CODE
    with translation.override(choose_language(asked, READER_LANGUAGES) or LAST_RESORT):
        if keyword is Keyword.STOP:
            return _("You will get no more messages from us. Your number is on our stop list.")
        if keyword is not None:
            return _tell_standing(hash_number(message.number), keyword)
        if subscriber is None or subscriber.state != Subscriber.State.SUBSCRIBED:
            return ""
        handler = import_string(settings.MESSAGING_INBOUND_HANDLER)
        answer: str = handler(
            Question(
                subscriber=subscriber.pk,
                channel=message.channel,
                language=subscriber.language,
                country=subscriber.country,
                body=message.body,
            )
        )
        return answer


def _tell_standing(number_hash: bytes, keyword: Keyword) -> str:
    """Answer START or HELP by how this number stands with us, on whichever channel it asks."""
    if Suppression.objects.filter(number_hash=number_hash).exists():
        return _(
            "Your number is on our stop list, and you get no messages. "
            "This cannot be undone by a message."
        )
    joined = Subscriber.objects.filter(
        number_hash=number_hash, state=Subscriber.State.SUBSCRIBED
    ).exists()
    if not joined:
        return _(
            "This service sends information to people who asked for it. You are not on its list."
        )
    if keyword is Keyword.START:
        return _("You already get these messages. Reply 0 to stop them.")
    return _("You asked for these messages. Reply 0 to stop them at any time.")
