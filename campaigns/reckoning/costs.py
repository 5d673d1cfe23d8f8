"""Costs: what a launched broadcast has come to, as billed, and by price for what no bill has come of.

An estimate before a launch is `campaigns.reckoning.estimating`.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from campaigns.models import Broadcast
from campaigns.reckoning.pricing import read_prices
from messaging.models import Bill, Delivery, Template
from messaging.states import HANDED_OVER, UNSENT


def count_costs(broadcast: Broadcast, *, today: date) -> dict[str, Decimal]:
    """Return what the messages handed over cost, by country; one without bill or price costs nothing."""
    bills = Bill.objects.filter(
        delivery__batch__reference=broadcast.reference, amount__isnull=False
    )
    billed = bills.values_list("delivery__country").annotate(Sum("amount"))
    costs: dict[str, Decimal] = {country: total or Decimal(0) for country, total in billed}
    mine = Delivery.objects.filter(batch__reference=broadcast.reference)
    unbilled = mine.filter(state__in=HANDED_OVER).exclude(bill__amount__isnull=False)
    for country, cost in _price(unbilled, today=today):
        costs[country] = costs.get(country, Decimal(0)) + (cost or 0)
    return costs


def count_waiting_costs(broadcast: Broadcast, *, today: date) -> dict[str, Decimal | None]:
    """Return what the messages that still wait would cost, by country; None where one has no price."""
    waiting = Delivery.objects.filter(batch__reference=broadcast.reference, state__in=UNSENT)
    costs: dict[str, Decimal | None] = {}
    for country, cost in _price(waiting, today=today):
        known = costs.get(country, Decimal(0))
        costs[country] = None if cost is None or known is None else known + cost
    return costs


def _price(deliveries: QuerySet[Delivery], *, today: date) -> Iterator[tuple[str, Decimal | None]]:
    """Yield countries with what some of their deliveries cost by price; None where there is none."""
    grouped = deliveries.values_list(
        "channel", "country", "sender", "text__parts", "text__template_ref"
    )
    rows = list(grouped.annotate(people=Count("pk")).order_by())
    prices = read_prices(today)
    refs = {ref for _channel, _country, _sender, _parts, ref, _people in rows if ref}
    kinds = {one.ref: one.billed_as for one in Template.objects.filter(ref__in=refs)}
    for channel, country, sender, parts, ref, people in rows:
        price = prices.find(channel, country, kinds.get(ref, ""), sender=sender)
        yield country, None if price is None else price.amount * parts * people
