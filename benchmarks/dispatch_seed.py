"""People, a sender that is never the brake, and planned deliveries, for measuring how fast they go out."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from benchmarks.dispatch_parts import BODY, SENDER
from messaging.models import Batch, BatchText, Delivery, Fence, Sender
from messaging.numbers import make_fiction
from messaging.sealing import crypto

_PLACE = "subscriber.number"
_MANY = 10_000
_PEOPLE = """
    INSERT INTO messaging_subscriber (
        uid, channel, number_hash, number_sealed, key_id, language, country, state, messages, survey,
        urgent, joined_at, unanswered)
    SELECT uid, 'sms', number_hash, number_sealed, 1, 'en', 'SN', 'subscribed', TRUE, FALSE, FALSE,
           now(), 0
      FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[]) AS made (uid, number_hash, number_sealed)"""
_DELIVERIES = """
    INSERT INTO messaging_delivery (
        batch_id, subscriber_id, person, sender_id, text_id, channel, country, language, state, rank,
        reason, attempts, strikes, not_before, send_before, owner, provider_ref)
    SELECT %s, id, id, %s, %s, channel, country, language, 'planned', 0, '', 0, 0, now(),
           now() + interval '6 hours', '', ''
      FROM messaging_subscriber
     ORDER BY id
     LIMIT %s"""


def prepare(people: int) -> None:
    """Make the tables, the people and the sender."""
    call_command("migrate", verbosity=0)
    Fence.objects.update_or_create(defaults={"send_enabled": True})
    Sender.objects.create(
        name="Bench",
        channel="sms",
        provider="twilio",
        address=SENDER,
        parts_per_second=1_000_000,
        quiet_share=0,
    )
    with connection.cursor() as cursor:
        for first in range(0, people, _MANY):
            made = [_make_person(serial) for serial in range(first, min(first + _MANY, people))]
            cursor.execute(_PEOPLE, [list(column) for column in zip(*made, strict=True)])


def plan(people: int) -> None:
    """Plan one batch for so many people, and forget all others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE messaging_batch, messaging_delivery, messaging_event, messaging_attempt CASCADE"
        )
    now = timezone.now()
    batch = Batch.objects.create(
        reference=f"bench:{now:%H%M%S%f}",
        state=Batch.State.RUNNING,
        audience={"topics": ["route:wafr-atl"]},
        text_valid_until=now + timedelta(days=1),
        size=people,
        created_at=now,
    )
    text = BatchText.objects.create(batch=batch, channel="sms", language="en", body=BODY)
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERIES, [batch.pk, Sender.objects.get().pk, text.pk, people])
        cursor.execute("VACUUM ANALYZE messaging_delivery")
        cursor.execute("VACUUM ANALYZE messaging_subscriber")


def find_ids() -> list[int]:
    """Return the ids of what is planned."""
    return list(Delivery.objects.order_by("pk").values_list("pk", flat=True))


def _make_person(serial: int) -> tuple[UUID, bytes, bytes]:
    """Return the id, the hash and the sealed number of one made-up person."""
    number, uid = make_fiction("221", serial), uuid4()
    return uid, crypto.hash_number(number), crypto.seal(number, place=_PLACE, row=uid)
