"""Sessions face to face: heads by sex and age band, once for each form, of one's own partners only."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.drafting.preparing import make_token
from campaigns.field.outreach import read_heads
from campaigns.models import AuditEntry, Campaign, OutreachSession
from tests.campaigns import factories
from tests.campaigns.factories import Team, now

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SignIn = Callable[[User], Client]
NOON = now().replace(hour=12, minute=0, second=0, microsecond=0)
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be noon, so that no day ends between what is written and when it is judged."""
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def make_form(team: Team, **changes: Any) -> dict[str, Any]:
    form = {
        "form_token": make_token(),
        "partner": team.partner.pk,
        "country": "TN",
        "routes": ["cmed"],
        "held_on": TODAY.isoformat(),
        "female_18_24": "12",
        "male_25_plus": "7",
        "unknown_unknown": "",
    }
    return form | changes


def add(client: Client, form: dict[str, Any]) -> Any:
    return client.post(reverse("desk_session_new"), form)


def test_session_is_written_down_once(team: Team, sign_in: SignIn) -> None:
    client, form = sign_in(team.scheduler), make_form(team)
    assert [add(client, form).status_code for _time in range(2)] == [302, 302]
    session = OutreachSession.objects.get()
    assert (session.partner, session.country, session.routes) == (team.partner, "TN", ["cmed"])
    assert read_heads(session) == {("female", "18_24"): 12, ("male", "25_plus"): 7}
    entry = AuditEntry.objects.get(kind="session")
    assert (entry.verb, entry.details) == ("added", {"heads": 19})
    assert "19 people met" in client.get(reverse("desk_sessions")).content.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"female_18_24": "", "male_25_plus": "0"},
        {"female_18_24": "-1"},
        {"female_18_24": "10001"},
        {"held_on": (TODAY + timedelta(days=2)).isoformat()},
        {"held_on": (TODAY - timedelta(days=400)).isoformat()},
        {"country": ""},
        {"country": "XX"},
        {"routes": ["nowhere"]},
        {"form_token": "x"},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_and_kept(
    team: Team, sign_in: SignIn, change: dict[str, Any]
) -> None:
    answer = add(sign_in(team.scheduler), make_form(team, **change))
    assert answer.status_code == 422
    assert not OutreachSession.objects.exists()


def test_session_is_put_right_and_stays_with_its_partner(team: Team, sign_in: SignIn) -> None:
    client = sign_in(team.scheduler)
    add(client, make_form(team))
    session = OutreachSession.objects.get()
    other = factories.make_team("Another")
    address = reverse("desk_session", args=[session.code])
    assert 'value="12"' in client.get(address).content.decode()
    changed = make_form(team, partner=other.partner.pk, female_18_24="", male_25_plus="8")
    assert client.post(address, changed).status_code == 302
    session.refresh_from_db()
    assert (session.partner, read_heads(session)) == (team.partner, {("male", "25_plus"): 8})


def test_another_partner_sees_and_adds_nothing_here(team: Team, sign_in: SignIn) -> None:
    add(sign_in(team.scheduler), make_form(team))
    session, other = OutreachSession.objects.get(), factories.make_team("Another")
    address = reverse("desk_session", args=[session.code])
    theirs = sign_in(other.scheduler)
    assert theirs.get(address).status_code == theirs.post(address, {}).status_code == 404
    assert "19 people" not in theirs.get(reverse("desk_sessions")).content.decode()
    assert add(theirs, make_form(team)).status_code == 422
    assert OutreachSession.objects.count() == 1


def test_campaign_of_another_partner_is_refused(team: Team, sign_in: SignIn) -> None:
    other = factories.make_team("Another")
    theirs = Campaign.objects.create(partner=other.partner, name="Autumn", starts_on=TODAY)
    factories.join(team.scheduler, other.partner, factories.Role.SCHEDULER)
    form = make_form(team, campaign=theirs.pk)
    assert add(sign_in(team.scheduler), form).status_code == 422


def test_analyst_reads_and_writes_nothing(team: Team, sign_in: SignIn) -> None:
    add(sign_in(team.scheduler), make_form(team))
    client, session = sign_in(team.analyst), OutreachSession.objects.get()
    assert "19 people met" in client.get(reverse("desk_sessions")).content.decode()
    assert add(client, make_form(team)).status_code == 403
    assert client.get(reverse("desk_session", args=[session.code])).status_code == 403


def test_form_of_somebody_else_is_not_taken_over(team: Team, sign_in: SignIn) -> None:
    form = make_form(team)
    add(sign_in(team.scheduler), form)
    assert add(sign_in(team.approver), form).status_code == 422
    assert OutreachSession.objects.count() == 1
