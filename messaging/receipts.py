"""Receipts: keep them as they come, fold them in batches by rank; any order, any number of times."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from messaging import consent, ledger
from messaging.models import Delivery, Event, StoredReceipt
from messaging.states import EVIDENCE_RANK, RANK, State
from messaging.tokens import read_token
from messaging.wire import OPTED_OUT, Receipt

_BATCH = 500

log = logging.getLogger("waymark.receipts")


def keep(token: str, receipt: Receipt, *, now: datetime) -> bool:
    """Store one receipt for its delivery; say False when the token is not one we made."""
    owner = read_token(token)
    if owner is None:
        return False
    if receipt.state is None:
        log.warning("a provider used an unknown word for a state: %s", receipt.word[:30])
    StoredReceipt.objects.bulk_create(
        [
            StoredReceipt(
                delivery_id=owner[0],
                attempt=owner[1],
                ref=receipt.ref[:64],
                word=receipt.word[:30],
                state=receipt.state or "",
                reason=receipt.reason[:40],
                received_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    return True


def fold_waiting(*, now: datetime) -> int:
    """Fold up to 500 stored receipts into their deliveries and return how many were folded."""
    unfolded = StoredReceipt.objects.filter(folded_at__isnull=True)
    heeded = _take_over_opt_outs(unfolded, now=now)
    with transaction.atomic():
        waiting = list(
            # An opt-out that came in between waits for the next turn: its no goes first.
            unfolded.filter(~Q(reason=OPTED_OUT) | Q(pk__in=heeded))
            .select_for_update(skip_locked=True)
            .order_by("pk")[:_BATCH]
        )
        apply(waiting)
        StoredReceipt.objects.filter(pk__in=[receipt.pk for receipt in waiting]).update(
            folded_at=now
        )
    return len(waiting)


def apply(receipts: Sequence[StoredReceipt]) -> None:
    """Move each delivery up to the highest rank its receipts prove; call it inside a transaction."""
    known = [receipt for receipt in receipts if receipt.state]
    sent = _lock_sent({receipt.delivery_id for receipt in known})
    best: dict[int, StoredReceipt] = {}
    events = []
    for receipt in known:
        delivery = receipt.delivery_id
        if delivery not in sent:
            # Evidence for something never sent is a bug or a forgery: say so, change nothing.
            log.error("receipt for delivery %s, which was not sent", delivery)
            continue
        events.append(_make_event(receipt, sent[delivery].batch))
        if delivery not in best or _rank(best[delivery]) < _rank(receipt):
            best[delivery] = receipt
    ledger.write(events)
    _move_up(best)
    _name_refs(receipt for receipt in best.values() if not sent[receipt.delivery_id].ref)


def _take_over_opt_outs(unfolded: QuerySet[StoredReceipt], *, now: datetime) -> list[int]:
    """Record what receipts tell of opt-outs and return those receipts; call it in no transaction."""
    # Before the fold and in commits of their own: people are locked before their deliveries.
    # One page is looked at, for a long queue must not be read through at every step.
    page = unfolded.order_by("pk").values_list("pk", "delivery_id", "reason")[:_BATCH]
    told = {pk: delivery for pk, delivery, reason in page if reason == OPTED_OUT}
    if told:
        sent = Delivery.objects.filter(pk__in=told.values(), rank__gte=EVIDENCE_RANK)
        consent.take_over_opt_outs(list(sent.values_list("pk", flat=True)), now=now)
    return list(told)


class _Sent(NamedTuple):
    batch: int
    ref: str


def _lock_sent(ids: set[int]) -> dict[int, _Sent]:
    """Lock those deliveries that a provider may have and return their batch and reference by id."""
    rows = (
        Delivery.objects.select_for_update()
        .filter(pk__in=ids, rank__gte=EVIDENCE_RANK)
        .order_by("pk")
        .values_list("pk", "batch_id", "provider_ref")
    )
    return {pk: _Sent(batch, ref) for pk, batch, ref in rows}


def _rank(receipt: StoredReceipt) -> int:
    return RANK[State(receipt.state)]


def _make_event(receipt: StoredReceipt, batch: int) -> Event:
    return Event(
        delivery_id=receipt.delivery_id,
        batch_id=batch,
        state=receipt.state,
        reason=receipt.reason,
        at=receipt.received_at,
    )


def _move_up(best: Mapping[int, StoredReceipt]) -> None:
    """Move deliveries up in a few statements: one for each state and reason, not for each row."""
    groups: dict[tuple[str, str], list[int]] = {}
    for delivery, receipt in best.items():
        groups.setdefault((receipt.state, receipt.reason), []).append(delivery)
    for (state, reason), ids in groups.items():
        rank = RANK[State(state)]
        Delivery.objects.filter(pk__in=ids, rank__gte=EVIDENCE_RANK, rank__lt=rank).update(
            state=state, rank=rank, reason=reason, lease_until=None
        )


def _name_refs(receipts: Iterable[StoredReceipt]) -> None:
    """Keep the provider's id where its answer was lost, or is not recorded yet."""
    for receipt in receipts:
        Delivery.objects.filter(pk=receipt.delivery_id, provider_ref="").update(
            provider_ref=receipt.ref
        )
