"""The second factor: nobody gets anywhere without one, whichever way she came in."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.test import Client

from messaging.models import KeptSecret
from messaging.sandbox.codes import PERIOD, make_code
from tests.config.signing import (
    COUNTER,
    FACTORS,
    LOGIN,
    PASSWORD,
    SECOND_STEP,
    SECRET,
    code_of,
    give_password,
    is_in,
    make_person,
    sign_in,
)
from tests.harness.signing_in import sign_in_without_factor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still", "page_root")]


def set_up_app(client: Client) -> list[str]:
    """Walk through the page that sets up an app, and return the recovery codes."""
    page = client.get(f"{FACTORS}totp/activate/").content.decode()
    found = re.search(r'class="secret">([A-Z2-7=]+)<', page)
    assert found is not None
    code = make_code(found[1], COUNTER * PERIOD)
    page = client.post(f"{FACTORS}totp/activate/", {"code": code}, follow=True).content.decode()
    return re.findall(r"<code>(\d{8})</code>", page)


def test_sign_in_takes_a_password_and_a_code(client: Client) -> None:
    user = make_person()
    assert give_password(client, user)["Location"] == SECOND_STEP
    before = client.session.session_key
    assert not is_in(client)
    answer = client.post(SECOND_STEP, {"code": code_of()})
    assert answer["Location"] == "/desk/"
    assert is_in(client)
    assert client.session.session_key != before


@pytest.mark.database
def test_code_signs_in_once(client: Client) -> None:
    user = make_person()
    sign_in(client, user)
    assert is_in(client)
    other = Client()
    assert "Incorrect code" in sign_in(other, user).content.decode()
    assert not is_in(other)


@pytest.mark.parametrize("code", ["000000", "", code_of()[:-1], make_code(SECRET, 0)])
def test_wrong_code_signs_nobody_in(client: Client, code: str) -> None:
    give_password(client, make_person())
    client.post(SECOND_STEP, {"code": code})
    assert not is_in(client)


def test_codes_cannot_be_tried_for_long(client: Client) -> None:
    give_password(client, make_person())
    for _try in range(10):
        client.post(SECOND_STEP, {"code": "000000"})
    answer = client.post(SECOND_STEP, {"code": code_of()})
    assert "Too many" in answer.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize("path", ["/desk/", "/reach/", "/cms/", "/desk/assist/", "/cms/pages/"])
def test_session_without_a_factor_is_led_to_one(client: Client, path: str) -> None:
    user = make_person(secret="")
    user.is_superuser = True
    user.save()
    sign_in_without_factor(client, user)
    assert client.get(path)["Location"] == FACTORS
    assert client.post(path)["Location"] == FACTORS
    assert "One more step" in client.get(FACTORS).content.decode()


def test_session_that_skipped_the_second_step_is_ended(client: Client) -> None:
    user = make_person()
    sign_in_without_factor(client, user)
    answer = client.get("/desk/?page=2")
    assert answer["Location"] == f"{LOGIN}?next=/desk/%3Fpage%3D2"
    assert "_auth_user_id" not in client.session


def test_proof_of_somebody_else_is_none(client: Client) -> None:
    sign_in(client, make_person())
    records = client.session["account_authentication_methods"]
    other = Client()
    sign_in_without_factor(other, make_person("bilal"))
    session = other.session
    session["account_authentication_methods"] = records
    session["account_authentication_methods_user"] = "1000000"
    session.save()
    assert not is_in(other)


@pytest.mark.django_db(transaction=True)
def test_app_is_set_up_by_its_first_code(client: Client) -> None:
    user = make_person(secret="")
    give_password(client, user)
    assert not is_in(client)
    codes = set_up_app(client)
    assert len(set(codes)) == 10
    assert is_in(client)
    assert codes[0] not in client.get(f"{FACTORS}recovery-codes/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_recovery_code_signs_in_once(client: Client) -> None:
    user = make_person(secret="")
    give_password(client, user)
    code = set_up_app(client)[3]
    for expected in (True, False):
        other = Client()
        give_password(other, user)
        other.post(SECOND_STEP, {"code": code})
        assert is_in(other) is expected


@pytest.mark.database
def test_secrets_are_sealed_and_go_with_their_factor(client: Client) -> None:
    user = make_person()
    held = Authenticator.objects.get(user=user)
    assert SECRET not in str(held.data)
    kept = KeptSecret.objects.get(uid=held.data["secret"])
    assert SECRET.encode() not in bytes(kept.text_sealed)
    held.delete()
    assert not KeptSecret.objects.exists()


def test_only_app_cannot_be_removed(client: Client) -> None:
    user = make_person()
    sign_in(client, user)
    answer = client.post(f"{FACTORS}totp/deactivate/")
    assert "only second step" in answer.content.decode()
    assert Authenticator.objects.filter(user=user).exists()


def test_factor_is_changed_only_after_signing_in_lately(client: Client) -> None:
    user = make_person()
    sign_in(client, user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": 0}]
    session.save()
    answer = client.get(f"{FACTORS}webauthn/add/")
    assert answer["Location"].startswith("/accounts/again/")
    client.post("/accounts/again/", {"password": PASSWORD})
    assert client.get(f"{FACTORS}webauthn/add/").status_code == 200


def test_there_is_one_way_in(client: Client) -> None:
    assert client.get("/cms/login/?next=/cms/pages/")["Location"] == f"{LOGIN}?next=/cms/pages/"
    assert client.get("/cms/")["Location"].startswith(LOGIN)
    sign_in(client, make_person())
    shut = ("/cms/password_reset/", "/accounts/signup/", "/accounts/email/", "/admin/")
    for path in (*shut, "/accounts/password/reset/"):
        assert client.get(path).status_code == 404, path


def test_sign_in_pages_keep_to_the_strict_policy(client: Client) -> None:
    user = make_person()
    paths = [LOGIN, "/accounts/inactive/"]
    for path in paths:
        policy = client.get(path)["Content-Security-Policy"]
        assert "unsafe" not in policy
    sign_in(client, user)
    for path in (FACTORS, f"{FACTORS}webauthn/", "/accounts/sessions/", "/accounts/password/"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        inline = re.findall(r"<script(?![^>]*src=)[^>]*>", answer.content.decode())
        assert all("application/json" in tag for tag in inline)


def test_closed_account_is_refused(client: Client) -> None:
    user = make_person()
    User.objects.filter(pk=user.pk).update(is_active=False)
    sign_in(client, user)
    assert not is_in(client)
