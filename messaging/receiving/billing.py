"""Billing: what each message cost in the end, and in how many parts, as the provider says.

Twilio has no price in its callbacks: it is asked later, a few at a time. AWS tells it with its events:
`note_bill` takes that. An estimate before a launch is `campaigns.reckoning.estimating`; these are
the facts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet

from messaging.models import Bill, Delivery
from messaging.senders.asking import ProviderOf, ask_all, find_archives
from messaging.senders.roster import provider_named
from messaging.states import RANK, State
from messaging.wire import SendError, Statement

# A price comes after the last receipt, mostly within the hour; after some days none comes.
_NOT_BEFORE, _NOT_AFTER = timedelta(hours=1), timedelta(days=8)
_AGAIN, _GIVE_UP = timedelta(hours=6), timedelta(days=3)


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
        rows = _find_unpriced(name, limit, now=now)
        owners = dict(rows)
        charges: dict[int, Charge] = {}
        for ref, said in ask_all(provider.look_up, list(owners), seconds=seconds):
            if not isinstance(said, SendError):
                charges[owners[ref]] = _read(said)
        _write(charges, now=now)
        priced += sum(charge.amount is not None for charge in charges.values())
    return priced


def _find_unpriced(provider: str, limit: int, *, now: datetime) -> list[tuple[str, int]]:
    """Return references and ids: those nobody asked about first, then those without a price yet."""
    bills = Bill.objects.filter(delivery=OuterRef("pk"))
    sent = _find_sent(provider, now=now)
    found = list(_as_pairs(sent.exclude(Exists(bills)), limit))
    if len(found) < limit:
        open_bills = bills.filter(amount__isnull=True, at__lt=now - _AGAIN)
        young = sent.filter(Exists(open_bills), submitting_at__gt=now - _GIVE_UP)
        found += _as_pairs(young, limit - len(found))
    return found


def _find_sent(provider: str, *, now: datetime) -> QuerySet[Delivery]:
    taken = Delivery.objects.filter(
        sender__provider=provider,
        rank__gte=RANK[State.ACCEPTED],
        submitting_at__lt=now - _NOT_BEFORE,
        submitting_at__gt=now - _NOT_AFTER,
    )
    return taken.exclude(provider_ref="")


def _as_pairs(rows: QuerySet[Delivery], limit: int) -> Sequence[tuple[str, int]]:
    return list(rows.order_by("pk").values_list("provider_ref", "pk")[:limit])


def _read(said: Statement) -> Charge:
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
