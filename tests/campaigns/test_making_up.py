"""What did not go out: a person has it approved anew or leaves it; nothing is sent by itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.drafting import making_up
from campaigns.models import Broadcast, Campaign
from campaigns.partners.efforts import find_holdout
from messaging.models import Batch
from tests.campaigns import factories
from tests.campaigns.factories import Team

SignIn = Callable[[User], Client]
State = Broadcast.State
AFTER_ALL, LEAVE = "Send it after all</button>", "Leave it unsent</button>"


@pytest.fixture
def missed(team: Team) -> Broadcast:
    """Return a broadcast whose time passed while nothing ran."""
    broadcast = factories.make_broadcast(
        team, at_once=False, send_at=factories.now() + timedelta(hours=1)
    )
    factories.approve(team, broadcast, at=factories.now())
    factories.tick(factories.now() + timedelta(hours=2))
    broadcast.refresh_from_db()
    assert broadcast.state == State.MISSED
    return broadcast


def read(client: Client, name: str, *codes: str) -> str:
    return client.get(reverse(name, args=codes)).content.decode()


def test_missed_broadcast_asks_those_who_steer_on_the_first_page(
    team: Team, sign_in: SignIn, missed: Broadcast
) -> None:
    for person in (team.scheduler, team.approver):
        assert "Did not go out: what now?" in read(sign_in(person), "desk")
    assert "Did not go out: what now?" not in read(sign_in(team.analyst), "desk")
    page = read(sign_in(team.scheduler), "desk_broadcast", missed.code)
    assert AFTER_ALL in page
    assert LEAVE in page
    # An approver may leave it; only who plans can prepare a new one.
    page = read(sign_in(team.approver), "desk_broadcast", missed.code)
    assert AFTER_ALL not in page
    assert LEAVE in page


def test_sent_after_all_it_needs_an_approval_of_its_own(
    team: Team, sign_in: SignIn, missed: Broadcast
) -> None:
    client = sign_in(team.scheduler)
    client.post(reverse("desk_after_all", args=[missed.code]))
    draft = Broadcast.objects.get(instead_of=missed)
    assert (draft.state, draft.at_once, draft.author) == (State.DRAFT, True, team.scheduler)
    assert draft.editions.count() == missed.editions.count()
    assert factories.tick(factories.now()) == 0
    factories.approve(team, draft, at=factories.now())
    assert factories.tick(factories.now() + timedelta(seconds=1)) == 1
    assert Batch.objects.get().reference == draft.reference
    page = read(client, "desk_broadcast", missed.code)
    assert draft.code in page
    assert AFTER_ALL not in page


def test_pressed_twice_it_makes_one_draft(team: Team, sign_in: SignIn, missed: Broadcast) -> None:
    client = sign_in(team.scheduler)
    for _twice in range(2):
        client.post(reverse("desk_after_all", args=[missed.code]))
    assert Broadcast.objects.filter(instead_of=missed).count() == 1


def test_broadcast_that_was_void_at_its_time_is_named_on_the_first_page(
    team: Team, sign_in: SignIn
) -> None:
    broadcast = factories.make_broadcast(team)
    factories.approve(team, broadcast, at=factories.now())
    factories.publish_again(broadcast.message, sms_text="Other news: {link}")
    factories.tick(factories.now())
    broadcast.refresh_from_db()
    assert broadcast.state == State.VOID
    client = sign_in(team.scheduler)
    undecided = client.get(reverse("desk")).context["undecided"]
    assert [item.broadcast for item in undecided] == [broadcast]
    client.post(reverse("desk_cancel", args=[broadcast.code]))
    assert client.get(reverse("desk")).context["undecided"] == []


def test_left_it_asks_nobody_any_more(team: Team, sign_in: SignIn, missed: Broadcast) -> None:
    client = sign_in(team.approver)
    client.post(reverse("desk_leave", args=[missed.code]))
    missed.refresh_from_db()
    assert missed.state == State.LEFT
    assert "Did not go out: what now?" not in read(client, "desk")
    with pytest.raises(making_up.DecidedError):
        making_up.leave(missed, by=None, now=factories.now())


def test_who_only_reads_decides_nothing(team: Team, sign_in: SignIn, missed: Broadcast) -> None:
    client = sign_in(team.analyst)
    for name in ("desk_after_all", "desk_leave"):
        assert client.post(reverse(name, args=[missed.code])).status_code == 403
    missed.refresh_from_db()
    assert missed.state == State.MISSED


def test_what_was_held_back_says_why_in_words_and_can_be_sent_after_all(
    team: Team, sign_in: SignIn
) -> None:
    message = factories.make_message()
    factories.publish_again(message, contact_points=[contact := factories.make_contact()])
    broadcast = factories.make_broadcast(team, message=message)
    factories.approve(team, broadcast, at=factories.now())
    type(contact).objects.update(has_expired=True)
    factories.tick(factories.now())
    page = read(sign_in(team.scheduler), "desk_broadcast", broadcast.code)
    assert "A contact in it has expired." in page
    assert "contact_point_expired" not in page
    assert AFTER_ALL in page


def test_correction_that_is_sent_after_all_still_leaves_nobody_out(team: Team) -> None:
    now = factories.now()
    campaign = Campaign.objects.create(
        partner=team.partner, name="Autumn", starts_on=now.date(), holdout_percent=50
    )
    told = factories.make_broadcast(team, campaign=campaign)
    missed = factories.make_broadcast(
        team,
        campaign=campaign,
        corrects=told,
        in_evening=True,
        send_before=now + timedelta(days=1),
        state=State.MISSED,
    )
    draft = making_up.send_after_all(missed, author=team.scheduler, now=now)
    assert (draft.corrects, draft.in_evening) == (told, True)
    assert draft.send_before == missed.send_before
    assert find_holdout(draft) == 0


def test_last_moment_that_has_passed_is_not_kept(team: Team) -> None:
    now = factories.now()
    missed = factories.make_broadcast(team, send_before=now, state=State.MISSED)
    draft = making_up.send_after_all(missed, author=team.scheduler, now=now)
    assert draft.send_before is None
