"""Windows: from when until when a message may arrive in a country, outside its quiet hours."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
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
    """Return from when and until when to send, at the earliest at `start`; both in UTC."""
    # In UTC an hour is an hour, also in the night when the clocks change.
    opens = start.astimezone(UTC)
    if in_quiet_hours:
        return opens, opens + LONGEST
    if is_quiet(country, opens):
        opens = _next(country, opens, country.quiet_until, careful=max)
    closes = _next(country, opens, country.quiet_from, careful=min)
    return opens, min(closes, opens + LONGEST)


def _next(
    country: Country,
    moment: datetime,
    wall: time,
    *,
    careful: Callable[[datetime, datetime], datetime],
) -> datetime:
    """Return when a country's clocks next show `wall`; of a missing or doubled one the careful reading."""
    zone = ZoneInfo(country.zone)
    today = moment.astimezone(zone).date()
    shown = (datetime.combine(today + timedelta(days), wall, tzinfo=zone) for days in (0, 1, 2))
    readings = (careful(one.astimezone(UTC), one.replace(fold=1).astimezone(UTC)) for one in shown)
    return next(found for found in readings if found > moment)
