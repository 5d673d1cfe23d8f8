"""Who may be sent to: the one query that planning, counting and checking all use."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from django.db.models import Count, Exists, OuterRef, QuerySet

from messaging.models import Subscriber, Suppression, Topic


@dataclass(frozen=True, slots=True)
class Audience:
    """Hold the rule of an audience; an empty tuple means no limit, but at least one topic is needed."""

    topics: tuple[str, ...]
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = field(default=("sms", "whatsapp"))

    def as_data(self) -> dict[str, list[str]]:
        """Return the rule as plain lists, ready for JSON."""
        return {name: list(values) for name, values in asdict(self).items()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the rule that `as_data` wrote."""
        return cls(**{name: tuple(values) for name, values in data.items()})


@dataclass(frozen=True, slots=True)
class Group:
    """Count the people of one channel, country and language."""

    channel: str
    country: str
    language: str
    people: int


def find_eligible(audience: Audience) -> QuerySet[Subscriber]:
    """Return subscribers who asked for a topic of the audience and have not said stop on any channel."""
    asked = Topic.objects.filter(subscriber=OuterRef("pk"), name__in=audience.topics)
    stopped = Suppression.objects.filter(number_hash=OuterRef("number_hash"))
    people = Subscriber.objects.filter(
        Exists(asked), state=Subscriber.State.SUBSCRIBED, channel__in=audience.channels
    ).exclude(Exists(stopped))
    if audience.countries:
        people = people.filter(country__in=audience.countries)
    if audience.languages:
        people = people.filter(language__in=audience.languages)
    return people


def count_eligible(audience: Audience) -> list[Group]:
    """Return the audience as groups by channel, country and language, in that order."""
    rows = (
        find_eligible(audience)
        .order_by("channel", "country", "language")
        .values_list("channel", "country", "language")
        .annotate(people=Count("pk"))
    )
    return [Group(*row) for row in rows]


def count_people(groups: list[Group]) -> Counter[str]:
    """Return how many people the groups hold by channel."""
    people: Counter[str] = Counter()
    for group in groups:
        people[group.channel] += group.people
    return people
