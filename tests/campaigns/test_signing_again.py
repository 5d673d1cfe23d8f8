"""Signing in again: an approval takes a sign-in of the last minutes, and goes on by itself after it."""

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.approval import approving
from campaigns.models import Approval, Broadcast
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.harness.signing_in import record_factor

PASSWORD = "six red boats at sea"
AGAIN = "/accounts/again/"


@pytest.fixture
def approver(team: Team) -> Client:
    team.approver.set_password(PASSWORD)
    team.approver.save()
    client = Client()
    client.force_login(team.approver)
    return client


@pytest.fixture
def asked(team: Team) -> Broadcast:
    broadcast = factories.make_broadcast(team)
    approving.ask_approval(broadcast, now=factories.now())
    return broadcast


def approve(client: Client, team: Team, broadcast: Broadcast, *, minutes_later: float) -> Any:
    """Press the button of the page so many minutes after the last sign-in."""
    page = client.get(reverse("desk_broadcast", args=[broadcast.code]))
    record_factor(client, team.approver, at=time.time() - minutes_later * 60)
    path = reverse("desk_approve", args=[broadcast.code])
    return client.post(path, {"shown": page.context["shown"]})


def test_approval_soon_after_a_sign_in_asks_nothing(
    team: Team, approver: Client, asked: Broadcast
) -> None:
    approve(approver, team, asked, minutes_later=4)
    assert Approval.objects.count() == 1


def test_later_it_asks_first_and_goes_on_after_it(
    team: Team, approver: Client, asked: Broadcast
) -> None:
    answer = approve(approver, team, asked, minutes_later=6)
    assert answer["Location"].startswith(AGAIN)
    assert not Approval.objects.exists()
    path = answer["Location"].partition("next=")[2].replace("%2F", "/")
    wrong = approver.post(AGAIN, {"password": "not it", "next": path})
    assert wrong.status_code == 200
    assert not Approval.objects.exists()
    done = approver.post(AGAIN, {"password": PASSWORD, "next": path})
    assert done["Location"] == reverse("desk_broadcast", args=[asked.code])
    assert Approval.objects.get().approver == team.approver


def test_address_alone_approves_nothing(team: Team, approver: Client, asked: Broadcast) -> None:
    approver.get(f"{AGAIN}?next={reverse('desk_approve', args=[asked.code])}")
    path = reverse("desk_approve", args=[asked.code])
    approver.post(AGAIN, {"password": PASSWORD, "next": path})
    assert not Approval.objects.exists()
