"""Reconciling: ask the provider's own list what became of the unknown. Nothing is ever sent again.

One match in the list proves acceptance. None proves nothing yet: nobody promises that a list already
shows what was taken a moment ago, so the delivery stays unknown and is asked about again later.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from messaging import consent, ledger
from messaging.consent import open_number
from messaging.crypto import SealError
from messaging.models import Delivery
from messaging.providers.base import Provider
from messaging.senders import provider_named
from messaging.states import RANK, State
from messaging.wire import OPTED_OUT, Found, SendError, digest_text

_EARLY, _LATE = timedelta(seconds=5), timedelta(seconds=60)
# After three days no more evidence is to be hoped for.
_GIVE_UP = timedelta(hours=72)

log = logging.getLogger("waymark.reconcile")


def reconcile_unknown(
    *,
    now: datetime,
    older_than: timedelta,
    limit: int = 100,
    provider_of: Callable[[str], Provider] = provider_named,
) -> int:
    """Ask about deliveries unknown for `older_than` and return how many were found to be accepted."""
    rows = (
        Delivery.objects.filter(
            state=State.UNKNOWN,
            submitting_at__lt=now - older_than,
            submitting_at__gt=now - _GIVE_UP,
        )
        .select_related("subscriber", "sender", "text")
        # By chance: those without an answer would stand first for ever.
        .order_by("?")[:limit]
    )
    return sum(_settle(row, provider_of, now=now) for row in rows)


def _settle(row: Delivery, provider_of: Callable[[str], Provider], *, now: datetime) -> bool:
    sealed = bytes(row.subscriber.number_sealed)
    try:
        provider = provider_of(row.sender.provider)
        number = open_number(row.subscriber.uid, sealed, purpose="reconciling")
        listed = provider.list_sent(number, channel=row.channel)
    except (SealError, SendError, LookupError) as error:
        log.warning("cannot ask about delivery %s: %s", row.pk, type(error).__name__)
        return False
    matches = _without_claimed([found for found in listed if _is_match(found, row)], row)
    if len(matches) > 1:
        log.error("delivery %s stands more than once in the provider's list", row.pk)
    if len(matches) != 1:
        return False
    _accept(row, matches[0], now=now)
    return True


def _is_match(found: Found, row: Delivery) -> bool:
    if row.submitting_at is None:
        return False
    digest = digest_text(row.text.body)
    in_time = row.submitting_at - _EARLY <= found.created_at <= row.submitting_at + _LATE
    return found.sender == row.sender.address and found.body_digest == digest and in_time


def _without_claimed(matches: list[Found], row: Delivery) -> list[Found]:
    """Leave out what is known to be another delivery: one text may go to one number twice."""
    refs = [found.ref for found in matches]
    others = Delivery.objects.filter(subscriber=row.subscriber, provider_ref__in=refs)
    taken = set(others.exclude(pk=row.pk).values_list("provider_ref", flat=True))
    return [found for found in matches if found.ref not in taken]


def _accept(row: Delivery, found: Found, *, now: datetime) -> None:
    if found.reason == OPTED_OUT:
        consent.take_over_opt_outs([row.pk], now=now)
    state = State(found.state or State.ACCEPTED)
    with transaction.atomic():
        moved = Delivery.objects.filter(pk=row.pk, rank=RANK[State.UNKNOWN]).update(
            state=state, rank=RANK[state], provider_ref=found.ref, reason=found.reason
        )
        if moved:
            ledger.note([(row.pk, row.batch_id)], State.ACCEPTED, now=now, reason="reconciled")
            ledger.note([(row.pk, row.batch_id)], state, now=now, reason=found.reason)
