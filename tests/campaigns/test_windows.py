"""When a message may arrive: never at night, in any country, also when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.reckoning.windows import LONGEST, find_window, is_quiet
from locales.countries import COUNTRIES, Country, get_country

SECOND = timedelta(seconds=1)
countries = st.sampled_from(sorted(COUNTRIES.values(), key=lambda country: country.code))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))
# Half-hour and quarter-hour zones, and zones whose clocks change, at midnight or by half an hour.
odd_zones = st.sampled_from(
    (
        *("Asia/Kathmandu", "Asia/Kabul", "Asia/Tehran", "Asia/Yangon", "Africa/Cairo"),
        *("Asia/Beirut", "Asia/Gaza", "Europe/Rome", "America/Havana"),
        *("Australia/Lord_Howe", "Pacific/Chatham"),
    )
)


def local(country: Country, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(country.zone))


def assert_window_is_kind(country: Country, start: datetime) -> None:
    opens, closes = find_window(country, start, in_quiet_hours=False)
    assert start <= opens < closes <= opens + LONGEST
    assert not is_quiet(country, opens)
    assert not is_quiet(country, closes - timedelta(microseconds=1))
    step = opens
    while step < closes:
        assert not is_quiet(country, step), local(country, step)
        step += timedelta(minutes=13)
    if opens > start:
        # It waits only where it must, and no longer than the longest night here.
        assert is_quiet(country, start)
        assert is_quiet(country, opens - timedelta(microseconds=1))
        assert opens - start <= timedelta(hours=15)
    if closes < opens + LONGEST:
        assert is_quiet(country, closes)


@given(country=countries, start=moments)
@example(country=get_country("EG"), start=datetime(2026, 4, 23, 22, 30, tzinfo=UTC))
@example(country=get_country("IT"), start=datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
@example(country=get_country("IR"), start=datetime(2026, 3, 21, 20, 29, tzinfo=UTC))
@example(country=get_country("LB"), start=datetime(2026, 3, 28, 22, 0, tzinfo=UTC))
def test_window_opens_by_day_and_closes_before_the_night(country: Country, start: datetime) -> None:
    assert_window_is_kind(country, start)


@given(zone=odd_zones, start=moments, day=st.sampled_from([(6, 22), (8, 21), (9, 19), (7, 23)]))
def test_window_is_kind_where_clocks_are_odd(
    zone: str, start: datetime, day: tuple[int, int]
) -> None:
    country = Country("XX", "999", zone, quiet_from=time(day[1], 30), quiet_until=time(day[0], 45))
    assert_window_is_kind(country, start)


@given(country=countries, start=moments)
def test_window_in_quiet_hours_opens_at_once_for_twelve_hours(
    country: Country, start: datetime
) -> None:
    opens, closes = find_window(country, start, in_quiet_hours=True)
    assert (opens, closes) == (start, start + LONGEST)


@given(country=countries, start=moments, offset=st.integers(-14, 14))
def test_window_depends_on_the_moment_and_not_on_the_zone_it_is_written_in(
    country: Country, start: datetime, offset: int
) -> None:
    written = start.astimezone(timezone(timedelta(hours=offset)))
    expected = find_window(country, start, in_quiet_hours=False)
    assert find_window(country, written, in_quiet_hours=False) == expected
    assert expected[0].tzinfo is UTC


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
@pytest.mark.parametrize("quiet", [True, False])
def test_twelve_hours_are_twelve_when_the_clocks_change(night: date, quiet: bool) -> None:
    rome = ZoneInfo("Europe/Rome")
    start = datetime.combine(night, time(0, 30), tzinfo=rome)
    opens, closes = find_window(get_country("IT"), start, in_quiet_hours=quiet)
    assert closes.timestamp() - opens.timestamp() == LONGEST.total_seconds()


@pytest.mark.parametrize(
    ("country", "start", "opens", "closes"),
    [
        # An ordinary afternoon in Tunis, at UTC+1: until nine in the evening.
        ("TN", "2026-11-21T15:00", "2026-11-21T15:00", "2026-11-21T20:00"),
        # A night in Tehran, at UTC+3:30: from eight in the morning, for twelve hours.
        ("IR", "2026-11-21T20:00", "2026-11-22T04:30", "2026-11-22T16:30"),
        # Cairo loses the hour after midnight on 24 April: eight in the morning comes at UTC+3.
        ("EG", "2026-04-23T21:30", "2026-04-24T05:00", "2026-04-24T17:00"),
        # Rome has the hour from two to three twice on 25 October: eight comes at UTC+1.
        ("IT", "2026-10-25T00:30", "2026-10-25T07:00", "2026-10-25T19:00"),
    ],
)
def test_window_of_one_country(country: str, start: str, opens: str, closes: str) -> None:
    found = find_window(
        get_country(country), datetime.fromisoformat(start + "Z"), in_quiet_hours=False
    )
    expected = (datetime.fromisoformat(opens + "Z"), datetime.fromisoformat(closes + "Z"))
    assert found == expected


def test_quiet_hours_begin_and_end_on_the_minute() -> None:
    country = get_country("SN")  # keeps UTC
    night = datetime(2026, 11, 21, 21, tzinfo=UTC)
    morning = datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert [is_quiet(country, night - SECOND), is_quiet(country, night)] == [False, True]
    assert [is_quiet(country, morning - SECOND), is_quiet(country, morning)] == [True, False]


def test_quiet_hours_may_lie_within_one_day() -> None:
    siesta = Country("XX", "999", "UTC", quiet_from=time(13), quiet_until=time(15))
    assert_window_is_kind(siesta, datetime(2026, 11, 21, 14, tzinfo=UTC))
    assert_window_is_kind(siesta, datetime(2026, 11, 21, 16, tzinfo=UTC))


@pytest.mark.parametrize("hours", [(2, 30, 21, 0), (8, 0, 2, 30)])
@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_missing_or_doubled_wall_time_is_read_on_the_careful_side(
    hours: tuple[int, int, int, int], night: date
) -> None:
    until, begin = time(*hours[:2]), time(*hours[2:])
    country = Country("XX", "999", "Europe/Rome", quiet_from=begin, quiet_until=until)
    evening = datetime.combine(night - timedelta(days=1), time(22), tzinfo=UTC)
    opens, closes = find_window(country, evening, in_quiet_hours=False)
    assert not is_quiet(country, opens)
    assert not is_quiet(country, closes - timedelta(microseconds=1))
