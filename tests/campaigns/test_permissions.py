"""Who may see and do what: partners are kept apart, and nobody approves her own."""

import pytest
from django.contrib.auth.models import AnonymousUser, User

from campaigns.models import Broadcast
from campaigns.permissions import (
    Person,
    may_approve,
    may_schedule,
    may_steer,
    partners_of,
    visible_to,
)
from tests.campaigns import factories
from tests.campaigns.factories import Role, Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours() -> Team:
    return factories.make_team("Ours")


@pytest.fixture
def theirs() -> Team:
    return factories.make_team("Theirs")


@pytest.fixture
def broadcast(ours: Team) -> Broadcast:
    return factories.make_broadcast(ours)


def outsiders(theirs: Team) -> list[Person]:
    boss = User.objects.create_superuser("boss", "boss@example.org", None)
    return [
        theirs.scheduler,
        theirs.approver,
        theirs.analyst,
        factories.make_user("stranger"),
        boss,  # runs the machine, works for no partner
        AnonymousUser(),
        User(username="unsaved"),
    ]


def test_everybody_sees_the_broadcasts_of_her_own_partner_alone(
    ours: Team, theirs: Team, broadcast: Broadcast
) -> None:
    factories.make_broadcast(theirs)
    for user in (ours.scheduler, ours.approver, ours.analyst):
        assert list(visible_to(user)) == [broadcast]


def test_nobody_from_outside_may_see_or_do_anything(
    ours: Team, theirs: Team, broadcast: Broadcast
) -> None:
    for person in outsiders(theirs):
        assert broadcast not in visible_to(person)
        assert not may_schedule(person, ours.partner)
        assert not may_approve(person, broadcast)
        assert not may_steer(person, broadcast)


@pytest.mark.parametrize(
    ("role", "schedules", "approves", "steers"),
    [
        (Role.SCHEDULER, True, False, True),
        (Role.APPROVER, False, True, True),
        (Role.ANALYST, False, False, False),
    ],
)
def test_each_role_may_do_its_own_part(
    ours: Team, broadcast: Broadcast, role: Role, schedules: bool, approves: bool, steers: bool
) -> None:
    user = factories.make_user("colleague")
    factories.join(user, ours.partner, role)
    assert may_schedule(user, ours.partner) == schedules
    assert may_approve(user, broadcast) == approves
    assert may_steer(user, broadcast) == steers


def test_author_may_never_approve_her_own_in_whatever_roles(
    ours: Team, broadcast: Broadcast
) -> None:
    factories.join(ours.scheduler, ours.partner, Role.APPROVER)
    assert not may_approve(ours.scheduler, broadcast)
    # What a colleague prepared she may.
    other = factories.make_broadcast(ours, author=ours.approver)
    assert may_approve(ours.scheduler, other)
    assert not may_approve(ours.approver, other)


def test_role_at_one_partner_says_nothing_at_another(
    ours: Team, theirs: Team, broadcast: Broadcast
) -> None:
    factories.join(theirs.approver, ours.partner, Role.ANALYST)
    assert broadcast in visible_to(theirs.approver)
    assert not may_approve(theirs.approver, broadcast)
    assert not may_steer(theirs.approver, broadcast)


def test_partners_are_told_by_role(ours: Team, theirs: Team) -> None:
    factories.join(ours.scheduler, theirs.partner, Role.ANALYST)

    assert set(partners_of(ours.scheduler)) == {ours.partner, theirs.partner}
    assert set(partners_of(ours.scheduler, Role.SCHEDULER)) == {ours.partner}
    assert set(partners_of(ours.scheduler, Role.APPROVER, Role.ANALYST)) == {theirs.partner}
