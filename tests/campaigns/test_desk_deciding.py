"""Deciding at the desk: two people, one snapshot, and what goes out at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.approval import approving
from campaigns.going_out import scheduling
from campaigns.models import Approval, Broadcast, Occurrence
from tests.campaigns import factories
from tests.campaigns.factories import Team

SignIn = Callable[[User], Client]
State = Broadcast.State


@pytest.fixture
def asked(team: Team) -> Broadcast:
    """Return a broadcast for which approval is asked."""
    broadcast = factories.make_broadcast(team)
    approving.ask_approval(broadcast, now=factories.now())
    return broadcast


def post(client: Client, name: str, broadcast: Broadcast, **form: str) -> str:
    answer = client.post(reverse(name, args=[broadcast.code]), form, follow=True)
    broadcast.refresh_from_db()
    return answer.content.decode()


def read_shown(client: Client, broadcast: Broadcast) -> str:
    page = client.get(reverse("desk_broadcast", args=[broadcast.code]))
    shown: str = page.context["shown"]
    assert f'name="shown" value="{shown}"' in page.content.decode()
    return shown


def test_partner_asks_and_another_person_approves(team: Team, sign_in: SignIn) -> None:
    broadcast = factories.make_broadcast(team)
    post(sign_in(team.scheduler), "desk_ask", broadcast)
    assert broadcast.state == State.ASKED
    approver = sign_in(team.approver)
    shown = read_shown(approver, broadcast)
    post(approver, "desk_approve", broadcast, shown=shown)
    assert broadcast.state == State.APPROVED
    assert Approval.objects.get().approver == team.approver


@pytest.mark.parametrize("shown", ["", "0" * 64])
def test_approval_needs_the_digest_of_what_was_shown(
    team: Team, sign_in: SignIn, asked: Broadcast, shown: str
) -> None:
    page = post(sign_in(team.approver), "desk_approve", asked, shown=shown)
    assert asked.state == State.ASKED
    assert "Something changed" in page
    assert not Approval.objects.exists()


def test_audience_that_grew_since_the_page_was_shown_is_read_again(
    team: Team, sign_in: SignIn, asked: Broadcast
) -> None:
    approver = sign_in(team.approver)
    shown = read_shown(approver, asked)
    factories.subscribe(40)
    page = post(approver, "desk_approve", asked, shown=shown)
    assert asked.state == State.ASKED
    assert "Something changed since this page was shown. Read it again." in page
    post(approver, "desk_approve", asked, shown=read_shown(approver, asked))
    assert asked.state == State.APPROVED


def test_what_the_form_carries_does_not_tell_the_exact_audience(
    team: Team, sign_in: SignIn
) -> None:
    factories.subscribe(111)
    broadcast = factories.make_broadcast(team)
    figures = approving.ask_approval(broadcast, now=factories.now()).data["figures"]
    page = sign_in(team.approver).get(reverse("desk_broadcast", args=[broadcast.code]))
    sealed = bytes.fromhex(page.context["shown"].partition(".")[2])
    assert figures["people"] == 123
    assert b"123" not in sealed
    assert figures["cost"].encode() not in sealed


def test_author_cannot_approve_her_own(team: Team, sign_in: SignIn, asked: Broadcast) -> None:
    factories.join(team.scheduler, team.partner, factories.Role.APPROVER)
    author = sign_in(team.scheduler)
    page = author.get(reverse("desk_broadcast", args=[asked.code])).content.decode()
    assert "You prepared this, so you cannot approve it" in page
    assert 'name="shown"' not in page
    shown = approving.take_snapshot(asked, now=factories.now()).shown
    post(author, "desk_approve", asked, shown=shown)
    assert asked.state == State.ASKED


def test_change_of_the_message_stops_an_approval(
    team: Team, sign_in: SignIn, asked: Broadcast
) -> None:
    approver = sign_in(team.approver)
    shown = read_shown(approver, asked)
    factories.publish_again(asked.message, sms_text="Other news: {link}")
    page = post(approver, "desk_approve", asked, shown=shown)
    assert asked.state == State.ASKED
    assert "texts have changed since approval was asked for" in page


def test_returning_needs_a_reason_and_shows_it(
    team: Team, sign_in: SignIn, asked: Broadcast
) -> None:
    approver = sign_in(team.approver)
    post(approver, "desk_return", asked, reason="  ")
    assert asked.state == State.ASKED
    post(approver, "desk_return", asked, reason="Leave out <Libya>")
    assert asked.state == State.RETURNED
    page = post(sign_in(team.scheduler), "desk_ask", asked)
    assert asked.state == State.ASKED
    assert "<Libya>" not in page


def test_reason_is_shown_to_the_author_as_text(
    team: Team, sign_in: SignIn, asked: Broadcast
) -> None:
    post(sign_in(team.approver), "desk_return", asked, reason="Leave out <Libya>")
    page = sign_in(team.scheduler).get(reverse("desk_broadcast", args=[asked.code]))
    assert "Leave out &lt;Libya&gt;" in page.content.decode()


def test_at_once_takes_the_moment_of_approval(team: Team, asked: Broadcast) -> None:
    Broadcast.objects.filter(pk=asked.pk).update(send_at=factories.now() - timedelta(days=3))
    now = factories.now()
    shown = approving.take_snapshot(asked, now=now).shown
    approving.approve(asked, team.approver, shown=shown, now=now)
    scheduling.fire_due(now=now)
    scheduling.launch_waiting(now=now)
    asked.refresh_from_db()
    assert asked.state == State.LAUNCHED
    assert Occurrence.objects.get().occurs_at == now


def test_time_that_has_passed_can_be_neither_asked_for_nor_approved(team: Team) -> None:
    now = factories.now()
    broadcast = factories.make_broadcast(team, at_once=False, send_at=now + timedelta(hours=1))
    approving.ask_approval(broadcast, now=now)
    late = now + timedelta(hours=2)
    shown = approving.take_snapshot(broadcast, now=late).shown
    with pytest.raises(approving.ApprovalError):
        approving.approve(broadcast, team.approver, shown=shown, now=late)
    approving.return_to_author(broadcast, team.approver, reason="too late", now=late)
    broadcast.refresh_from_db()
    with pytest.raises(approving.ApprovalError):
        approving.ask_approval(broadcast, now=late)


def test_held_broadcast_says_what_to_do(team: Team, sign_in: SignIn) -> None:
    message = factories.make_message(expires=factories.now().date())
    broadcast = factories.make_broadcast(team, message=message)
    page = post(sign_in(team.scheduler), "desk_ask", broadcast)
    assert broadcast.state == State.DRAFT
    assert "The message has expired." in page
    assert "Ask an editor" in page
    assert "Ask for approval</button>" not in page


def test_audience_is_rounded_before_it_is_sent_to(
    team: Team, sign_in: SignIn, asked: Broadcast
) -> None:
    factories.subscribe(3, country="SN")
    page = sign_in(team.approver).get(reverse("desk_broadcast", args=[asked.code]))
    shown = page.content.decode()
    assert "about 20" in shown  # 15 people
    assert "&lt;\u00a010" in shown  # 3 of them in Senegal
    assert "Senegal" in shown
