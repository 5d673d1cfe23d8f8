"""Lapsing: who fell silent, cannot be reached or agreed for a time only is asked, and else forgotten.

Asked once, by a notice in her language; any answer keeps her (`consent.stay`). Without one her consent
lapses in the ledger, her identity goes on the stop list with that as its reason, and the row is erased.
Nobody lapses whose question was never sent (`messaging.upkeep.unasked`).
"""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from locales.alphabets import count_parts
from messaging.consenting import consent
from messaging.consenting.projecting import COLUMNS
from messaging.guarding.fencing import may_send
from messaging.models import Notice, Subscriber
from messaging.notifying import notices
from messaging.notifying.confirming import can_reply, reader_language, stop_address
from messaging.notifying.quiet import find_waking
from messaging.notifying.templates import list_spoken
from messaging.sealing.crypto import KeysAway, SealError
from messaging.upkeep.time_limits import NONE, Rule, fixed, from_settings
from messaging.upkeep.unasked import is_unsent
from messaging.wire import SMS

_NOTICE_LASTS = timedelta(days=3)

log = logging.getLogger("waymark.lapsing")


def find_silent(before: datetime) -> QuerySet[Subscriber]:
    """Return those of whom nothing was heard since."""
    return _askable(_subscribed().filter(heard_on__lt=_day(before)))


def find_unreached(before: datetime) -> QuerySet[Subscriber]:
    """Return those whose phones could not be reached by several messages, and by none since."""
    unreached = _subscribed().filter(unanswered__gte=settings.UNANSWERED_SENDS)
    return _askable(_not_lately(unreached, before))


def find_ending(before: datetime) -> QuerySet[Subscriber]:
    """Return those whose consent will end within the time that an answer takes."""
    soon = before + _answer_time()
    ending = _subscribed().filter(consent_until__gt=before, consent_until__lte=soon)
    return _askable(_not_lately(ending, before))


def find_mute(before: datetime) -> QuerySet[Subscriber]:
    """Return those who were asked before then and have not answered."""
    mute = Subscriber.objects.filter(state=Subscriber.State.ASKED, asked_on__lt=_day(before))
    return mute.exclude(is_unsent())


def find_ended(before: datetime) -> QuerySet[Subscriber]:
    """Return those of whose purposes one has come to its end."""
    over = Q()
    for flag, until in COLUMNS.values():
        over |= Q(**{flag: True, f"{until}__lte": before})
    return Subscriber.objects.exclude(state=Subscriber.State.STOPPED).filter(over)


def ask(ids: Sequence[int], now: datetime) -> int:
    """Ask some subscribers whether they want to go on and return how many; nobody is asked twice."""
    try:
        with transaction.atomic():
            locked = Subscriber.objects.select_for_update(no_key=True).filter(pk__in=ids)
            people = locked.filter(state=Subscriber.State.SUBSCRIBED).order_by("pk")
            # Made once for all who read the same: a STOP of any of these people waits meanwhile.
            compose = cache(compose_question)
            asked = [person.pk for person in people if _send_question(person, compose, now=now)]
            return Subscriber.objects.filter(pk__in=asked).update(
                state=Subscriber.State.ASKED, asked_on=_day(now)
            )
    except KeysAway:
        log.warning("nobody can be asked whether to go on: no keys")
        return 0


def compose_question(*, channel: str, country: str, language: str) -> str:
    """Return the question in the nearest language of ours; it says what happens without an answer."""
    days = settings.RETENTION["answer"]
    spoken = reader_language(language)
    with translation.override(spoken):
        words = {
            "service": settings.SERVICE_NAME,
            "days": days,
            "page": f"{settings.PUBLIC_URL}/{spoken}/join/",
            "stop": stop_address(),
        }
        if can_reply(channel, country):
            return (
                ngettext(
                    "%(service)s: do you still want our free information? Reply 1 to go on, 0 to "
                    "stop. Without an answer we remove your number in %(days)d day.",
                    "%(service)s: do you still want our free information? Reply 1 to go on, 0 to "
                    "stop. Without an answer we remove your number in %(days)d days.",
                    days,
                )
                % words
            )
        return (
            _(
                "%(service)s: do you still want our free information? To go on, join again: "
                "%(page)s If you do nothing, we remove your number."
            )
            % words
        )


def _send_question(person: Subscriber, compose: Callable[..., str], *, now: datetime) -> bool:
    """Queue the question to a locked person; say False where no channel of ours carries it now."""
    try:
        number = consent.open_number(person.uid, bytes(person.number_sealed), purpose="sending")
    except KeysAway:
        raise
    except SealError:
        # Nobody can write to her ever again: she is forgotten when the time for an answer is over.
        return True
    body = compose(channel=person.channel, country=person.country, language=person.language)
    due_at = find_waking(person.country, now)
    return notices.queue(
        notices.Letter(
            kind=Notice.Kind.GO_ON,
            channel=person.channel,
            number=number,
            country=person.country,
            language=reader_language(person.language),
            body=body,
            parts=count_parts(body).parts,
            due_at=due_at,
            expires_at=due_at + _NOTICE_LASTS,
        )
    )


def _expire_mute(ids: Sequence[int], now: datetime) -> int:
    # Whoever answered since is not mute any more.
    mute = Subscriber.objects.filter(pk__in=ids, state=Subscriber.State.ASKED)
    return consent.lapse(list(mute.values_list("pk", flat=True)), wording="no answer", now=now)


def _expire_ended(ids: Sequence[int], now: datetime) -> int:
    return consent.lapse(ids, wording="end of consent", now=now, ended_only=True)


def _subscribed() -> QuerySet[Subscriber]:
    return Subscriber.objects.filter(state=Subscriber.State.SUBSCRIBED)


def _askable(people: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
    """Leave out whom nothing can be sent to now: she would lapse without having been asked."""
    if not may_send():
        return people.none()
    spoken = list_spoken(Notice.Kind.GO_ON)
    return people.filter(Q(channel=SMS) | Q(language__in=spoken))


def _not_lately(people: QuerySet[Subscriber], before: datetime) -> QuerySet[Subscriber]:
    """Leave out who was heard of just now: nobody is asked what she has just said."""
    return people.filter(heard_on__lt=_day(before - _answer_time()))


def _answer_time() -> timedelta:
    return timedelta(days=settings.RETENTION["answer"])


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


RULES = (
    Rule(
        "ended",
        gettext_lazy("Consent that was given for a time that is over"),
        fixed(NONE),
        find_ended,
        _expire_ended,
        daily=True,
    ),
    Rule(
        "mute",
        gettext_lazy("People who were asked whether to go on and did not answer"),
        from_settings("answer"),
        find_mute,
        _expire_mute,
    ),
    Rule(
        "silent",
        gettext_lazy("People of whom nothing was heard: they are asked whether to go on"),
        from_settings("silence"),
        find_silent,
        ask,
    ),
    Rule(
        "unreached",
        gettext_lazy("People whose phones answer no message any more: they are asked"),
        fixed(NONE),
        find_unreached,
        ask,
        daily=True,
    ),
    Rule(
        "ending",
        gettext_lazy("People whose consent ends soon: they are asked"),
        fixed(NONE),
        find_ending,
        ask,
        daily=True,
    ),
)
