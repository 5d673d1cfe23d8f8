"""Saved audiences: a sentence, about how many people, and no way to find somebody by narrowing."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.models import AuditEntry, Segment
from campaigns.reckoning.segmenting import (
    Rule,
    count_alike,
    find_segment,
    read_rule,
    save_segment,
)
from messaging.models import Subscriber
from tests.campaigns import factories
from tests.campaigns.factories import Team

SignIn = Callable[[User], Client]
RULE = Rule(routes=("cmed",), channels=("sms",))
pytestmark = pytest.mark.django_db


def fill(team: Team, **changes: Any) -> dict[str, Any]:
    given = {
        "name": "By the sea",
        "partner": team.partner.pk,
        "routes": ["cmed"],
        "channels": ["sms"],
        "countries": ["TN"],
        "languages": ["fr"],
        "not_reached_days": "14",
    }
    return given | changes


def test_a_rule_is_saved_under_a_name_and_shown_as_a_sentence_with_a_rounded_number(
    team: Team, sign_in: SignIn
) -> None:
    factories.subscribe(23, language="fr")
    client = sign_in(team.scheduler)
    page = client.post(reverse("desk_segment_new"), fill(team), follow=True)
    segment = Segment.objects.get(is_saved=True)
    assert (segment.countries, segment.languages, segment.not_reached_days) == (["TN"], ["fr"], 14)
    text = page.content.decode()
    assert "CMED · in Tunisia · français · not reached for 14 days · SMS" in text.replace(
        "Français", "français"
    )
    assert "about 20" in text
    listed = client.get(reverse("desk_segments")).content.decode()
    assert "By the sea" in listed


def test_months_are_kept_as_their_first_and_last_day_and_shown_again(
    team: Team, sign_in: SignIn
) -> None:
    client, today = sign_in(team.scheduler), factories.now().date()
    month = today.replace(day=1)
    form = fill(team, joined_from=month.isoformat(), joined_until=month.isoformat())
    client.post(reverse("desk_segment_new"), form)
    segment = Segment.objects.get(is_saved=True)
    assert segment.joined_from == month
    assert segment.joined_until is not None
    assert (segment.joined_until + timedelta(days=1)).day == 1
    shown = client.get(reverse("desk_segment", args=[segment.pk])).context["form"]
    assert shown["joined_until"].value() == month.isoformat()


@pytest.mark.parametrize(
    "change", [{"joined_from": "2026-11-05"}, {"not_reached_days": "8"}, {"routes": []}]
)
def test_no_rule_may_be_finer_than_what_is_offered(
    team: Team, sign_in: SignIn, change: dict[str, Any]
) -> None:
    answer = sign_in(team.scheduler).post(reverse("desk_segment_new"), fill(team, **change))
    assert answer.status_code == 422
    assert not Segment.objects.exists()


def test_fewer_than_ten_people_are_not_told_apart(team: Team, sign_in: SignIn) -> None:
    segment = save_segment(team.partner, "Few", Rule(("cmed",), ("sms",), ("SN",)), segment=None)
    factories.subscribe(3, country="SN")
    Subscriber.objects.filter(country="TN").delete()
    page = sign_in(team.analyst).get(reverse("desk_segment", args=[segment.pk]))
    assert "fewer than 10" in page.content.decode()


def test_rules_that_differ_by_a_few_people_show_the_same_number(team: Team) -> None:
    factories.subscribe(28, language="fr")
    factories.subscribe(4, country="SN", language="fr")
    wide = Rule(("cmed",), ("sms",))
    assert count_alike(wide) == 44
    # Forty of the forty-four: the four who are left out would show.
    assert count_alike(Rule(("cmed",), ("sms",), ("TN",))) == 44
    assert count_alike(Rule(("cmed",), ("sms",), ("TN",), ("fr",))) == 32
    first = factories.now().date().replace(day=1)
    last = Rule(("cmed",), ("sms",), joined_from=first, not_reached_days=7)
    assert count_alike(last) == 44
    assert count_alike(Rule(("cmed",), ("sms",), joined_until=first - timedelta(days=1))) == 0


def test_a_name_is_taken_once_for_each_partner(team: Team, sign_in: SignIn) -> None:
    client = sign_in(team.scheduler)
    client.post(reverse("desk_segment_new"), fill(team))
    answer = client.post(reverse("desk_segment_new"), fill(team))
    assert "already" in answer.context["form"].errors["name"][0]
    save_segment(factories.make_team("Another").partner, "By the sea", RULE, segment=None)
    assert Segment.objects.count() == 2


def test_a_change_of_a_saved_one_changes_no_broadcast(team: Team) -> None:
    saved = save_segment(team.partner, "All", RULE, segment=None)
    used = find_segment(team.partner, RULE)
    assert used != saved
    assert find_segment(team.partner, RULE) == used
    save_segment(team.partner, "All", Rule(("cmed",), ("whatsapp",)), segment=saved)
    used.refresh_from_db()
    assert used.channels == ["sms"]


def test_one_is_taken_away_and_what_was_made_with_it_stays(team: Team, sign_in: SignIn) -> None:
    saved = save_segment(team.partner, "All", RULE, segment=None)
    factories.make_broadcast(team, segment=saved)
    client = sign_in(team.scheduler)
    client.post(reverse("desk_segment_remove", args=[saved.pk]))
    saved.refresh_from_db()
    assert not saved.is_saved
    assert client.get(reverse("desk_segment", args=[saved.pk])).status_code == 404
    other = save_segment(team.partner, "All", RULE, segment=None)
    client.post(reverse("desk_segment_remove", args=[other.pk]))
    assert not Segment.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize("is_used", [False, True])
def test_one_that_was_taken_away_is_kept_after_all(
    team: Team, sign_in: SignIn, is_used: bool
) -> None:
    rule = Rule(("cmed",), ("sms",), languages=("fr",), joined_from=date(2026, 1, 1))
    saved = save_segment(team.partner, "All", rule, segment=None)
    broadcast = factories.make_broadcast(team, segment=saved) if is_used else None
    client = sign_in(team.scheduler)
    page = client.post(reverse("desk_segment_remove", args=[saved.pk]), follow=True)
    assert "Keep it after all" in page.content.decode()
    client.post(reverse("desk_segment_keep"))
    page = client.post(reverse("desk_segment_keep"), follow=True)
    assert "Keep it after all" not in page.content.decode()
    kept = Segment.objects.get(is_saved=True)
    assert (kept.partner, kept.name, read_rule(kept)) == (team.partner, "All", rule)
    # What a broadcast was prepared with is another one still, which nobody changes.
    if broadcast is not None:
        broadcast.refresh_from_db()
        assert broadcast.segment_id == saved.pk != kept.pk
    written = AuditEntry.objects.filter(kind="segment", verb="saved")
    assert [one.object_code for one in written] == [str(kept.pk)]


def test_one_that_was_taken_away_is_kept_by_nobody_else_and_under_no_taken_name(
    team: Team, sign_in: SignIn
) -> None:
    saved = save_segment(team.partner, "All", RULE, segment=None)
    client = sign_in(team.scheduler)
    client.post(reverse("desk_segment_remove", args=[saved.pk]))
    another = sign_in(team.second)
    assert "Keep it after all" not in another.get(reverse("desk_segments")).content.decode()
    another.post(reverse("desk_segment_keep"))
    assert not Segment.objects.filter(is_saved=True).exists()
    save_segment(team.partner, "All", RULE, segment=None)
    page = client.post(reverse("desk_segment_keep"), follow=True).content.decode()
    assert "There is one of this name already." in page
    assert "Keep it after all" in page
    team.scheduler.memberships.all().delete()
    assert "Keep it" not in client.get(reverse("desk_segments")).content.decode()
    assert client.post(reverse("desk_segment_keep")).status_code == 403
    assert Segment.objects.count() == 1


def test_only_who_plans_changes_one(team: Team, sign_in: SignIn) -> None:
    saved = save_segment(team.partner, "All", RULE, segment=None)
    for user in (team.analyst, team.approver):
        client = sign_in(user)
        path = reverse("desk_segment", args=[saved.pk])
        assert b"<fieldset" not in client.get(path).content
        assert client.post(path, fill(team)).status_code == 403
        assert client.post(reverse("desk_segment_remove", args=[saved.pk])).status_code == 403
        assert client.get(reverse("desk_segment_new")).status_code == 403
    assert Segment.objects.get().name == "All"


def test_who_saw_a_number_is_written_down_once_in_a_while(team: Team, sign_in: SignIn) -> None:
    saved = save_segment(team.partner, "All", RULE, segment=None)
    client = sign_in(team.analyst)
    for _look in range(2):
        client.get(reverse("desk_segment", args=[saved.pk]))
    (entry,) = AuditEntry.objects.filter(verb="saw_count", kind="segment")
    assert (entry.actor_id, entry.partner_id) == (team.analyst.pk, team.partner.pk)


def test_a_rule_of_days_comes_back_as_it_was(team: Team) -> None:
    rule = Rule(("cmed",), ("sms",), joined_from=date(2026, 1, 1), not_reached_days=30)
    segment = find_segment(team.partner, rule)
    segment.refresh_from_db()
    assert find_segment(team.partner, rule) == segment
    assert segment.audience.joined_from == date(2026, 1, 1)
    assert segment.as_data()["joined_from"] == "2026-01-01"
