"""Who may make a person mighty: only somebody who is."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from cms.rights import Role
from tests.cms.people import browser_of, make_person

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("page_root")]
ADD = "wagtailusers_users:add"
EDIT = "wagtailusers_users:edit"


@pytest.fixture
def administrator() -> Client:
    return browser_of(make_person("administrator", Role.ADMINISTRATORS))


@pytest.fixture
def mighty() -> Client:
    return browser_of(User.objects.create_superuser("mighty", "mighty@waymark.example"))


def fields(name: str, **more: str) -> dict[str, str]:
    return {
        "username": name,
        "email": f"{name}@waymark.example",
        "first_name": "Given",
        "last_name": "Family",
        "password1": "a-long-and-plain-word-77",
        "password2": "a-long-and-plain-word-77",
        "is_active": "on",
        "is_superuser": "on",
        **more,
    }


def is_shut(page: Any) -> bool:
    found = re.search(r'<input[^>]*name="is_superuser"[^>]*>', page.content.decode())
    assert found is not None
    return "disabled" in found.group()


def test_administrator_makes_nobody_a_superuser(administrator: Client) -> None:
    other = make_person("other")
    address = reverse(EDIT, args=[other.pk])
    assert is_shut(administrator.get(address))
    assert administrator.post(address, fields("other")).status_code == 302
    other.refresh_from_db()
    assert (other.first_name, other.is_superuser) == ("Given", False)
    assert is_shut(administrator.get(reverse(ADD)))
    assert administrator.post(reverse(ADD), fields("new")).status_code == 302
    assert not User.objects.get(username="new").is_superuser


def test_administrator_does_not_take_over_a_superusers_account(
    administrator: Client, mighty: Client
) -> None:
    address = reverse(EDIT, args=[User.objects.get(username="mighty").pk])
    administrator.get(address)
    administrator.post(address, fields("mighty", email="taken@waymark.example"))
    assert User.objects.get(username="mighty").email == "mighty@waymark.example"


def test_superuser_makes_another_one(mighty: Client) -> None:
    other = make_person("other")
    address = reverse(EDIT, args=[other.pk])
    assert not is_shut(mighty.get(address))
    mighty.post(address, fields("other"))
    other.refresh_from_db()
    assert other.is_superuser
