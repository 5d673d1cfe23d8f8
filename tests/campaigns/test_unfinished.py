"""A half-filled form is kept for the person who filled it: a few, for two weeks, until it is finished."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.drafting import unfinished
from campaigns.models import Broadcast, Unfinished
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.test_desk_preparing import PATH, fill

SignIn = Callable[[User], Client]


def keep(client: Client, form: dict[str, Any], **changes: Any) -> Any:
    return client.post(PATH, form | {"keep": "1"} | changes, follow=True)


def go_on(client: Client, form: dict[str, Any]) -> Any:
    return client.get(PATH, {"kept": form["form_token"]}, follow=True)


def test_a_half_filled_form_is_kept_as_it_is_and_gone_on_with(team: Team, sign_in: SignIn) -> None:
    client = sign_in(team.scheduler)
    form = fill(team, when="again", every="weekly", weekdays=["2", "5"], at="07:15", zone="UTC")
    form |= {"starts_on": "", "ends_on": "2031-02-03", "lasts_hours": "6", "channels": ["sms"]}
    form |= {"routes": [], "in_quiet_hours": "on", "first": "whatsapp", "number": "+9992160001"}
    page = keep(client, form).content.decode()
    assert "You find it in your list of broadcasts." in page
    assert f"{PATH}?kept={form['form_token']}" in page
    assert not Broadcast.objects.exists()
    kept = Unfinished.objects.get()
    # Only what the form asks for.
    assert "number" not in kept.fields
    shown = go_on(client, form).content.decode()
    for part in ('value="07:15"', 'value="2031-02-03"', 'name="lasts_hours" value="6"'):
        assert part in shown
    # Message, channel, first channel, again, Tuesday and Friday, quiet hours.
    assert shown.count(" checked") == 7
    assert f'value="{form["form_token"]}"' in shown


def test_finishing_it_makes_one_broadcast_and_ends_the_kept_one(
    team: Team, sign_in: SignIn
) -> None:
    client, form = sign_in(team.scheduler), fill(team)
    keep(client, form, message="")
    for _twice in range(2):
        client.post(PATH, form)
    assert Broadcast.objects.count() == 1
    assert not Unfinished.objects.exists()
    assert "not kept any more" in go_on(client, form).content.decode()


def test_the_same_form_is_kept_once_and_can_be_thrown_away(team: Team, sign_in: SignIn) -> None:
    client, form = sign_in(team.scheduler), fill(team, message="")
    page = [keep(client, form).content.decode() for _twice in range(2)][-1]
    assert page.count("no message chosen yet") == 1
    gone = {"form_token": form["form_token"], "discard": "1"}
    page = client.post(PATH, gone, follow=True).content.decode()
    assert "Begun and kept" not in page
    assert not Unfinished.objects.exists()


def test_what_one_person_keeps_is_nobody_elses(team: Team, sign_in: SignIn) -> None:
    form = fill(team)
    keep(sign_in(team.scheduler), form)
    colleague = factories.make_user("colleague")
    factories.join(colleague, team.partner, factories.Role.SCHEDULER)
    other = sign_in(colleague)
    assert "Begun and kept" not in other.get(reverse("desk")).content.decode()
    assert "not kept any more" in go_on(other, form).content.decode()
    other.post(PATH, {"form_token": form["form_token"], "discard": "1"})
    assert Unfinished.objects.count() == 1
    assert keep(sign_in(team.analyst), form).status_code == 403


def test_a_few_are_kept_and_no_more(team: Team, sign_in: SignIn) -> None:
    client = sign_in(team.scheduler)
    for _one in range(unfinished.MOST):
        keep(client, fill(team, form_token=str(uuid4())))
    form = fill(team, form_token=str(uuid4()), countries=["TN"])
    answer = keep(client, form)
    assert answer.status_code == 422
    assert "throw one away" in answer.content.decode()
    # What she has chosen stands there still.
    assert f'value="{form["form_token"]}"' in answer.content.decode()
    assert Unfinished.objects.count() == unfinished.MOST


def test_after_two_weeks_it_is_gone(team: Team, sign_in: SignIn) -> None:
    client, form = sign_in(team.scheduler), fill(team)
    keep(client, form)
    Unfinished.objects.update(kept_at=factories.now() - unfinished.LASTS - timedelta(hours=1))
    assert "not kept any more" in go_on(client, form).content.decode()
    assert unfinished.drop_old(now=factories.now()) == 1


@pytest.mark.parametrize("changes", [{"form_token": "x"}, {"at": "9" * 30_000}])
def test_what_is_no_form_of_ours_is_not_kept(
    team: Team, sign_in: SignIn, changes: dict[str, str]
) -> None:
    answer = keep(sign_in(team.scheduler), fill(team), **changes)
    assert answer.status_code == 422
    assert "cannot be kept" in answer.content.decode()
    assert not Unfinished.objects.exists()


@pytest.mark.parametrize("message", ["none", "-1", "٣", "9" * 40])
def test_a_message_that_cannot_be_does_not_break_the_list(
    team: Team, sign_in: SignIn, message: str
) -> None:
    page = keep(sign_in(team.scheduler), fill(team, message=message)).content.decode()
    assert "no message chosen yet" in page
