"""The morning round: what is due in a partner's countries, the oldest first; one tap counts at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.field import trying
from campaigns.models import AuditEntry, Partner
from cms.holding import may_be_given
from cms.models import ContactPoint, Review, TestResult
from tests.campaigns import factories
from tests.campaigns.factories import Team, now

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SignIn = Callable[[User], Client]
NOON = now().replace(hour=12, minute=0, second=0, microsecond=0)
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be noon, so that no day ends between what is made and what is asked."""
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def keys(points: Any) -> list[str]:
    return [point.key for point in points]


def plan(*countries: str) -> trying.Round:
    return trying.plan_round(countries, today=TODAY)


def tap(client: Client, point: ContactPoint, result: str) -> int:
    address = reverse("desk_round_note", args=[point.pk])
    return client.post(address, {"result": result}).status_code


@pytest.fixture
def points(team: Team) -> dict[str, ContactPoint]:
    """Return points of every age: never tried, tried long ago, lately, and found closed."""
    ago = {
        "K-new": (None, TestResult.UNTESTED),
        "K-old": (40, TestResult.REACHED),
        "K-fading": (25, TestResult.REACHED),
        "K-fresh": (3, TestResult.REACHED),
        "K-closed": (8, TestResult.CLOSED),
        "K-closed-lately": (2, TestResult.CLOSED),
    }
    return {
        key: factories.make_contact(
            key,
            result=result,
            last_tested_on=None if days is None else TODAY - timedelta(days=days),
        )
        for key, (days, result) in ago.items()
    }


def test_what_is_due_comes_oldest_first(points: dict[str, ContactPoint]) -> None:
    assert keys(plan().due) == ["K-new", "K-old", "K-fading", "K-closed"]


def test_what_is_not_live_or_leads_nowhere_is_not_tried(points: dict[str, ContactPoint]) -> None:
    ContactPoint.objects.filter(key="K-new").update(live=False)
    ContactPoint.objects.filter(key="K-old").update(number="", other="")
    assert keys(plan().due) == ["K-fading", "K-closed"]


def test_round_is_of_the_countries_a_partner_works_in(team: Team) -> None:
    factories.make_contact("K-tn", reach_from=["TN"])
    factories.make_contact("K-ly", reach_from=["LY"])
    factories.make_contact("K-all", reach_from=[])
    assert keys(plan("LY").due) == ["K-all", "K-ly"]
    assert keys(plan().due) == ["K-all", "K-ly", "K-tn"]
    here, anywhere = Partner(countries=["TN", "LY"]), Partner(countries=[])
    assert trying.countries_of([here]) == {"TN", "LY"}
    assert trying.countries_of([here, anywhere]) == set()


def test_ten_a_day_are_enough(team: Team, sign_in: SignIn) -> None:
    for serial in range(13):
        factories.make_contact(f"K-{serial:02}")
    today = plan()
    assert (len(today.due), today.later) == (10, 3)
    client = sign_in(team.scheduler)
    for point in today.due:
        assert tap(client, point, "reached") == 302
    after = plan()
    assert (len(after.due), after.later, len(after.done)) == (0, 3, 10)


def test_one_tap_counts_at_once_and_can_be_changed(
    points: dict[str, ContactPoint], team: Team, sign_in: SignIn
) -> None:
    client, point = sign_in(team.approver), points["K-old"]
    for _time in range(2):
        tap(client, point, "wrong")
    point.refresh_from_db()
    assert (point.result, point.last_tested_on) == (TestResult.WRONG, TODAY)
    assert not may_be_given(point, today=TODAY, rehearsal=False)
    assert Review.objects.count() == 1
    assert keys(plan().done) == ["K-old"]
    tap(client, point, "reached")
    point.refresh_from_db()
    assert point.result == TestResult.REACHED
    told = list(AuditEntry.objects.filter(kind="contact").values_list("object_code", "details"))
    assert ("K-old", {"result": "reached"}) in told


@pytest.mark.parametrize("key", ["2026-11-22", "20261122345", "Line 1", "ÉÀ/1", ""])
def test_key_that_the_audit_does_not_take_is_told_by_its_number(
    team: Team, sign_in: SignIn, key: str
) -> None:
    point = factories.make_contact("K-1")
    ContactPoint.objects.filter(pk=point.pk).update(key=key)
    assert tap(sign_in(team.approver), point, "reached") == 302
    point.refresh_from_db()
    assert (point.key, point.result) == (key, TestResult.REACHED)
    entry = AuditEntry.objects.get(kind="contact")
    assert entry.object_code == f"id-{point.pk}"


def test_only_planners_and_approvers_make_it_and_only_in_their_countries(
    points: dict[str, ContactPoint], team: Team, sign_in: SignIn
) -> None:
    point = points["K-old"]
    assert tap(sign_in(team.analyst), point, "reached") == 403
    assert sign_in(team.analyst).get(reverse("desk_round")).status_code == 403
    client = sign_in(team.scheduler)
    assert tap(client, point, "untested") == 302
    Partner.objects.update(countries=["LY"])
    assert tap(client, point, "reached") == 404
    point.refresh_from_db()
    assert point.last_tested_on != TODAY
    assert "K-old" not in client.get(reverse("desk_round")).content.decode()


def test_rehearsal_asks_nobody_to_dial(
    points: dict[str, ContactPoint], team: Team, sign_in: SignIn, settings: Any
) -> None:
    client = sign_in(team.scheduler)
    assert "tel:" not in client.get(reverse("desk_round")).content.decode()
    settings.REHEARSAL = False
    assert 'href="tel:1000"' in client.get(reverse("desk_round")).content.decode()
