"""What SNS brings from AWS: receipts, messages from people, words on wordings. Nothing is logged of them.

A delivery that SNS repeats is harmless: receipts and messages are kept once, by their ids. What cannot be
judged or kept now is answered with an error, and SNS brings it again; what is not genuine, with 403.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from locales.alphabets import count_parts
from messaging import numbers
from messaging.guarding.fencing import may_send
from messaging.models import Notice
from messaging.notifying import notices, templates
from messaging.providers import aws_sms, aws_whatsapp
from messaging.providers.aws_events import EventReader, News, Told, read_object
from messaging.providers.registry import make_topics
from messaging.providers.sns import (
    NOTIFICATION,
    SUBSCRIBED,
    CertificateAway,
    Envelope,
    Topics,
)
from messaging.receiving import billing, inbound, receipts
from messaging.sealing.tokens import read_token
from messaging.webhooks import read_length
from messaging.wire import SMS, BadSignature, Inbound, SendError

# SNS brings at most 256 KB, and writes them as a text within a text.
LARGEST = 640 * 1024
_ANSWER_LASTS = timedelta(hours=1)
_READERS: tuple[EventReader, ...] = (aws_sms.read_event, aws_whatsapp.read_event)

log = logging.getLogger("waymark.aws")


@cache
def the_topics() -> Topics:
    """Return what opens the messages of our topics, made once for each process."""
    return make_topics(settings)


@method_decorator(csrf_exempt, name="dispatch")
class SnsWebhook(View):
    """Take one message of a topic of ours."""

    http_method_names = ["post"]
    find_topics: Callable[[], Topics] = staticmethod(the_topics)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Let a STOP commit before the answer; say 403 to what is not SNS's, 503 to come again."""
        if read_length(request) > LARGEST:
            return HttpResponse(status=413)
        now = timezone.now()
        topics = self.find_topics()
        try:
            body = request.body
        except OSError:
            # The caller went away.
            return HttpResponse(status=400)
        try:
            envelope = topics.open(body, now=now)
            _heed(envelope, topics, now=now)
        except BadSignature:
            return HttpResponse(status=403)
        except (CertificateAway, SendError):
            return HttpResponse(status=503)
        return HttpResponse(status=200)


def take(news: News, *, now: datetime) -> None:
    """Hand on all that an event told; doing it twice changes nothing more."""
    # First what people say: a STOP waits for nothing.
    for message in news.inbound:
        answer = inbound.receive(message, now=now, may_answer=may_send)
        # To a STOP that AWS knows it has answered itself, and it takes no word more for her.
        if answer and (message.channel, message.body) != (SMS, "STOP"):
            _answer(message, answer, now=now)
    for stop in news.stops:
        # Without a word: she wrote none.
        inbound.receive(stop, now=now)
    for told in news.told:
        receipts.keep(told.token, told.receipt, now=now)
        _keep_price(told, now=now)
    for wording in news.wordings:
        templates.hear(wording.ref, wording.said, now=now)


def read_news(text: str) -> News:
    """Return what an event tells; nothing for one that is no business of ours."""
    event: dict[str, Any] = read_object(text)
    for read in _READERS:
        news = read(event)
        if news is not None:
            return news
    return News()


def _heed(envelope: Envelope, topics: Topics, *, now: datetime) -> None:
    if envelope.kind == NOTIFICATION:
        take(read_news(envelope.text), now=now)
    elif envelope.kind == SUBSCRIBED:
        topics.confirm(envelope)
        log.info("a topic of ours brings its messages here now")
    else:
        log.error("a topic of ours brings its messages here no more: subscribe it again")


def _keep_price(told: Told, *, now: datetime) -> None:
    owner = read_token(told.token)
    # While it is on its way the price is an estimate.
    if owner is None or told.price is None or told.receipt.state in (None, "accepted"):
        return
    price = told.price
    billing.note_bill(owner[0], billing.Charge(price.parts, price.amount, price.currency), now=now)


def _answer(message: Inbound, text: str, *, now: datetime) -> None:
    """Let an answer go out as a message of its own: what SNS brings has no way back."""
    try:
        address = numbers.parse_address(message.channel, message.number, fiction=settings.REHEARSAL)
    except numbers.NumberError:
        return
    notices.queue(
        notices.Letter(
            kind=Notice.Kind.ANSWER,
            channel=message.channel,
            number=address,
            country=numbers.country_of(address),
            language="",
            body=text,
            parts=count_parts(text).parts if message.channel == SMS else 1,
            due_at=now,
            expires_at=now + _ANSWER_LASTS,
            answers_for=message.sender,
        )
    )
