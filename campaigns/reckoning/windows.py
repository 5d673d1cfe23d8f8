"""Windows: from when until when a message may arrive in a country, outside its quiet hours."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from locales.countries import Country

LONGEST = timedelta(hours=12)
_TOO_LONG = timedelta(days=3)


class NoWindowError(Exception):
    """Say that it is always quiet in a country: nothing could ever be sent there."""


def is_quiet(country: Country, moment: datetime) -> bool:
    """Say whether it is quiet in a country at a moment."""
    local = moment.astimezone(ZoneInfo(country.zone)).time()
    if country.quiet_from <= country.quiet_until:
        return country.quiet_from <= local < country.quiet_until
    return local >= country.quiet_from or local < country.quiet_until


def find_window(
    country: Country,
    start: datetime,
    *,
    in_quiet_hours: bool,
    more_quiet: Iterable[tuple[time, time]] = (),
) -> tuple[datetime, datetime]:
    """Return from when and until when to send, at the earliest at `start`; both in UTC.

    `more_quiet` are hours of a campaign, by the country's clocks, on top of its own.
    """
    # In UTC an hour is an hour, also in the night when the clocks change.
    opens = start.astimezone(UTC)
    if in_quiet_hours:
        return opens, opens + LONGEST
    quiets = (country, *(replace(country, quiet_from=a, quiet_until=b) for a, b in more_quiet))
    # One may end in the middle of another.
    while ending := [one for one in quiets if is_quiet(one, opens)]:
        opens = _next(country, opens, ending[0].quiet_until, careful=max)
        if opens - start > _TOO_LONG:
            raise NoWindowError(f"It is always quiet in {country.code}.")
    closes = min(_next(country, opens, one.quiet_from, careful=min) for one in quiets)
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
