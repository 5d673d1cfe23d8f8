"""Who sees and does what at the desk: partners are kept apart, and roles hold."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.approval import approving
from campaigns.models import Broadcast
from campaigns.urls import urlpatterns
from tests.campaigns import factories
from tests.campaigns.factories import Team

SignIn = Callable[[User], Client]
PAGES = ("desk_broadcast", "desk_states", "desk_move")
ACTIONS = (
    "desk_texts",
    "desk_test",
    "desk_ask",
    "desk_approve",
    "desk_return",
    "desk_pause",
    "desk_resume",
    "desk_cancel",
    "desk_after_all",
    "desk_leave",
    "desk_release",
)


def address(name: str, broadcast: Broadcast) -> str:
    return reverse(name, args=[broadcast.code])


def test_every_address_of_a_broadcast_is_known_to_these_tests() -> None:
    below = [one for one in urlpatterns if str(one.pattern).startswith("broadcasts/<")]
    assert {str(one.name) for one in below} == {*PAGES, *ACTIONS}


@pytest.mark.parametrize("name", [*PAGES, *ACTIONS])
def test_every_address_of_another_partner_is_not_found(
    team: Team, sign_in: SignIn, name: str
) -> None:
    broadcast = factories.make_broadcast(team)
    other = factories.make_team("Another")
    for person in (other.scheduler, other.approver, other.analyst):
        client = sign_in(person)
        method = client.get if name in PAGES else client.post
        assert method(address(name, broadcast)).status_code == 404
    assert Broadcast.objects.get().state == Broadcast.State.DRAFT


@pytest.mark.parametrize("name", ["desk", "desk_prepare", *PAGES, *ACTIONS])
def test_every_address_asks_to_sign_in(team: Team, client: Client, name: str) -> None:
    broadcast = factories.make_broadcast(team)
    args = [] if name in {"desk", "desk_prepare"} else [broadcast.code]
    path = reverse(name, args=args)
    answer = client.get(path) if name not in ACTIONS else client.post(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", ACTIONS)
def test_get_of_an_action_is_refused(team: Team, sign_in: SignIn, name: str) -> None:
    broadcast = factories.make_broadcast(team)
    assert sign_in(team.scheduler).get(address(name, broadcast)).status_code == 405


@pytest.mark.parametrize("name", ["desk_ask", "desk_pause", "desk_resume", "desk_cancel"])
def test_analyst_looks_but_does_not_touch(team: Team, sign_in: SignIn, name: str) -> None:
    broadcast = factories.make_broadcast(team)
    client = sign_in(team.analyst)
    assert client.get(address("desk_broadcast", broadcast)).status_code == 200
    assert client.post(address(name, broadcast)).status_code == 403
    assert client.get(reverse("desk_prepare")).status_code == 403
    assert Broadcast.objects.get().state == Broadcast.State.DRAFT


def test_actions_without_the_csrf_token_are_refused(team: Team) -> None:
    broadcast = factories.make_broadcast(team)
    client = Client(enforce_csrf_checks=True)
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(team.scheduler, backend=backend)
    for name in (*ACTIONS, "desk_move"):
        assert client.post(address(name, broadcast)).status_code == 403
    assert client.post(reverse("desk_prepare")).status_code == 403


def test_pages_write_nothing(team: Team, sign_in: SignIn) -> None:
    broadcast = factories.make_broadcast(team)
    approving.ask_approval(broadcast, now=factories.now())
    paths = [reverse("desk"), reverse("desk_prepare"), *(address(n, broadcast) for n in PAGES)]
    for person in (team.scheduler, team.approver):
        client = sign_in(person)
        for path in paths:
            # That somebody saw how many people it is, is written down once a day.
            client.get(path)
            with CaptureQueriesContext(connection) as seen:
                client.get(path)
            assert all(query["sql"].startswith("SELECT") for query in seen.captured_queries)


def test_person_without_a_partner_reads_what_to_do(db: None, sign_in: SignIn) -> None:
    user = factories.make_user("nobody")
    page = sign_in(user).get(reverse("desk")).content.decode()
    assert "You do not work for a partner yet" in page
    assert user.email in page


def test_list_shows_own_broadcasts_only(team: Team, sign_in: SignIn) -> None:
    mine = factories.make_broadcast(team)
    other = factories.make_team("Another")
    theirs = factories.make_broadcast(other)
    page = sign_in(team.scheduler).get(reverse("desk")).content.decode()
    assert mine.code in page
    assert theirs.code not in page


def test_form_takes_no_partner_for_whom_one_does_not_plan(team: Team, sign_in: SignIn) -> None:
    other = factories.make_team("Another")
    factories.join(team.scheduler, other.partner, factories.Role.ANALYST)
    page = sign_in(team.scheduler).post(reverse("desk_prepare"), {"partner": other.partner.pk})
    assert page.status_code == 422
    assert "partner" in page.context["form"].errors


def test_what_waits_for_approval_waits_for_others_than_its_author(
    team: Team, sign_in: SignIn
) -> None:
    factories.join(team.scheduler, team.partner, factories.Role.APPROVER)
    broadcast = factories.make_broadcast(team)
    approving.ask_approval(broadcast, now=factories.now())
    waiting = sign_in(team.approver).get(reverse("desk")).context["waiting"]
    assert [item.broadcast for item in waiting] == [broadcast]
    assert sign_in(team.scheduler).get(reverse("desk")).context["waiting"] == []


def test_signing_in_leads_to_the_desk_or_to_the_cms(team: Team, client: Client) -> None:
    editor = factories.make_user("editor")
    editor.user_permissions.add(Permission.objects.get(codename="access_admin"))
    for user, expected in ((team.scheduler, "/desk/"), (editor, "/cms/")):
        user.set_password("a long practice password")
        user.save()
        form = {"login": user.email, "password": "a long practice password"}
        answer = Client().post(reverse("account_login"), form)
        assert answer["Location"] == expected
        answer = Client().post(reverse("account_login"), form | {"next": "/desk/broadcasts/new/"})
        assert answer["Location"] == "/desk/broadcasts/new/"


def test_pages_keep_to_the_strict_policy(team: Team, sign_in: SignIn) -> None:
    broadcast = factories.make_broadcast(team)
    client = sign_in(team.scheduler)
    for path in (reverse("desk"), reverse("desk_prepare"), address("desk_broadcast", broadcast)):
        answer = client.get(path)
        assert "unsafe" not in answer["Content-Security-Policy"]
        page = answer.content.decode()
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<style" not in page
        assert len(answer.content) < 60_000
