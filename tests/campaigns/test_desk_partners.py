"""Pages of partners and campaigns: who reads, who changes, what is refused, and what is written down."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import (
    AuditEntry,
    Budget,
    Campaign,
    Invitation,
    Membership,
    Partner,
    Reservation,
)
from campaigns.staff import ADMINISTRATORS, LEADS, OFFICERS, STAFF
from cms.rights import Role as CmsRole
from tests.campaigns import factories
from tests.campaigns.factories import Role, Team, now

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
LIMITS: dict[str, Any] = {
    "name": "Blue Shield",
    "countries": ["TN", "LY"],
    "routes": ["cmed"],
    "languages": ["ar"],
    "people_a_broadcast": "500",
    "people_an_hour": "",
    "people_a_day": "1000",
}


def make_staff(group: str) -> User:
    user = factories.make_user("staff")
    user.groups.add(Group.objects.get_or_create(name=group)[0])
    return user


@pytest.fixture
def host(team: Team, sign_in: SignIn) -> Client:
    """Return the browser of an administrator."""
    return sign_in(make_staff(ADMINISTRATORS))


def page_of(partner: Partner, name: str = "desk_partner", *more: int) -> str:
    return reverse(name, args=[partner.pk, *more])


# ---- Partners ----------------------------------------------------------------------------------


def test_partner_is_added_with_limits_and_changed(host: Client) -> None:
    answer = host.post(reverse("desk_partner_new"), LIMITS)
    partner = Partner.objects.get(name="Blue Shield")
    assert answer["Location"] == page_of(partner)
    assert partner.countries == ["TN", "LY"]
    assert (partner.people_a_broadcast, partner.people_an_hour) == (500, None)
    page = host.get(page_of(partner)).content.decode()
    assert "Libya" in page
    assert "1,000" in page
    host.post(page_of(partner, "desk_partner_change"), LIMITS | {"countries": [], "routes": []})
    partner.refresh_from_db()
    assert (partner.countries, partner.routes) == ([], [])
    verbs = AuditEntry.objects.filter(kind="partner").values_list("verb", flat=True)
    assert sorted(verbs) == ["added", "changed"]


def test_name_that_is_taken_and_countries_that_are_none_are_refused(
    team: Team, host: Client
) -> None:
    for wrong in ({"name": team.partner.name}, {"countries": ["QQ"]}, {"people_a_day": "-1"}):
        assert host.post(reverse("desk_partner_new"), LIMITS | wrong).status_code == 422
    assert Partner.objects.count() == 1


@pytest.mark.parametrize("group", [LEADS, ADMINISTRATORS, OFFICERS])
def test_staff_see_all_partners_and_hosts_change_them(
    team: Team, sign_in: SignIn, group: str
) -> None:
    client, hosts = sign_in(make_staff(group)), group != OFFICERS
    assert team.partner.name in client.get(reverse("desk_partners")).content.decode()
    assert client.get(page_of(team.partner)).status_code == 200
    form = client.get(page_of(team.partner, "desk_partner_change"))
    assert form.status_code == (200 if hosts else 403)
    assert client.get(reverse("desk_partner_new")).status_code == (200 if hosts else 403)


def test_many_partners_are_listed_by_as_many_queries_as_few(team: Team, host: Client) -> None:
    asked = []
    for more in ("Blue Shield", "Green Line", "White Lamp"):
        Partner.objects.create(name=more, routes=["cmed"])
        with CaptureQueriesContext(connection) as queries:
            assert more in host.get(reverse("desk_partners")).content.decode()
        asked.append(len(queries))
    assert asked[0] == asked[-1]


def test_own_people_read_their_partner_and_change_nothing(team: Team, sign_in: SignIn) -> None:
    member = Membership.objects.get(user=team.second)
    for person in (team.scheduler, team.approver, team.analyst):
        client = sign_in(person)
        page = client.get(page_of(team.partner)).content.decode()
        assert team.second.email in page
        assert "<form" not in page.split("<main")[1]
        for path, data in (
            (page_of(team.partner, "desk_partner_change"), LIMITS),
            (page_of(team.partner, "desk_partner_invite"), {"email": "a@example.org"}),
            (page_of(team.partner, "desk_partner_budget"), {}),
            (page_of(team.partner, "desk_partner_end", member.pk), {}),
            (reverse("desk_partner_new"), LIMITS),
        ):
            assert client.post(path, data).status_code == 403
    assert Membership.objects.filter(pk=member.pk).exists()
    assert not Invitation.objects.exists()


# ---- Its people --------------------------------------------------------------------------------


def test_somebody_is_invited_and_the_invitation_taken_back(team: Team, host: Client) -> None:
    form = {"email": "New.Person@example.org", "role": "approver"}
    host.post(page_of(team.partner, "desk_partner_invite"), form)
    invitation = Invitation.objects.get()
    assert (invitation.partner, invitation.role) == (team.partner, "approver")
    assert len(mail.outbox) == 1
    assert "new.person@example.org" in host.get(page_of(team.partner)).content.decode()
    host.post(page_of(team.partner, "desk_partner_withdraw", invitation.pk))
    assert "new.person@example.org" not in host.get(page_of(team.partner)).content.decode()


@pytest.mark.parametrize(
    "form",
    [
        {"email": "nobody", "role": "approver"},
        {"email": "a@example.org", "role": "boss"},
        # It is her name to sign in with, too.
        {"email": f"a@{'b' * 60}.{'c' * 60}.{'d' * 30}.org", "role": "approver"},
    ],
)
def test_invitation_without_an_address_or_a_role_is_refused(
    team: Team, host: Client, form: dict[str, str]
) -> None:
    answer = host.post(page_of(team.partner, "desk_partner_invite"), form)
    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_nobody_changes_her_own_roles(team: Team, sign_in: SignIn) -> None:
    lead = make_staff(LEADS)
    factories.join(lead, team.partner, Role.ANALYST)
    client, mine = sign_in(lead), Membership.objects.get(user=lead)
    answer = client.post(
        page_of(team.partner, "desk_partner_invite"), {"email": lead.email, "role": "approver"}
    )
    assert "your own roles" in answer.content.decode()
    client.post(page_of(team.partner, "desk_partner_end", mine.pk))
    assert Membership.objects.filter(user=lead).count() == 1
    assert not Invitation.objects.exists()


def test_role_ends_at_once_and_twice_is_harmless(team: Team, host: Client, sign_in: SignIn) -> None:
    member = Membership.objects.get(user=team.analyst)
    client = sign_in(team.analyst)
    assert client.get(page_of(team.partner)).status_code == 200
    for _turn in range(2):
        answer = host.post(page_of(team.partner, "desk_partner_end", member.pk))
        assert answer.status_code == 302
    assert client.get(page_of(team.partner)).status_code == 404
    entry = AuditEntry.objects.get(kind="membership")
    assert (entry.verb, entry.details["role"]) == ("ended", "analyst")


def test_role_at_another_partner_does_not_end_from_here(team: Team, host: Client) -> None:
    other = factories.make_team("Another")
    theirs = Membership.objects.get(user=other.analyst)
    host.post(page_of(team.partner, "desk_partner_end", theirs.pk))
    assert Membership.objects.filter(pk=theirs.pk).exists()


# ---- Staff -------------------------------------------------------------------------------------


def test_administrator_names_staff_and_takes_the_role_again(host: Client, sign_in: SignIn) -> None:
    lead = make_staff(LEADS)
    page = host.get(reverse("desk_staff")).content.decode()
    assert lead.email in page
    host.post(reverse("desk_staff_invite"), {"email": "new@example.org", "role": OFFICERS})
    invitation = Invitation.objects.get()
    assert (invitation.group, invitation.partner) == (OFFICERS, None)
    host.post(reverse("desk_staff_withdraw", args=[invitation.pk]))
    assert "new@example.org" not in host.get(reverse("desk_staff")).content.decode()
    for _turn in range(2):
        host.post(reverse("desk_staff_end", args=[lead.pk]), {"group": LEADS})
    assert sign_in(lead).get(reverse("desk_safety")).status_code == 403
    assert AuditEntry.objects.filter(kind="staff", verb="ended").count() == 1


def test_no_administrator_changes_her_own_roles_or_other_groups(sign_in: SignIn) -> None:
    boss, other = make_staff(ADMINISTRATORS), make_staff("Editors")
    client = sign_in(boss)
    client.post(reverse("desk_staff_end", args=[boss.pk]), {"group": ADMINISTRATORS})
    client.post(reverse("desk_staff_end", args=[other.pk]), {"group": "Editors"})
    assert boss.groups.exists()
    assert other.groups.exists()
    for form in ({"email": boss.email, "role": LEADS}, {"email": "a@b.org", "role": "Editors"}):
        assert client.post(reverse("desk_staff_invite"), form).status_code == 422
    assert not Invitation.objects.exists()


def test_administrators_of_the_cms_are_none_of_the_desk(sign_in: SignIn) -> None:
    client = sign_in(make_staff(str(CmsRole.ADMINISTRATORS)))
    assert client.get(reverse("desk_staff")).status_code == 403
    assert set(CmsRole).isdisjoint(STAFF)


@pytest.mark.parametrize("group", [LEADS, OFFICERS])
def test_other_staff_do_not_name_staff(sign_in: SignIn, group: str) -> None:
    client, person = sign_in(make_staff(group)), make_staff(LEADS)
    assert client.get(reverse("desk_staff")).status_code == 403
    assert client.post(reverse("desk_staff_end", args=[person.pk])).status_code == 403
    assert client.post(reverse("desk_staff_invite"), {}).status_code == 403


# ---- Budgets -----------------------------------------------------------------------------------


def test_budget_is_set_changed_and_shown_with_what_is_reserved(team: Team, host: Client) -> None:
    form = {"country": "TN", "month": "2026-11", "amount": "1200.50", "currency": "USD"}
    path = page_of(team.partner, "desk_partner_budget")
    host.post(path, form)
    host.post(path, form | {"amount": "900"})
    budget = Budget.objects.get()
    assert budget.month == date(2026, 11, 1)
    assert budget.amount == 900
    broadcast = factories.make_broadcast(team, state="approved")
    Reservation.objects.create(budget=budget, broadcast=broadcast, amount=250, reserved_at=now())
    page = host.get(page_of(team.partner)).content.decode()
    assert "250.00" in page
    assert "650.00" in page
    for wrong in ({"month": "yesterday"}, {"amount": "-3"}, {"country": "QQ"}):
        assert host.post(path, form | wrong).status_code == 422


@pytest.mark.parametrize(
    ("amount", "currency", "noted"),
    [("1200.5", "USD", "USD1200.50"), ("1234567890.00", "EUR", "EUR1234567890.00")],
)
def test_amount_of_a_budget_is_in_the_audit(
    team: Team, host: Client, amount: str, currency: str, noted: str
) -> None:
    form = {"country": "TN", "month": "2026-11", "amount": amount, "currency": currency}
    host.post(page_of(team.partner, "desk_partner_budget"), form)
    entry = AuditEntry.objects.get(kind="budget")
    assert entry.details == {"country": "TN", "month": "2026-11", "granted": noted}
    assert entry.partner_id == team.partner.pk


# ---- Campaigns ---------------------------------------------------------------------------------


def campaign_form(team: Team, **changes: Any) -> dict[str, Any]:
    today = now().date()
    form = {
        "partner": team.partner.pk,
        "name": "Autumn",
        "objective": "Fewer people pay before they have asked.",
        "audience": "Young men in the harbour towns.",
        "routes": ["cmed"],
        "indicators": "Calls to the line\n\nVisits to the page",
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=30)).isoformat(),
        "holdout_percent": "10",
        "most_per_week": "",
        "quiet_from": "12:00",
        "quiet_until": "14:00",
    }
    return form | changes


def test_planner_makes_a_campaign_and_lets_it_begin(team: Team, sign_in: SignIn) -> None:
    client = sign_in(team.scheduler)
    client.post(reverse("desk_campaign_new"), campaign_form(team, objective="", ends_on=""))
    campaign = Campaign.objects.get()
    assert campaign.indicators == ["Calls to the line", "Visits to the page"]
    page = reverse("desk_campaign", args=[campaign.pk])
    assert "It cannot begin yet" in client.get(page).content.decode()
    client.post(reverse("desk_campaign_activate", args=[campaign.pk]))
    campaign.refresh_from_db()
    assert campaign.activated_at is None
    client.post(reverse("desk_campaign_change", args=[campaign.pk]), campaign_form(team))
    assert "Let it begin" in client.get(page).content.decode()
    client.post(reverse("desk_campaign_activate", args=[campaign.pk]))
    campaign.refresh_from_db()
    assert campaign.activated_by == team.scheduler
    # What has begun stays whole.
    answer = client.post(
        reverse("desk_campaign_change", args=[campaign.pk]), campaign_form(team, objective="")
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_on": "2020-01-01"},
        {"holdout_percent": "51"},
        {"most_per_week": "0"},
        {"most_per_week": "4"},
        {"quiet_until": ""},
        {"quiet_from": "01:00", "quiet_until": "23:00"},
        {"quiet_from": "12:00", "quiet_until": "12:00"},
        {"routes": []},
        {"partner": "0"},
    ],
)
def test_campaign_that_cannot_be_is_refused(
    team: Team, sign_in: SignIn, settings: Any, wrong: dict[str, Any]
) -> None:
    settings.MOST_PER_WEEK = 3
    client = sign_in(team.scheduler)
    answer = client.post(reverse("desk_campaign_new"), campaign_form(team, **wrong))
    assert answer.status_code == 422
    assert not Campaign.objects.exists()


def test_hold_out_is_fixed_on_the_page_once_something_was_sent(team: Team, sign_in: SignIn) -> None:
    client = sign_in(team.scheduler)
    client.post(reverse("desk_campaign_new"), campaign_form(team))
    campaign = Campaign.objects.get()
    factories.make_broadcast(team, campaign=campaign, state="launched")
    path = reverse("desk_campaign_change", args=[campaign.pk])
    assert "Fixed: something of it was sent" in client.get(path).content.decode()
    client.post(path, campaign_form(team, holdout_percent="40", name="Winter"))
    campaign.refresh_from_db()
    assert (campaign.holdout_percent, campaign.name) == (10, "Winter")


def test_only_planners_and_leads_make_campaigns(team: Team, sign_in: SignIn) -> None:
    other = factories.make_team("Another")
    for person, expected in (
        (team.approver, 403),
        (team.analyst, 403),
        (make_staff(OFFICERS), 403),
        (other.scheduler, 422),  # for her own partner only
        (make_staff(LEADS), 302),
    ):
        client = sign_in(person)
        answer = client.post(reverse("desk_campaign_new"), campaign_form(team))
        assert answer.status_code == expected, person
    assert Campaign.objects.count() == 1


def test_campaign_that_is_gone_cannot_be_changed(team: Team, sign_in: SignIn) -> None:
    campaign = Campaign.objects.create(
        partner=team.partner, name="Old", starts_on=date(2025, 1, 1), purged_at=now()
    )
    client = sign_in(team.scheduler)
    path = reverse("desk_campaign_change", args=[campaign.pk])
    assert client.post(path, campaign_form(team)).status_code == 403
    assert "gone" in client.get(reverse("desk_campaign", args=[campaign.pk])).content.decode()


def test_partner_of_a_campaign_is_not_changed(team: Team, sign_in: SignIn) -> None:
    lead = sign_in(make_staff(LEADS))
    lead.post(reverse("desk_campaign_new"), campaign_form(team))
    campaign = Campaign.objects.get()
    other = factories.make_team("Another").partner
    path = reverse("desk_campaign_change", args=[campaign.pk])
    lead.post(path, campaign_form(team, partner=other.pk))
    campaign.refresh_from_db()
    assert campaign.partner == team.partner
