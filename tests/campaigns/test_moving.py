"""Moving a broadcast: to a later time only, by who plans; what was approved is void, and goes out once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.drafting import moving
from campaigns.models import Approval, AuditEntry, Broadcast, Occurrence
from messaging.models import Batch
from tests.campaigns import factories
from tests.campaigns.factories import Team

SignIn = Callable[[User], Client]
State = Broadcast.State
HOUR = timedelta(hours=1)


def plan(team: Team, **changes: Any) -> Broadcast:
    send_at = factories.now() + 5 * HOUR
    return factories.make_broadcast(team, **({"at_once": False, "send_at": send_at} | changes))


def post(client: Client, broadcast: Broadcast, to: datetime, **more: str) -> Any:
    given = {"send_at": f"{to:%Y-%m-%dT%H:%M}", "shown": broadcast.send_at.isoformat()} | more
    return client.post(reverse("desk_move", args=[broadcast.code]), given, follow=True)


def test_moving_a_draft_gives_it_its_new_time(team: Team, sign_in: SignIn) -> None:
    broadcast = plan(team)
    to = datetime(2031, 3, 12, 9, 15, tzinfo=UTC)
    broadcast.message.expires = to.date() + timedelta(days=9)
    broadcast.message.save()
    answer = post(sign_in(team.scheduler), broadcast, to, back="week")
    assert answer.redirect_chain[-1][0] == f"{reverse('desk_calendar')}?view=week&day=2031-03-12"
    broadcast.refresh_from_db()
    assert (broadcast.send_at, broadcast.state) == (to, State.DRAFT)
    assert AuditEntry.objects.filter(verb="moved", actor_id=team.scheduler.pk).count() == 1


def test_moving_what_is_approved_voids_the_approval_and_says_so(
    team: Team, sign_in: SignIn
) -> None:
    broadcast = plan(team)
    factories.approve(team, broadcast, at=factories.now())
    client = sign_in(team.scheduler)
    form = client.get(reverse("desk_move", args=[broadcast.code])).content.decode()
    assert "no approval counts any more" in form
    page = post(client, broadcast, broadcast.send_at + HOUR).content.decode()
    assert "ask for approval anew" in page
    assert "It goes out at another time." in page
    broadcast.refresh_from_db()
    assert broadcast.state == State.VOID
    assert not Approval.objects.filter(void_at__isnull=True).exists()


@pytest.mark.database
def test_what_was_moved_and_approved_again_goes_out_once_at_its_new_time(team: Team) -> None:
    now = factories.now()
    broadcast = plan(team)
    first = broadcast.send_at
    factories.approve(team, broadcast, at=now)
    # A clock has seen its time come, and somebody moves it in the same moment.
    Occurrence.objects.create(broadcast=broadcast, occurs_at=first)
    moving.move(broadcast, first + 2 * HOUR, shown=first, by=team.scheduler.pk, now=now)
    broadcast.refresh_from_db()
    factories.approve(team, broadcast, at=now)
    assert factories.tick(first) == 0
    broadcast.refresh_from_db()
    assert broadcast.state == State.APPROVED
    assert factories.tick(first + 2 * HOUR) == 1
    assert factories.tick(first + 3 * HOUR) == 0
    assert Batch.objects.count() == 1


def test_only_who_plans_may_move(team: Team, sign_in: SignIn) -> None:
    broadcast = plan(team)
    before = broadcast.send_at
    for person in (team.analyst, team.approver):
        assert post(sign_in(person), broadcast, before + HOUR).status_code == 403
    stranger = factories.make_team("Another").scheduler
    assert post(sign_in(stranger), broadcast, before + HOUR).status_code == 404
    broadcast.refresh_from_db()
    assert broadcast.send_at == before


def test_a_time_that_cannot_be_is_refused_with_the_reason(team: Team, sign_in: SignIn) -> None:
    now = factories.now()
    message = factories.make_message(expires=(now + timedelta(days=2)).date())
    broadcast = plan(team, message=message, send_before=now + 20 * HOUR)
    client = sign_in(team.scheduler)
    for to, reason in (
        (now - HOUR, "This time has passed."),
        (now + 21 * HOUR, "after the last moment"),
    ):
        assert reason in post(client, broadcast, to).content.decode()
    Broadcast.objects.update(send_before=None)
    page = post(client, broadcast, now + timedelta(days=4)).content.decode()
    assert "not true any more by then" in page
    assert Broadcast.objects.get().send_at == broadcast.send_at


def test_a_form_that_is_stale_moves_nothing(team: Team, sign_in: SignIn) -> None:
    stale = plan(team)
    client = sign_in(team.scheduler)
    moved = stale.send_at + HOUR
    Broadcast.objects.update(send_at=moved)
    page = post(client, stale, stale.send_at + 2 * HOUR).content.decode()
    assert "Somebody has moved it meanwhile." in page
    assert Broadcast.objects.get().send_at == moved


@pytest.mark.parametrize("state", [State.LAUNCHED, State.CANCELLED, State.MISSED, State.HELD])
def test_what_is_on_its_way_or_over_cannot_be_moved(
    team: Team, sign_in: SignIn, state: State
) -> None:
    broadcast = plan(team, state=state)
    page = post(sign_in(team.scheduler), broadcast, broadcast.send_at + HOUR).content.decode()
    assert "It cannot be moved" in page


def test_approved_whose_time_has_come_is_on_its_way(team: Team) -> None:
    broadcast = plan(team, state=State.APPROVED)
    assert moving.is_movable(broadcast, now=broadcast.send_at - HOUR)
    assert not moving.is_movable(broadcast, now=broadcast.send_at)
