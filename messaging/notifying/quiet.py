"""Quiet hours of a country: when a message that nobody waits for may arrive."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from locales.countries import COUNTRIES

_STEP = timedelta(minutes=15)


def find_waking(country: str, moment: datetime) -> datetime:
    """Return the first moment from `moment` on that is not quiet in a country, to a quarter of an hour."""
    known = COUNTRIES.get(country)
    if known is None:
        return moment
    zone = ZoneInfo(known.zone)
    found = moment
    while True:
        local = found.astimezone(zone).time()
        if known.quiet_until <= local < known.quiet_from:
            return found
        found += _STEP
