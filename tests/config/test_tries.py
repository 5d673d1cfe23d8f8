"""Wrong passwords: five lock a name for one address, and that lock holds nobody else up."""

import logging
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client

from tests.config.signing import PASSWORD, SECOND_STEP, give_password, make_person

pytestmark = pytest.mark.django_db
Settings = Any


@pytest.fixture
def person() -> User:
    return make_person()


def fail(user: User, times: int = 5, **more: Any) -> Any:
    """Give a wrong password so many times, each from a new browser, and return the last answer."""
    answers = [give_password(Client(), user, "not the one it is", **more) for _try in range(times)]
    return answers[-1]


def lets_in(user: User, **more: Any) -> bool:
    """Say whether the right password leads on to the second step."""
    answer = give_password(Client(), user, **more)
    return bool(answer.status_code == 302 and answer["Location"] == SECOND_STEP)


def test_sixth_try_is_refused_with_the_right_password(person: User) -> None:
    assert fail(person, 4).status_code == 200
    assert lets_in(person)
    answer = fail(person, 5)
    assert answer.status_code == 429
    assert "Too many tries" in answer.content.decode()
    refused = give_password(Client(), person)
    assert refused.status_code == 429
    assert "Content-Security-Policy" in refused


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP"])
def test_made_up_address_evades_nothing(person: User, header: str) -> None:
    for number in range(5):
        fail(person, 1, headers={header: f"203.0.113.{number}"})
    assert not lets_in(person, headers={header: "198.51.100.7"})


def test_behind_a_proxy_its_own_word_counts(person: User, settings: Settings) -> None:
    settings.PROXIES = 1
    for number in range(5):
        fail(person, 1, headers={"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.5"})
    assert not lets_in(person, headers={"X-Forwarded-For": "8.8.8.8, 203.0.113.5"})
    assert lets_in(person, headers={"X-Forwarded-For": "203.0.113.5, 203.0.113.6"})


def test_lock_of_one_holds_up_nobody_else(person: User) -> None:
    other = make_person("bilal")
    fail(person)
    assert not lets_in(person)
    assert lets_in(other)


def test_who_is_attacked_signs_in_from_elsewhere(person: User) -> None:
    fail(person, 9, REMOTE_ADDR="203.0.113.66")
    assert not lets_in(person, REMOTE_ADDR="203.0.113.66")
    assert lets_in(person, REMOTE_ADDR="198.51.100.4")


def test_name_in_capitals_is_the_same_name(person: User) -> None:
    for name in ("AMINA", "Amina", "amina", "aMina", "amiNA"):
        data = {"login": f"{name}@waymark.example", "password": "wrong"}
        Client().post("/accounts/login/", data)
    assert not lets_in(person)


def test_unknown_name_is_answered_as_a_known_one(person: User) -> None:
    nobody = User(email="nobody@waymark.example")
    known = [fail(person, 1) for _try in range(6)]
    unknown = [fail(nobody, 1) for _try in range(6)]
    assert [answer.status_code for answer in known] == [answer.status_code for answer in unknown]
    assert "not correct" in unknown[0].content.decode()


def test_lock_ends_by_itself(person: User) -> None:
    fail(person)
    for attempt in AccessAttempt.objects.all():
        attempt.attempt_time = attempt.attempt_time.replace(year=2020)
        attempt.save()
    assert lets_in(person)


def test_no_password_is_kept_and_no_name_logged(
    person: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="axes"):
        fail(person)
    kept = str(list(AccessAttempt.objects.values()))
    assert "not the one it is" not in kept
    assert PASSWORD not in kept
    assert person.email not in caplog.text
