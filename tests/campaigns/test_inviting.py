"""Inviting: an address that is good once, for seven days, for one person and one place."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from campaigns.models import AuditEntry, Invitation, Membership
from campaigns.partners import inviting
from campaigns.partners.inviting import (
    InvitationOver,
    InviteError,
    Newcomer,
    Place,
    invite,
    take,
    take_as,
)
from campaigns.staff import LEADS
from tests.campaigns.factories import Team, make_team, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("letters")]
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
EMAIL = "salma@example.org"
NEWCOMER = Newcomer(name="Salma", password="nine brown owls read")
SAID = {"name": "Salma", "password": NEWCOMER.password, "again": NEWCOMER.password}
Role = Membership.Role


@pytest.fixture
def letters(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def team(db: None) -> Team:
    return make_team()


@pytest.fixture
def place(team: Team) -> Place:
    return Place(partner=team.partner, role=Role.SCHEDULER)


def read_path() -> str:
    """Return the path of the address in the last letter."""
    found = re.search(r"https?://[^/]+(/accounts/invited/[^/]+/)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def read_token() -> str:
    return read_path().split("/")[-2]


@pytest.mark.database
def test_letter_leads_to_an_account_with_its_role(team: Team, place: Place) -> None:
    invite(f" {EMAIL.upper()} ", place=place, by=team.approver, now=NOW)
    assert mail.outbox[-1].to == [EMAIL]
    user = take(read_token(), NEWCOMER, now=NOW + timedelta(days=6))
    assert (user.email, user.first_name) == (EMAIL, "Salma")
    assert user.check_password(NEWCOMER.password)
    assert list(user.memberships.values_list("partner", "role")) == [
        (team.partner.pk, Role.SCHEDULER)
    ]
    verbs = AuditEntry.objects.order_by("number").values_list("verb", "actor_id", "partner_id")
    assert list(verbs) == [
        ("invited", team.approver.pk, team.partner.pk),
        ("joined", user.pk, team.partner.pk),
    ]


def test_token_is_long_and_kept_nowhere(team: Team, place: Place) -> None:
    made = invite(EMAIL, place=place, by=team.approver, now=NOW)
    token = read_token()
    assert len(token) >= 43
    row = Invitation.objects.filter(pk=made.pk).values().get()
    assert token not in str(row)
    assert token not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    ("later", "withdrawn"),
    [(timedelta(days=7), False), (timedelta(days=400), False), (timedelta(hours=1), True)],
)
def test_invitation_that_is_over_makes_no_account(
    team: Team, place: Place, later: timedelta, withdrawn: bool
) -> None:
    made = invite(EMAIL, place=place, by=team.approver, now=NOW)
    if withdrawn:
        inviting.withdraw(made, by=team.approver, now=NOW)
    with pytest.raises(InvitationOver):
        take(read_token(), NEWCOMER, now=NOW + later)
    assert not User.objects.filter(email=EMAIL).exists()


@pytest.mark.database
def test_address_is_good_once(team: Team, place: Place) -> None:
    invite(EMAIL, place=place, by=team.approver, now=NOW)
    take(read_token(), NEWCOMER, now=NOW)
    with pytest.raises(InvitationOver):
        take(read_token(), NEWCOMER, now=NOW)


def test_new_letter_ends_the_one_before(team: Team, place: Place) -> None:
    invite(EMAIL, place=place, by=team.approver, now=NOW)
    first = read_token()
    invite(EMAIL, place=place, by=team.approver, now=NOW)
    with pytest.raises(InvitationOver):
        take(first, NEWCOMER, now=NOW)
    assert take(read_token(), NEWCOMER, now=NOW).email == EMAIL


def test_who_works_there_already_is_not_invited(team: Team, place: Place) -> None:
    with pytest.raises(InviteError):
        invite(team.scheduler.email, place=place, by=team.approver, now=NOW)
    assert not mail.outbox
    other = Place(partner=team.partner, role=Role.ANALYST)
    invite(team.scheduler.email, place=other, by=team.approver, now=NOW)
    take_as(read_token(), team.scheduler, now=NOW)
    assert team.scheduler.memberships.count() == 2


def test_invitation_of_somebody_else_is_taken_by_nobody(team: Team, place: Place) -> None:
    invite(EMAIL, place=place, by=team.approver, now=NOW)
    with pytest.raises(InvitationOver):
        take_as(read_token(), team.analyst, now=NOW)
    assert team.analyst.memberships.count() == 1


def test_letter_that_cannot_be_sent_leaves_no_invitation(
    team: Team, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("somebody@example.org was refused")

    monkeypatch.setattr(inviting, "send_mail", fail)
    with pytest.raises(InviteError) as caught:
        invite(EMAIL, place=place, by=team.approver, now=NOW)
    assert "example.org" not in str(caught.value)
    assert not Invitation.objects.exists()
    assert not AuditEntry.objects.exists()


def test_staff_are_invited_to_their_group(team: Team) -> None:
    invite(EMAIL, place=Place(group=LEADS), by=team.approver, now=NOW)
    user = take(read_token(), NEWCOMER, now=NOW)
    assert list(user.groups.values_list("name", flat=True)) == [LEADS]


# ---- The page ----------------------------------------------------------------------------------


def test_newcomer_chooses_a_password_and_goes_on_to_a_second_factor(
    team: Team, place: Place, client: Client
) -> None:
    invite(EMAIL, place=place, by=team.approver, now=timezone.now())
    path = read_path()
    page = client.get(path)
    assert EMAIL in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    answer = client.post(path, SAID, follow=True)
    assert "One more step" in answer.content.decode()
    assert client.get("/desk/")["Location"] == "/accounts/factors/"
    assert client.get("/accounts/factors/totp/activate/").status_code == 200
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"password": "short", "again": "short"},
        {"password": "password1234", "again": "password1234"},
        {"password": EMAIL, "again": EMAIL},
        {"again": "another one of these"},
        {"name": ""},
    ],
)
def test_poor_answer_makes_no_account(
    team: Team, place: Place, client: Client, change: dict[str, str]
) -> None:
    invite(EMAIL, place=place, by=team.approver, now=timezone.now())
    page = client.post(read_path(), SAID | change).content.decode()
    assert "errorlist" in page
    assert not User.objects.filter(email=EMAIL).exists()


def test_name_that_an_older_account_bears_is_said_in_words(
    team: Team, place: Place, client: Client
) -> None:
    User.objects.create_user(EMAIL, "elsewhere@example.org", NEWCOMER.password)
    invite(EMAIL, place=place, by=team.approver, now=timezone.now())
    answer = client.post(read_path(), SAID)
    assert answer.status_code == 422
    assert "An older account bears this address as its name." in answer.content.decode()
    assert not User.objects.filter(email=EMAIL).exists()
    assert Invitation.objects.get().taken_at is None


def test_who_has_an_account_signs_in_and_takes_it(team: Team, place: Place, client: Client) -> None:
    known = make_user("known")
    invite(known.email, place=place, by=team.approver, now=timezone.now())
    path = read_path()
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"
    assert client.post(path, SAID)["Location"].startswith("/accounts/login/")
    client.force_login(known)
    assert not known.memberships.exists()
    client.get(path)
    assert not known.memberships.exists()
    client.post(path)
    assert known.memberships.get().role == Role.SCHEDULER


def test_somebody_else_who_is_signed_in_gets_nothing(
    team: Team, place: Place, client: Client
) -> None:
    invite(EMAIL, place=place, by=team.approver, now=timezone.now())
    client.force_login(team.analyst)
    assert client.post(read_path(), SAID).status_code == 404
    assert team.analyst.memberships.count() == 1


@pytest.mark.parametrize("token", ["x", "a" * 43, "..", "%00", "é" * 20])
def test_guessed_address_says_the_same_as_an_old_one(
    team: Team, place: Place, client: Client, token: str
) -> None:
    invite(EMAIL, place=place, by=team.approver, now=timezone.now() - timedelta(days=8))
    old = client.get(read_path())
    guessed = client.get(f"/accounts/invited/{token}/")
    assert (old.status_code, guessed.status_code) == (404, 404)
