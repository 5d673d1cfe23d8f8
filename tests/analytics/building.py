"""Builders for these tests: batches with deliveries in given states, and broadcasts of partners.

An identity is a small number, turned into a stand-in for a keyed hash: no phone number is needed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

from django.contrib.auth.models import User
from wagtail.models import Page

from campaigns.models import Broadcast, Membership, Partner, Segment
from cms.models import MessagePage, Pattern
from messaging import ledger
from messaging.models import Batch, BatchText, Delivery, Sender, Subscriber
from messaging.states import RANK, State

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
_serial = count(1)


@dataclass(frozen=True, slots=True)
class Copy:
    """One delivery to be made; `person` is shared by the two channels of one phone."""

    person: int
    country: str = "NG"
    language: str = "ha"
    state: State = State.DELIVERED
    channel: str = "sms"
    text: str = ""


def copies(number: int, *, first: int = 1, country: str = "NG", language: str = "ha",
           state: State = State.DELIVERED) -> list[Copy]:  # fmt: skip
    """Return the copies of `number` people with neighbouring identities."""
    return [Copy(first + n, country, language, state) for n in range(number)]


def make_batch(wanted: Iterable[Copy], *, reference: str = "broadcast:test2345") -> Batch:
    """Make a running batch with these deliveries; each that was sent has its event."""
    batch = Batch.objects.create(
        reference=reference,
        state=Batch.State.RUNNING,
        audience={},
        text_valid_until=NOW + timedelta(days=1),
        created_at=NOW,
    )
    sender, _made = Sender.objects.get_or_create(
        name="tests", channel="sms", provider="memory", address="Waymark"
    )
    for copy in wanted:
        _add(batch, sender, copy)
    return batch


def move(delivery: Delivery, state: State) -> None:
    """Move a delivery to a state and note it in the ledger."""
    delivery.state, delivery.rank = state, RANK.get(state)
    delivery.save()
    ledger.note([(delivery.pk, delivery.batch_id)], state, now=NOW)


def _add(batch: Batch, sender: Sender, copy: Copy) -> None:
    subscriber, _made = Subscriber.objects.get_or_create(
        channel=copy.channel,
        number_hash=copy.person.to_bytes(16, "big"),
        defaults={
            "number_sealed": b"not sealed",
            "language": copy.language,
            "country": copy.country,
            "joined_at": NOW,
        },
    )
    text, _made = BatchText.objects.get_or_create(
        batch=batch, channel=copy.channel, language=copy.text or copy.language
    )
    delivery = Delivery(
        batch=batch,
        subscriber=subscriber,
        person=copy.person,
        sender=sender,
        text=text,
        channel=copy.channel,
        country=copy.country,
        language=copy.language,
        not_before=NOW,
        send_before=NOW + timedelta(hours=4),
    )
    move(delivery, copy.state) if copy.state != State.PLANNED else delivery.save()


def make_user(*partners: Partner) -> User:
    """Make a person who reads the reports of these partners."""
    user = User.objects.create_user(f"analyst{next(_serial)}")
    for partner in partners:
        Membership.objects.create(user=user, partner=partner, role=Membership.Role.ANALYST)
    return user


def make_broadcast(partner: Partner, *, title: str = "Ways to work abroad") -> Broadcast:
    """Make a launched broadcast of a partner."""
    message = MessagePage(
        title=title, slug=f"m{next(_serial)}", pattern=Pattern.NUDGE, expires=date(2027, 1, 1)
    )
    root = Page.get_first_root_node()
    root.add_child(instance=message)
    segment = Segment.objects.create(partner=partner, name=f"s{next(_serial)}", routes=["cmed"])
    return Broadcast.objects.create(
        partner=partner,
        author=make_user(),
        message=message,
        segment=segment,
        send_at=NOW,
        state=Broadcast.State.LAUNCHED,
        form_token=str(next(_serial)),
        created_at=NOW,
    )
