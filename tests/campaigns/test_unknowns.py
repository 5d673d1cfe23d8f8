"""What stayed unknown: staff see it; a lead sends again what is provably missing, or leaves it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import AuditEntry, Broadcast
from campaigns.staff import LEADS, OFFICERS
from messaging.models import Absence, Delivery
from messaging.states import State
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.messaging.factories import make_batch, set_state

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
PEOPLE = 12


@pytest.fixture
def broadcast(team: Team) -> Broadcast:
    """Return one of which nobody knows anything, and of which the provider's list shows nothing."""
    broadcast = factories.make_broadcast(team, state=Broadcast.State.LAUNCHED)
    make_batch(broadcast.reference, people=PEOPLE)
    now = timezone.now()
    for row in Delivery.objects.all():
        set_state(row, State.UNKNOWN)
        Absence.objects.create(
            delivery=row, attempt=row.attempts, first_at=now - timedelta(minutes=11), proven_at=now
        )
    return broadcast


@pytest.fixture
def lead(team: Team, sign_in: SignIn) -> Client:
    return sign_in(make_staff(LEADS))


def make_staff(group: str) -> User:
    user = factories.make_user("staff")
    user.groups.add(Group.objects.get_or_create(name=group)[0])
    return user


def look(client: Client) -> str:
    return client.get(reverse("desk_unknown")).content.decode()


def press(client: Client, name: str, broadcast: Broadcast, **form: str) -> str:
    path = reverse(name, args=[broadcast.code])
    return client.post(path, form, follow=True).content.decode()


def count(state: State) -> int:
    return Delivery.objects.filter(state=state).count()


def last_deed() -> tuple[str, str, dict[str, int | str]]:
    entry = AuditEntry.objects.order_by("-number")[0]
    return entry.verb, entry.object_code, entry.details


def test_page_says_how_many_of_which_broadcast_and_what_it_means(
    broadcast: Broadcast, lead: Client
) -> None:
    page = look(lead)
    for said in (
        "so that nobody gets a message twice",
        broadcast.code,
        "about 10",
        "to be decided",
    ):
        assert said in page, said


def test_lead_sends_what_is_missing_only_when_she_means_it(
    broadcast: Broadcast, lead: Client
) -> None:
    assert "Tick the box first" in press(lead, "desk_unknown_again", broadcast)
    assert count(State.UNKNOWN) == PEOPLE
    assert "They go out now" in press(lead, "desk_unknown_again", broadcast, sure="yes")
    assert count(State.PLANNED) == PEOPLE
    assert last_deed() == ("planned_again", broadcast.code, {"people": PEOPLE})
    page = press(lead, "desk_unknown_again", broadcast, sure="yes")
    assert "Nothing of it is provably missing any more" in page
    assert "Nothing is unknown" in page


def test_what_is_not_in_doubt_any_more_is_not_sent(broadcast: Broadcast, lead: Client) -> None:
    Absence.objects.update(proven_at=None)
    page = look(lead)
    assert "being looked up" in page
    assert reverse("desk_unknown_again", args=[broadcast.code]) not in page
    press(lead, "desk_unknown_again", broadcast, sure="yes")
    assert count(State.UNKNOWN) == PEOPLE
    assert not AuditEntry.objects.filter(verb="planned_again").exists()


def test_lead_leaves_it_for_good(broadcast: Broadcast, lead: Client) -> None:
    assert "Left as unknown" in press(lead, "desk_unknown_leave", broadcast)
    assert last_deed() == ("left_unknown", broadcast.code, {"people": PEOPLE})
    page = look(lead)
    assert "stays unknown" in page
    assert reverse("desk_unknown_leave", args=[broadcast.code]) not in page
    press(lead, "desk_unknown_again", broadcast, sure="yes")
    assert count(State.UNKNOWN) == PEOPLE


def test_officer_sees_it_and_a_lead_decides(broadcast: Broadcast, sign_in: SignIn) -> None:
    officer = sign_in(make_staff(OFFICERS))
    assert "A programme lead decides" in look(officer)
    for name in ("desk_unknown_again", "desk_unknown_leave"):
        path = reverse(name, args=[broadcast.code])
        assert path not in look(officer)
        assert officer.post(path, {"sure": "yes"}).status_code == 403
    assert Delivery.objects.filter(state=State.UNKNOWN, settled_at__isnull=True).count() == PEOPLE
