"""Who may be sent to: the one query that planning, counting and checking all use.

One statement, in which every part has an index (`benchmarks/eligibility.py` measures it on two million
people). Time is the database's own, as it is for leases and windows.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from django.db import connection, transaction
from django.db.models import BooleanField, Count, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from messaging.consenting.projecting import COLUMNS
from messaging.models import Batch, Delivery, Subscriber, Suppression, Topic
from messaging.models.subscribers import Purpose
from messaging.sending.holdout import is_held_out
from messaging.states import HANDED_OVER


@dataclass(frozen=True, slots=True)
class Audience:
    """Hold the rule of an audience; an empty tuple means no limit, but at least one topic is needed.

    With `most`, it leaves out to whom so many deliveries were handed over in the last `within_days`, of
    whatever batch; 0 means no such cap. The last gate before sending asks the same again.
    Somebody who joined on several channels is reached on the first of `channels` that she is eligible
    on, unless it says `every_channel`.
    Days are those of UTC, both included. `not_reached_days` leaves out to whom anything was handed over
    in so many days, and `received` names a batch: only who got that. Both look at a person's every channel.
    Whoever got it did so wherever she lives, and whatever she reads and asks for, by now: with `received`
    the languages are those in which she got it, and the countries those that have to be served (`spares`).
    """

    topics: tuple[str, ...]
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = field(default=("sms", "whatsapp"))
    purpose: str = Purpose.MESSAGES.value
    most: int = 0
    within_days: int = 7
    every_channel: bool = False
    joined_from: date | None = None
    joined_until: date | None = None
    not_reached_days: int = 0
    received: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return the rule as plain data, ready for JSON, without what is as it always was."""
        later = {f.name: f.default for f in fields(self) if f.name in _ADDED_LATER}
        data = {k: v for k, v in asdict(self).items() if k not in later or v != later[k]}
        return {k: _as_plain(v) for k, v in data.items()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the rule that `as_data` wrote, at whatever time."""
        rule: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        days = {name: date.fromisoformat(rule[name]) for name in _DAYS if rule.get(name)}
        return cls(**(rule | days))

    def without_past(self) -> Self:
        """Return the same rule for somebody of whom all that it asks of the past was true already.

        Who got a batch stays who got it; and where she lives by now counts as little as before.
        """
        return replace(self, joined_from=None, joined_until=None, not_reached_days=0)

    def spares(self, country: str) -> bool:
        """Say whether people of a country are left out where nothing can be sent to it.

        They have moved there since they got a batch: that holds back nobody else.
        """
        return bool(self.received and self.countries) and country not in self.countries

    def prefer(self, channels: Collection[str]) -> Self:
        """Return the same rule with these channels before the others, each in its order."""
        first = tuple(channel for channel in self.channels if channel in channels)
        rest = tuple(channel for channel in self.channels if channel not in channels)
        return replace(self, channels=first + rest)


# Left out where they say nothing new, so that what was approved before they came still holds.
_ADDED_LATER = (
    *("purpose", "most", "within_days", "every_channel"),
    *("joined_from", "joined_until", "not_reached_days", "received"),
)
_DAYS = ("joined_from", "joined_until")
_DAY = timedelta(days=1)
# From so many people on it is quicker to add up what everybody got than to look at one after another.
_WIDE = 10_000
_SATED = """
    NOT EXISTS (
        SELECT 1
          FROM (SELECT subscriber_id FROM messaging_delivery
                 WHERE submitting_at > statement_timestamp() - make_interval(days => %s)
                 GROUP BY subscriber_id HAVING COUNT(*) >= %s) sated
         WHERE sated.subscriber_id = messaging_subscriber.id)"""


@dataclass(frozen=True, slots=True)
class Group:
    """Count the people of one channel, country and language."""

    channel: str
    country: str
    language: str
    people: int


def find_eligible(audience: Audience, *, wide: bool = False) -> QuerySet[Subscriber]:
    """Return subscribers who asked for a topic of the audience and whose yes to its purpose stands.

    They have not said stop on any channel, and did not get too much lately. `wide` (see `is_wide`) says
    how the latter is found out; the people are the same.
    """
    stopped = Suppression.objects.filter(number_hash=OuterRef("number_hash"))
    people = _find_asking(audience).filter(~Exists(stopped))
    if audience.most and wide:
        cap = [audience.within_days, audience.most]
        people = people.filter(RawSQL(_SATED, cap, output_field=BooleanField()))  # noqa: S611
    elif audience.most:
        people = people.filter(~is_sated(audience))
    if audience.not_reached_days:
        since = Now() - timedelta(days=audience.not_reached_days)
        people = people.filter(~_was_sent(submitting_at__gt=since))
    if audience.received:
        people = people.filter(_was_sent(**_name_received(audience)))
    if len(audience.channels) > 1 and not audience.every_channel:
        # Never a join: before a table is analysed the planner would compare each with each.
        people = people.filter(Q(channel=audience.channels[0]) | ~Exists(_find_on_first(audience)))
    return people


def is_wide(audience: Audience) -> bool:
    """Say whether an audience that asks what people got is so large that all are quicker asked at once."""
    asks = audience.most or audience.not_reached_days or audience.received
    if not asks or connection.vendor != "postgresql":
        return False
    if audience.received:
        got = Delivery.objects.filter(batch__reference=audience.received)
        return got.order_by().values("pk")[_WIDE : _WIDE + 1].exists()
    return _find_asking(audience).order_by().values("pk")[_WIDE : _WIDE + 1].exists()


@contextmanager
def adding_up(*, wide: bool) -> Iterator[None]:
    """Keep PostgreSQL from comparing each with each, whatever it believes to be in its tables."""
    if not wide:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")


def _find_asking(audience: Audience) -> QuerySet[Subscriber]:
    """Return subscribers whose yes stands and who asked for a topic; whoever said stop is among them.

    Of a rule for those who got a batch all whose yes stands: the batch was meant for them once.
    """
    people = Subscriber.objects.filter(agrees(audience.purpose), channel__in=audience.channels)
    if not audience.received:
        asked = Topic.objects.filter(subscriber=OuterRef("pk"), name__in=audience.topics)
        people = people.filter(Exists(asked))
        if audience.countries:
            people = people.filter(country__in=audience.countries)
        if audience.languages:
            people = people.filter(language__in=audience.languages)
    # No index holds it: whoever the others leave is few enough to look at, or half of everybody.
    if audience.joined_from:
        people = people.filter(joined_at__gte=_begin(audience.joined_from))
    if audience.joined_until:
        people = people.filter(joined_at__lt=_begin(audience.joined_until + _DAY))
    return people


def _find_on_first(audience: Audience) -> QuerySet[Subscriber]:
    """Return an identity's own row on the audience's first channel, where that could be sent to."""
    # The cap is not asked here: who got enough on the first channel gets no second one.
    first = replace(audience, channels=audience.channels[:1])
    return _find_asking(first).filter(number_hash=OuterRef("number_hash"))


def _was_sent(**which: Any) -> Exists:
    """Return the condition that a person, on whatever channel, was sent one of these deliveries."""
    mine = Delivery.objects.filter(subscriber__number_hash=OuterRef("number_hash"), **which)
    return Exists(mine)


def _name_received(audience: Audience) -> dict[str, Any]:
    """Return what a delivery has to be like that makes somebody one of those who got the batch."""
    # By its id, which the database keeps statistics of: a small batch is found by its own index.
    batch = Batch.objects.filter(reference=audience.received).values_list("pk", flat=True).first()
    got: dict[str, Any] = {"batch_id": batch or 0, "state__in": HANDED_OVER}
    return got | {"language__in": audience.languages} if audience.languages else got


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def _as_plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def is_sated(audience: Audience, *, subscriber: str = "pk") -> Exists:
    """Return the condition that as much was handed over to somebody as the cap of an audience allows."""
    since = Now() - timedelta(days=audience.within_days)
    recent = Delivery.objects.filter(subscriber_id=OuterRef(subscriber), submitting_at__gt=since)
    # The last of so many: the index on both columns answers by itself, and stops there.
    return Exists(recent.order_by()[audience.most - 1 : audience.most])


def agrees(purpose: str) -> Q:
    """Return the condition that a subscriber's yes to a purpose stands at this moment."""
    flag, until = COLUMNS[purpose]
    in_time = Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gt": Now()})
    return Q(**{"state": Subscriber.State.SUBSCRIBED, flag: True}) & in_time


def count_eligible(audience: Audience, *, holdout: int = 0, holdout_key: str = "") -> list[Group]:
    """Return the audience as groups by channel, country and language, in that order.

    Without those whom a plan with this `holdout` and this key would leave out by chance.
    """
    wide = is_wide(audience)
    people = find_eligible(audience, wide=wide)
    if holdout:
        people = people.exclude(is_held_out(holdout, holdout_key))
    rows = (
        people.order_by("channel", "country", "language")
        .values_list("channel", "country", "language")
        .annotate(people=Count("pk"))
    )
    with adding_up(wide=wide):
        return [Group(*row) for row in rows]


def count_people(groups: list[Group]) -> Counter[str]:
    """Return how many people the groups hold by channel."""
    people: Counter[str] = Counter()
    for group in groups:
        people[group.channel] += group.people
    return people
