"""Timing: when a broadcast may arrive in a country, by all that its author and its campaign chose."""

from collections.abc import Iterable
from datetime import datetime, time

from django.utils.translation import get_language

from campaigns.models import Broadcast
from campaigns.partners import efforts
from campaigns.partners.limit_words import LIMITS
from campaigns.reckoning.windows import NoWindowError, find_window
from cms.freshness import Hold
from locales.countries import Country, country_name, get_country

# Until five o'clock in the afternoon and from nine in the evening on it is not evening.
EVENING = (time(21), time(17))


def list_quiet(broadcast: Broadcast) -> tuple[efforts.Quiet, ...]:
    """Return the hours in which a broadcast sends nothing, on top of those of each country."""
    evening = (EVENING,) if broadcast.in_evening else ()
    return (*efforts.find_quiet(broadcast), *evening)


def window_in(country: Country, broadcast: Broadcast, start: datetime) -> tuple[datetime, datetime]:
    """Return from when until when to send in a country; both are one where its last moment is over."""
    opens, closes = find_window(
        country,
        start,
        in_quiet_hours=broadcast.in_quiet_hours,
        more_quiet=list_quiet(broadcast),
    )
    if last := _find_last(broadcast, start):
        closes = max(opens, min(closes, last))
    return opens, closes


def _find_last(broadcast: Broadcast, start: datetime) -> datetime | None:
    if broadcast.schedule:
        return broadcast.schedule.rhythm.end_after(start)
    return broadcast.send_before


def find_start(broadcast: Broadcast, *, now: datetime) -> datetime:
    """Return when a broadcast begins, if it were approved now."""
    return now if broadcast.at_once else max(now, broadcast.send_at)


def hold_windows(broadcast: Broadcast, countries: Iterable[str], *, now: datetime) -> list[Hold]:
    """Return the countries in which nobody could get it: its last moment is over, or it is always quiet."""
    start = find_start(broadcast, now=now)
    closed = [code for code in sorted(countries) if _is_closed(broadcast, code, start)]
    if not closed:
        return []
    why, _remedy = LIMITS["window_closed"]
    language = get_language() or "en"
    named = ", ".join(country_name(code, language) for code in closed)
    return [Hold(code="window_closed", what=named, detail=str(why))]


def _is_closed(broadcast: Broadcast, code: str, start: datetime) -> bool:
    try:
        opens, closes = window_in(get_country(code), broadcast, start)
    except NoWindowError:
        return True
    return opens >= closes
