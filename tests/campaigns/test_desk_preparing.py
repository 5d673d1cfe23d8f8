"""Preparing at the desk: one form makes one draft; what is held back cannot be picked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.drafting import preparing
from campaigns.models import Broadcast, Segment
from cms.models import Sensitivity
from messaging.providers.memory import Memory
from messaging.wire import NotAccepted
from tests.campaigns import factories
from tests.campaigns.factories import Team

SignIn = Callable[[User], Client]
PATH = "/desk/broadcasts/new/"


def fill(team: Team, **changes: Any) -> dict[str, Any]:
    """Return the form as a browser would send it."""
    form = {
        "form_token": "0f0e0d0c-0b0a-4909-8807-060504030201",
        "partner": team.partner.pk,
        "routes": ["cmed"],
        "channels": ["sms", "whatsapp"],
        "when": "at_once",
    }
    form |= changes
    if "message" not in form:
        form["message"] = factories.make_message().pk
    return form


def test_form_makes_a_draft_with_its_texts_frozen(team: Team, sign_in: SignIn) -> None:
    answer = sign_in(team.scheduler).post(PATH, fill(team, in_quiet_hours="on"))
    broadcast = Broadcast.objects.get()
    assert answer["Location"] == reverse("desk_broadcast", args=[broadcast.code])
    assert (broadcast.author, broadcast.partner) == (team.scheduler, team.partner)
    assert broadcast.state == Broadcast.State.DRAFT
    assert broadcast.at_once
    assert broadcast.in_quiet_hours
    assert {edition.channel for edition in broadcast.editions.all()} == {"sms", "whatsapp"}


def test_form_posted_twice_makes_one_broadcast(team: Team, sign_in: SignIn) -> None:
    client, form = sign_in(team.scheduler), fill(team)
    first, second = client.post(PATH, form), client.post(PATH, form)
    assert Broadcast.objects.count() == 1
    assert first["Location"] == second["Location"]


@pytest.mark.parametrize(
    "change",
    [{"countries": ["ML"]}, {"first": "whatsapp"}, {"in_quiet_hours": "on"}, {"when": "again"}],
    ids=lambda change: next(iter(change)),
)
def test_form_changed_after_going_back_makes_another_draft_and_loses_nothing(
    team: Team, sign_in: SignIn, change: dict[str, Any]
) -> None:
    today = factories.now().date()
    rhythm = {"every": "daily", "at": "09:30", "zone": "Africa/Tunis", "month_day": "1"}
    days = {"starts_on": today.isoformat(), "ends_on": (today + timedelta(days=9)).isoformat()}
    client, form = sign_in(team.scheduler), fill(team, countries=["SN"], **rhythm, **days)
    made = client.post(PATH, form)
    answer = client.post(PATH, form | change)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "A draft was made of this form already." in page
    assert f'href="{made["Location"]}"' in page
    assert answer.context["form"]["countries"].value() == (form | change)["countries"]
    fresh = answer.context["form"]["form_token"].value()
    assert fresh != form["form_token"]
    client.post(PATH, form | change | {"form_token": fresh})
    assert Broadcast.objects.count() == 2


def test_series_posted_again_with_another_hour_is_another_draft(
    team: Team, sign_in: SignIn
) -> None:
    today = factories.now().date()
    rhythm = {"every": "daily", "at": "09:30", "zone": "Africa/Tunis", "month_day": "1"}
    days = {"starts_on": today.isoformat(), "ends_on": (today + timedelta(days=9)).isoformat()}
    client, form = sign_in(team.scheduler), fill(team, when="again", **rhythm, **days)
    answers = [client.post(PATH, form | change) for change in ({}, {}, {"at": "17:00"})]
    assert [answer.status_code for answer in answers] == [302, 302, 422]
    assert Broadcast.objects.count() == 1


def test_form_token_of_somebody_else_is_refused(team: Team, sign_in: SignIn) -> None:
    form = fill(team)
    sign_in(team.scheduler).post(PATH, form)
    colleague = factories.make_user("colleague")
    factories.join(colleague, team.partner, factories.Role.SCHEDULER)
    answer = sign_in(colleague).post(PATH, form)
    assert answer.status_code == 422
    assert Broadcast.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [{"sensitivity": Sensitivity.ON_REQUEST}, {"expires": factories.now().date()}],
    ids=["on request only", "expired"],
)
def test_held_message_cannot_be_picked_by_a_forged_form(
    team: Team, sign_in: SignIn, change: dict[str, Any]
) -> None:
    held = factories.make_message(**change)
    client = sign_in(team.scheduler)
    form = client.get(PATH).context["form"]
    assert [choice.page for choice in form.held_messages()] == [held]
    answer = client.post(PATH, fill(team, message=held.pk))
    assert answer.status_code == 422
    assert "message" in answer.context["form"].errors
    assert not Broadcast.objects.exists()


def test_message_that_is_not_published_cannot_be_picked(team: Team, sign_in: SignIn) -> None:
    page = factories.make_message()
    page.unpublish()
    answer = sign_in(team.scheduler).post(PATH, fill(team, message=page.pk))
    assert "message" in answer.context["form"].errors


def test_held_message_is_not_shown_to_whatsapp(team: Team) -> None:
    held = factories.make_message(sensitivity=Sensitivity.ON_REQUEST)
    with pytest.raises(preparing.TextsError) as caught:
        preparing.prepare(
            author=team.scheduler,
            message=held,
            segment=factories.make_segment(team.partner),
            now=factories.now(),
        )
    assert not caught.value.broadcast.editions.exists()


def test_channel_without_a_text_is_refused(team: Team, sign_in: SignIn) -> None:
    page = factories.make_message(whatsapp_text="")
    answer = sign_in(team.scheduler).post(PATH, fill(team, message=page.pk))
    assert "channels" in answer.context["form"].errors


@pytest.mark.parametrize("send_at", ["", "2020-01-01T10:00", "not a time"])
def test_time_that_cannot_be_is_refused(team: Team, sign_in: SignIn, send_at: str) -> None:
    answer = sign_in(team.scheduler).post(PATH, fill(team, when="at", send_at=send_at))
    assert "send_at" in answer.context["form"].errors


def test_time_is_read_as_utc(team: Team, sign_in: SignIn) -> None:
    later = (factories.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    form = fill(team, when="at", send_at=later.strftime("%Y-%m-%dT%H:%M"))
    sign_in(team.scheduler).post(PATH, form)
    assert Broadcast.objects.get().send_at == later


def test_what_was_chosen_is_kept_on_an_error(team: Team, sign_in: SignIn) -> None:
    page = factories.make_message()
    form = fill(
        team,
        message=page.pk,
        when="at",
        send_at="2020-01-01T10:00",
        channels=["whatsapp"],
        countries=["TN"],
        in_quiet_hours="on",
    )
    answer = sign_in(team.scheduler).post(PATH, form).content.decode()
    assert 'value="2020-01-01T10:00"' in answer
    # Message, route, channel, country, first channel, time, quiet hours; and the weekday offered.
    assert answer.count(" checked") == 7
    assert f'value="{form["form_token"]}"' in answer


def test_same_rule_uses_one_segment(team: Team, sign_in: SignIn) -> None:
    client = sign_in(team.scheduler)
    for last in "12":
        client.post(PATH, fill(team, form_token=f"0f0e0d0c-0b0a-4909-8807-06050403020{last}"))
    assert Broadcast.objects.count() == 2
    assert Segment.objects.count() == 1


def test_draft_is_kept_where_whatsapp_cannot_be_asked(
    team: Team, sign_in: SignIn, memory_provider: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> str:
        raise NotAccepted("down")

    client = sign_in(team.scheduler)
    with monkeypatch.context() as patched:
        patched.setattr(memory_provider, "register_template", refuse)
        page = client.post(PATH, fill(team), follow=True).content.decode()
    broadcast = Broadcast.objects.get()
    assert "Your draft is kept" in page
    assert not broadcast.editions.exists()
    client.post(reverse("desk_texts", args=[broadcast.code]))
    assert broadcast.editions.count() == 2


def test_new_one_is_filled_in_from_an_earlier_one_of_ones_own(team: Team, sign_in: SignIn) -> None:
    earlier = factories.make_broadcast(team)
    other = factories.make_broadcast(factories.make_team("Another"))
    client = sign_in(team.scheduler)
    form = client.get(PATH, {"from": earlier.code}).context["form"]
    assert form["message"].value() == earlier.message_id
    form = client.get(PATH, {"from": other.code}).context["form"]
    assert form["message"].value() is None
