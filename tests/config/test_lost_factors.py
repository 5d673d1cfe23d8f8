"""A lost factor: two administrators, never one, and never the one who has lost it."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from campaigns.models import AuditEntry
from campaigns.staff import ADMINISTRATORS, ensure_staff_groups
from messaging.models import KeptSecret
from tests.config.signing import give_password, is_in, make_person, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("page_root", "still")]


def make_administrator(name: str) -> User:
    person = make_person(name, secret="")
    person.groups.add(ensure_staff_groups()[ADMINISTRATORS])
    return person


@pytest.fixture
def two() -> list[User]:
    return [make_administrator("first"), make_administrator("second")]


@pytest.fixture
def lost() -> User:
    return make_person()


def run(lost: User, *by: User) -> None:
    call_command("drop_factors", lost.email, by=[person.email for person in by])


def test_two_administrators_let_her_begin_anew(lost: User, two: list[User], client: Client) -> None:
    sign_in(client, lost)
    run(lost, *two)
    assert not Authenticator.objects.exists()
    assert not KeptSecret.objects.exists()
    assert not is_in(client)
    fresh = Client()
    give_password(fresh, lost)
    assert fresh.get("/desk/")["Location"] == "/accounts/factors/"
    noted = AuditEntry.objects.filter(verb="dropped_factors").values_list("actor_id", "object_code")
    assert set(noted) == {(person.pk, str(lost.pk)) for person in two}


def test_one_is_not_enough_and_nobody_answers_for_herself(lost: User, two: list[User]) -> None:
    first, second = two
    for by in ((first, first), (first, lost), (lost, lost)):
        with pytest.raises(CommandError):
            run(lost, *by)
    with pytest.raises(CommandError):
        run(first, first, second)
    assert Authenticator.objects.filter(user=lost).exists()
    assert not AuditEntry.objects.exists()


def test_only_administrators_who_still_work_here_can(lost: User, two: list[User]) -> None:
    with pytest.raises(CommandError, match="no administrator"):
        run(lost, two[0], make_person("somebody", secret=""))
    User.objects.filter(pk=two[1].pk).update(is_active=False)
    with pytest.raises(CommandError, match="no administrator"):
        run(lost, *two)
    assert Authenticator.objects.filter(user=lost).exists()


def test_unknown_address_is_said_so(two: list[User]) -> None:
    with pytest.raises(CommandError, match="no account"):
        run(User(email="nobody@waymark.example"), *two)
