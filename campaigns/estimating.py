"""Estimating: people, parts, price and duration of a broadcast before anybody approves it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from campaigns.models import Broadcast, Edition, Price
from locales.languages import choose_language
from messaging.eligibility import Group, count_eligible
from messaging.models import CountryRule, Sender


@dataclass(frozen=True, slots=True)
class Line:
    """Hold the estimate of one channel and country: `own` people read their own language."""

    channel: str
    country: str
    people: int
    own: int
    fallback: int
    unreadable: int
    parts: int
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Hold the estimate of a whole broadcast; `cost` leaves out the countries in `unpriced`."""

    lines: tuple[Line, ...]
    cost: Decimal
    currency: str
    example_prices: bool
    duration: timedelta
    one_way: int

    @property
    def people(self) -> int:
        """Return everybody who would get the message."""
        return sum(line.people for line in self.lines)

    @property
    def fallback(self) -> int:
        """Return how many would get it in another language than their own."""
        return sum(line.fallback for line in self.lines)

    @property
    def unreadable(self) -> int:
        """Return how many have no language in which there is a text."""
        return sum(line.unreadable for line in self.lines)

    @property
    def parts(self) -> int:
        """Return how many parts would be billed."""
        return sum(line.parts for line in self.lines)

    @property
    def unpriced(self) -> list[str]:
        """Return the countries without a price."""
        return sorted({line.country for line in self.lines if line.cost is None})


def estimate(broadcast: Broadcast, editions: Iterable[Edition], *, today: date) -> Estimate:
    """Estimate a broadcast from the audience as it stands and the prices of today."""
    groups = count_eligible(broadcast.segment.audience)
    parts = {(edition.channel, edition.language): edition.parts for edition in editions}
    prices = _prices(today)
    lines = tuple(
        _make_line([g for g in groups if (g.channel, g.country) == pair], parts, prices.get(pair))
        for pair in sorted({(group.channel, group.country) for group in groups})
    )
    return Estimate(
        lines=lines,
        cost=sum((line.cost for line in lines if line.cost is not None), Decimal(0)),
        currency=next((price.currency for price in prices.values()), "USD"),
        example_prices=any(price.example for price in prices.values()),
        duration=_duration(lines),
        one_way=_count_one_way(lines),
    )


def _make_line(
    groups: list[Group], parts: Mapping[tuple[str, str], int], price: Price | None
) -> Line:
    channel, country = groups[0].channel, groups[0].country
    there = {language for known, language in parts if known == channel}
    own = fallback = unreadable = billed = 0
    for group in groups:
        chosen = choose_language(group.language, there)
        if chosen is None:
            unreadable += group.people
            continue
        own += group.people if chosen == group.language else 0
        fallback += group.people if chosen != group.language else 0
        billed += group.people * parts[channel, chosen]
    return Line(
        channel=channel,
        country=country,
        people=own + fallback + unreadable,
        own=own,
        fallback=fallback,
        unreadable=unreadable,
        parts=billed,
        cost=None if price is None else price.amount * billed,
    )


def _prices(today: date) -> dict[tuple[str, str], Price]:
    rows = Price.objects.filter(valid_from__lte=today).order_by("valid_from")
    return {(price.channel, price.country): price for price in rows}


def _duration(lines: Iterable[Line]) -> timedelta:
    """Return how long the slowest channel takes at its sender's own rate."""
    rates = {
        sender.channel: sender.parts_per_second
        for sender in Sender.objects.filter(active=True).order_by("-pk")
    }
    seconds = dict.fromkeys(rates, 0.0)
    for line in lines:
        if line.channel in rates:
            seconds[line.channel] += line.parts / rates[line.channel]
    return timedelta(seconds=round(max(seconds.values(), default=0.0)))


def _count_one_way(lines: Iterable[Line]) -> int:
    """Return how many would get an SMS where a reply by SMS may not come back."""
    two_way = set(CountryRule.objects.filter(two_way="yes").values_list("country", flat=True))
    return sum(x.people for x in lines if x.channel == "sms" and x.country not in two_way)
