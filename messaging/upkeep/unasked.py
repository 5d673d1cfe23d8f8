"""Unasked: whose question, whether she wants to go on, was never sent is subscribed again, and asked anew.

Nothing may go out for days, a sender may be halted, a wording refused: none of that is her silence.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from messaging.models import Notice, Subscriber
from messaging.upkeep.time_limits import Rule, fixed
from messaging.wire import OPTED_OUT, UNUSABLE

# Why a question failed that was hers: any other failure is ours, and she was not asked.
_HERS = (OPTED_OUT, UNUSABLE)
_ALWAYS = Q()
# Not at once: what the provider refuses today it refuses in an hour. Settled notices are kept longer.
_REST = timedelta(days=3)


def is_unsent(over: Q = _ALWAYS) -> Q:
    """Return the condition that no question went out to somebody, though one was to.

    One that is `unknown` may have been read: it counts as asked.
    """
    hers = Notice.objects.filter(
        kind=Notice.Kind.GO_ON,
        channel=OuterRef("channel"),
        number_hash=OuterRef("number_hash"),
    )
    ours = Q(state=Notice.State.FAILED) & ~Q(reason__in=_HERS)
    unsent = Q(state__in=[Notice.State.PLANNED, Notice.State.EXPIRED]) | ours
    # Of several the older ones were given up before: she was asked where any stands.
    return Q(Exists(hers.filter(unsent, over))) & ~Q(Exists(hers.exclude(unsent & over)))


def find_unasked(before: datetime) -> QuerySet[Subscriber]:
    """Return those whose question was given up before then, and never reached the network."""
    over = Q(settled_at__lt=before) | Q(settled_at__isnull=True, expires_at__lt=before)
    return Subscriber.objects.filter(is_unsent(over), state=Subscriber.State.ASKED)


def _put_back(ids: Sequence[int], _now: datetime) -> int:
    with transaction.atomic():
        # Whoever answered or left since was locked by that, and is not asked any more.
        locked = Subscriber.objects.select_for_update(no_key=True).filter(pk__in=ids)
        asked = locked.filter(state=Subscriber.State.ASKED).order_by("pk")
        return Subscriber.objects.filter(pk__in=[person.pk for person in asked]).update(
            state=Subscriber.State.SUBSCRIBED, asked_on=None
        )


RULES = (
    Rule(
        "unasked",
        _("People whose question could not be sent: they will be asked again"),
        fixed(_REST),
        find_unasked,
        _put_back,
    ),
)
