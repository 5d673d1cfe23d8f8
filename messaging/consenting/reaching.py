"""Whose phones can be reached: counted by what the network says, never by its silence.

Many networks tell of no phone at all. There a message that arrives looks like one that does not, and
whoever was taken for dead by that would be asked, and then forgotten, with her whole country.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import F

from messaging.models import Delivery, Subscriber
from messaging.states import EVIDENCE_RANK
from messaging.wire import EXPIRED, TEMPORARY, UNUSABLE

# Why a message failed at her phone, or at the way to it; other failures say nothing of it.
HERS = frozenset((EXPIRED, TEMPORARY, UNUSABLE))
_MOST = 1000


def note_missed(deliveries: Collection[int]) -> None:
    """Count that some deliveries failed at their phones; call it in no transaction, once for each."""
    _change(deliveries, missed=True)


def note_reached(deliveries: Collection[int]) -> None:
    """Note that the phones of some deliveries answered, so that nobody takes them for dead."""
    _change(deliveries, missed=False)


def _change(deliveries: Collection[int], *, missed: bool) -> None:
    if not deliveries:
        return
    sent = Delivery.objects.filter(pk__in=deliveries, rank__gte=EVIDENCE_RANK)
    # In a transaction of its own: people are locked before their deliveries.
    with transaction.atomic():
        people = Subscriber.objects.select_for_update(no_key=True)
        chosen = people.filter(unanswered__lt=_MOST) if missed else people.filter(unanswered__gt=0)
        waiting = chosen.filter(pk__in=sent.values("subscriber_id")).order_by("pk")
        found = list(waiting.values_list("pk", flat=True))
        if found:
            Subscriber.objects.filter(pk__in=found).update(
                unanswered=F("unanswered") + 1 if missed else 0
            )
