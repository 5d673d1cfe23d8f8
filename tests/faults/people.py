"""People and batches of the fault tests: many fictional ones at once."""

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from locales.languages import choose_language
from messaging.consenting.consent import Joining
from messaging.models import Batch, ConsentEntry, Delivery, Fence, Sender, Subscriber, Topic
from messaging.numbers import make_fiction
from messaging.sealing.crypto import hash_number, key_id_of, seal
from messaging.sending.eligibility import Audience
from messaging.sending.planning import FrozenText, Plan, plan
from tests.faults.invariants import CANARY

TOPIC = "route:wafr-atl"
PAGE = 5000
COUNTRIES = {"SN": "221", "ML": "223", "GM": "220"}


def number_of(serial: int) -> str:
    """Return the fictional number of one of our people; every third has another country."""
    calling = list(COUNTRIES.values())[serial % len(COUNTRIES)]
    return make_fiction(calling, serial)


def hash_of(serial: int) -> bytes:
    """Return the hash by which messaging knows a person."""
    return hash_number(number_of(serial))


def joining(serial: int) -> Joining:
    """Return what a person gives who joins by herself."""
    return Joining(
        channel="sms",
        number=number_of(serial),
        language="fr",
        country=list(COUNTRIES)[serial % len(COUNTRIES)],
        topics=(TOPIC,),
        method=ConsentEntry.Method.REHEARSAL,
        wording="test-1",
    )


def join(count: int, *, first: int = 1) -> int:
    """Let so many people join, in a few statements."""
    now = timezone.now()
    for begin in range(first, first + count, PAGE):
        rows = [_make_row(serial, now) for serial in range(begin, min(begin + PAGE, first + count))]
        Subscriber.objects.bulk_create(rows)
        Topic.objects.bulk_create(Topic(subscriber=row, name=TOPIC) for row in rows)
    return count


def _make_row(serial: int, now: datetime) -> Subscriber:
    uid, number = uuid.uuid4(), number_of(serial)
    sealed = seal(number, place="subscriber.number", row=uid)
    return Subscriber(
        uid=uid,
        channel="sms",
        number_hash=hash_number(number),
        number_sealed=sealed,
        key_id=key_id_of(sealed),
        language="fr",
        country=list(COUNTRIES)[serial % len(COUNTRIES)],
        joined_at=now,
    )


def make_senders(rate: int, *, count: int = 1, daily_cap: int = 0) -> None:
    """Make senders at the stand-in; with three, each serves one country."""
    if not Fence.objects.exists():
        Fence.objects.create(send_enabled=True)
    for serial in range(1, count + 1):
        Sender.objects.create(
            name=f"Sender {serial}",
            channel="sms",
            provider="twilio",
            address=f"+99900000{serial:02d}",
            parts_per_second=rate,
            daily_cap=daily_cap,
        )


def plan_batch(reference: str, *, rate: int = 1000, senders: int = 1, parts: int = 1) -> int:
    """Plan one batch for everybody and return its size."""
    if not Sender.objects.exists():
        make_senders(rate, count=senders)
    texts = tuple(
        FrozenText(channel="sms", language=language, body=f"Bonjour {CANARY}.", parts=parts)
        for language in ("en", "fr")
    )
    wanted = Plan(
        reference=reference,
        audience=Audience(topics=(TOPIC,)),
        texts=texts,
        choose_language=choose_language,
        window_of=open_window,
        text_valid_until=timezone.now() + timedelta(days=3),
    )
    batch = plan(wanted, now=timezone.now())
    _share_out(batch)
    return batch.size


def open_window(country: str) -> tuple[datetime, datetime]:
    """Return a window that is open now."""
    now = timezone.now()
    return now - timedelta(minutes=1), now + timedelta(hours=4)


def _share_out(batch: Batch) -> None:
    """Give each country's deliveries to a sender of its own."""
    senders = list(Sender.objects.order_by("pk").values_list("pk", flat=True))
    for place, country in enumerate(COUNTRIES):
        rows = Delivery.objects.filter(batch=batch, country=country)
        rows.update(sender=senders[place % len(senders)])
