"""How long somebody stays signed in: half an hour without a sign of her, eight hours at most."""

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Membership, Partner
from config.sittings import SittingMiddleware
from tests.config.signing import LOGIN, PASSWORD, is_in, make_person, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("page_root", "still")]
MINUTE = 60
HERE = "/accounts/here/"


@pytest.fixture
def person() -> User:
    return make_person()


@pytest.fixture
def signed_in(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def let_pass(client: Client, minutes: float, *, of: str = "sitting_seen") -> None:
    """Let a session look as if so much time had gone since it was seen, or since it `began`."""
    session = client.session
    session[of] = timezone.now().timestamp() - minutes * MINUTE
    session.save()


def last_seen(client: Client) -> float:
    return float(client.session["sitting_seen"])


def test_idle_session_ends_with_a_sentence_and_leads_back(signed_in: Client) -> None:
    let_pass(signed_in, 31)
    answer = signed_in.get("/desk/?page=2")
    assert answer["Location"] == f"{LOGIN}?next=/desk/%3Fpage%3D2"
    page = signed_in.get(answer["Location"]).content.decode()
    assert "nobody was here for half an hour" in page
    assert "_auth_user_id" not in signed_in.session


def test_session_that_is_used_goes_on(signed_in: Client) -> None:
    for _time in range(3):
        let_pass(signed_in, 29)
        assert is_in(signed_in)


def test_session_ends_after_eight_hours_however_busy(signed_in: Client) -> None:
    let_pass(signed_in, 8 * 60 - 1, of="sitting_began")
    assert is_in(signed_in)
    let_pass(signed_in, 8 * 60 + 1, of="sitting_began")
    assert signed_in.get("/desk/")["Location"].startswith(LOGIN)


@pytest.mark.parametrize("path", ["/desk/", "/reach/", "/cms/", "/accounts/factors/", HERE])
def test_every_side_of_the_house_keeps_the_time(signed_in: Client, path: str) -> None:
    let_pass(signed_in, 31)
    assert signed_in.get(path)["Location"].startswith(LOGIN)


@pytest.mark.parametrize(
    ("method", "path", "headers", "counts"),
    [
        ("get", "/desk/", {}, True),
        ("get", "/desk/", {"Sec-Fetch-Mode": "navigate"}, True),
        ("get", "/desk/", {"Sec-Fetch-Mode": "cors"}, False),
        ("get", "/desk/", {"Sec-Fetch-Mode": "same-origin"}, False),
        ("post", "/desk/assist/send/", {"Sec-Fetch-Mode": "cors"}, True),
        ("get", HERE, {"Sec-Fetch-Mode": "cors"}, True),
        ("post", "/cms/editing-sessions/ping/cms/messagepage/1/1/", {}, False),
    ],
)
def test_page_that_refreshes_itself_is_no_sign_of_anybody(
    signed_in: Client, method: str, path: str, headers: dict[str, str], counts: bool
) -> None:
    let_pass(signed_in, 10)
    before = last_seen(signed_in)
    getattr(signed_in, method)(path, headers=headers)
    assert (last_seen(signed_in) > before) is counts


def test_page_writes_no_session_more_than_once_a_minute(signed_in: Client) -> None:
    let_pass(signed_in, 0.5)
    before = last_seen(signed_in)
    signed_in.get("/desk/")
    assert last_seen(signed_in) == before


def test_who_is_not_signed_in_gets_no_session(client: Client) -> None:
    assert client.get(HERE).status_code == 204
    assert not client.cookies


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/", "/hooks/twilio/inbound/", "/en/none/"])
def test_no_session_is_looked_at_where_nobody_is_signed_in(signed_in: Client, path: str) -> None:
    let_pass(signed_in, 31)
    answer = signed_in.get(path)
    assert "Cookie" not in answer.get("Vary", "")
    assert "_auth_user_id" in signed_in.session


def test_session_that_is_over_opens_nothing_on_the_readers_side_either(
    signed_in: Client, person: User
) -> None:
    seen = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request.user.is_authenticated)
        return HttpResponse()

    middleware = SittingMiddleware(answer)
    for minutes in (29, 31):
        let_pass(signed_in, minutes)
        request = RequestFactory().get("/media/recordings/a.ogg")
        request.session, request.user = signed_in.session, person
        middleware(request)
    assert seen == [True, False]
    assert "_auth_user_id" in signed_in.session


def test_account_that_was_closed_is_out_with_the_next_request(
    signed_in: Client, person: User
) -> None:
    assert is_in(signed_in)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert signed_in.get("/desk/")["Location"].startswith(LOGIN)


def test_sessions_are_listed_and_ended_elsewhere(person: User, client: Client) -> None:
    sign_in(client, person, HTTP_USER_AGENT="A phone that was lost")
    other = Client()
    other.force_login(person)
    session = other.session
    UserSession.objects.create(
        user=person, ip="203.0.113.9", session_key=session.session_key, user_agent="A laptop"
    )
    page = other.get("/accounts/sessions/").content.decode()
    assert "A phone that was lost" in page
    assert "A laptop" in page
    other.post("/accounts/sessions/")
    assert is_in(other)
    assert not is_in(client)


def open_elsewhere(person: User, agent: str = "A laptop") -> tuple[Client, UserSession]:
    """Return another browser that somebody is signed in with, and its row in the list."""
    browser = Client()
    browser.force_login(person)
    key = browser.session.session_key
    row, _made = UserSession.objects.update_or_create(
        session_key=key, defaults={"user": person, "ip": "203.0.113.9", "user_agent": agent}
    )
    return browser, row


def end(client: Client, row: UserSession) -> Any:
    return client.post(f"/accounts/sessions/{row.pk}/end/", follow=True)


def test_one_other_session_is_ended_alone_and_it_is_said(person: User) -> None:
    mine, here = open_elsewhere(person, "This laptop")
    (lost, gone), (kept, _row) = open_elsewhere(person, "A phone"), open_elsewhere(person, "Tablet")
    page = mine.get("/accounts/sessions/").content.decode()
    assert f'action="/accounts/sessions/{gone.pk}/end/"' in page
    assert f"/accounts/sessions/{here.pk}/end/" not in page
    assert "Signed out there" in end(mine, gone).content.decode()
    assert (is_in(mine), is_in(lost), is_in(kept)) == (True, False, True)
    assert not UserSession.objects.filter(pk=gone.pk).exists()


def test_session_that_was_ended_already_is_told_so(person: User) -> None:
    mine, _here = open_elsewhere(person)
    _lost, gone = open_elsewhere(person)
    pressed_twice = [end(mine, gone).content.decode() for _time in range(2)]
    assert "That one had ended already." in pressed_twice[1]
    assert is_in(mine)


def test_nobody_ends_the_session_of_somebody_else(person: User) -> None:
    mine, _here = open_elsewhere(person)
    stranger, theirs = open_elsewhere(make_person("binta"))
    assert end(mine, theirs).status_code == 404
    assert is_in(stranger)
    assert UserSession.objects.filter(pk=theirs.pk).exists()


def test_own_session_is_left_by_signing_out(person: User) -> None:
    mine, here = open_elsewhere(person)
    answer = mine.post(f"/accounts/sessions/{here.pk}/end/")
    assert answer["Location"] == "/accounts/logout/"
    assert is_in(mine)


def test_session_is_ended_by_a_press_alone_and_by_who_is_signed_in(person: User) -> None:
    mine, _here = open_elsewhere(person)
    other, theirs = open_elsewhere(person)
    assert mine.get(f"/accounts/sessions/{theirs.pk}/end/").status_code == 405
    assert Client().post(f"/accounts/sessions/{theirs.pk}/end/")["Location"].startswith(LOGIN)
    assert is_in(other)


def test_changed_password_ends_every_session(person: User, client: Client) -> None:
    sign_in(client, person)
    other = Client()
    other.force_login(person)
    new = {"password1": "eight yellow boats sail", "password2": "eight yellow boats sail"}
    client.post("/accounts/password/", {"oldpassword": PASSWORD, **new})
    person.refresh_from_db()
    assert person.check_password("eight yellow boats sail")
    assert not is_in(other)


@pytest.mark.parametrize(
    "password", ["short-one", "password1234", "123456789012", "amina@waymark.example"]
)
def test_weak_password_is_refused(client: Client, person: User, password: str) -> None:
    client.force_login(person)
    form: Any = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    client.post("/accounts/password/", form)
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


# ---- What stays in the browser after it -----------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "desk",
        "desk_calendar",
        "desk_prepare",
        "desk_segments",
        "desk_campaigns",
        "desk_sessions",
        "desk_recalls",
        "desk_inbox",
    ],
)
def test_no_page_of_staff_stays_behind_when_she_signs_out(
    signed_in: Client, person: User, name: str
) -> None:
    partner = Partner.objects.create(name="Red Crescent")
    Membership.objects.create(user=person, partner=partner, role=Membership.Role.SCHEDULER)
    answer = signed_in.get(reverse(name))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_what_says_itself_how_long_it_is_kept_is_kept(signed_in: Client) -> None:
    # A helper's page works where there is no network.
    worker = signed_in.get(reverse("desk_assist_worker"))
    assert worker["Cache-Control"] == "private, no-cache"
