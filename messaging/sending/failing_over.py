"""Failing over: what provably nobody has yet goes by another sender, or by SMS instead of WhatsApp.

Only rows that are `planned` change their sender: whoever may have a message keeps it. An SMS is planned
for a WhatsApp message only where the provider's answer to our call refused it, never after a receipt
or a doubt, and only for people who said yes on both channels.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q

from messaging.models import Batch, BatchLane, Delivery, Sender
from messaging.senders.breaker import ACCOUNT
from messaging.sending.eligibility import Audience, find_eligible
from messaging.states import State
from messaging.wire import OPTED_OUT, SMS, WHATSAPP

# A provider that stumbles is back sooner than its messages would be by another way.
GRACE = timedelta(seconds=120)
_PAGE = 5_000
# Its last messages may be refused just when nothing else of it is left to send.
_LOOK_BACK = timedelta(minutes=10)
# Failed before anybody was asked, or for good on every channel.
_NOT_BY_ANSWER = (OPTED_OUT, "poison", "decrypt")
_PROOF = ("unknown", "accepted", "sent", "delivered", "read")


def move_stranded(*, now: datetime, limit: int = 50_000) -> int:
    """Give planned rows of senders that are halted or off to their lane's next; return how many."""
    standing = Sender.objects.filter(Q(halted_at__isnull=False) | Q(active=False))
    stranded = {
        sender.pk
        for sender in standing
        if not sender.active
        or sender.halted_reason == ACCOUNT
        or now - (sender.halted_at or now) >= GRACE
    }
    if not stranded:
        return 0
    going = set(
        Sender.objects.filter(active=True, halted_at__isnull=True).values_list("pk", flat=True)
    )
    moved = 0
    lanes = BatchLane.objects.filter(batch__state=Batch.State.RUNNING)
    for lane in lanes.order_by("-batch__priority", "pk"):
        row = [lane.sender_id, *lane.fallbacks]
        target = next((pk for pk in row if pk in going), None)
        sources = [pk for pk in row if pk in stranded]
        if target is not None and sources:
            moved += _move(lane, sources, target, limit=limit - moved)
        if moved >= limit:
            break
    return moved


def try_sms(*, now: datetime) -> int:
    """Plan an SMS for people whose WhatsApp message was refused outright; return how many.

    A batch that had nothing left to send goes on for them.
    """
    going = Q(state=Batch.State.RUNNING) | Q(
        state=Batch.State.FINISHED, finished_at__gt=now - _LOOK_BACK
    )
    batches = Batch.objects.filter(
        going, texts__channel=SMS, lanes__channel=WHATSAPP, text_valid_until__gt=now
    ).distinct()
    return sum(_plan_sms(batch, now=now) for batch in batches if SMS in batch.audience["channels"])


def _move(lane: BatchLane, sources: list[int], target: int, *, limit: int) -> int:
    moved = 0
    while moved < limit:
        with transaction.atomic():
            # In the order in which everybody locks them; who holds one already is passed by.
            rows = (
                Delivery.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(
                    batch=lane.batch_id,
                    channel=lane.channel,
                    country=lane.country,
                    sender__in=sources,
                    state=State.PLANNED,
                )
                .order_by("pk")
                .only("pk")
            )
            ids = [row.pk for row in rows[: min(_PAGE, limit - moved)]]
            Delivery.objects.filter(pk__in=ids, state=State.PLANNED).update(sender=target)
        moved += len(ids)
        if not ids:
            break
    return moved


def _plan_sms(batch: Batch, *, now: datetime) -> int:
    # She is in the audience: the message that failed was planned for her.
    audience = Audience.from_data(batch.audience | {"channels": [SMS]}).without_past()
    people = find_eligible(audience).values_list(
        "id", "channel", "country", "language", "number_hash"
    )
    eligible, params = people.query.sql_with_params()
    proof = ", ".join(["%s"] * len(_PROOF))
    without = ", ".join(["%s"] * len(_NOT_BY_ANSWER))
    statement = f"""
        INSERT INTO messaging_delivery (
            batch_id, subscriber_id, person, sender_id, text_id, channel, country, language, state,
            rank, reason, attempts, strikes, not_before, send_before, owner, provider_ref)
        SELECT failed.batch_id, s.id, failed.person, lane.sender_id, choice.text_id, s.channel,
               s.country, s.language, 'planned', 0, '', 0, 0, lane.not_before, lane.send_before,
               '', ''
          FROM messaging_delivery failed
          JOIN messaging_subscriber other ON other.id = failed.subscriber_id
          JOIN ({eligible}) s ON s.number_hash = other.number_hash
          JOIN messaging_batchlane lane
            ON lane.batch_id = failed.batch_id AND lane.channel = s.channel
               AND lane.country = s.country AND lane.send_before > %s
          JOIN messaging_batchchoice choice
            ON choice.batch_id = failed.batch_id AND choice.channel = s.channel
               AND choice.language = s.language
         WHERE failed.batch_id = %s AND failed.state = 'failed' AND failed.channel = 'whatsapp'
           AND failed.provider_ref = '' AND failed.attempts > 0
           AND failed.reason NOT IN ({without})
           AND NOT EXISTS (
               SELECT 1 FROM messaging_storedreceipt r WHERE r.delivery_id = failed.id)
           AND NOT EXISTS (
               SELECT 1 FROM messaging_event e
                WHERE e.delivery_id = failed.id AND e.state IN ({proof}))
         ORDER BY s.id
        ON CONFLICT (batch_id, subscriber_id) DO NOTHING"""  # noqa: S608
    moment = connection.ops.adapt_datetimefield_value(now)
    with transaction.atomic():
        # Not one that somebody cancels, or pauses, at this moment.
        going = Batch.objects.select_for_update().filter(pk=batch.pk, state=batch.state)
        if not going.exists():
            return 0
        with connection.cursor() as cursor:
            cursor.execute(statement, [*params, moment, batch.pk, *_NOT_BY_ANSWER, *_PROOF])
            planned = int(cursor.rowcount)
        if planned:
            # They are rows of this batch now, and its states sum to its size.
            Batch.objects.filter(pk=batch.pk).update(
                size=F("size") + planned, state=Batch.State.RUNNING, finished_at=None
            )
    return planned
