"""The menu: what somebody gets who answers a nudge. 1 is more, 2 is listen, 3 is help, 0 is stop.

Content that must not be pushed is given here, on request, in the reader's language where there is one.
What is no choice of the menu waits for a person (`campaigns.field.inbox`); what speaks of danger is
answered at once with what we know, and with what we cannot do.
"""

from dataclasses import replace
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.editions import render_sendable
from campaigns.field import inbox
from campaigns.models import Broadcast
from campaigns.models.segments import topic_of
from cms.holding import hold_reasons, may_be_given
from cms.models import ContactKind, ContactPoint, MessagePage, Route
from cms.rendering import Rendition
from locales.folding import fold
from locales.languages import choose_language
from locales.urgency import is_urgent
from messaging.guarding import limits
from messaging.models import Delivery, InboundMessage, Topic
from messaging.receiving.inbound import Question
from messaging.states import RANK, State

MORE, LISTEN, HELP = "1", "2", "3"
_MOST_CONTACTS = 3
# Whoever is in danger hears of these before all others.
_FIRST_HELP = (
    ContactKind.EMERGENCY_SEA,
    ContactKind.EMERGENCY_LAND,
    ContactKind.MEDICAL_MHPSS,
    ContactKind.SHELTER_GBV_TRAFFICKING,
)


def answer(question: Question) -> str:
    """Return the reply to one message that was not STOP, START or HELP; "" where it was given just now."""
    choice = fold(question.body)
    now = timezone.now()
    if choice == MORE:
        return _tell_more(question, today=now.date())
    if choice == LISTEN:
        return _("There is no audio yet. Reply 1 to read, 3 for help, 0 to stop.")
    if choice == HELP:
        return _name_help(question, today=now.date())
    urgent = question.is_last or is_urgent(question.body)
    # A sign or a figure alone asks nothing.
    if urgent or any(letter.isalpha() for letter in question.body):
        # With her STOP all goes that she wrote before: what is urgent must not wait with that.
        waits = replace(question, subscriber=None) if question.is_last else question
        inbox.note(waits, urgent=urgent, nudge=_find_nudge(question), now=now)
    if urgent:
        return _tell_in_danger(question, today=now.date())
    # Else a phone that answers by itself and we would go on for ever.
    hour = f"{_hers(question)}|{now:%H}"
    if not limits.take("default", hour, most=1, now=now):
        return ""
    return _("Reply 1 to read, 3 for help, 0 to stop.")


def _tell_in_danger(question: Question, *, today: date) -> str:
    """Return what we cannot do, whom to call, and that somebody will read what she wrote."""
    lines = (
        _("We cannot rescue anyone. In danger, call the emergency number where you are."),
        *_list_contacts(question, today=today, urgent=True),
        _("A person will read what you wrote, perhaps not at once."),
    )
    return "\n".join(lines)


def _tell_more(question: Question, *, today: date) -> str:
    """Return what she was nudged about, then her routes' other on-request messages, one by one."""
    nudge = _last_nudge(question)
    told = _requested(question, since=nudge.submitting_at if nudge else None)
    mine = [
        message
        for message in _messages_for(question, first=_message_of(nudge))
        if not hold_reasons(message, today=today, rehearsal=settings.REHEARSAL)
    ]
    if not mine:
        return _("There is nothing new for you now. Reply 3 for help, 0 to stop.")
    rendition = _pick(mine[(told - 1) % len(mine)], question)
    return rendition.text if rendition else _("This is not in your language yet. Reply 3 for help.")


def _last_nudge(question: Question) -> Delivery | None:
    """Return the last delivery that may have reached her."""
    mine = Delivery.objects.filter(
        subscriber_id=_hers(question),
        rank__gte=RANK[State.UNKNOWN],
        # What failed before anybody was asked has none.
        submitting_at__isnull=False,
    )
    return mine.select_related("batch").order_by("-submitting_at").first()


def _hers(question: Question) -> int:
    """Return whose rows are meant: of who has not joined there are none."""
    return question.subscriber or 0


def _find_nudge(question: Question) -> Broadcast | None:
    """Return the broadcast that she most likely answers to: the last one that may have reached her."""
    return _broadcast_of(_last_nudge(question))


def _message_of(nudge: Delivery | None) -> MessagePage | None:
    broadcast = _broadcast_of(nudge)
    return broadcast.message if broadcast else None


def _broadcast_of(nudge: Delivery | None) -> Broadcast | None:
    if nudge is None:
        return None
    code = nudge.batch.reference.partition(":")[2]
    return Broadcast.objects.filter(code=code).select_related("message", "segment").first()


def _requested(question: Question, *, since: datetime | None) -> int:
    """Return how many messages she has written that were not STOP, START or HELP; this one counts.

    `since` is when she was last nudged: from then on she begins with what the nudge was about.

    A 3, or a greeting, counts as a 1 does, for messaging knows no menu: a text may be passed over
    in this round and comes in a later one.
    """
    rows = InboundMessage.objects.filter(
        subscriber_id=_hers(question), kind=InboundMessage.Kind.OTHER
    )
    if since is not None:
        rows = rows.filter(received_at__gte=since)
    return max(1, rows.count())


def _messages_for(question: Question, *, first: MessagePage | None) -> list[MessagePage]:
    asked = set(Topic.objects.filter(subscriber_id=_hers(question)).values_list("name", flat=True))
    routes = [route for route in Route.objects.all() if topic_of(route.code) in asked]
    messages = (
        MessagePage.objects.sendable_sources()
        .filter(routes__in=routes, sensitivity="on_request")
        .order_by("key")
        .distinct()
    )
    mine = [
        message
        for message in messages
        if not message.audience_countries or question.country in message.audience_countries
    ]
    return sorted(mine, key=lambda message: first is None or message.pk != first.pk)


def _pick(message: MessagePage, question: Question) -> Rendition | None:
    renditions = render_sendable(message, [question.channel])
    by_language = {rendition.language: rendition for rendition in renditions}
    chosen = choose_language(question.language, set(by_language))
    return by_language[chosen] if chosen else None


def _name_help(question: Question, *, today: date) -> str:
    """Return up to three contact points of her country that might be pushed to her as well."""
    lines = _list_contacts(question, today=today, urgent=False)
    return "\n".join(lines) or _("We have no checked contact for your country yet.")


def _list_contacts(question: Question, *, today: date, urgent: bool) -> list[str]:
    """Return whom to call from her country; to whoever is in danger the emergency numbers first."""
    points = ContactPoint.objects.filter(live=True, translation_state="original")
    near = [
        point
        for point in points.exclude(number="").order_by("key")
        if question.country in point.reach_from
        and may_be_given(point, today=today, rehearsal=settings.REHEARSAL)
    ]
    if urgent:
        near.sort(key=lambda point: point.kind not in _FIRST_HELP)
    return [f"{point.name}: {point.number}" for point in near[:_MOST_CONTACTS]]
