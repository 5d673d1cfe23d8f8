"""Recurring: a rule in somebody's local time becomes moments in UTC, one after the other.

Knows no table and no clock. A time that the clocks leave out moves to the next minute that exists; of
a time that they show twice the first counts. Laws about time change: only days are kept, and their
moments are worked out again whenever they are needed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

DAILY, WEEKLY, MONTHLY = "daily", "weekly", "monthly"
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
# Nothing recurs twice within it, wherever a law moves the clocks.
_NEAR = timedelta(hours=11)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Hold one rule: which days, at what time on the wall, where, from when until when (both included).

    `weekdays` are 1 for Monday to 7 for Sunday. A month without `month_day` takes its last day.
    """

    every: str
    at: time
    zone: str
    starts_on: date
    ends_on: date
    weekdays: tuple[int, ...] = ()
    month_day: int = 1
    # So many hours after each time it is too late for anybody; never where it is 0.
    lasts_hours: int = 0

    def falls_on(self, day: date) -> bool:
        """Say whether it happens on a day, by the calendar of its zone."""
        if not self.starts_on <= day <= self.ends_on:
            return False
        if self.every == WEEKLY:
            return day.isoweekday() in self.weekdays
        if self.every == MONTHLY:
            is_last = (day + _DAY).month != day.month
            return day.day == self.month_day or (is_last and day.day < self.month_day)
        return True

    def moment_of(self, day: date) -> datetime:
        """Return when it happens on a day, in UTC."""
        return find_moment(datetime.combine(day, self.at), self.zone)

    def days_from(self, day: date) -> Iterator[date]:
        """Yield its days from a day on."""
        first = max(day, self.starts_on)
        length = (self.ends_on - first).days + 1
        days = (first + timedelta(days=number) for number in range(length))
        return (one for one in days if self.falls_on(one))

    def day_after(self, day: date) -> date | None:
        """Return its next day after one, or None after its last."""
        return next(self.days_from(day + _DAY), None)

    def first_day(self, *, now: datetime) -> date | None:
        """Return the first of its days whose moment is still to come, or None where all are over."""
        # The day before: somewhere it may be yesterday still.
        days = self.days_from(now.astimezone(ZoneInfo(self.zone)).date() - _DAY)
        return next((day for day in days if self.moment_of(day) > now), None)

    def moments(self, *, after: datetime, most: int) -> list[datetime]:
        """Return its next moments, at most so many."""
        first = self.first_day(now=after)
        days = [] if first is None else self.days_from(first)
        return [self.moment_of(day) for _number, day in zip(range(most), days, strict=False)]

    def end_after(self, moment: datetime) -> datetime | None:
        """Return the last moment of what begins at one, if it has any."""
        return moment + timedelta(hours=self.lasts_hours) if self.lasts_hours else None

    def as_data(self) -> dict[str, Any]:
        """Return the rule as plain data, for what a second person approves."""
        # Left out where there is none: so it was approved before there was any.
        last = {"lasts_hours": self.lasts_hours} if self.lasts_hours else {}
        return last | {
            "every": self.every,
            "weekdays": sorted(self.weekdays) if self.every == WEEKLY else [],
            "month_day": self.month_day if self.every == MONTHLY else 0,
            "at": self.at.isoformat("minutes"),
            "zone": self.zone,
            "from": self.starts_on.isoformat(),
            "until": self.ends_on.isoformat(),
        }


def is_near(moment: datetime, others: Iterable[datetime]) -> bool:
    """Say whether one of some other times of the same rule is the time of the same day."""
    return any(abs(moment - one) < _NEAR for one in others)


def find_moment(wall: datetime, zone: str) -> datetime:
    """Return when the clocks of a zone show a time, in UTC: the first time, or the next minute there is."""
    place = ZoneInfo(zone)
    # Fold 0 is the first of two; where there is none, it lies after the gap, and fold 1 before it.
    reading = wall.replace(tzinfo=place, fold=0).astimezone(UTC)
    if reading.astimezone(place).replace(tzinfo=None, fold=0) == wall:
        return reading
    before = wall.replace(tzinfo=place, fold=1).astimezone(UTC)
    minutes = int((reading - before) / _MINUTE)
    # Those whose clocks are not there yet come first; the gap ends with the first that is past it.
    early = takewhile(
        lambda one: one.astimezone(place).replace(tzinfo=None, fold=0) < wall,
        (before + _MINUTE * number for number in range(minutes)),
    )
    return max(early, default=before - _MINUTE) + _MINUTE
