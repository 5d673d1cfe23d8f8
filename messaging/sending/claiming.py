"""Claiming: mark as many due deliveries as calls can start at once, with an owner and a lease.

On PostgreSQL one statement, whose index (`delivery_due`) is read in its own order, batch by batch: what
waits of other batches costs nothing. Any number of workers may claim at once.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models.functions import Now

from messaging import dialect
from messaging.models import Batch, Delivery, Sender
from messaging.states import RANK, State

LEASE_SECONDS = 60
_BACK = {"state": State.PLANNED, "rank": RANK[State.PLANNED], "owner": "", "lease_until": None}
# MATERIALIZED, or the planner may update more than the limit.
_CLAIM = f"""
    WITH due AS MATERIALIZED (
        SELECT waiting.id
          FROM messaging_batch b
         CROSS JOIN LATERAL (
               SELECT d.id, d.not_before
                 FROM messaging_delivery d
                WHERE d.sender_id = %s AND d.batch_id = b.id AND d.state = 'planned'
                  AND d.not_before <= statement_timestamp()
                  AND d.send_before > statement_timestamp()
                ORDER BY d.not_before, d.id
                LIMIT %s
                  FOR NO KEY UPDATE SKIP LOCKED) waiting
         WHERE b.state = 'running'
         ORDER BY b.priority DESC, waiting.not_before, waiting.id
         LIMIT %s)
    UPDATE messaging_delivery d
       SET state = 'claimed', rank = {RANK[State.CLAIMED]}, owner = %s,
           lease_until = statement_timestamp() + interval '{LEASE_SECONDS} seconds'
      FROM due
     WHERE d.id = due.id
    RETURNING d.id"""  # noqa: S608 (our own numbers)


def claim_due(sender: Sender, owner: str, *, limit: int) -> list[int]:
    """Mark up to `limit` due deliveries of a sender as claimed by `owner` and return their ids."""
    if dialect.is_postgres():
        return sorted(row[0] for row in dialect.fetch(_CLAIM, [sender.pk, limit, limit, owner]))
    with transaction.atomic():
        due = Delivery.objects.filter(
            sender=sender,
            state=State.PLANNED,
            batch__state=Batch.State.RUNNING,
            not_before__lte=Now(),
            send_before__gt=Now(),
        )
        first = due.order_by("-batch__priority", "not_before", "pk").values_list("pk", flat=True)
        ids = sorted(first[:limit])
        _mark(ids, owner)
    return ids


def give_back(ids: Collection[int], owner: str) -> None:
    """Plan again what was claimed and not committed, at once; no attempt is used up."""
    if ids:
        Delivery.objects.filter(pk__in=ids, state=State.CLAIMED, owner=owner).update(**_BACK)


def _mark(ids: Collection[int], owner: str) -> None:
    dialect.run(
        f"""UPDATE messaging_delivery
               SET state = 'claimed', rank = {RANK[State.CLAIMED]}, owner = %s,
                   lease_until = {dialect.later(str(LEASE_SECONDS))}
             WHERE {dialect.among("id")} AND state = 'planned'""",  # noqa: S608
        [owner, dialect.as_list(ids)],
    )
