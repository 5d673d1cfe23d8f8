"""A large made-up audience that the database writes itself: people, topics, stops, deliveries.

No number exists behind any of it: hashes are of a counter, and what is sealed is nothing.
"""

from datetime import datetime

from django.db import connection
from django.utils import timezone

from messaging.models import Batch, BatchText, Sender

ROUTES = 12
# Weight by country, in twentieths; the rest of the world is one of 200 made-up small ones.
SMALL_COUNTRIES = 200
_PEOPLE = """
    INSERT INTO messaging_subscriber (
        uid, channel, number_hash, number_sealed, key_id, language, country, state, messages, survey,
        urgent, joined_at, consent_until, heard_on, unanswered)
    SELECT md5('u' || i)::uuid,
           CASE WHEN i %% 5 < 3 THEN 'sms' ELSE 'whatsapp' END,
           decode(md5('n' || i), 'hex'), '\\x00', 1,
           (ARRAY['ar', 'fr', 'en', 'so', 'am', 'ha', 'ti', 'es'])[1 + (hashint4(i) & 7)],
           CASE WHEN i %% 20 < 18
                THEN (ARRAY['LY','TN','NE','SD','SN','GM','ML','MR','ET'])[1 + i %% 9]
                ELSE 'X' || chr(48 + abs(hashint4(i + 7)) %% 75) END,
           CASE WHEN i %% 40 = 0 THEN 'stopped' ELSE 'subscribed' END, i %% 40 <> 0, i %% 10 = 0,
           i %% 3 = 0, now() - interval '100 days',
           CASE WHEN i %% 4 = 0 THEN now() + (i %% 300 - 20) * interval '1 day' END,
           current_date - i %% 170, 0
      FROM generate_series(1, %s) AS i"""
_TOPICS = """
    INSERT INTO messaging_topic (subscriber_id, name)
    SELECT s.id, 'route:r' || (s.id * n %% %s)
      FROM messaging_subscriber s
     CROSS JOIN generate_series(1, 2) AS n
     WHERE n = 1 OR s.id %% 2 = 0
    ON CONFLICT DO NOTHING"""
_RARE = """
    INSERT INTO messaging_topic (subscriber_id, name)
    SELECT id, 'route:rare' FROM messaging_subscriber WHERE id %% 2000 = 7"""
_STOPS = """
    INSERT INTO messaging_suppression (number_hash, source, at, expires_at)
    SELECT decode(md5('n' || i * 20), 'hex'), 'keyword', now(), now() + interval '5 years'
      FROM generate_series(1, %s / 10) AS i"""
_DELIVERIES = """
    INSERT INTO messaging_delivery (
        batch_id, subscriber_id, person, sender_id, text_id, channel, country, language, state, rank,
        reason, attempts, strikes, not_before, send_before, owner, submitting_at, provider_ref)
    SELECT %s, id, id, %s, %s, channel, country, language, 'delivered', 70, '', 1, 0, now(), now(),
           '', now() - %s * interval '1 day', ''
      FROM messaging_subscriber
     WHERE (id + %s) %% 2 = 0"""
TABLES = ("subscriber", "topic", "suppression", "delivery")


def seed(people: int, *, batches: int = 4) -> None:
    """Write so many people, a tenth as many stops, and half as many deliveries in each batch.

    Then let the database count what it has.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [people])
        cursor.execute(_TOPICS, [ROUTES])
        cursor.execute(_RARE, [])
        cursor.execute(_STOPS, [people])
        for number in range(batches):
            batch, sender, text = make_batch(f"bench:{number}", now=timezone.now())
            cursor.execute(_DELIVERIES, [batch, sender, text, number * 3, number])
        for table in TABLES:
            cursor.execute(f"ANALYZE messaging_{table}")


def make_batch(reference: str, *, now: datetime) -> tuple[int, int, int]:
    """Make an empty batch with a sender and a text, and return the ids of the three."""
    sender, _made = Sender.objects.get_or_create(
        name="Bench", defaults={"channel": "sms", "provider": "memory", "address": "-"}
    )
    batch = Batch.objects.create(
        reference=reference,
        state=Batch.State.FINISHED,
        audience={},
        text_valid_until=now,
        created_at=now,
    )
    text = BatchText.objects.create(batch=batch, channel="sms", language="en", body="-")
    return batch.pk, sender.pk, text.pk
