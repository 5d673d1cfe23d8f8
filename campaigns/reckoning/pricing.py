"""Pricing: what one part costs from a day on, of one sender or of any on its channel; and who set it.

A sender's own price goes before that of its channel. Nothing here is a bill: what a message came to is
`messaging.receiving.billing`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from campaigns import audit
from campaigns.models import Price
from messaging.models import Sender, SenderCountry

# By channel, country, category of wording (empty for any) and sender (None for any).
_Key = tuple[str, str, str, int | None]


class PriceError(Exception):
    """Say why a price cannot be set, and what to do."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Hold the prices that count on one day."""

    rows: dict[_Key, Price]

    def find(
        self, channel: str, country: str, category: str, *, sender: int | None = None
    ) -> Price | None:
        """Return what a part costs: of this sender, or else of any; of its category, or else of any."""
        rungs = [(category, sender), ("", sender), (category, None), ("", None)]
        found = (self.rows.get((channel, country, kind, one)) for kind, one in rungs)
        return next((price for price in found if price is not None), None)

    @property
    def currency(self) -> str:
        """Return the one currency of all prices."""
        return next((price.currency for price in self.rows.values()), "USD")

    @property
    def are_examples(self) -> bool:
        """Say whether any is only an example."""
        return any(price.example for price in self.rows.values())


def read_prices(today: date) -> Prices:
    """Return the prices that count on a day."""
    rows = Price.objects.filter(valid_from__lte=today).order_by("valid_from", "pk")
    return Prices({(p.channel, p.country, p.category, p.sender_id): p for p in rows})


def price_of_part(
    channel: str, countries: Collection[str], *, today: date
) -> dict[str, tuple[Decimal, str, bool]]:
    """Return the price of one part, its currency and whether it is an example, by country.

    For those below who may not know of us (`settings.CMS_PRICE_OF_PART`): that of any sender, or else
    one of a sender's own. A country without a price is left out.
    """
    rows = Price.objects.filter(
        channel=channel, country__in=countries, category="", valid_from__lte=today
    ).order_by(F("sender").desc(nulls_last=True), "valid_from")
    return {row.country: (row.amount, row.currency, row.example) for row in rows}


def save_price(price: Price, *, by: User, now: datetime) -> None:
    """Set a price, in the place of the one of the same day; raise `PriceError` in another currency."""
    same = Price.objects.filter(
        channel=price.channel,
        country=price.country,
        category=price.category,
        sender=price.sender,
        valid_from=price.valid_from,
    )
    with transaction.atomic():
        # Amounts in two currencies cannot be added up.
        others = Price.objects.exclude(currency=price.currency).exclude(pk__in=same.values("pk"))
        if other := others.first():
            raise PriceError(
                _("All prices are in one currency, which is %(currency)s now.")
                % {"currency": other.currency}
            )
        same.delete()
        price.save(force_insert=True)
        apply_due(today=now.date())
        _note("saved", price, by=by, now=now)


def remove_price(price: Price, *, by: User, now: datetime) -> bool:
    """Take a price back, so that the one before it counts, and say whether it was still there."""
    with transaction.atomic():
        deleted, _rows = Price.objects.filter(pk=price.pk).delete()
        if deleted:
            apply_due(today=now.date())
            _note("removed", price, by=by, now=now)
    return bool(deleted)


def apply_due(*, today: date) -> int:
    """Tell the senders what they cost from today on, by which they are chosen; return how many changed."""
    own = {
        (sender, country): price
        for (_channel, country, category, sender), price in read_prices(today).rows.items()
        if sender is not None and not category
    }
    changed = 0
    rows = SenderCountry.objects.filter(sender__in={sender for sender, _country in own})
    for row in rows:
        price = own.get((row.sender_id, row.country))
        if price is None or (row.cost, row.currency) == (price.amount, price.currency):
            continue
        row.cost, row.currency, row.checked_on = price.amount, price.currency, price.valid_from
        row.save(update_fields=["cost", "currency", "checked_on"])
        changed += 1
    return changed


def list_prices() -> list[Price]:
    """Return all prices by channel and country, of each the latest first."""
    order = ("channel", "country", F("sender__name").asc(nulls_first=True), "category")
    return list(Price.objects.select_related("sender").order_by(*order, "-valid_from"))


def list_unpriced(today: date) -> list[tuple[Sender, list[str]]]:
    """Return of each sender the countries where it may send, and nobody knows at what price."""
    prices = read_prices(today)
    rows = SenderCountry.objects.filter(
        state=SenderCountry.State.ACTIVE, sender__active=True
    ).select_related("sender")
    missing: dict[Sender, list[str]] = {}
    for row in rows.order_by("sender__name", "country"):
        if prices.find(row.sender.channel, row.country, "", sender=row.sender_id) is None:
            missing.setdefault(row.sender, []).append(row.country)
    return list(missing.items())


def _note(verb: str, price: Price, *, by: User, now: datetime) -> None:
    details: dict[str, int | str] = {
        "country": price.country,
        "amount": f"{price.amount:f}",
        "currency": price.currency,
        # With dashes a day would look like a number of a phone.
        "valid_from": f"{price.valid_from:%Y%m%d}",
    }
    if price.category:
        details["category"] = price.category
    if price.sender_id:
        details["sender"] = price.sender_id
    audit.note(verb, kind="price", code=price.channel, actor=by.pk, details=details, now=now)
