"""A fictional audience for rehearsals: who asked for which route, where, and in which language.

Every number starts with +999, a country code that the ITU has assigned to nobody, so that none can
ring (see `messaging.numbers`). The shares are made up; they are no statement about any route.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from django.db import transaction

from campaigns.models.segments import topic_of
from locales.countries import get_country
from messaging.consenting import consent
from messaging.models import ConsentEntry, Subscriber, Suppression
from messaging.numbers import make_fiction
from messaging.sealing.crypto import hash_number


@dataclass(frozen=True, slots=True)
class Crowd:
    """Hold how many people of one route, country and language there should be on each channel."""

    route: str
    country: str
    language: str
    sms: int
    whatsapp: int


# Twelve countries, nine languages, 2,000 people.
CROWDS = (
    Crowd("cmed", "LY", "ar", 150, 100),
    Crowd("cmed", "TN", "ar", 80, 70),
    Crowd("cmed", "TN", "fr", 40, 30),
    Crowd("cmed", "NE", "ha", 70, 20),
    Crowd("cmed", "NE", "fr", 40, 20),
    Crowd("cmed", "SD", "ar", 60, 20),
    Crowd("wafr-atl", "SN", "fr", 110, 90),
    Crowd("wafr-atl", "SN", "wo", 100, 50),
    Crowd("wafr-atl", "GM", "en", 60, 40),
    Crowd("wafr-atl", "ML", "fr", 70, 40),
    Crowd("wafr-atl", "ML", "bm", 50, 20),
    Crowd("wafr-atl", "MR", "ar", 50, 20),
    Crowd("hoa-east", "ET", "am", 90, 40),
    Crowd("hoa-east", "ET", "om", 80, 30),
    Crowd("hoa-east", "ET", "en", 20, 10),
    Crowd("hoa-east", "DJ", "so", 50, 30),
    Crowd("hoa-east", "DJ", "fr", 30, 20),
    Crowd("hoa-east", "SO", "so", 60, 30),
    Crowd("hoa-east", "YE", "ar", 70, 40),
)
ROUTES = ("cmed", "wafr-atl", "hoa-east")
_CHANNELS = ("sms", "whatsapp")
_SLICE = 100


def count_people(crowds: Iterable[Crowd] = CROWDS) -> int:
    """Return how many people some crowds have together."""
    return sum(crowd.sms + crowd.whatsapp for crowd in crowds)


def scale_crowds(people: int) -> tuple[Crowd, ...]:
    """Return the crowds for about so many people; at least one of each crowd on each channel."""
    share = people / count_people()
    return tuple(
        replace(
            crowd,
            sms=max(1, round(crowd.sms * share)),
            whatsapp=max(1, round(crowd.whatsapp * share)),
        )
        for crowd in CROWDS
    )


def numbers_of(crowd_index: int, channel: str) -> Iterator[str]:
    """Yield the numbers of one crowd and channel, in order, for ever different from all others."""
    crowd = CROWDS[crowd_index]
    first = crowd_index * 100_000 + (50_000 if channel == "whatsapp" else 0)
    # The sandbox reads the last two digits: a stride of seven gives every crowd its share of trouble.
    for serial in range(first, first + 50_000, 7):
        yield make_fiction(get_country(crowd.country).calling_code, serial)


def fill_audience(
    crowds: Sequence[Crowd] = CROWDS, *, now: datetime, tell: Callable[[int], None]
) -> None:
    """Let people join until every crowd is full again; those who said stop stay away."""
    done = 0
    missing = _missing(crowds)
    while joinings := list(islice(missing, _SLICE)):
        with transaction.atomic():
            for joining in joinings:
                consent.grant(joining, now=now)
        done += len(joinings)
        tell(done)


def find_numbers(hashes: Collection[bytes]) -> dict[bytes, str]:
    """Return the fictional numbers of keyed hashes, made anew rather than opened; leave others out."""
    found: dict[bytes, str] = {}
    streams = (numbers_of(index, channel) for index in range(len(CROWDS)) for channel in _CHANNELS)
    for row in zip(*streams, strict=True):
        hashed = {hash_number(number): number for number in row}
        found |= {known: hashed[known] for known in hashed.keys() & hashes}
        if len(found) == len(hashes):
            break
    return found


def _missing(crowds: Sequence[Crowd]) -> Iterator[consent.Joining]:
    stopped = {bytes(x) for x in Suppression.objects.values_list("number_hash", flat=True)}
    here = {bytes(x) for x in Subscriber.objects.values_list("number_hash", flat=True)}
    for index, crowd in enumerate(crowds):
        for channel, wanted in zip(_CHANNELS, (crowd.sms, crowd.whatsapp), strict=True):
            hashed = ((hash_number(number), number) for number in numbers_of(index, channel))
            staying = ((known, number) for known, number in hashed if known not in stopped)
            for known, number in islice(staying, wanted):
                if known not in here:
                    yield _joining(crowd, channel, number)


def _joining(crowd: Crowd, channel: str, number: str) -> consent.Joining:
    return consent.Joining(
        channel=channel,
        number=number,
        language=crowd.language,
        country=crowd.country,
        topics=(topic_of(crowd.route),),
        method=ConsentEntry.Method.REHEARSAL,
        wording="rehearsal-1",
    )
