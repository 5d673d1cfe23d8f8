"""Who asked for an approval does not give it: not in whatever roles, and not against the database."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client

from campaigns import series, triggers
from campaigns.approval import approving
from campaigns.approval.approving import ApprovalError
from campaigns.drafting import moving
from campaigns.models import Approval, AuditEntry, Broadcast
from campaigns.permissions import may_approve
from tests.campaigns import factories
from tests.campaigns.factories import Role, Team

SignIn = Callable[[User], Client]
State = Broadcast.State


@pytest.fixture
def both(team: Team) -> User:
    """Return a colleague of the author's who plans and approves."""
    factories.join(team.approver, team.partner, Role.SCHEDULER)
    return team.approver


@pytest.fixture
def asked(team: Team, both: User) -> Broadcast:
    """Return a colleague's draft for which she who has both roles asked."""
    broadcast = factories.make_broadcast(team)
    approving.ask_approval(broadcast, by=both.pk, now=factories.now())
    return Broadcast.objects.get(pk=broadcast.pk)


def shown_of(broadcast: Broadcast) -> str:
    fresh = Broadcast.objects.get(pk=broadcast.pk)
    return approving.take_snapshot(fresh, now=factories.now()).shown


def make_row(broadcast: Broadcast, person: User, **changes: object) -> Approval:
    row = {"snapshot": {}, "digest": "", "people": 1, "at": factories.now()} | changes
    return Approval.objects.create(
        broadcast=broadcast, approver=person, author_id=broadcast.author_id, **row
    )


def test_who_asked_for_a_colleagues_draft_may_not_approve_it(
    team: Team, both: User, asked: Broadcast
) -> None:
    assert not may_approve(both, asked)
    assert may_approve(team.second, asked)
    with pytest.raises(ApprovalError):
        approving.approve(asked, both, shown=shown_of(asked), now=factories.now())
    with pytest.raises(ApprovalError):
        approving.return_to_author(asked, both, reason="no", now=factories.now())
    approving.approve(asked, team.second, shown=shown_of(asked), now=factories.now())
    asked.refresh_from_db()
    assert asked.state == State.APPROVED


def test_the_desk_refuses_who_asked_and_writes_it_down(
    both: User, asked: Broadcast, sign_in: SignIn
) -> None:
    client, address = sign_in(both), f"/desk/broadcasts/{asked.code}/"
    page = client.get(address).content.decode()
    assert "You asked for its approval, so you cannot give it" in page
    assert 'name="shown"' not in page
    client.post(f"{address}approve/", {"shown": shown_of(asked)})
    asked.refresh_from_db()
    assert asked.state == State.ASKED
    assert AuditEntry.objects.get(verb="tried_to_approve").actor_id == both.pk


def test_what_one_asked_for_does_not_wait_for_oneself(
    team: Team, both: User, asked: Broadcast, sign_in: SignIn
) -> None:
    assert sign_in(both).get("/desk/").context["waiting"] == []
    waiting = sign_in(team.second).get("/desk/").context["waiting"]
    assert [item.broadcast for item in waiting] == [asked]


def test_who_moves_what_was_approved_and_asks_anew_does_not_approve_it(
    team: Team, both: User
) -> None:
    now = factories.now()
    later = now + timedelta(hours=2)
    broadcast = factories.make_broadcast(team, at_once=False, send_at=now + timedelta(hours=1))
    approving.ask_approval(broadcast, now=now)
    approving.approve(broadcast, both, shown=shown_of(broadcast), now=now)
    moving.move(broadcast, later, shown=None, by=both.pk, now=now)
    broadcast.refresh_from_db()
    approving.ask_approval(broadcast, by=both.pk, now=now)
    with pytest.raises(ApprovalError):
        approving.approve(broadcast, both, shown=shown_of(broadcast), now=now)
    approving.approve(broadcast, team.second, shown=shown_of(broadcast), now=now)


def test_each_time_of_a_series_knows_who_asked(team: Team, both: User, asked: Broadcast) -> None:
    sending = series._make_sending(asked, factories.now(), now=factories.now())
    assert not may_approve(both, sending)


@pytest.mark.database
def test_the_database_refuses_the_approval_of_who_asked(
    team: Team, both: User, asked: Broadcast
) -> None:
    with pytest.raises(DatabaseError, match="asked for"), transaction.atomic():
        make_row(asked, both)
    void = make_row(asked, both, void_at=factories.now())
    with pytest.raises(DatabaseError, match="asked for"), transaction.atomic():
        Approval.objects.filter(pk=void.pk).update(void_at=None)
    standing = make_row(asked, team.second)
    with pytest.raises(DatabaseError, match="asked for"), transaction.atomic():
        Broadcast.objects.filter(pk=asked.pk).update(asked_by=team.second)
    with pytest.raises(DatabaseError, match="asked for"), transaction.atomic():
        Broadcast.objects.filter(pk=asked.pk).update(asked_by=None)
    Approval.objects.filter(pk=standing.pk).update(void_at=factories.now())
    Broadcast.objects.filter(pk=asked.pk).update(asked_by=team.second)
    assert triggers.find_missing(connection) == []


@pytest.mark.postgres
def test_a_guard_of_before_is_made_anew_where_that_of_who_asked_is_missing(
    both: User, asked: Broadcast
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER approval_asker_other ON campaigns_broadcast")
        cursor.execute(
            "CREATE OR REPLACE FUNCTION campaigns_approval_two() RETURNS trigger "
            "LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
        )
    make_row(asked, both).delete()
    triggers.create(connection)
    with pytest.raises(DatabaseError, match="asked for"), transaction.atomic():
        make_row(asked, both)
