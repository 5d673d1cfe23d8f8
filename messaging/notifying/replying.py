"""Replying: a person reads what somebody wrote and answers her; who she is stays sealed in here.

There is a way back only while her text is kept and she has not left: on WhatsApp for a day after she last
wrote, from the address she wrote to; by SMS whenever that, or another sender of her country, works.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, QuerySet

from locales.alphabets import count_parts
from messaging.consenting import consent, identities
from messaging.models import InboundMessage, Notice, Sender, Subscriber
from messaging.notifying import notices
from messaging.sealing import crypto
from messaging.senders.roster import NoSenderError, choose_sender
from messaging.wire import SMS

_PLACE = "inbound.text"
_MOST_SHOWN = 20
_LASTS = timedelta(hours=24)
_ASKING = (InboundMessage.Kind.OTHER, InboundMessage.Kind.HELP)


class NotKept(LookupError):
    """Say that a text, or whose it was, is not kept any more."""


class NoWayBack(Exception):
    """Say why somebody cannot be answered, by a word: left, window or sender."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Said:
    """Hold one text that somebody wrote, our name of it, and when."""

    uid: uuid.UUID
    at: datetime
    text: str = field(repr=False)


def read_thread(
    uid: uuid.UUID, *, heads: Collection[uuid.UUID] = (), until: datetime | None = None
) -> list[Said]:
    """Return a kept message and what the same person has written since, the oldest first.

    No further than to the next of `heads`, the messages that begin threads of their own, nor than `until`.
    Of very many those in between are left out, never the last ones.
    Raise `NotKept` where its text is erased, and `messaging.sealing.crypto.SealError` where it
    cannot be opened.
    """
    first = _find_kept(uid)
    rows = [first]
    if first.subscriber_id is not None:
        since = _kept().filter(
            subscriber_id=first.subscriber_id, kind__in=_ASKING, received_at__gte=first.received_at
        )
        if until is not None:
            since = since.filter(received_at__lte=until)
        if (end := _find_next(first, heads)) is not None:
            since = since.filter(received_at__lt=end)
        later = since.exclude(pk=first.pk).order_by("-received_at", "-pk")
        rows += reversed(later[: _MOST_SHOWN - 1])
    return [Said(row.uid, row.received_at, _open(row)) for row in rows]


def _find_next(first: InboundMessage, heads: Collection[uuid.UUID]) -> datetime | None:
    """Return when the next of some messages came."""
    after = InboundMessage.objects.filter(uid__in=heads, received_at__gt=first.received_at)
    end: datetime | None = after.aggregate(end=Min("received_at"))["end"]
    return end


def is_kept(uid: uuid.UUID) -> bool:
    """Say whether the text of a message is kept still."""
    return _kept().filter(uid=uid).exists()


def find_same_writer(uid: uuid.UUID) -> QuerySet[InboundMessage]:
    """Return the other messages of whoever wrote this one, as far as that is kept."""
    row = InboundMessage.objects.filter(uid=uid).first()
    if row is None or row.subscriber_id is None:
        return InboundMessage.objects.none()
    mine = InboundMessage.objects.filter(subscriber_id=row.subscriber_id)
    return mine.exclude(pk=row.pk)


def find_erased() -> QuerySet[InboundMessage]:
    """Return the messages whose text is not kept any more."""
    return InboundMessage.objects.filter(text_sealed=b"")


def find_way(uid: uuid.UUID, *, written_to: str, now: datetime) -> datetime:
    """Return until when whoever wrote a message can be answered; raise `NoWayBack`."""
    return _find_way(_find_writer(uid), written_to=written_to, now=now)


def reply(uid: uuid.UUID, text: str, *, written_to: str, now: datetime) -> None:
    """Let an answer go out to whoever wrote a message; raise `NoWayBack` where there is no way any more."""
    with transaction.atomic():
        writer = _find_writer(uid)
        # A STOP that is being said waits for this, and then takes the answer away again.
        identities.lock([bytes(writer.number_hash)])
        writer = _find_writer(uid)
        until = _find_way(writer, written_to=written_to, now=now)
        sealed = bytes(writer.number_sealed)
        letter = notices.Letter(
            kind=Notice.Kind.ANSWER,
            channel=writer.channel,
            number=consent.open_number(writer.uid, sealed, purpose="sending"),
            country=writer.country,
            language=writer.language,
            body=text,
            parts=count_parts(text).parts if writer.channel == SMS else 1,
            due_at=now,
            expires_at=until,
            answers_for=written_to,
        )
        if not notices.queue(letter):
            raise NoWayBack("window")


def _find_way(writer: Subscriber, *, written_to: str, now: datetime) -> datetime:
    if writer.channel != SMS:
        if writer.window_until is None or writer.window_until <= now:
            raise NoWayBack("window")
        # Another number of ours has no window with her.
        if not _is_ours(writer.channel, written_to):
            raise NoWayBack("sender")
        return min(writer.window_until, now + _LASTS)
    if not _is_ours(SMS, written_to):
        try:
            choose_sender(SMS, writer.country)
        except NoSenderError:
            raise NoWayBack("sender") from None
    return now + _LASTS


def _is_ours(channel: str, address: str) -> bool:
    return Sender.objects.filter(channel=channel, address=address, active=True).exists()


def _find_writer(uid: uuid.UUID) -> Subscriber:
    message = _kept().filter(uid=uid, subscriber__isnull=False).select_related("subscriber").first()
    writer = message.subscriber if message else None
    if writer is None or writer.state == Subscriber.State.STOPPED:
        raise NoWayBack("left")
    return writer


def _find_kept(uid: uuid.UUID) -> InboundMessage:
    row = _kept().filter(uid=uid).first()
    if row is None:
        raise NotKept("This text is not kept any more.")
    return row


def _kept() -> QuerySet[InboundMessage]:
    return InboundMessage.objects.exclude(text_sealed=b"")


def _open(row: InboundMessage) -> str:
    return crypto.open_sealed(bytes(row.text_sealed), place=_PLACE, row=row.uid)
