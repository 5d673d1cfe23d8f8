"""What stayed unknown: staff see it; a lead sends again what is provably missing, or leaves it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.going_out import launching
from campaigns.models import AuditEntry, Broadcast, Budget, Campaign, Partner
from campaigns.staff import LEADS, OFFICERS
from messaging.models import Absence, Batch, Delivery, Template
from messaging.sending import batches
from messaging.states import State
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.messaging.factories import set_state

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
PEOPLE = 12


@pytest.fixture
def broadcast(team: Team) -> Broadcast:
    """Return one of which nobody knows anything, and of which the provider's list shows nothing."""
    broadcast = factories.make_broadcast(team)
    now = timezone.now()
    factories.approve(team, broadcast, at=now)
    assert factories.tick(now) == 1
    for row in Delivery.objects.all():
        set_state(row, State.UNKNOWN)
        Absence.objects.create(
            delivery=row, attempt=row.attempts, first_at=now - timedelta(minutes=11), proven_at=now
        )
    assert batches.finish_done(now=now) == 1
    return Broadcast.objects.get(pk=broadcast.pk)


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


# ---- What may not go out any more ----------------------------------------------------------------


def correct(broadcast: Broadcast) -> None:
    factories.publish_again(broadcast.message, sms_text="Another number: {link}")


def end_campaign(broadcast: Broadcast) -> None:
    today = timezone.now().date()
    campaign = Campaign.objects.create(
        partner=broadcast.partner,
        name="Winter",
        starts_on=today - timedelta(days=9),
        ends_on=today - timedelta(days=2),
    )
    Broadcast.objects.filter(pk=broadcast.pk).update(campaign=campaign)


def lower_limit(broadcast: Broadcast) -> None:
    Partner.objects.filter(pk=broadcast.partner_id).update(people_an_hour=PEOPLE - 1)


def lower_budget(broadcast: Broadcast) -> None:
    month = Batch.objects.get().created_at.date().replace(day=1)
    Budget.objects.create(partner=broadcast.partner, country="TN", month=month, amount="0.99")


def take_back_wording(_broadcast: Broadcast) -> None:
    Template.objects.update(state=Template.State.REJECTED)


@pytest.mark.database
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (correct, "put right since it was sent"),
        (end_campaign, "Winter"),
        (lower_limit, "more people in an hour"),
        (lower_budget, "Tunisia"),
        (take_back_wording, "WhatsApp refused this wording"),
    ],
)
def test_what_may_not_go_out_now_is_not_sent_after_all(
    broadcast: Broadcast, lead: Client, spoil: Callable[[Broadcast], None], said: str
) -> None:
    spoil(broadcast)
    page = press(lead, "desk_unknown_again", broadcast, sure="yes")
    assert "It cannot go on now." in page
    assert said in page
    assert count(State.UNKNOWN) == PEOPLE
    # The proof is not spent: once it is put right, she may decide.
    assert not Absence.objects.filter(decided_at__isnull=False).exists()
    assert not AuditEntry.objects.filter(verb="planned_again").exists()


def test_limits_and_budget_that_it_fits_into_let_it_go_out(
    broadcast: Broadcast, lead: Client
) -> None:
    Partner.objects.filter(pk=broadcast.partner_id).update(people_an_hour=PEOPLE)
    lower_budget(broadcast)
    Budget.objects.update(amount="1.20")
    assert "They go out now" in press(lead, "desk_unknown_again", broadcast, sure="yes")
    assert count(State.PLANNED) == PEOPLE


@pytest.mark.database
def test_finished_one_that_may_still_be_sent_is_held_once_it_is_corrected(
    broadcast: Broadcast, lead: Client
) -> None:
    assert launching.hold_stale(now=timezone.now()) == 0
    correct(broadcast)
    assert launching.hold_stale(now=timezone.now()) == 1
    assert launching.hold_stale(now=timezone.now()) == 0
    assert reverse("desk_unknown_again", args=[broadcast.code]) not in look(lead)


def test_finished_one_of_which_all_is_settled_is_not_judged_again(broadcast: Broadcast) -> None:
    Delivery.objects.update(settled_at=timezone.now())
    correct(broadcast)
    assert launching.hold_stale(now=timezone.now()) == 0
