"""Inbound messages: STOP before everything, then START, HELP and "what do you know about me?".

Then the answers of an open sign-up, then a word to join by, then the menu of those who have joined.
Anything else gets no answer, but what speaks of danger: that is answered whoever wrote it. No number
leaves this room; a text is handed on to be answered, and is kept sealed.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.module_loading import import_string

from locales.keywords import Keyword, guess_language, is_no, is_yes, read_keyword
from locales.urgency import is_urgent
from messaging import numbers
from messaging.consenting import aliases, consent, windows
from messaging.guarding import limits, watching
from messaging.joining import dialogue
from messaging.joining.dialogue import Invitation
from messaging.models import InboundMessage, Subscriber, Suppression
from messaging.notifying import telling
from messaging.notifying.confirming import reader_language
from messaging.receiving import mirroring
from messaging.sealing import crypto
from messaging.wire import Inbound

__all__ = ["Invitation", "Question", "receive"]

_PLACE = "inbound.text"
_ANSWERS_A_DAY = 3
# More than anybody reads, and an end for a phone that answers by itself or is paid for what comes in.
_MENUS_A_DAY = 30
_KINDS = {
    Keyword.STOP: InboundMessage.Kind.STOP,
    Keyword.START: InboundMessage.Kind.START,
    Keyword.HELP: InboundMessage.Kind.HELP,
    Keyword.MINE: InboundMessage.Kind.MINE,
}


@dataclass(frozen=True, slots=True)
class Question:
    """Hold what somebody wrote, for the layer that can answer; no number.

    `subscriber` is None for who has not joined. `inbound` is our name of the kept message,
    `written_to` our own address that it came to. `is_last` says that she was in danger and said stop:
    her row goes, and all else that she wrote.
    """

    subscriber: int | None
    channel: str
    language: str
    country: str
    body: str = field(repr=False)
    inbound: uuid.UUID | None = None
    written_to: str = ""
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class _Writer:
    """Hold who wrote: every hash she may be known under, her row if she has one, her language."""

    hashes: tuple[bytes, ...] = field(repr=False)
    subscriber: Subscriber | None
    is_stopped: bool
    language: str

    @property
    def here(self) -> Subscriber | None:
        """Return her row if she has joined on this channel and not left."""
        held = self.subscriber
        return held if held and held.state != Subscriber.State.STOPPED else None


def _always() -> bool:
    return True


def receive(message: Inbound, *, now: datetime, may_answer: Callable[[], bool] = _always) -> str:
    """Take one inbound message and return the text to answer with, or nothing.

    A STOP commits here, in the same request. A replayed message changes nothing and gets no answer.
    `may_answer` says whether anything goes out; a STOP is confirmed and danger answered in any case.
    """
    message = replace(message, number=numbers.settle_address(message.number))
    writer = _find_writer(message, now=now)
    keyword = _read(message, writer)
    kept = _keep(message, writer, keyword, now=now)
    if kept is None:
        return ""
    if keyword is Keyword.STOP:
        said = _answer_stop(message, writer, kept, now=now)
    elif may_answer():
        said = _answer(message, writer, kept, keyword, now=now)
    else:
        said = _take_in(message, writer, kept, keyword, now=now)
    # Last, for by this message she may have joined; and not at all for a replay.
    windows.note_message(
        writer.hashes, channel=message.channel, written_at=message.written_at or now, now=now
    )
    return said


def _read(message: Inbound, writer: _Writer) -> Keyword | None:
    """Return the keyword of a message; a no is a STOP to whoever was asked whether she goes on."""
    here = writer.here
    was_asked = here is not None and here.state == Subscriber.State.ASKED
    return Keyword.STOP if was_asked and is_no(message.body) else read_keyword(message.body)


def _answer(
    message: Inbound,
    writer: _Writer,
    kept: InboundMessage,
    keyword: Keyword | None,
    *,
    now: datetime,
) -> str:
    stays = writer.here is not None and _hear(message, writer.here, now=now)
    with translation.override(writer.language):
        if stays:
            return telling.say_staying()
        # "SOS" asks for more than who we are.
        if keyword is not None and not (keyword is Keyword.HELP and is_urgent(message.body)):
            return _answer_keyword(message, writer, keyword, now=now)
    return _go_on(message, writer, kept, now=now)


def _take_in(
    message: Inbound,
    writer: _Writer,
    kept: InboundMessage,
    keyword: Keyword | None,
    *,
    now: datetime,
) -> str:
    """Take in what comes while nothing goes out: a person may read it, and only danger is answered.

    Nobody goes on with a sign-up: her next "1" would be a yes to words that she was never shown.
    """
    in_danger = is_urgent(message.body)
    stays = writer.here is not None and _hear(message, writer.here, now=now)
    if not in_danger and (stays or keyword is not None):
        return ""
    said = _ask_person(message, writer, kept, now=now)
    return said if in_danger else ""


def _find_writer(message: Inbound, *, now: datetime) -> _Writer:
    hashes = aliases.list_hashes(message.number)
    if message.user_id and message.user_id != message.number:
        hashes = tuple(dict.fromkeys((*hashes, *aliases.list_hashes(message.user_id))))
    rows = Subscriber.objects.filter(channel=message.channel, number_hash__in=hashes)
    subscriber = rows.order_by("pk").first()
    asked = subscriber.language if subscriber else dialogue.language_of(message, now=now)
    return _Writer(
        hashes=hashes,
        subscriber=subscriber,
        is_stopped=Suppression.objects.filter(number_hash__in=hashes).exists(),
        language=reader_language(asked or guess_language(message.body) or settings.LANGUAGE_CODE),
    )


def _keep(
    message: Inbound, writer: _Writer, keyword: Keyword | None, *, now: datetime
) -> InboundMessage | None:
    """Keep a message, and a STOP with it, in one commit; return None for a replay.

    One commit: a STOP whose withdrawal failed must not count as seen when it is sent again.
    """
    with transaction.atomic():
        # With her row her texts are erased, within the hour. What she writes after her STOP, or of danger
        # in it, is a stranger's: nobody may have read it by then, and it has its own 30 days.
        is_hers = keyword is not Keyword.STOP or not _leaves_in_danger(message.body)
        row = _make_row(message, writer.here if is_hers else None, keyword, now=now)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            return None
        if keyword is Keyword.STOP:
            consent.withdraw(
                writer.hashes,
                method=dialogue.method_of(message),
                wording="no" if is_no(message.body) else "STOP",
                now=now,
                channel=message.channel,
                evidence=message.ref[:80],
            )
        aliases.note(message, on=now.date())
    return row


def _make_row(
    message: Inbound, subscriber: Subscriber | None, keyword: Keyword | None, *, now: datetime
) -> InboundMessage:
    row = InboundMessage(
        # Without an id nothing can be told apart from a replay; a STOP must not be lost by that.
        ref=message.ref[:64] or f"none:{uuid.uuid4().hex}",
        channel=message.channel,
        subscriber=subscriber,
        kind=_KINDS[keyword] if keyword else InboundMessage.Kind.OTHER,
        received_at=now,
    )
    row.text_sealed = crypto.seal(message.body, place=_PLACE, row=row.uid)
    row.key_id = crypto.key_id_of(row.text_sealed)
    return row


def _answer_stop(message: Inbound, writer: _Writer, kept: InboundMessage, *, now: datetime) -> str:
    """Confirm a STOP once; who has stopped before is answered once more a day and not oftener.

    "Stop, they are killing us" is a STOP, and a cry for help as well.
    """
    watching.note_stop(now=now)
    mirroring.note_stop(message.number)
    said = []
    with translation.override(writer.language):
        if _leaves_in_danger(message.body) and _may_ask_in_danger(message, now=now):
            said.append(_ask_handler(message, writer, kept, is_last=True))
        if not writer.is_stopped or limits.take("stopped", message.number, most=1, now=now):
            said.append(telling.say_stopped())
    return "\n".join(said)


def _leaves_in_danger(text: str) -> bool:
    """Say whether a STOP speaks of danger, or asks for help behind its first word."""
    _stop, _space, rest = text.strip().partition(" ")
    return is_urgent(text) or read_keyword(rest) is Keyword.HELP


def _hear(message: Inbound, subscriber: Subscriber, *, now: datetime) -> bool:
    """Note that somebody who has joined wrote; say whether she was asked if she goes on, and said yes."""
    consent.hear(subscriber.pk, on=now.date())
    if subscriber.state != Subscriber.State.ASKED:
        return False
    if not is_yes(message.body):
        consent.resume(subscriber.pk)
        return False
    return consent.stay(subscriber.pk, method=dialogue.method_of(message), wording="yes", now=now)


def _answer_keyword(message: Inbound, writer: _Writer, keyword: Keyword, *, now: datetime) -> str:
    if not limits.take(f"answer.{keyword}", message.number, most=_ANSWERS_A_DAY, now=now):
        return ""
    if keyword is Keyword.HELP:
        return telling.say_who_we_are()
    if keyword is Keyword.START:
        return _answer_start(message, writer, now=now)
    return _tell_what_is_kept(message, writer)


def _tell_what_is_kept(message: Inbound, writer: _Writer) -> str:
    """Return what is kept of her on whichever channel she joined, the one she asks on first."""
    rows = Subscriber.objects.filter(number_hash__in=writer.hashes).order_by("pk")
    joined = list(rows.exclude(state=Subscriber.State.STOPPED))
    if not joined:
        return telling.tell_stranger(writer.hashes, is_stopped=writer.is_stopped)
    joined.sort(key=lambda row: row.channel != message.channel)
    with translation.override(reader_language(joined[0].language)):
        return "\n\n".join(telling.tell_kept(row, writer.hashes) for row in joined)


def _answer_start(message: Inbound, writer: _Writer, *, now: datetime) -> str:
    """Begin a sign-up, for who stopped as for who is new; a START alone brings nobody back."""
    joined = Subscriber.objects.filter(number_hash__in=writer.hashes)
    if joined.exclude(state=Subscriber.State.STOPPED).exists():
        return telling.say_here()
    invitation = _find_invitation("", message)
    if invitation is None:
        return telling.say_how_to_join()
    return dialogue.begin(message, invitation, now=now)


def _go_on(message: Inbound, writer: _Writer, kept: InboundMessage, *, now: datetime) -> str:
    """Return the answer of the first that knows one: an open sign-up, a word to join by, the menu."""
    said = dialogue.answer(message, now=now)
    if said is None:
        invitation = _find_invitation(message.body, message)
        if invitation is not None:
            said = dialogue.begin(message, invitation, now=now)
    if said is not None:
        # So that the menu does not count it among the questions of a reader.
        InboundMessage.objects.filter(pk=kept.pk).update(kind=InboundMessage.Kind.JOIN)
        return said
    if writer.here is None and not is_urgent(message.body):
        return dialogue.repeat(message, now=now) or ""
    return _ask_person(message, writer, kept, now=now)


def _ask_person(message: Inbound, writer: _Writer, kept: InboundMessage, *, now: datetime) -> str:
    """Return the menu's answer, to whoever has joined or is in danger; what it cannot say waits.

    Over the limit she is not answered, but what she writes is handed on. Danger is counted for itself.
    """
    in_danger = is_urgent(message.body)
    if writer.here is None and not (in_danger and _may_ask_in_danger(message, now=now)):
        return ""
    with translation.override(writer.language):
        said = _ask_handler(message, writer, kept)
    scope = "danger" if in_danger else "menu"
    is_free = said and limits.take(scope, message.number, most=_MENUS_A_DAY, now=now)
    return said if is_free else ""


def _may_ask_in_danger(message: Inbound, *, now: datetime) -> bool:
    """Say whether somebody in danger who has not joined, or leaves, is answered: not all day long."""
    return limits.take("urgent", message.number, most=_ANSWERS_A_DAY, now=now)


def _find_invitation(text: str, message: Inbound) -> Invitation | None:
    """Return what a word stands for in the country of a phone; an empty text asks for the default."""
    country = _find_country(message)
    if not country:
        return None
    find_word = import_string(settings.MESSAGING_JOIN_WORDS)
    found: Invitation | None = find_word(text, country)
    return found


def _find_country(message: Inbound) -> str:
    """Return the country of a phone by its number, "" for what is no number."""
    try:
        address = numbers.parse_address(message.channel, message.number, fiction=settings.REHEARSAL)
    except numbers.NumberError:
        return ""
    return numbers.country_of(address)


def _ask_handler(
    message: Inbound, writer: _Writer, kept: InboundMessage, *, is_last: bool = False
) -> str:
    handler = import_string(settings.MESSAGING_INBOUND_HANDLER)
    here = writer.here
    answer: str = handler(
        Question(
            subscriber=here.pk if here else None,
            channel=message.channel,
            language=here.language if here else writer.language,
            country=here.country if here else _find_country(message),
            body=message.body,
            inbound=kept.uid,
            written_to=message.sender,
            is_last=is_last,
        )
    )
    return answer
