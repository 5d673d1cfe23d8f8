"""Filters: people, prices, times and names as the desk writes them, in the reader's language."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.numbers import format_currency, format_decimal
from django import template
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from campaigns.calendar.rhythm_words import describe_rhythm
from campaigns.models import Schedule
from campaigns.reckoning.estimating import Estimate, Line
from campaigns.reckoning.rounding import SMALL, round_cost, round_people
from campaigns.wordings import explain_category, explain_reason
from locales.countries import country_name
from locales.languages import LANGUAGES, Language
from messaging.models import Template
from messaging.models.subscribers import Channel

register = template.Library()


def _locale() -> Locale:
    return Locale.parse(to_locale(get_language() or "en"))


@register.filter
def number(value: int) -> str:
    """Write an exact number."""
    return format_decimal(value, locale=_locale())


@register.filter
def in_all(counts: dict[str, int]) -> int:
    """Return the sum of some counts."""
    return sum(counts.values())


@register.filter
def about(people: int) -> str:
    """Write an audience before it is sent to: rounded to ten, small ones hidden."""
    if people < SMALL:
        return _("fewer than 10")
    return _("about %(people)s") % {"people": number(round_people(people))}


@register.filter
def cell(people: int) -> str:
    """Write one cell of the audience's table: as `about`, only shorter."""
    return number(round_people(people)) if people >= SMALL else "<\u00a010"


@register.filter
def price(estimate: Estimate) -> str:
    """Write the price of a whole broadcast, of as many people as are shown."""
    money = _money(round_cost(estimate.cost, estimate.people), estimate.currency)
    if estimate.people < SMALL:
        return _("less than %(money)s") % {"money": money}
    return _("about %(money)s") % {"money": money}


@register.filter
def line_price(line: Line) -> str:
    """Write the price of one line of the table, whose head names the currency."""
    if line.cost is None:
        return "–"
    amount = round_cost(line.cost, line.people)
    written = format_decimal(amount, "#,##0.00", locale=_locale())
    return written if line.people >= SMALL else f"<\u00a0{written}"


@register.filter
def amount(value: Decimal) -> str:
    """Write a price of its own, with as many figures as it has."""
    return format_decimal(value, "#,##0.00###", locale=_locale())


@register.filter
def moment(value: datetime) -> str:
    """Write a moment in UTC, and say so."""
    utc = value.astimezone(UTC)
    return _("%(day)s, %(time)s UTC") % {
        "day": format_date(utc, "d MMMM y", locale=_locale()),
        "time": f"{utc:%H:%M}",
    }


@register.filter
def day(value: date) -> str:
    """Write a day."""
    return format_date(value, "d MMMM y", locale=_locale())


@register.filter
def weekday(value: date) -> str:
    """Write a day of the calendar."""
    return format_date(value, "EEEE d MMMM", locale=_locale())


@register.filter
def month_name(value: date) -> str:
    """Write a month."""
    return format_date(value, "LLLL y", locale=_locale())


@register.filter
def span(value: timedelta) -> str:
    """Write how long something takes."""
    return format_timedelta(max(value, timedelta(seconds=1)), locale=_locale(), threshold=1.5)


@register.filter
def country(code: str) -> str:
    """Write a country's name."""
    return country_name(code, get_language() or "en")


@register.filter
def channel(name: str) -> str:
    """Write a channel's name."""
    return str(Channel(name).label)


@register.filter
def wording(state: str) -> str:
    """Write what WhatsApp has said about a wording."""
    return str(Template.State(state).label)


@register.filter
def wording_reason(reason: str) -> str:
    """Write why WhatsApp said so."""
    return explain_reason(reason)


@register.filter
def wording_category(category: str) -> str:
    """Write as what WhatsApp bills a wording."""
    return explain_category(category)


@register.filter
def rhythm(schedule: Schedule) -> str:
    """Write how often something goes out."""
    return describe_rhythm(schedule)


@register.filter
def tongue(code: str) -> str:
    """Write a language's name as the reader's own language has it."""
    return _locale().languages.get(code) or code


@register.filter
def spoken(code: str) -> Language:
    """Return what is known of a language, left to right where nothing is."""
    return LANGUAGES.get(code) or Language(code, code, code, "ltr", "Zyyy")


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """Write a sum of money with its currency."""
    return _money(amount, currency)


def _money(amount: Decimal, currency: str) -> str:
    return format_currency(amount, currency, "#,##0.00\u00a0¤¤", locale=_locale())
