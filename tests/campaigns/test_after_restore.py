"""After a restore: what may have gone out in the lost time does not go out again by itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.approval import approving
from campaigns.drafting import making_up, moving
from campaigns.models import Broadcast
from messaging.guarding import restoring
from messaging.models import Batch
from tests.campaigns import factories
from tests.campaigns.factories import Team, now

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
State = Broadcast.State
HOUR = timedelta(hours=1)


def restore() -> None:
    """Let the database fall back an hour, and let people do what has to be done before it goes on."""
    restoring.declare(since=now() - HOUR, now=now())
    for check in restoring.CHECKS:
        restoring.pass_check(check, "looked", now=now())
    restoring.move_on(now=now())


@pytest.fixture
def asked(team: Team) -> Broadcast:
    """Return one to go out at once, asked about before the restore and maybe sent in the lost time."""
    broadcast = factories.make_broadcast(team)
    approving.ask_approval(broadcast, now=now())
    restore()
    return broadcast


def end(team: Team, broadcast: Broadcast) -> Broadcast:
    """Let it be approved and its time come."""
    factories.give_approval(team, broadcast, at=now())
    factories.tick(now())
    return Broadcast.objects.get(pk=broadcast.pk)


def test_what_was_to_go_out_at_once_before_a_restore_asks_a_person(
    team: Team, asked: Broadcast, sign_in: SignIn
) -> None:
    assert end(team, asked).state == State.MISSED
    assert not Batch.objects.exists()
    page = sign_in(team.scheduler).get(reverse("desk_broadcast", args=[asked.code]))
    assert "It may have gone out already" in page.content.decode()


def test_what_makes_up_for_it_goes_out(team: Team, asked: Broadcast) -> None:
    draft = making_up.send_after_all(end(team, asked), author=team.scheduler, now=now())
    approving.ask_approval(draft, now=now())
    assert end(team, draft).state == State.LAUNCHED


def test_what_is_made_after_a_restore_goes_out(team: Team) -> None:
    restore()
    broadcast = factories.make_broadcast(team)
    approving.ask_approval(broadcast, now=now())
    assert end(team, broadcast).state == State.LAUNCHED


@pytest.mark.parametrize("at_once", [True, False])
def test_what_may_have_gone_out_gets_no_later_time(team: Team, at_once: bool) -> None:
    begun = factories.make_broadcast(team, at_once=at_once, send_at=now() - HOUR / 2)
    ahead = factories.make_broadcast(team, at_once=False, send_at=now() + HOUR)
    restore()
    with pytest.raises(moving.MoveError, match="It may have gone out already"):
        moving.move(begun, now() + HOUR, shown=None, by=team.scheduler.pk, now=now())
    moving.move(ahead, now() + 2 * HOUR, shown=None, by=team.scheduler.pk, now=now())
    assert Broadcast.objects.get(pk=begun.pk).at_once == at_once
