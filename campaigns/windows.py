"""Windows: from when until when a message may arrive in a country, outside its quiet hours."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from locales.countries import Country

LONGEST = timedelta(hours=12)


def is_quiet(country: Country, moment: datetime) -> bool:
    """Say whether it is quiet in a country at a moment."""
    local = moment.astimezone(ZoneInfo(country.zone)).time()
    if country.quiet_from <= country.quiet_until:
        return country.quiet_from <= local < country.quiet_until
    return local >= country.quiet_from or local < country.quiet_until


def find_window(
    country: Country, start: datetime, *, in_quiet_hours: bool
) -> tuple[datetime, datetime]:
    """Return from when and until when to send, at the earliest at `start`, both in the zone of `start`."""
    if in_quiet_hours:
        return start, start + LONGEST
    opens = _next(country, start, country.quiet_until) if is_quiet(country, start) else start
    closes = _next(country, opens, country.quiet_from)
    return opens, min(closes, opens + LONGEST)


def _next(country: Country, moment: datetime, wall: time) -> datetime:
    zone = ZoneInfo(country.zone)
    local = moment.astimezone(zone)
    found = local.replace(hour=wall.hour, minute=wall.minute, second=0, microsecond=0, fold=0)
    if found <= local:
        found = (found + timedelta(days=1)).replace(fold=0)
    return found.astimezone(moment.tzinfo)
