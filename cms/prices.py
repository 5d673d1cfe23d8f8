"""What a thousand people cost: asked of a higher layer, which the CMS knows by a setting only."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils.module_loading import import_string

from locales.countries import country_name

PEOPLE = 1000
# Country -> price of one part, its currency, and whether it is only an example.
PricesOfPart = Mapping[str, tuple[Decimal, str, bool]]
AskPrices = Callable[..., PricesOfPart]


@dataclass(frozen=True, slots=True)
class Line:
    """What a thousand people cost in one country."""

    country: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class PriceList:
    """What a thousand people cost in each country, the cheapest first; `unknown` are countries."""

    lines: tuple[Line, ...] = ()
    unknown: tuple[str, ...] = ()
    is_example: bool = False

    @property
    def ranges(self) -> tuple[tuple[str, Decimal, Decimal], ...]:
        """Return (currency, lowest, highest), one for each currency."""
        found: dict[str, list[Decimal]] = {}
        for line in self.lines:
            found.setdefault(line.currency, []).append(line.amount)
        return tuple((currency, min(all_), max(all_)) for currency, all_ in found.items())


def narrow(countries: Iterable[str], audience: Collection[str]) -> tuple[str, ...]:
    """Return the countries of the routes that are also the audience's, or the audience alone."""
    if not audience:
        return tuple(countries)
    return tuple(code for code in countries if code in audience) or tuple(audience)


def price_thousand(
    parts: int, countries: Iterable[str], *, channel: str, today: date, language: str
) -> PriceList:
    """Return what it costs to send so many parts to a thousand people in each of the countries."""
    wanted = sorted(set(countries))
    ask: AskPrices = import_string(settings.CMS_PRICE_OF_PART)
    known = ask(channel, wanted, today=today)
    lines = [
        Line(country_name(code, language), amount * parts * PEOPLE, currency)
        for code, (amount, currency, _example) in known.items()
    ]
    return PriceList(
        lines=tuple(sorted(lines, key=lambda line: (line.amount, line.country))),
        unknown=tuple(country_name(code, language) for code in wanted if code not in known),
        is_example=any(example for _amount, _currency, example in known.values()),
    )
