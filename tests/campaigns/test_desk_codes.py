"""The page of providers' codes: what nobody knows comes first, and a programme lead explains it."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from campaigns.staff import LEADS
from messaging.models import ProviderCode
from messaging.providers.twilio_answers import settle_reason
from tests.campaigns import factories

pytestmark = [pytest.mark.django_db]
SignIn = Callable[[User], Client]


@pytest.fixture
def lead(sign_in: SignIn) -> Client:
    user = factories.make_user("lead")
    user.groups.add(Group.objects.get_or_create(name=LEADS)[0])
    return sign_in(user)


def page_of(client: Client, **query: str) -> str:
    return client.get(reverse("desk_codes"), query).content.decode()


def test_codes_are_shown_by_provider(lead: Client) -> None:
    assert "30007" in page_of(lead)
    assert "131049" not in page_of(lead)
    assert "131049" in page_of(lead, provider="meta")
    assert "30007" in page_of(lead, provider="pigeon")


def test_a_code_that_nobody_has_explained_comes_first_and_can_be_explained(lead: Client) -> None:
    row = ProviderCode.objects.create(provider="twilio", code="99999", reason="unrecognised")
    page = page_of(lead, provider="meta")
    assert page.index("99999") < page.index("131050")
    form = {"reason": "filtered", "note": "seen in autumn", "provider": "meta", "code": "1"}
    answer = lead.post(reverse("desk_code", args=[row.pk]), form)
    assert answer.status_code == 302
    row.refresh_from_db()
    # Whose code it is stays, whatever a browser says.
    assert (row.provider, row.code, row.reason, row.shipped) == (
        "twilio",
        "99999",
        "filtered",
        False,
    )
    assert settle_reason("99999") == "filtered"


def test_a_new_code_is_added(lead: Client) -> None:
    form = {"provider": "aws", "code": "NewException ODD_REASON", "reason": "temporary", "note": ""}
    assert lead.post(reverse("desk_code_new"), form).status_code == 302
    assert ProviderCode.objects.get(code="NewException ODD_REASON").reason == "temporary"


@pytest.mark.parametrize(
    "wrong",
    [{"code": ""}, {"code": "a\nb"}, {"code": "ö"}, {"provider": "x"}, {"reason": "unrecognised"}],
)
def test_what_cannot_be_is_refused_and_kept_in_the_form(
    lead: Client, wrong: dict[str, str]
) -> None:
    form = {"provider": "aws", "code": "Odd", "reason": "temporary", "note": "a note"} | wrong
    answer = lead.post(reverse("desk_code_new"), form)
    assert answer.status_code == 422
    assert "a note" in answer.content.decode()
    assert not ProviderCode.objects.filter(note="a note").exists()
