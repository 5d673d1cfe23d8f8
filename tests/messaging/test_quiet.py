"""Who did not ask just now is not woken."""

from datetime import UTC, datetime

import pytest

from messaging.notifying.quiet import find_waking


@pytest.mark.parametrize(
    ("country", "hour", "waking"),
    [("SN", 2, 8), ("SN", 8, 8), ("SN", 20, 20), ("SN", 21, 32), ("ET", 4, 5), ("ET", 18, 29)],
)
def test_it_waits_for_the_morning_of_the_country(country: str, hour: int, waking: int) -> None:
    moment = datetime(2026, 11, 21, hour, tzinfo=UTC)
    found = find_waking(country, moment)
    assert (found - moment.replace(hour=0)).total_seconds() == waking * 3600


def test_a_country_nobody_knows_has_no_night() -> None:
    moment = datetime(2026, 11, 21, 2, tzinfo=UTC)
    assert find_waking("", moment) == moment
