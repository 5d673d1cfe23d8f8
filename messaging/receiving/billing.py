"""Billing: what each message cost in the end, and in how many parts, as the provider says.

Twilio has no price in its callbacks: it is asked later, a few at a time. AWS tells it with its events:
`note_bill` takes that. An estimate before a launch is `campaigns.reckoning.estimating`; these are
the facts.

Whom to ask about is found by walking along the ledger of events, never through the table of
deliveries: a minute with nothing to ask costs one look, however much was ever sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from messaging.models import Bill, Delivery, Event, Walk
from messaging.senders.asking import ProviderOf, ask_all, find_archives
from messaging.senders.roster import provider_named
from messaging.states import RANK, State
from messaging.wire import SendError, Statement

# A price comes after the last receipt, mostly within the hour; after some days none comes.
_NOT_BEFORE, _NOT_AFTER = timedelta(hours=1), timedelta(days=8)
_AGAIN, _GIVE_UP = timedelta(hours=6), timedelta(days=3)
_PAGE, _MOST_PAGES = 2_000, 50


@dataclass(frozen=True, slots=True)
class Charge:
    """Hold what one message cost in all; no amount while it has no price."""

    parts: int
    amount: Decimal | None
    currency: str


def note_bill(delivery: int, charge: Charge, *, now: datetime) -> None:
    """Keep what a provider asked for a delivery; told again, the later word counts."""
    _write({delivery: charge}, now=now)


def fetch_prices(
    *,
    now: datetime,
    limit: int = 200,
    seconds: float = 20.0,
    provider_of: ProviderOf = provider_named,
) -> int:
    """Ask what some sent messages cost and return of how many a price came."""
    priced = 0
    for name, provider in find_archives(provider_of).items():
        unpriced, end = _find_unpriced(name, limit, now=now)
        known = {one.ref: one for one in unpriced}
        charges: dict[int, Charge] = {}
        for ref, said in ask_all(provider.look_up, list(known), seconds=seconds):
            charges[known.pop(ref).delivery] = _read(said)
        _write(charges, now=now)
        # What there was no time for is met again.
        _note_walk(name, min((one.event - 1 for one in known.values() if one.event), default=end))
        priced += sum(charge.amount is not None for charge in charges.values())
    return priced


class _Unpriced(NamedTuple):
    """Hold one message without a price, and the event by which it was met; 0 when it is asked again."""

    event: int
    delivery: int
    ref: str


def _find_unpriced(provider: str, limit: int, *, now: datetime) -> tuple[list[_Unpriced], int]:
    """Return those nobody asked about first, then those without a price yet; and how far the walk came."""
    reached = Walk.objects.filter(name=_name(provider)).values_list("reached", flat=True).first()
    end = reached or 0
    found: list[_Unpriced] = []
    for page in _read_pages(end, now=now):
        some = _pick_unbilled(page, provider, now=now)
        left = limit - len(found)
        found += some[:left]
        if len(some) > left:
            return found, some[left].event - 1
        end = page[-1].pk
    return found + _find_open(provider, limit - len(found), now=now), end


class _Told(NamedTuple):
    pk: int
    delivery: int
    at: datetime


def _read_pages(start: int, *, now: datetime) -> Iterator[list[_Told]]:
    """Yield events after one of them, page by page, as far as they are old enough."""
    for _page in range(_MOST_PAGES):
        rows = Event.objects.filter(pk__gt=start).order_by("pk")[:_PAGE]
        told = [_Told(*row) for row in rows.values_list("pk", "delivery_id", "at")]
        ripe = list(takewhile(lambda one: one.at < now - _NOT_BEFORE, told))
        if ripe:
            yield ripe
            start = ripe[-1].pk
        if len(ripe) < _PAGE:
            return


def _pick_unbilled(page: Sequence[_Told], provider: str, *, now: datetime) -> list[_Unpriced]:
    """Return which of these events are the first of messages that nobody asked about, in their order."""
    first: dict[int, int] = {}
    for one in page:
        if one.at > now - _NOT_AFTER:
            first.setdefault(one.delivery, one.pk)
    if not first:
        return []
    taken = Delivery.objects.filter(
        pk__in=first, sender__provider=provider, rank__gte=RANK[State.ACCEPTED]
    ).exclude(provider_ref="")
    unbilled = taken.exclude(Exists(Bill.objects.filter(delivery=OuterRef("pk"))))
    rows = unbilled.values_list("pk", "provider_ref")
    return sorted(_Unpriced(first[pk], pk, ref) for pk, ref in rows)


def _find_open(provider: str, limit: int, *, now: datetime) -> list[_Unpriced]:
    """Return messages that had no price when they were asked about, hours ago."""
    waiting = Bill.objects.filter(
        amount__isnull=True,
        at__lt=now - _AGAIN,
        at__gt=now - _GIVE_UP,
        delivery__submitting_at__gt=now - _GIVE_UP,
        delivery__sender__provider=provider,
    ).order_by("at", "pk")
    rows = waiting.values_list("delivery_id", "delivery__provider_ref")[:limit]
    return [_Unpriced(0, pk, ref) for pk, ref in rows]


def _note_walk(provider: str, reached: int) -> None:
    Walk.objects.update_or_create(name=_name(provider), defaults={"reached": reached})


def _name(provider: str) -> str:
    return f"prices of {provider}"


def _read(said: Statement | SendError) -> Charge:
    if isinstance(said, SendError):
        # No answer is no price: asked again hours later.
        return Charge(0, None, "")
    return Charge(said.parts, said.amount, said.currency if said.amount is not None else "")


def _write(charges: dict[int, Charge], *, now: datetime) -> None:
    # Whatever was purged in the meantime is not billed any more.
    here = Delivery.objects.filter(pk__in=charges).values_list("pk", flat=True)
    Bill.objects.bulk_create(
        [
            Bill(
                delivery_id=pk,
                parts=charges[pk].parts,
                amount=charges[pk].amount,
                currency=charges[pk].currency,
                at=now,
            )
            for pk in here
        ],
        update_conflicts=True,
        unique_fields=["delivery"],
        update_fields=["parts", "amount", "currency", "at"],
    )
