"""Who lost the role or the account: what she approved counts no more, and does not go out."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from campaigns.approval import approving
from campaigns.models import AuditEntry, Broadcast, Membership
from campaigns.partners import partnering
from messaging.models import Batch
from tests.campaigns import factories, series
from tests.campaigns.factories import Role, Team

pytestmark = [pytest.mark.django_db, pytest.mark.database]
State = Broadcast.State
SignIn = Callable[[User], Client]


def end_role(person: User) -> None:
    roles = Membership.objects.filter(user=person, role=Role.APPROVER)
    lead = factories.make_user("lead")
    partnering.end_membership(roles.get(), by=lead, now=factories.now())


def shut_account(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def take_another_role(person: User) -> None:
    Membership.objects.filter(user=person).update(role=Role.ANALYST)


LOSSES = (end_role, shut_account, take_another_role)
Lose = Callable[[User], None]


def approve_for(team: Team, moment: datetime) -> Broadcast:
    broadcast = factories.make_broadcast(team, at_once=False, send_at=moment)
    factories.approve(team, broadcast, at=factories.now())
    return broadcast


@pytest.mark.parametrize("lose", LOSSES, ids=lambda lose: lose.__name__)
def test_what_she_approved_does_not_go_out(team: Team, sign_in: SignIn, lose: Lose) -> None:
    moment = factories.now() + timedelta(hours=1)
    broadcast = approve_for(team, moment)
    lose(team.approver)
    factories.tick(moment + timedelta(minutes=1))
    broadcast.refresh_from_db()
    assert broadcast.state == State.VOID
    assert not Batch.objects.exists()
    assert AuditEntry.objects.get(verb="voided").details == {"changed": "approvers"}
    page = sign_in(team.scheduler).get(f"/desk/broadcasts/{broadcast.code}/").content.decode()
    assert "Somebody who approved it may not approve for this partner any more." in page


def test_enough_others_who_still_approve_are_enough(team: Team) -> None:
    moment = factories.now() + timedelta(hours=1)
    broadcast = factories.make_broadcast(team, at_once=False, send_at=moment)
    approving.ask_approval(broadcast, now=factories.now())
    shown = approving.take_snapshot(broadcast, now=factories.now()).shown
    first = approving.approve(broadcast, team.approver, shown=shown, now=factories.now())
    first.pk, first.approver = None, team.second
    first.save(force_insert=True)
    end_role(team.approver)
    assert factories.tick(moment + timedelta(minutes=1)) == 1


def test_yes_of_who_left_does_not_make_up_for_a_second_one(team: Team, settings: object) -> None:
    settings.TWO_APPROVERS = ("first",)  # type: ignore[attr-defined]
    broadcast = factories.make_broadcast(team)
    approving.ask_approval(broadcast, now=factories.now())
    third = factories.make_user("third")
    factories.join(third, team.partner, Role.APPROVER)
    for person, state in (
        (team.approver, State.ASKED),
        (team.second, State.ASKED),
        (third, State.APPROVED),
    ):
        shown = approving.take_snapshot(broadcast, now=factories.now()).shown
        approving.approve(broadcast, person, shown=shown, now=factories.now())
        broadcast.refresh_from_db()
        assert broadcast.state == state
        if person == team.approver:
            end_role(person)


def test_series_that_she_approved_ends_with_her_role(team: Team) -> None:
    pattern = series.make_series(team)
    end_role(team.approver)
    moment = series.next_time(pattern)
    factories.tick(moment + timedelta(minutes=1))
    pattern.refresh_from_db()
    assert pattern.state == State.VOID
    assert not Batch.objects.exists()
