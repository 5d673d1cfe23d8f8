"""The days of the calendar: of each day the person's own broadcasts, and when others are busy."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.calendar.agenda import Busy, Slot, list_busy, list_own
from campaigns.drafting.moving import is_movable, voids
from campaigns.models import Broadcast, Membership
from campaigns.permissions import Person, partners_of, visible_to
from campaigns.words import Badge, make_badge
from locales.countries import country_name

_DAY = timedelta(days=1)
_COUNTRIES_NAMED = 3
# What a line of the calendar, and the rule for moving it, look at.
_SHOWN = (
    "code",
    "partner_id",
    "state",
    "at_once",
    "send_at",
    "pattern_id",
    "message__title",
    "schedule__paused_at",
)


@dataclass(frozen=True, slots=True)
class Span:
    """Hold which days to show, how many broadcasts of each, and how many in all."""

    first: date
    days: int
    most_a_day: int
    most: int = 150
    # Whether others are told hour by hour, or for the whole day.
    by_hour: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one broadcast on one day; `movable` by this person, which voids what was approved."""

    moment: datetime
    broadcast: Broadcast
    badge: Badge
    movable: bool
    voids: bool
    recurs: bool

    @property
    def shown(self) -> str:
        """Return its time as a form hands it back, to the last digit."""
        return self.moment.isoformat()


@dataclass(frozen=True, slots=True)
class BusyHour:
    """Hold how often others send within an hour, and to where."""

    hour: int
    times: int
    countries: str


@dataclass(frozen=True, slots=True)
class Day:
    """Hold one day: what is shown of it, and how much more there is."""

    date: date
    entries: list[Entry]
    more: int
    others: int
    countries: str
    hours: list[BusyHour]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is planned."""
        return not (self.entries or self.more or self.others)


def read_days(user: Person, span: Span, *, now: datetime) -> list[Day]:
    """Return the days of a span, by as many queries for many broadcasts as for few."""
    start = datetime.combine(span.first, time.min, tzinfo=UTC)
    end = start + _DAY * span.days
    own, busy = _by_day(list_own(user, start, end, now=now)), defaultdict(list)
    for one in list_busy(user, start, end, now=now):
        busy[one.moment.astimezone(UTC).date()].append(one)
    shown = _choose(own, span)
    entries = _make_entries(user, [slot for slots in shown.values() for slot in slots], now=now)
    days = []
    for day in (span.first + _DAY * number for number in range(span.days)):
        there = [entries[slot] for slot in shown.get(day, []) if slot in entries]
        days.append(
            Day(
                date=day,
                entries=there,
                more=len(own.get(day, [])) - len(there),
                others=len(busy[day]),
                countries=_name_countries(busy[day]),
                hours=_list_hours(busy[day]) if span.by_hour else [],
            )
        )
    return days


def _by_day(slots: Iterable[Slot]) -> dict[date, list[Slot]]:
    days: dict[date, list[Slot]] = defaultdict(list)
    for slot in slots:
        days[slot.moment.astimezone(UTC).date()].append(slot)
    return days


def _choose(own: Mapping[date, list[Slot]], span: Span) -> dict[date, list[Slot]]:
    """Return what is shown of each day, so that a page stays small."""
    left, shown = span.most, {}
    for day in sorted(own):
        shown[day] = own[day][: min(left, span.most_a_day)]
        left -= len(shown[day])
    return shown


def _make_entries(user: Person, slots: list[Slot], *, now: datetime) -> dict[Slot, Entry]:
    lean = visible_to(user).select_related(None).select_related("message", "schedule")
    rows = lean.only(*_SHOWN).in_bulk({slot.broadcast for slot in slots})
    plans = set(partners_of(user, Membership.Role.SCHEDULER).values_list("pk", flat=True))
    return {
        slot: Entry(
            moment=slot.moment,
            broadcast=row,
            badge=make_badge(row, ""),
            movable=row.partner_id in plans and is_movable(row, now=now),
            voids=voids(row),
            recurs=slot.recurs,
        )
        for slot in slots
        if (row := rows.get(slot.broadcast))
    }


def _list_hours(busy: Iterable[Busy]) -> list[BusyHour]:
    hours: dict[int, list[Busy]] = defaultdict(list)
    for one in busy:
        hours[one.moment.astimezone(UTC).hour].append(one)
    return [
        BusyHour(hour, len(times), _name_countries(times)) for hour, times in sorted(hours.items())
    ]


def _name_countries(busy: Iterable[Busy]) -> str:
    """Return to where others send, the most frequent first."""
    counts = Counter(code for one in busy for code in one.countries or ("",))
    ranked = sorted(counts, key=lambda code: (-counts[code], code))
    language = get_language() or "en"
    named = ", ".join(
        country_name(code, language) if code else _("all countries")
        for code in ranked[:_COUNTRIES_NAMED]
    )
    if len(ranked) <= _COUNTRIES_NAMED:
        return named
    return _("%(countries)s and others") % {"countries": named}
