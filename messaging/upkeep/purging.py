"""Purging: a batch's deliveries go, its counts stay. Begun by one mark, then page by page.

The mark and the counts are written together, before the first row goes: from then on nobody counts
the batch again (`analytics.counting`), however often a purge is cut and carried on.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from messaging.models import (
    Absence,
    Attempt,
    Batch,
    BatchText,
    Bill,
    Delivery,
    Event,
    StoredReceipt,
)
from messaging.sending import recounting
from messaging.states import MOVING
from messaging.upkeep.time_limits import NONE, Rule, fixed, from_settings

_TEXTS_AT_ONCE = 10


def begin(batches: Collection[int], *, now: datetime) -> int:
    """Mark batches as purged and write down their counts; return how many. Their rows go later.

    What is still moving is left alone.
    """
    with transaction.atomic():
        chosen = Batch.objects.select_for_update().filter(pk__in=batches, purged_at__isnull=True)
        # A statement after the lock, and no other plan can add to a batch that is there.
        rows = list(chosen.order_by("pk"))
        moving = Delivery.objects.filter(batch__in=rows, state__in=MOVING)
        busy = set(moving.values_list("batch_id", flat=True))
        quiet = [batch for batch in rows if batch.pk not in busy]
        for batch in quiet:
            batch.counts = dict(recounting.count_rows(batch.pk))
            batch.counted_at = batch.purged_at = now
            if batch.finished_at is None:
                batch.finished_at, batch.state = now, Batch.State.FINISHED
            batch.save(update_fields=["counts", "counted_at", "purged_at", "finished_at", "state"])
    return len(quiet)


def find_old(before: datetime) -> QuerySet[Batch]:
    """Return batches that ended before then, or that were begun before then and never got to an end."""
    moving = Delivery.objects.filter(batch=OuterRef("pk"), state__in=MOVING)
    ended = Q(finished_at__lt=before) | Q(finished_at__isnull=True, created_at__lt=before)
    return Batch.objects.filter(ended & ~Exists(moving), purged_at__isnull=True)


def _begin(ids: Sequence[int], now: datetime) -> int:
    return begin(ids, now=now)


def _find_deliveries(_before: datetime) -> QuerySet[Delivery]:
    # Texts go last, so that a batch without any is done: most batches there ever were are.
    begun = Batch.objects.filter(purged_at__isnull=False, texts__isnull=False)
    return Delivery.objects.filter(batch__in=list(begun.values_list("pk", flat=True).distinct()))


def _remove_deliveries(ids: Sequence[int], _now: datetime) -> int:
    Attempt.objects.filter(delivery__in=ids).delete()
    Event.objects.filter(delivery__in=ids).delete()
    StoredReceipt.objects.filter(delivery_id__in=ids).delete()
    Bill.objects.filter(delivery__in=ids).delete()
    Absence.objects.filter(delivery__in=ids).delete()
    Delivery.objects.filter(pk__in=ids).delete()
    return len(ids)


def _find_texts(_before: datetime) -> QuerySet[BatchText]:
    # By batch, for which there is an index: while one of its deliveries is here its texts stay.
    used = Delivery.objects.filter(batch=OuterRef("batch"))
    return BatchText.objects.filter(~Exists(used), batch__purged_at__isnull=False)


def _remove_texts(ids: Sequence[int], _now: datetime) -> int:
    # With the choices that name them. For each text the database looks through all deliveries, of which
    # no index names one: a few in each transaction, so that every run gets further.
    some = ids[:_TEXTS_AT_ONCE]
    BatchText.objects.filter(pk__in=some).delete()
    return len(some)


def _find_receipts(before: datetime) -> QuerySet[StoredReceipt]:
    return StoredReceipt.objects.filter(received_at__lt=before, folded_at__isnull=False)


def _remove_receipts(ids: Sequence[int], _now: datetime) -> int:
    return StoredReceipt.objects.filter(pk__in=ids).delete()[0]


RULES = (
    Rule(
        "batches",
        _("Broadcasts that ended: from now on only their counts are kept"),
        from_settings("deliveries"),
        find_old,
        _begin,
    ),
    Rule(
        "deliveries",
        _("Single deliveries of such broadcasts, with all that was noted of them"),
        fixed(NONE),
        _find_deliveries,
        _remove_deliveries,
    ),
    Rule("texts", _("Their texts"), fixed(NONE), _find_texts, _remove_texts),
    Rule(
        "receipts",
        _("What providers told of deliveries"),
        from_settings("deliveries"),
        _find_receipts,
        _remove_receipts,
    ),
)
