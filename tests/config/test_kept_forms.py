"""A form that came after the session had ended: kept sealed, for who sent it, and sent by her alone."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from campaigns.models import Membership, Partner, PreparedAnswer
from tests.config.signing import PASSWORD, SECRET, make_person, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("page_root", "still")]
KEPT = "/accounts/kept/"
PATH = "/desk/inbox/answers/new/?from=here"
TEXT = "By the station, on every Monday."
FORM = {"title": "Where we are", "language": "en", "text": TEXT, "is_active": "on"}
NEW = "eight yellow boats sail"
PASSWORDS = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}


@pytest.fixture
def person() -> User:
    """Return somebody who plans for a partner."""
    user = make_person()
    partner = Partner.objects.create(name="Red Crescent")
    Membership.objects.create(user=user, partner=partner, role=Membership.Role.SCHEDULER)
    return user


@pytest.fixture
def form(person: User) -> dict[str, str]:
    """Return a new answer of hers, as her browser sends it."""
    return FORM | {"partner": str(person.memberships.get().partner_id)}


@pytest.fixture
def late(client: Client, person: User, form: dict[str, str]) -> Client:
    """Return the browser of somebody who has just sent a form after half an hour away."""
    client.force_login(person)
    session = client.session
    session["sitting_seen"] = timezone.now().timestamp() - 31 * 60
    session.save()
    answer = client.post(PATH, form)
    assert answer["Location"] == f"/accounts/login/?next={KEPT}"
    return client


def hidden_fields(page: str) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def test_form_of_the_evening_before_is_kept(
    client: Client, person: User, form: dict[str, str]
) -> None:
    client.force_login(person)
    session = client.session
    session["sitting_seen"] = timezone.now().timestamp() - 15 * 3600
    session.save()
    # As if it had been saved for the last time then.
    row = Session.objects.get(pk=session.session_key)
    Session.objects.update(expire_date=row.expire_date - timedelta(hours=15))
    assert client.post(PATH, form)["Location"] == f"/accounts/login/?next={KEPT}"
    sign_in(client, person)
    assert TEXT in client.get(KEPT).content.decode()


def test_form_without_any_session_is_answered_with_a_sentence(client: Client, person: User) -> None:
    client.force_login(person)
    Session.objects.all().delete()
    answer = client.post("/desk/broadcasts/abcdefgh/ask/", {"note": "x"}, follow=True)
    assert answer.redirect_chain == [("/accounts/login/", 302)]
    assert "You are signed out, so nothing was saved or sent." in answer.content.decode()


def test_page_that_takes_no_form_still_leads_back_after_signing_in(client: Client) -> None:
    for path in ("/desk/", "/desk/calendar/?month=2026-11"):
        answer = client.get(path)
        assert answer["Location"].startswith("/accounts/login/?next=/desk/")
        assert "nothing was saved" not in client.get("/accounts/login/").content.decode()
    # An editor's address can be looked at again.
    edited = client.post("/cms/pages/1/edit/", {"title": "x"})["Location"]
    assert edited.startswith("/accounts/login/?next=/cms/")


def test_who_signs_in_again_finds_it_and_sends_it_herself(
    late: Client, person: User, form: dict[str, str]
) -> None:
    assert not PreparedAnswer.objects.exists()
    sign_in(late, person)
    page = late.get(KEPT).content.decode()
    assert f'action="{PATH}"' in page
    shown = hidden_fields(page.partition(f'action="{PATH}"')[2])
    assert shown == form
    late.post(PATH, shown)
    assert PreparedAnswer.objects.get().text == TEXT


def test_it_is_shown_once(late: Client, person: User) -> None:
    sign_in(late, person)
    assert late.get(KEPT).status_code == 200
    assert late.get(KEPT)["Location"] == "/desk/"


def test_somebody_else_at_the_same_machine_sees_nothing_of_it(late: Client) -> None:
    sign_in(late, make_person("bilal"))
    assert late.get(KEPT)["Location"] == "/desk/"


def test_nobody_sees_it_before_both_steps(late: Client, person: User) -> None:
    assert late.get(KEPT)["Location"] == "/desk/"
    late.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert late.get(KEPT)["Location"] == "/desk/"


def test_it_is_sealed(late: Client) -> None:
    held = [str(session.get_decoded()) for session in Session.objects.all()]
    assert any("kept_form" in one for one in held)
    assert TEXT not in str(held)
    assert SECRET not in str(held)


@pytest.mark.parametrize(
    ("path", "sent", "headers"),
    [
        (PATH, {"text": "x" * 200_001}, {}),
        (PATH, FORM, {"Sec-Fetch-Mode": "cors"}),
        (PATH, {}, {}),
        # A password or a code must never come back on a page.
        ("/accounts/password/", PASSWORDS, {}),
        ("/accounts/factors/totp/activate/", {"code": "123456"}, {}),
    ],
)
def test_what_is_no_form_of_hers_or_a_secret_is_not_kept(
    client: Client, person: User, path: str, sent: Any, headers: dict[str, str]
) -> None:
    client.force_login(person)
    session = client.session
    session["sitting_seen"] = 0
    session.save()
    assert client.post(path, sent, headers=headers)["Location"].startswith("/accounts/login/")
    assert "kept_form" not in client.session


def test_form_of_an_older_sign_in_is_refused_with_a_sentence(person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    answer = client.post(PATH, FORM)
    assert answer.status_code == 403
    assert "This page is too old" in answer.content.decode()
