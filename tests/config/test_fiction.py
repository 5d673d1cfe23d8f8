"""The fictional audience: 2,000 people who cannot be rung, and who come back as they were."""

from itertools import islice

import pytest
from django.utils import timezone

from campaigns.models.segments import topic_of
from config import fiction
from config.fiction import (
    CROWDS,
    ROUTES,
    count_people,
    fill_audience,
    find_numbers,
    numbers_of,
    scale_crowds,
)
from locales.countries import COUNTRIES
from locales.languages import LANGUAGES
from messaging.consenting import consent
from messaging.models import ConsentEntry, Subscriber
from messaging.numbers import FICTION, parse_number
from messaging.sealing.crypto import hash_number
from messaging.sending.eligibility import Audience, count_eligible

SMALL = scale_crowds(100)
EVERYBODY = Audience(topics=tuple(topic_of(route) for route in ROUTES))


def fill() -> list[int]:
    told: list[int] = []
    fill_audience(SMALL, now=timezone.now(), tell=told.append)
    return told


def people() -> int:
    return sum(group.people for group in count_eligible(EVERYBODY))


def stop(subscriber: Subscriber) -> None:
    consent.withdraw(
        [bytes(subscriber.number_hash)],
        method=ConsentEntry.Method.KEYWORD,
        wording="STOP",
        now=timezone.now(),
    )


def test_two_thousand_people_in_eight_countries_and_six_languages_on_three_routes() -> None:
    assert count_people() == 2000
    assert len({crowd.country for crowd in CROWDS}) >= 8
    assert len({crowd.language for crowd in CROWDS}) >= 6
    assert {crowd.route for crowd in CROWDS} == set(ROUTES)
    assert len(ROUTES) == 3
    assert all(crowd.sms and crowd.whatsapp for crowd in CROWDS)
    assert all(crowd.country in COUNTRIES and crowd.language in LANGUAGES for crowd in CROWDS)


def test_every_number_is_fictional_and_belongs_to_one_person_only() -> None:
    numbers = [
        number
        for index in range(len(CROWDS))
        for channel in ("sms", "whatsapp")
        for number in islice(numbers_of(index, channel), 1000)
    ]
    assert len(set(numbers)) == len(numbers) == len(CROWDS) * 2 * 1000
    assert all(number.startswith(FICTION) for number in numbers)
    assert all(parse_number(number, fiction=True) == number for number in numbers)


def test_every_crowd_has_its_share_of_trouble() -> None:
    # The sandbox reads the last two digits.
    for index in range(len(CROWDS)):
        endings = {number[-2:] for number in islice(numbers_of(index, "sms"), 100)}
        assert len(endings) == 100


@pytest.mark.parametrize("wanted", [1, 40, 150, 2000, 5000])
def test_crowds_are_scaled_and_none_is_lost(wanted: int) -> None:
    scaled = scale_crowds(wanted)
    assert len(scaled) == len(CROWDS)
    assert all(crowd.sms >= 1 and crowd.whatsapp >= 1 for crowd in scaled)
    if wanted >= 150:
        assert abs(count_people(scaled) - wanted) <= len(CROWDS)
    assert wanted != 2000 or scaled == CROWDS


@pytest.mark.django_db
def test_audience_is_filled_once() -> None:
    assert fill()[-1] == count_people(SMALL) == people()
    entries = ConsentEntry.objects.count()
    assert fill() == []
    assert people() == count_people(SMALL)
    assert ConsentEntry.objects.count() == entries


@pytest.mark.django_db
def test_interrupted_filling_is_carried_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fiction, "_SLICE", 10)

    def interrupt(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill_audience(SMALL, now=timezone.now(), tell=interrupt)
    assert people() == 10
    assert fill()[-1] == count_people(SMALL) - 10
    assert people() == count_people(SMALL)


@pytest.mark.django_db
def test_who_said_stop_stays_away_and_somebody_else_takes_the_place() -> None:
    fill()
    stopped = list(Subscriber.objects.order_by("-pk")[:5])
    for subscriber in stopped:
        stop(subscriber)
    assert people() == count_people(SMALL) - 5
    fill()
    assert people() == count_people(SMALL)
    assert Subscriber.objects.filter(state=Subscriber.State.STOPPED).count() == 5


@pytest.mark.django_db
def test_numbers_are_found_again_after_any_number_of_stops() -> None:
    fill()
    # The same crowd is asked to stop at every demonstration, so its numbers wander on.
    for _demonstration in range(12):
        for subscriber in Subscriber.objects.filter(state="subscribed").order_by("-pk")[:3]:
            stop(subscriber)
        fill()
    hashes = {bytes(found) for found in Subscriber.objects.values_list("number_hash", flat=True)}
    numbers = find_numbers(hashes)
    assert set(numbers) == hashes
    assert all(hash_number(number) == known for known, number in numbers.items())


def test_number_of_somebody_who_joined_by_hand_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fiction, "numbers_of", lambda i, ch: islice(numbers_of(i, ch), 5))
    known = next(numbers_of(3, "sms"))
    stranger = hash_number("+9992210000042")
    assert find_numbers({hash_number(known), stranger}) == {hash_number(known): known}
    assert find_numbers(set()) == {}
