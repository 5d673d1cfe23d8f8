"""Estimating: people, parts, price and duration of a broadcast before anybody approves it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from campaigns.editions import find_categories
from campaigns.models import Broadcast, Edition
from campaigns.partners.efforts import find_holdout, holdout_key
from campaigns.reckoning.durations import Load, Pace, Stretch, compute_duration
from campaigns.reckoning.pricing import Prices, read_prices
from locales.languages import choose_language
from messaging.consenting.clearances import find_closed
from messaging.models import CountryRule, Sender
from messaging.senders.roster import Market, NoSenderError, load_market
from messaging.sending.eligibility import Audience, Group, count_eligible

# Of a rate some is always left to broadcasts, whatever is kept back.
_MOST_QUIET = 90
_Place = tuple[str, str]


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
class Reader:
    """Count who reads one language on one channel, and in which one she gets it; in none where empty."""

    channel: str
    language: str
    people: int
    gets: str


@dataclass(frozen=True, slots=True)
class _Tariff:
    """Hold the prices of a day, and whose of them count."""

    prices: Prices
    sender: int | None


@dataclass(frozen=True, slots=True)
class _Ways:
    """Hold who sends to each channel and country, how fast each can, and what nobody serves."""

    senders: Mapping[_Place, int]
    paces: dict[int, Pace]
    unserved: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Hold the estimate of a whole broadcast; `cost` leaves out the countries in `unpriced`."""

    lines: tuple[Line, ...]
    cost: Decimal
    currency: str
    example_prices: bool
    duration: timedelta
    one_way: int
    # What needs more than a day, and by channel the countries that no sender may send to.
    stretches: tuple[Stretch, ...] = ()
    unserved: Mapping[str, list[str]] = field(default_factory=dict)
    readers: tuple[Reader, ...] = ()
    # The ids of the senders that it is shared out to.
    sent_by: tuple[int, ...] = ()

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
    editions = list(editions)
    # A channel without a text is nobody's first, as when it is planned.
    audience = broadcast.audience.prefer({edition.channel for edition in editions})
    groups = _count(broadcast, audience)
    billed = find_categories(editions)
    parts = {
        (one.channel, one.language): (one.parts, billed.get(one.template_ref, ""))
        for one in editions
    }
    prices = read_prices(today)
    places = sorted({(group.channel, group.country) for group in groups})
    ways = _find_ways(places, broadcast.senders)
    # As when it is planned: who has moved to where nothing can be sent holds back nobody else.
    shut = _find_shut(places, ways, audience)
    places = [place for place in places if place not in shut]
    groups = [group for group in groups if (group.channel, group.country) not in shut]
    lines = tuple(
        _make_line(
            [g for g in groups if (g.channel, g.country) == place],
            parts,
            _Tariff(prices, ways.senders.get(place)),
        )
        for place in places
    )
    loads = [
        Load(ways.senders[place], line.people - line.unreadable, line.parts)
        for line in lines
        if (place := (line.channel, line.country)) in ways.senders
    ]
    duration, stretches = compute_duration(loads, ways.paces)
    return Estimate(
        lines=lines,
        cost=sum((line.cost for line in lines if line.cost is not None), Decimal(0)),
        currency=prices.currency,
        example_prices=prices.are_examples,
        duration=duration,
        one_way=_count_one_way(lines),
        stretches=stretches,
        unserved=_list_unserved(ways, shut),
        readers=_list_readers(groups, set(parts)),
        sent_by=tuple(sorted({load.sender for load in loads})),
    )


def count_capped(broadcast: Broadcast, estimate: Estimate) -> int:
    """Return how many people are left out because they have got enough lately."""
    audience = broadcast.audience
    if not audience.most:
        return 0
    everybody = _count(broadcast, replace(audience, most=0))
    return max(0, sum(group.people for group in everybody) - estimate.people)


def _count(broadcast: Broadcast, audience: Audience) -> list[Group]:
    """Return an audience without those whom its campaign leaves out."""
    holdout = find_holdout(broadcast)
    return count_eligible(audience, holdout=holdout, holdout_key=holdout_key(broadcast))


def _list_readers(groups: list[Group], there: set[tuple[str, str]]) -> tuple[Reader, ...]:
    people: Counter[tuple[str, str]] = Counter()
    for group in groups:
        people[group.channel, group.language] += group.people
    texts = {
        channel: {language for known, language in there if known == channel}
        for channel, _language in people
    }
    return tuple(
        Reader(channel, language, count, choose_language(language, texts[channel]) or "")
        for (channel, language), count in sorted(people.items())
    )


def _make_line(
    groups: list[Group], parts: Mapping[_Place, tuple[int, str]], tariff: _Tariff
) -> Line:
    channel, country = groups[0].channel, groups[0].country
    there = {language for known, language in parts if known == channel}
    own = fallback = unreadable = billed = 0
    cost: Decimal | None = Decimal(0)
    for group in groups:
        chosen = choose_language(group.language, there)
        if chosen is None:
            unreadable += group.people
            continue
        own += group.people if chosen == group.language else 0
        fallback += group.people if chosen != group.language else 0
        each, category = parts[channel, chosen]
        billed += group.people * each
        price = tariff.prices.find(channel, country, category, sender=tariff.sender)
        cost = None if cost is None or price is None else cost + price.amount * each * group.people
    return Line(
        channel=channel,
        country=country,
        people=own + fallback + unreadable,
        own=own,
        fallback=fallback,
        unreadable=unreadable,
        parts=billed,
        cost=cost,
    )


def _find_ways(places: list[_Place], chosen: Mapping[str, int]) -> _Ways:
    """Return who is chosen for each channel and country, what each can do, and where there is nobody."""
    senders: dict[_Place, int] = {}
    unserved: dict[str, list[str]] = {}
    paces: dict[int, Pace] = {}
    for channel in sorted({channel for channel, _country in places}):
        countries = [country for there, country in places if there == channel]
        market = load_market(channel, countries)
        for country in countries:
            try:
                ranked = market.rank(country, chosen=chosen.get(channel))
                senders[channel, country] = ranked[0].sender
            except NoSenderError:
                unserved.setdefault(channel, []).append(country)
        paces |= _read_paces(market, set(senders.values()) - set(paces))
    return _Ways(senders, paces, unserved)


def _find_shut(places: list[_Place], ways: _Ways, audience: Audience) -> set[_Place]:
    """Return where people have moved to since they got what is put right, and nothing can be sent."""
    spared = {country for _channel, country in places if audience.spares(country)}
    closed = set(find_closed(spared))
    return {
        (channel, country)
        for channel, country in places
        if country in spared and (country in closed or (channel, country) not in ways.senders)
    }


def _list_unserved(ways: _Ways, shut: set[_Place]) -> dict[str, list[str]]:
    left = {
        channel: [country for country in countries if (channel, country) not in shut]
        for channel, countries in ways.unserved.items()
    }
    return {channel: countries for channel, countries in left.items() if countries}


def _read_paces(market: Market, senders: set[int]) -> dict[int, Pace]:
    left = {one.pk: one.left for there in market.candidates.values() for one in there}
    paces = {}
    for sender in Sender.objects.filter(pk__in=senders):
        limits = [limit for limit in (sender.daily_cap, sender.people_per_day) if limit]
        shared = sender.portfolio if sender.people_per_day else ""
        paces[sender.pk] = Pace(
            channel=sender.channel,
            # Replies have their own share of it.
            parts_per_second=max(1, sender.parts_per_second)
            * (100 - min(_MOST_QUIET, sender.quiet_share))
            / 100,
            left=left[sender.pk],
            per_day=min(limits, default=None),
            family=shared,
        )
    return paces


def _count_one_way(lines: Iterable[Line]) -> int:
    """Return how many would get an SMS where a reply by SMS may not come back."""
    two_way = set(CountryRule.objects.filter(two_way="yes").values_list("country", flat=True))
    return sum(x.people for x in lines if x.channel == "sms" and x.country not in two_way)
