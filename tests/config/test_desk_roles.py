"""Roles at the desk are given at the desk: whoever looks after content gives and takes none in the CMS."""

from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from campaigns.models import Membership
from campaigns.staff import ADMINISTRATORS, LEADS, STAFF, ensure_staff_groups
from cms.rights import Role
from tests.campaigns.factories import Team, make_team
from tests.cms.people import browser_of, make_person

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("page_root")]
USERS = "wagtailusers_users"
GROUPS = "wagtailusers_groups"
PASSWORD = "a-long-and-plain-word-77"


@pytest.fixture
def team() -> Team:
    ensure_staff_groups()
    return make_team()


@pytest.fixture
def administrator(team: Team) -> Client:  # the groups stand
    return browser_of(make_person("administrator", Role.ADMINISTRATORS))


@pytest.fixture
def lead(team: Team) -> User:  # the groups stand
    person = make_person("lead")
    person.groups.add(Group.objects.get(name=LEADS))
    return person


def fields(person: User, *groups: str, **more: str) -> dict[str, str | list[int]]:
    chosen = Group.objects.filter(name__in=groups)
    return {
        "username": person.username,
        "email": person.email,
        "first_name": "Given",
        "last_name": "Family",
        "is_active": "on",
        "groups": list(chosen.values_list("pk", flat=True)),
        **more,
    }


def press_for_several(browser: Client, action: str, *people: User, **sent: object) -> None:
    asked = urlencode([("id", person.pk) for person in people])
    browser.post(f"/cms/bulk/auth/user/{action}/?{asked}", sent)


def groups_of(person: User) -> set[str]:
    return set(person.groups.values_list("name", flat=True))


def test_nobody_who_looks_after_content_takes_or_gives_a_role_of_staff(
    administrator: Client,
) -> None:
    herself = User.objects.get(username="administrator")
    address = reverse(f"{USERS}:edit", args=[herself.pk])
    page = administrator.get(address).content.decode()
    assert Role.EDITORS in page
    assert not [name for name in STAFF if name in page]
    administrator.post(address, fields(herself, Role.ADMINISTRATORS, ADMINISTRATORS))
    administrator.post(address, fields(herself, Role.ADMINISTRATORS, Role.EDITORS))
    new = User(username="new", email="new@waymark.example")
    typed = {"password1": PASSWORD, "password2": PASSWORD}
    add = reverse(f"{USERS}:add")
    administrator.post(add, fields(new, *STAFF, **typed))
    assert not User.objects.filter(username="new").exists()
    administrator.post(add, fields(new, Role.EDITORS, **typed))
    assert groups_of(User.objects.get(username="new")) == {Role.EDITORS}
    assert groups_of(herself) == {Role.ADMINISTRATORS, Role.EDITORS}


def test_no_role_of_staff_is_given_to_several_at_once(administrator: Client) -> None:
    herself = User.objects.get(username="administrator")
    for name in (ADMINISTRATORS, Role.EDITORS):
        role = Group.objects.get(name=name).pk
        press_for_several(administrator, "assign_role", herself, role=role)
    assert groups_of(herself) == {Role.ADMINISTRATORS, Role.EDITORS}


def test_a_change_of_other_roles_leaves_those_of_staff(administrator: Client, lead: User) -> None:
    administrator.post(reverse(f"{USERS}:edit", args=[lead.pk]), fields(lead, Role.EDITORS))
    assert groups_of(lead) == {LEADS, Role.EDITORS}


def test_account_of_somebody_at_the_desk_is_not_taken_over(
    administrator: Client, lead: User, team: Team
) -> None:
    for person in (lead, team.approver):
        taken = {"email": "taken@waymark.example", "username": "taken"}
        typed = {"password1": PASSWORD, "password2": PASSWORD}
        address = reverse(f"{USERS}:edit", args=[person.pk])
        administrator.post(address, fields(person, Role.EDITORS) | taken | typed)
        after = User.objects.get(pk=person.pk)
        assert (after.email, after.username, after.password) == (
            person.email,
            person.username,
            person.password,
        )
        assert after.first_name == "Given"


def test_nobody_at_the_desk_is_deleted_in_the_cms(
    administrator: Client, lead: User, team: Team
) -> None:
    for person in (lead, team.approver):
        administrator.post(reverse(f"{USERS}:delete", args=[person.pk]))
    press_for_several(administrator, "delete", lead, team.analyst)
    assert User.objects.filter(pk__in=[lead.pk, team.approver.pk, team.analyst.pk]).count() == 3
    assert Membership.objects.filter(partner=team.partner).count() == 4
    leaver = make_person("leaver")
    administrator.post(reverse(f"{USERS}:delete", args=[leaver.pk]))
    assert not User.objects.filter(pk=leaver.pk).exists()


def test_no_group_becomes_one_of_staff_by_its_name(administrator: Client) -> None:
    group = Group.objects.get(name=LEADS)
    administrator.post(reverse(f"{GROUPS}:edit", args=[group.pk]), {"name": "Others"})
    administrator.post(reverse(f"{GROUPS}:delete", args=[group.pk]))
    assert Group.objects.get(name=LEADS) == group


def test_a_copy_of_an_account_makes_nobody_a_superuser(administrator: Client) -> None:
    herself = User.objects.get(username="administrator")
    typed = {"password1": PASSWORD, "password2": PASSWORD, "is_superuser": "on"}
    new = User(username="new", email="new@waymark.example")
    administrator.post(f"/cms/users/copy/{herself.pk}/", fields(new, *STAFF, **typed))
    assert not User.objects.filter(is_superuser=True).exists()


def test_superuser_repairs_the_account_of_somebody_at_the_desk(lead: User) -> None:
    mighty = browser_of(User.objects.create_superuser("mighty", "mighty@waymark.example"))
    address = reverse(f"{USERS}:edit", args=[lead.pk])
    mighty.post(address, fields(lead) | {"email": "right@waymark.example"})
    lead.refresh_from_db()
    assert lead.email == "right@waymark.example"
    assert groups_of(lead) == {LEADS}
