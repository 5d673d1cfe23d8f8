"""The inbox: what people wrote that no menu answers waits here for a person, the urgent first.

A question holds no text and no number: messaging keeps both, and for no longer than every text. Whoever
opens one is written down. What was erased before anybody answered closes by itself, and says so.
"""

import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import alarming, audit
from campaigns.models import Broadcast, PreparedAnswer, Question
from campaigns.models.segments import topic_of
from campaigns.permissions import Person, questions_visible_to
from cms.models import Route
from locales.alphabets import count_parts
from messaging.models import Topic
from messaging.notifying import replying
from messaging.receiving import inbound
from messaging.upkeep.time_limits import NONE, Rule, fixed, from_settings

MOST_PARTS = 4
LONGEST = 1000
# Whatever signs people write between its digits, and whichever digits; a date may be hidden with them.
_NUMBER = re.compile(r"\+?\d(?:[\W_]{0,5}\d){6,}")
_OPEN = (Question.State.OPEN, Question.State.ANSWERED)


class AnswerError(Exception):
    """Say why something cannot be answered or closed, and what to do."""


def note(
    said: inbound.Question, *, urgent: bool, nudge: Broadcast | None, now: datetime
) -> Question | None:
    """Let a message wait for a person; what follows one to the same partner that still waits joins it."""
    if said.inbound is None:
        return None
    waiting = _find_waiting(said, nudge.partner_id if nudge else None)
    if waiting is not None and _join(waiting, urgent=urgent):
        if urgent and not waiting.urgent:
            alarming.tell_of_danger(now=now)
        return waiting
    routes = _find_routes(said)
    about = _find_topic(routes, nudge)
    question, is_new = Question.objects.get_or_create(
        inbound=said.inbound,
        defaults={
            "channel": said.channel,
            "written_to": said.written_to[:64],
            "country": said.country,
            "language": said.language,
            "routes": routes,
            "topic": about[:30],
            "urgent": urgent,
            "partner_id": nudge.partner_id if nudge else None,
            "received_at": now,
        },
    )
    if urgent and is_new:
        alarming.tell_of_danger(now=now)
    return question


def count_urgent(person: Person) -> int:
    """Return how many questions that speak of danger wait for an answer of this person."""
    return questions_visible_to(person).filter(state=Question.State.OPEN, urgent=True).count()


def open_question(question: Question, person: User, *, now: datetime) -> None:
    """Let a person look after a question, and write down that she has opened it."""
    with transaction.atomic():
        Question.objects.filter(pk=question.pk).update(taken_by=person.pk)
        question.taken_by = person
        _note(question, "opened", person, now=now)


def read(question: Question) -> list[replying.Said]:
    """Return what she wrote until it was settled, without choices of the menu; nothing once it is erased.

    What began another question, perhaps another partner's, ends this one. Of a number that she wrote
    herself only the end is left: no page of the desk shows one.
    """
    try:
        thread = replying.read_thread(
            question.inbound,
            heads=list(_find_hers(question.inbound).values_list("inbound", flat=True)),
            until=question.answered_at or question.closed_at,
        )
    except replying.NotKept:
        return []
    asking = [said for said in thread if len(said.text.strip()) > 1] or thread
    return [replace(said, text=_NUMBER.sub(_hide, said.text)) for said in asking]


def _hide(found: re.Match[str]) -> str:
    return f"•••{found.group()[-2:]}"


def find_end(question: Question, *, now: datetime) -> datetime:
    """Return until when she can be answered; raise `AnswerError` where there is no way."""
    try:
        return replying.find_way(question.inbound, written_to=question.written_to, now=now)
    except replying.NoWayBack as error:
        raise AnswerError(_explain(error)) from None


def answer(
    question: Question, person: User, text: str, *, seen: Collection[str], now: datetime
) -> None:
    """Let one answer go out to whom all texts are `seen` of, by their names.

    Raise `AnswerError` where it was answered already, has a text that was not read, or cannot be answered.
    """
    said = text.strip()
    parts = _check(question, said)
    with transaction.atomic():
        waiting = Question.objects.filter(pk=question.pk, state=Question.State.OPEN)
        answered = {"state": Question.State.ANSWERED, "answered_at": now, "taken_by": person.pk}
        # First: of two answers at once the second waits here, and finds that it is too late.
        if not waiting.update(**answered):
            raise AnswerError(_("It has been answered or closed already. Nothing was sent twice."))
        _refuse_unread(question, seen)
        try:
            replying.reply(question.inbound, said, written_to=question.written_to, now=now)
        except replying.NoWayBack as error:
            raise AnswerError(_explain(error)) from None
        _note(question, "answered", person, parts=parts, now=now)


def close(
    question: Question, person: User, outcome: str, *, seen: Collection[str], now: datetime
) -> None:
    """Close a question with how it ended, once whoever does so has `seen` each of its texts.

    Raise `AnswerError` where somebody has closed it already, or where a text was not read.
    """
    if outcome not in CHOSEN:
        raise AnswerError(_("Choose how it ended."))
    with transaction.atomic():
        standing = Question.objects.filter(pk=question.pk, state__in=_OPEN)
        if not standing.update(state=Question.State.CLOSED, outcome=outcome, closed_at=now):
            raise AnswerError(_("Somebody has closed it already."))
        if question.state == Question.State.OPEN:
            _refuse_unread(question, seen)
        _note(question, "closed", person, outcome=outcome, now=now)


def is_kept(question: Question) -> bool:
    """Say whether what she wrote is kept still; what is erased stays closed."""
    return replying.is_kept(question.inbound)


def reopen(question: Question, person: User, *, now: datetime) -> None:
    """Let a closed question be as it was before; raise `AnswerError` where it cannot be."""
    if not is_kept(question):
        raise AnswerError(_("Her text is not kept any more, so it stays closed."))
    was = Question.State.ANSWERED if question.answered_at else Question.State.OPEN
    with transaction.atomic():
        closed = Question.objects.filter(pk=question.pk, state=Question.State.CLOSED)
        if not closed.update(state=was, outcome="", closed_at=None):
            raise AnswerError(_("It is open already."))
        _note(question, "reopened", person, now=now)


def save_prepared(prepared: PreparedAnswer, *, by: User, now: datetime) -> None:
    """Keep a prepared answer, and write down who did."""
    verb = "changed" if prepared.pk else "added"
    with transaction.atomic():
        prepared.save()
        audit.note(
            verb,
            kind="answer",
            code=str(prepared.pk),
            actor=by.pk,
            partner=prepared.partner_id,
            now=now,
        )


# How a person may say that it ended; the last one is the clock's.
CHOSEN = tuple(str(one) for one in Question.Outcome if one != Question.Outcome.LAPSED)


def _check(question: Question, said: str) -> int:
    """Return in how many parts an answer goes; raise `AnswerError` where it is empty or too long."""
    if not said:
        raise AnswerError(_("Write an answer, or choose a prepared one."))
    parts = count_parts(said).parts
    if question.channel == "sms" and parts > MOST_PARTS:
        raise AnswerError(
            _("It needs %(parts)s messages, and %(most)s is the most. Make it shorter.")
            % {"parts": parts, "most": MOST_PARTS}
        )
    if len(said) > LONGEST:
        raise AnswerError(_("It is longer than %s characters. Make it shorter.") % LONGEST)
    return parts


def _refuse_unread(question: Question, seen: Collection[str]) -> None:
    """Refuse where there is a text that was not on the page, once the question's row is held.

    What comes from now on waits for that row, and then for an answer of its own.
    """
    if any(str(said.uid) not in seen for said in read(question)):
        raise AnswerError(
            _(
                "She has written something that you have not read yet. Read it first: nothing was "
                "sent or closed."
            )
        )


def _explain(error: replying.NoWayBack) -> str:
    words = {
        "left": _(
            "She cannot be answered: she has left, or never joined, and her number is not kept. "
            "Close it."
        ),
        "window": _(
            "She cannot be answered any more: on WhatsApp an answer is free for a day after she "
            "last wrote. Close it."
        ),
        "sender": _(
            "The number she wrote to is switched off, so nobody can answer. Tell a programme lead."
        ),
    }
    return words[error.why]


def _find_waiting(said: inbound.Question, partner: int | None) -> Question | None:
    """Return the same person's last question, if it is to this partner and nobody has answered it yet."""
    if said.inbound is None or said.subscriber is None:
        return None
    last = _find_hers(said.inbound).order_by("received_at", "pk").last()
    if last is None or (last.state, last.partner_id) != (Question.State.OPEN, partner):
        return None
    return last


def _find_hers(name: uuid.UUID) -> QuerySet[Question]:
    """Return the other questions of whoever wrote a message."""
    hers = replying.find_same_writer(name).values("uid")
    return Question.objects.filter(inbound__in=hers)


def _join(waiting: Question, *, urgent: bool) -> bool:
    """Let a text go with a question, if that waits still; say whether it does."""
    # Written in any case: whoever settles it at this moment waits, and then finds this text.
    fresh = {"state": Question.State.OPEN} | ({"urgent": True} if urgent else {})
    still = Question.objects.filter(pk=waiting.pk, state=Question.State.OPEN)
    return bool(still.update(**fresh))


def _find_routes(said: inbound.Question) -> list[str]:
    if said.subscriber is None:
        return []
    asked = set(Topic.objects.filter(subscriber_id=said.subscriber).values_list("name", flat=True))
    codes = Route.objects.order_by("code").values_list("code", flat=True)
    return [code for code in codes if topic_of(code) in asked]


def _find_topic(routes: Sequence[str], nudge: Broadcast | None) -> str:
    told = nudge.segment.routes if nudge else []
    return next((code for code in routes if code in told), routes[0] if routes else "")


def _note(
    question: Question, verb: str, person: User, *, now: datetime, **details: int | str
) -> None:
    audit.note(
        verb,
        kind="question",
        code=question.code,
        actor=person.pk,
        partner=question.partner_id,
        details=details,
        now=now,
    )


def _find_lapsed(_before: datetime) -> QuerySet[Question]:
    erased = replying.find_erased().values("uid")
    return Question.objects.filter(state__in=_OPEN, inbound__in=erased)


def _lapse(ids: Sequence[int], now: datetime) -> int:
    standing = Question.objects.filter(pk__in=ids)
    answered = standing.filter(state=Question.State.ANSWERED)
    done = answered.update(
        state=Question.State.CLOSED, outcome=Question.Outcome.ANSWERED, closed_at=now
    )
    waiting = standing.filter(state=Question.State.OPEN)
    return done + waiting.update(
        state=Question.State.CLOSED, outcome=Question.Outcome.LAPSED, closed_at=now
    )


def _find_old(before: datetime) -> QuerySet[Question]:
    return Question.objects.filter(state=Question.State.CLOSED, closed_at__lt=before)


def _delete(ids: Sequence[int], _now: datetime) -> int:
    return Question.objects.filter(pk__in=ids).delete()[0]


RULES = (
    Rule(
        "questions_lapsed",
        gettext_lazy("Questions whose text is erased: closed"),
        fixed(NONE),
        _find_lapsed,
        _lapse,
    ),
    Rule(
        "questions",
        gettext_lazy("Questions that were closed: country, route and how they ended"),
        from_settings("deliveries"),
        _find_old,
        _delete,
    ),
)
