"""Told trouble: a message was taken, and a receipt says later that its sender may not send it.

Providers refuse most senders only then, and the breaker hears answers to calls alone. One network may
refuse what all others take, so nothing is halted while more arrives than is refused.
"""

import logging
from collections import Counter
from collections.abc import Set
from datetime import UTC, datetime, timedelta

from messaging.guarding import limits, watching
from messaging.models import Alarm, Delivery
from messaging.senders import breaker
from messaging.states import EVIDENCE_RANK

FEWEST = 5
_SCOPE = "sender_told"
_SLICE_MINUTES = 10

log = logging.getLogger("waymark.told_trouble")


def note_refused(refused: Set[int], *, reached: Set[int], now: datetime) -> None:
    """Count deliveries that were refused for their sender's sake; halt it, with an alarm, after a few.

    `reached` are deliveries that were told at the same time to have arrived.
    """
    if not refused:
        return
    sent = Delivery.objects.filter(pk__in=refused | reached, rank__gte=EVIDENCE_RANK)
    sender_of = dict(sent.values_list("pk", "sender_id"))
    bad = Counter(sender_of[pk] for pk in refused - reached if pk in sender_of)
    good = Counter(sender_of[pk] for pk in reached if pk in sender_of)
    for sender, times in bad.items():
        if times <= good[sender]:
            continue
        limits.count(_SCOPE, _key_of(sender, now), times=times, now=now)
        if _count_lately(sender, now) >= FEWEST and breaker.halt(
            sender, reason=breaker.ACCOUNT, now=now
        ):
            log.error("receipts refuse sender %s: it is halted", sender)
            watching.raise_alarm(Alarm.Kind.BREAKER, now=now)


def _count_lately(sender: int, now: datetime) -> int:
    before = now - timedelta(minutes=_SLICE_MINUTES)
    keys = [_key_of(sender, moment) for moment in (before, now)]
    # The slice before may have been yesterday's; a key names its day.
    return limits.count_used(_SCOPE, keys, days=2, now=now)


def _key_of(sender: int, moment: datetime) -> str:
    at = moment.astimezone(UTC)
    return f"{sender} {at:%Y-%m-%d %H}:{at.minute // _SLICE_MINUTES}"
