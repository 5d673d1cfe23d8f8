"""Durations: how long a broadcast takes at the pace of its senders, and what spreads it over days; pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from campaigns.reckoning.windows import LONGEST

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """Hold what one sender can do: its share of the rate, in parts a second, and its limits of a day.

    `left` is what remains of the present day, `per_day` the limit itself; both None without one.
    Senders of one `family` share their limit.
    """

    channel: str
    parts_per_second: float
    left: int | None = None
    per_day: int | None = None
    family: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """Hold what one sender is to be given."""

    sender: int
    people: int
    parts: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Say that a channel needs several days: so many can be reached in the first one."""

    channel: str
    first_day: int
    days: int


def compute_duration(
    loads: Iterable[Load], paces: Mapping[int, Pace]
) -> tuple[timedelta, tuple[Stretch, ...]]:
    """Return how long the slowest sender takes, and each limit that stretches it over days."""
    sums = _add_up(loads)
    seconds = [parts / paces[sender].parts_per_second for sender, (_, parts) in sums.items()]
    longest = timedelta(seconds=round(max(seconds, default=0.0)))
    stretches = [*_find_slow(sums, paces), *_find_limited(sums, paces)]
    worst: dict[str, Stretch] = {}
    for one in stretches:
        if one.channel not in worst or worst[one.channel].days < one.days:
            worst[one.channel] = one
    days = max((one.days for one in worst.values()), default=1)
    # The last day is one on which something is sent, not one that is waited for.
    return max(longest, (days - 1) * _DAY), tuple(worst[name] for name in sorted(worst))


def _add_up(loads: Iterable[Load]) -> dict[int, tuple[int, int]]:
    sums: dict[int, tuple[int, int]] = {}
    for load in loads:
        people, parts = sums.get(load.sender, (0, 0))
        sums[load.sender] = people + load.people, parts + load.parts
    return sums


def _find_slow(sums: Mapping[int, tuple[int, int]], paces: Mapping[int, Pace]) -> Iterable[Stretch]:
    """Yield the senders that need longer than the longest window of a day."""
    for sender, (people, parts) in sums.items():
        pace = paces[sender]
        a_day = pace.parts_per_second * LONGEST.total_seconds()
        if parts > a_day:
            first = math.floor(people * a_day / parts)
            yield Stretch(pace.channel, first, math.ceil(parts / a_day))


def _find_limited(
    sums: Mapping[int, tuple[int, int]], paces: Mapping[int, Pace]
) -> Iterable[Stretch]:
    """Yield the limits of a day that are smaller than what is to be sent."""
    people: dict[tuple[str, str], int] = {}
    limits: dict[tuple[str, str], tuple[int, int]] = {}
    for sender, (count, _parts) in sums.items():
        pace = paces[sender]
        if pace.left is None or pace.per_day is None:
            continue
        # Without a family a sender is one by itself.
        key = pace.channel, pace.family or str(sender)
        people[key] = people.get(key, 0) + count
        left, per_day = limits.get(key, (pace.left, pace.per_day))
        limits[key] = min(left, pace.left), min(per_day, pace.per_day)
    for key, (left, per_day) in limits.items():
        if people[key] > left:
            days = 1 + math.ceil((people[key] - left) / per_day)
            yield Stretch(key[0], left, days)
