"""The menu: what somebody gets who answers a nudge. 1 is more, 2 is listen, 3 is help, 0 is stop.

Content that must not be pushed is given here, on request, in the reader's language where there is one.
"""

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.editions import render_sendable
from campaigns.models import Broadcast
from campaigns.models.segments import topic_of
from cms.holding import hold_reasons, may_be_given
from cms.models import ContactPoint, MessagePage, Route
from cms.rendering import Rendition
from locales.languages import choose_language
from messaging.inbound import Question
from messaging.models import Delivery, InboundMessage, Topic
from messaging.states import RANK, State

MORE, LISTEN, HELP = "1", "2", "3"
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_MOST_CONTACTS = 3


def answer(question: Question) -> str:
    """Return the reply to one message that was not STOP, START or HELP."""
    choice = question.body.strip().translate(_DIGITS)
    today = timezone.now().date()
    if choice == MORE:
        return _tell_more(question, today=today)
    if choice == LISTEN:
        return _("There is no audio yet. Reply 1 to read, 3 for help, 0 to stop.")
    if choice == HELP:
        return _name_help(question, today=today)
    return _("Reply 1 to read, 3 for help, 0 to stop.")


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
    mine = Delivery.objects.filter(subscriber_id=question.subscriber, rank__gte=RANK[State.UNKNOWN])
    return mine.select_related("batch").order_by("-submitting_at").first()


def _message_of(nudge: Delivery | None) -> MessagePage | None:
    if nudge is None:
        return None
    code = nudge.batch.reference.partition(":")[2]
    broadcast = Broadcast.objects.filter(code=code).select_related("message").first()
    return broadcast.message if broadcast else None


def _requested(question: Question, *, since: datetime | None) -> int:
    """Return how many messages she has written that were not STOP, START or HELP; this one counts.

    `since` is when she was last nudged: from then on she begins with what the nudge was about.

    A 3, or a greeting, counts as a 1 does, for messaging knows no menu: a text may be passed over
    in this round and comes in a later one.
    """
    rows = InboundMessage.objects.filter(
        subscriber_id=question.subscriber, kind=InboundMessage.Kind.OTHER
    )
    if since is not None:
        rows = rows.filter(received_at__gte=since)
    return max(1, rows.count())


def _messages_for(question: Question, *, first: MessagePage | None) -> list[MessagePage]:
    asked = set(
        Topic.objects.filter(subscriber_id=question.subscriber).values_list("name", flat=True)
    )
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
    points = ContactPoint.objects.filter(live=True, translation_state="original")
    near = [
        point
        for point in points.exclude(number="").order_by("key")
        if question.country in point.reach_from
        and may_be_given(point, today=today, rehearsal=settings.REHEARSAL)
    ]
    if not near:
        return _("We have no checked contact for your country yet.")
    lines = [f"{point.name}: {point.number}" for point in near[:_MOST_CONTACTS]]
    return "\n".join(lines)
