"""Assisted sign-ups: what a helper's phone kept shut with no network, taken in once it is sent.

The person confirms from her own phone, as everybody does. A record is taken once, however often it comes;
what is wrong with one is said without its number, which the helper's phone could not show anyhow.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models.segments import topic_of
from cms.models import Recording, Route
from locales.languages import LANGUAGES
from messaging import numbers
from messaging.consenting import clearances, wordings
from messaging.guarding import limits, watching
from messaging.joining import signups
from messaging.models import Alarm, ConsentEntry, Suppression, Wording
from messaging.models.subscribers import Channel, Purpose
from messaging.sealing import crypto
from messaging.sealing.boxes import BoxError, open_box

# After that a yes is too old to write to somebody on the strength of it.
OLDEST = timedelta(days=14)
_KNOWN_DAYS = OLDEST.days + 1


class RecordRefused(Exception):
    """Say why a record cannot be used, in words for the helper; it would never be taken later either."""


class RecordWaits(Exception):
    """Say that a record cannot be taken today: its phone keeps it, and sends it again."""


@dataclass(frozen=True, slots=True)
class Record:
    """Hold what a person told her helper, as the phone kept it shut."""

    language: str
    country: str
    routes: tuple[str, ...]
    channel: str
    number: str = field(repr=False)
    wording: str
    survey: str
    urgent: str


def take(uid: uuid.UUID, box: Mapping[str, object], *, age: timedelta, now: datetime) -> None:
    """Begin the sign-up that a box holds, once; raise `RecordRefused` for what cannot be used.

    Raise `RecordWaits` where too many have begun today. `age` is how long ago the yes was said, by the
    phone's own clock at both ends.
    """
    if limits.count_used("assisted", [str(uid)], days=_KNOWN_DAYS, now=now):
        return
    if age > OLDEST:
        raise RecordRefused(_("It is older than two weeks. Ask the person again."))
    record = _read(uid, box)
    number = _check(record)
    try:
        # Together: what was not begun must not count as taken.
        with transaction.atomic():
            is_first = limits.take("assisted", str(uid), most=1, now=now)
            if is_first and not _has_stopped(number, since=now - max(age, timedelta())):
                signups.begin(_as_request(record, number, uid), now=now)
    except signups.TooManyError:
        # With all that was counted, the alarm is gone too.
        country = numbers.country_of(number) or record.country
        watching.raise_alarm(Alarm.Kind.MANY_SIGN_UPS, country=country, now=now)
        raise RecordWaits from None


def find_voice(wording: Wording) -> Recording | None:
    """Return the recording in which a wording is read aloud, word for word, by somebody who agreed."""
    agreed = Recording.objects.filter(language=wording.language, voice_agreed=True).order_by("-pk")
    words = wording.text.split()
    return next((voice for voice in agreed if voice.transcript.split() == words), None)


def _read(uid: uuid.UUID, box: Mapping[str, object]) -> Record:
    try:
        held = json.loads(open_box(box, uid=uid))
        if not (held["spoken"] is True and held["adult"] is True):
            raise KeyError
        return Record(
            language=str(held["language"]),
            country=str(held["country"]),
            routes=tuple(str(code) for code in held["routes"]),
            channel=str(held["channel"]),
            number=str(held["number"]),
            wording=str(held["wording"]),
            survey=str(held.get("survey") or ""),
            urgent=str(held.get("urgent") or ""),
        )
    except BoxError:
        raise RecordRefused(_("It cannot be opened here. Ask the person again.")) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise RecordRefused(_("Something is missing in it. Ask the person again.")) from None


def _check(record: Record) -> str:
    """Return the number in E.164; raise `RecordRefused` for what was not open to choose."""
    if not clearances.is_open(record.country):
        raise RecordRefused(_("People cannot join from this country at the moment."))
    routes = Route.objects.filter(code__in=record.routes).count()
    is_whole = record.language in LANGUAGES and record.channel in Channel.values and routes
    if not is_whole or routes != len(set(record.routes)) or not _are_words_known(record):
        raise RecordRefused(_("Something is missing in it. Ask the person again."))
    try:
        number = numbers.read_at_home(record.number, record.country, fiction=settings.REHEARSAL)
    except numbers.NumberError:
        raise RecordRefused(_("Its number is not right. Ask the person again.")) from None
    if numbers.classify(number) in numbers.REFUSED:
        raise RecordRefused(_("Its number is not that of a mobile phone. Ask the person again."))
    # To a person on the web this is not told; a helper would wait for a code that never comes.
    if not clearances.is_open(numbers.country_of(number) or record.country):
        raise RecordRefused(
            _(
                "Its number is of a country that people cannot join from at the moment. "
                "Ask for another number."
            )
        )
    return number


def _are_words_known(record: Record) -> bool:
    said = {
        Purpose.MESSAGES: record.wording,
        Purpose.SURVEY: record.survey,
        Purpose.URGENT: record.urgent,
    }
    return bool(record.wording) and all(
        wordings.is_published(words, purpose) for purpose, words in said.items() if words
    )


def _has_stopped(number: str, *, since: datetime) -> bool:
    """Say whether she has said stop since she said yes: the later word counts."""
    stopped = Suppression.objects.filter(number_hash__in=crypto.hashes_of(number), at__gte=since)
    return stopped.exclude(source=ConsentEntry.Method.LAPSE).exists()


def _as_request(record: Record, number: str, uid: uuid.UUID) -> signups.Request:
    asked: dict[str, str] = {Purpose.SURVEY: record.survey, Purpose.URGENT: record.urgent}
    extra = {str(purpose): words for purpose, words in asked.items() if words}
    return signups.Request(
        channel=record.channel,
        number=number,
        language=record.language,
        country=record.country,
        topics=tuple(topic_of(code) for code in dict.fromkeys(record.routes)),
        method=ConsentEntry.Method.ASSISTED,
        wording=record.wording,
        purposes=(Purpose.MESSAGES, *extra),
        words=extra,
        evidence=uid.hex,
    )
