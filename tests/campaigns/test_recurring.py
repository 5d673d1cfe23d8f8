"""Recurring: local rules become moments in UTC; never early, one for each day, whatever clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.recurring import DAILY, MONTHLY, WEEKLY, Rhythm, find_moment
from tests.campaigns.series import ZONES

FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minutes: time(*divmod(minutes, 60)))


def make(
    every: str = DAILY, at: time = time(9), zone: str = "Africa/Tunis", **more: object
) -> Rhythm:
    given_: dict[str, object] = {"starts_on": FIRST, "ends_on": LAST}
    return Rhythm(every=every, at=at, zone=zone, **(given_ | more))  # type: ignore[arg-type]


def all_moments(rhythm: Rhythm) -> list[tuple[date, datetime]]:
    return [(day, rhythm.moment_of(day)) for day in rhythm.days_from(rhythm.starts_on)]


def shown(moment: datetime, zone: str) -> datetime:
    """Return what the clocks of a zone show, as they show it."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def look_up(wall: datetime, zone: str) -> datetime:
    """Return the first minute at which the clocks are there or past it, by looking at them."""
    minute = wall.replace(tzinfo=UTC) - timedelta(hours=15)
    while shown(minute + timedelta(hours=3), zone) < wall:
        minute += timedelta(hours=1)
    while shown(minute, zone) < wall:
        minute += timedelta(minutes=1)
    return minute


# ---- Clocks that jump ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wall", "zone", "moment"),
    [
        # Left out: the next minute that there is.
        (datetime(2026, 3, 29, 2, 30), "Europe/Rome", datetime(2026, 3, 29, 1, 0)),
        (datetime(2026, 4, 24, 0, 0), "Africa/Cairo", datetime(2026, 4, 23, 22, 0)),
        (datetime(2026, 10, 4, 2, 15), "Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30)),
        # A whole day was left out.
        (datetime(2011, 12, 30, 10, 0), "Pacific/Apia", datetime(2011, 12, 30, 10, 0)),
        # Shown twice: the first time.
        (datetime(2026, 10, 25, 2, 30), "Europe/Rome", datetime(2026, 10, 25, 0, 30)),
        (datetime(2026, 4, 5, 1, 45), "Australia/Lord_Howe", datetime(2026, 4, 4, 14, 45)),
        # Halves and quarters of an hour.
        (datetime(2026, 5, 4, 9, 0), "Asia/Kolkata", datetime(2026, 5, 4, 3, 30)),
        (datetime(2026, 5, 4, 9, 0), "Asia/Kathmandu", datetime(2026, 5, 4, 3, 15)),
        (datetime(2026, 5, 4, 9, 0), "America/St_Johns", datetime(2026, 5, 4, 11, 30)),
        (datetime(2026, 5, 4, 9, 0), "UTC", datetime(2026, 5, 4, 9, 0)),
    ],
)
def test_moment_of_a_time_on_the_wall(wall: datetime, zone: str, moment: datetime) -> None:
    assert find_moment(wall, zone) == moment.replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=6, deadline=None)
@given(at=MINUTES)
def test_two_years_of_days_each_once_and_never_early(zone: str, at: time) -> None:
    found = all_moments(make(at=at, zone=zone))
    assert [day for day, _moment in found] == [FIRST + timedelta(n) for n in range(730)]
    assert all(one[1] < later[1] for one, later in pairwise(found))
    place = ZoneInfo(zone)
    for number, (day, moment) in enumerate(found):
        wall = datetime.combine(day, at)
        assert shown(moment, zone) >= wall
        offsets = {
            (wall + timedelta(days=step)).replace(tzinfo=place).utcoffset() for step in (-1, 1)
        }
        # Around each jump, and now and then elsewhere, somebody looks at the clocks.
        if len(offsets) > 1 or number % 90 == 0:
            assert moment == look_up(wall, zone)


# ---- Which days ----------------------------------------------------------------------------------


def test_weekly_rule_falls_on_its_weekdays_only() -> None:
    rhythm = make(WEEKLY, weekdays=(1, 4), starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 16))
    assert [day.day for day, _moment in all_moments(rhythm)] == [5, 9, 12, 16]


def test_monthly_rule_takes_the_last_day_of_a_shorter_month() -> None:
    rhythm = make(MONTHLY, month_day=31, ends_on=date(2026, 6, 30))
    days = [day.isoformat()[5:] for day, _moment in all_moments(rhythm)]
    assert days == ["01-31", "02-28", "03-31", "04-30", "05-31", "06-30"]


def test_first_and_last_day_belong_to_it() -> None:
    rhythm = make(starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 5))
    assert [day.day for day, _moment in all_moments(rhythm)] == [3, 4, 5]
    assert rhythm.day_after(date(2026, 3, 4)) == date(2026, 3, 5)
    assert rhythm.day_after(date(2026, 3, 5)) is None


def test_first_day_is_the_first_whose_moment_is_still_to_come() -> None:
    rhythm = make(at=time(9), zone="Africa/Tunis")  # 08:00 UTC
    eight = datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert rhythm.first_day(now=eight - timedelta(seconds=1)) == date(2026, 3, 3)
    assert rhythm.first_day(now=eight) == date(2026, 3, 4)
    assert rhythm.first_day(now=datetime(2028, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_first_day_is_that_of_the_zone_not_of_utc(zone: str) -> None:
    rhythm = make(at=time(12), zone=zone)
    for hour in range(24):
        now = datetime(2026, 3, 3, hour, 30, tzinfo=UTC)
        first = rhythm.first_day(now=now)
        assert first is not None
        assert timedelta() < rhythm.moment_of(first) - now <= timedelta(days=1)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    at=MINUTES,
    every=st.sampled_from([DAILY, WEEKLY, MONTHLY]),
    weekdays=st.sets(st.integers(1, 7), min_size=1),
    month_day=st.integers(1, 31),
    now=st.datetimes(datetime(2025, 12, 30), datetime(2027, 12, 1), timezones=st.just(UTC)),
)
def test_next_moments_lie_ahead_in_their_order(
    zone: str, at: time, every: str, weekdays: set[int], month_day: int, now: datetime
) -> None:
    rhythm = make(every, at, zone, weekdays=tuple(weekdays), month_day=month_day)
    moments = rhythm.moments(after=now, most=5)
    assert moments == sorted(set(moments))
    assert all(moment > now for moment in moments)
    # None was left out: the first is the first of all that lie ahead.
    assert moments[:1] == [moment for _day, moment in all_moments(rhythm) if moment > now][:1]


def test_what_is_approved_names_the_whole_rule() -> None:
    rule = make(WEEKLY, time(9, 30), weekdays=(4, 1))
    assert rule.as_data() == {
        "every": "weekly",
        "weekdays": [1, 4],
        "month_day": 0,
        "at": "09:30",
        "zone": "Africa/Tunis",
        "from": "2026-01-01",
        "until": "2027-12-31",
    }
