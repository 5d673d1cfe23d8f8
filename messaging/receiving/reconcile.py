"""Reconciling: ask the provider's own list what became of the unknown. Nothing here sends anything.

One match in the list proves acceptance; more than one is an accident, and a person is told. None proves
nothing yet: nobody promises that a list already shows what was taken a moment ago. Two looks ten minutes
apart without a match are written down as a proof of absence (`Absence`), and then only a named person may
have the message sent after all (`messaging.receiving.deciding`). What nobody can know after three
days is settled: it stays unknown, and says so.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from messaging import ledger
from messaging.consenting import consent
from messaging.consenting.consent import open_number
from messaging.guarding import watching
from messaging.guarding.restoring import RESTORED
from messaging.models import Absence, Alarm, Delivery, Notice, Subscriber
from messaging.providers.base import Provider
from messaging.sealing.crypto import SealError
from messaging.senders.asking import ProviderOf, find_providers
from messaging.senders.roster import provider_named
from messaging.states import RANK, State
from messaging.wire import OPTED_OUT, Found, SendError, digest_text

__all__ = [
    "ABSENT",
    "ERASED",
    "reconcile_unknown",
    "settle_old",
]

_EARLY, _LATE = timedelta(seconds=5), timedelta(seconds=60)
_APART = timedelta(minutes=10)
# After three days no more evidence is to be hoped for.
_GIVE_UP = timedelta(hours=72)
ERASED = "person_erased"
ABSENT = "proven_absent"

log = logging.getLogger("waymark.reconcile")


def reconcile_unknown(
    *,
    now: datetime,
    older_than: timedelta,
    limit: int = 100,
    seconds: float = 30.0,
    provider_of: ProviderOf = provider_named,
) -> int:
    """Ask about deliveries unknown for `older_than` and return how many were found to be accepted."""
    unknown = Delivery.objects.filter(
        state=State.UNKNOWN,
        submitting_at__lt=now - older_than,
        submitting_at__gt=now - _GIVE_UP,
    )
    _note_erased(unknown)
    # Of the others only what they tell themselves is ever known.
    listing = {name: one for name, one in find_providers(provider_of).items() if one.lists}
    unknown = unknown.filter(sender__provider__in=listing)
    until = time.monotonic() + seconds
    found = 0
    for row in _choose(unknown, now=now)[:limit]:
        if time.monotonic() > until:
            break
        found += _settle(row, listing[row.sender.provider], now=now)
    settle_old(now=now)
    return found


def settle_old(*, now: datetime) -> int:
    """Say of what was unknown for three days that nothing more will be known; return of how many."""
    old = Delivery.objects.filter(
        state=State.UNKNOWN, submitting_at__lte=now - _GIVE_UP, settled_at__isnull=True
    )
    return old.update(settled_at=now)


def _choose(unknown: QuerySet[Delivery], *, now: datetime) -> QuerySet[Delivery]:
    """Return what may be asked about now, in an order by chance."""
    mine = Absence.objects.filter(delivery=OuterRef("pk"), attempt=OuterRef("attempts"))
    # A second look too soon proves nothing. After it the proof is kept fresh, for a list may be slow.
    rests = mine.filter(Q(first_at__gt=now - _APART) | Q(proven_at__gt=now - _APART))
    here = Subscriber.objects.filter(pk=OuterRef("subscriber_id"))
    chosen = unknown.filter(Exists(here)).exclude(Exists(rests))
    # By chance: those without an answer would stand first for ever.
    return chosen.select_related("subscriber", "sender", "text").order_by("?")


def _note_erased(unknown: QuerySet[Delivery]) -> None:
    """Say why nobody will ever know: whom it was for is erased, and her number with her."""
    here = Subscriber.objects.filter(pk=OuterRef("subscriber_id"))
    unknown.exclude(reason=ERASED).filter(~Exists(here)).update(reason=ERASED)


def _settle(row: Delivery, provider: Provider, *, now: datetime) -> bool:
    if row.submitting_at is None:
        return False
    sealed = bytes(row.subscriber.number_sealed)
    try:
        number = open_number(row.subscriber.uid, sealed, purpose="reconciling")
        since = row.submitting_at - _EARLY
        listed = provider.list_sent(number, channel=row.channel, since=since)
    except (SealError, SendError) as error:
        log.warning("cannot ask about delivery %s: %s", row.pk, type(error).__name__)
        return False
    # What a restored database has lost may have gone out at any time since its backup.
    until = now if row.reason == RESTORED else row.submitting_at + _LATE
    near = [found for found in listed if _is_near(found, row, since=since, until=until)]
    free = _without_claimed(near, row)
    matches = _match(free, row)
    if len(matches) == 1:
        _accept(row, matches[0], now=now)
        return True
    if len(matches) > 1:
        log.error("delivery %s stands more than once in the provider's list", row.pk)
        watching.raise_alarm(Alarm.Kind.DOUBLED, now=now)
    elif not free:
        _note_absent(row, now=now)
    return False


def _is_near(found: Found, row: Delivery, *, since: datetime, until: datetime) -> bool:
    in_time = since <= found.created_at <= until
    # Of a pool the provider names the number that it chose, and the pool beside it.
    return in_time and row.sender.address in (found.sender, found.service)


def _match(free: list[Found], row: Delivery) -> list[Found]:
    """Return what can be this delivery: of the same text; of a template, whatever is alone there."""
    digest = digest_text(row.text.body)
    same = [found for found in free if found.body_digest == digest]
    if same or not row.text.template_ref:
        return same
    # How a list shows a filled template is nowhere promised.
    return free if len(free) == 1 else []


def _without_claimed(near: list[Found], row: Delivery) -> list[Found]:
    """Leave out what is known to be another message: one text may go to one number twice."""
    refs = [found.ref for found in near]
    others = Delivery.objects.filter(subscriber_id=row.subscriber_id, provider_ref__in=refs)
    taken = set(others.exclude(pk=row.pk).values_list("provider_ref", flat=True))
    notices = Notice.objects.filter(
        number_hash=bytes(row.subscriber.number_hash), provider_ref__in=refs
    )
    taken |= set(notices.values_list("provider_ref", flat=True))
    return [found for found in near if found.ref not in taken]


def _accept(row: Delivery, found: Found, *, now: datetime) -> None:
    if found.reason == OPTED_OUT:
        consent.take_over_opt_outs([row.pk], now=now)
    state = State(found.state or State.ACCEPTED)
    with transaction.atomic():
        moved = Delivery.objects.filter(
            pk=row.pk, rank=RANK[State.UNKNOWN], attempts=row.attempts
        ).update(state=state, rank=RANK[state], provider_ref=found.ref, reason=found.reason)
        if moved:
            ledger.note([(row.pk, row.batch_id)], State.ACCEPTED, now=now, reason="reconciled")
            ledger.note([(row.pk, row.batch_id)], state, now=now, reason=found.reason)


def _note_absent(row: Delivery, *, now: datetime) -> None:
    """Write down one look without a match; the second one, ten minutes later, is the proof."""
    _seen, is_first = Absence.objects.get_or_create(
        delivery=row, attempt=row.attempts, defaults={"first_at": now}
    )
    if is_first:
        return
    with transaction.atomic():
        still = Delivery.objects.select_for_update().filter(
            pk=row.pk, state=State.UNKNOWN, attempts=row.attempts
        )
        if not still.exists():
            return
        proven = Absence.objects.filter(
            delivery=row, attempt=row.attempts, first_at__lte=now - _APART
        ).update(proven_at=now)
        if proven:
            # What a restore has lost is looked for until now at the next look too.
            still.exclude(reason=RESTORED).update(reason=ABSENT)
