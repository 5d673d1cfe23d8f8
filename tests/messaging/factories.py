"""People, senders and batches for tests of messaging; every number is fictional (+999)."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from locales.languages import choose_language
from messaging.consenting import consent
from messaging.models import Batch, ConsentEntry, Delivery, Event, Fence, Sender, Subscriber
from messaging.numbers import make_fiction
from messaging.providers.base import Provider
from messaging.receiving.inbound import Question
from messaging.sealing.crypto import hash_number
from messaging.sending.dispatch import drain
from messaging.sending.eligibility import Audience
from messaging.sending.planning import FrozenText, Plan, plan
from messaging.states import RANK, State

TOPIC = "route:wafr-atl"
EVERYTHING = ("sms", "whatsapp")
TEXTS = tuple(
    FrozenText(channel=channel, language=language, body=body, parts=1)
    for channel in EVERYTHING
    for language, body in (("en", "Good morning."), ("fr", "Bonjour."), ("ar", "صباح الخير."))
)
ADDRESSES = {"sms": "+9990000001", "whatsapp": "+9990000002"}


def number_of(serial: int) -> str:
    """Return the fictional number of one of our people."""
    return make_fiction("221", serial)


def make_joining(serial: int = 1, **more: Any) -> consent.Joining:
    """Return what a person gives who joins."""
    given: dict[str, Any] = {
        "channel": "sms",
        "number": number_of(serial),
        "language": "fr",
        "country": "SN",
        "topics": (TOPIC,),
        "method": ConsentEntry.Method.REHEARSAL,
        "wording": "test-1",
    }
    return consent.Joining(**(given | more))


def make_subscriber(serial: int = 1, **more: Any) -> Subscriber:
    """Let one person join."""
    return consent.grant(make_joining(serial, **more), now=timezone.now())


def make_sender(channel: str = "sms", *, rate: int = 1000) -> Sender:
    """Return the sender of a channel, and open the fence."""
    if not Fence.objects.exists():
        Fence.objects.create(send_enabled=True)
    sender, _made = Sender.objects.get_or_create(
        name=f"Test {channel}",
        defaults={
            "channel": channel,
            "provider": "memory",
            "address": ADDRESSES[channel],
            "parts_per_second": rate,
        },
    )
    return sender


def open_window(country: str) -> tuple[datetime, datetime]:
    """Return a window that is open now."""
    now = timezone.now()
    return now - timedelta(minutes=1), now + timedelta(hours=4)


def make_plan(reference: str = "broadcast:1", **more: Any) -> Plan:
    """Return a small plan for everybody who asked for `TOPIC`."""
    audience = Audience(**({"topics": (TOPIC,)} | more.pop("audience", {})))
    given: dict[str, Any] = {
        "reference": reference,
        "audience": audience,
        "texts": TEXTS,
        "choose_language": choose_language,
        "window_of": open_window,
        "text_valid_until": timezone.now() + timedelta(days=3),
    }
    return Plan(**(given | more))


def make_batch(reference: str = "broadcast:1", *, people: int = 0, **more: Any) -> Batch:
    """Plan a batch; `people` new ones join first, numbered from 1."""
    for channel in EVERYTHING:
        make_sender(channel)
    for serial in range(1, people + 1):
        make_subscriber(serial)
    return plan(make_plan(reference, **more), now=timezone.now())


def drain_all(provider: Provider, *, channel: str = "sms", owner: str = "worker") -> int:
    """Drain a channel's sender until nothing is due and return how many were claimed."""
    sender, claimed = make_sender(channel), 0
    while step := drain(sender, owner, provider=provider, now=timezone.now()).claimed:
        claimed += step
    return claimed


def the_delivery() -> Delivery:
    """Return the only delivery there is."""
    return Delivery.objects.get()


def states() -> list[str]:
    """Return the states of all deliveries, batch by batch, in the order of their people."""
    rows = Delivery.objects.order_by("batch", "subscriber")
    return list(rows.values_list("state", flat=True))


def set_state(delivery: Delivery, state: State) -> None:
    """Put a delivery back into a state, its ledger empty; what no real step may do."""
    Event.objects.filter(delivery=delivery).delete()
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state, rank=RANK.get(state), reason="", submitting_at=timezone.now()
    )


def end_leases() -> None:
    """Let every lease be over, as if time had passed."""
    before = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(lease_until__isnull=False).update(lease_until=before)


def stop(serial: int = 1) -> int:
    """Let one person say stop."""
    return consent.withdraw(
        [hash_number(number_of(serial))],
        method=ConsentEntry.Method.KEYWORD,
        wording="STOP",
        now=timezone.now(),
    )


def echo(question: Question) -> str:
    """Answer what somebody wrote with the language she reads; a handler for tests."""
    return f"answer in {question.language}"


def fail(question: Question) -> str:
    """Fail over what somebody wrote, telling all of it; a handler for tests."""
    raise RuntimeError(question.body)
