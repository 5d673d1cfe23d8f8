"""A deed and its audit entry are one: without the entry it is not done, unless it stops something."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import audit
from campaigns.going_out import scheduling
from campaigns.models import AuditEntry, Broadcast, JoinWord, Segment
from campaigns.staff import STAFF, ensure_staff_groups
from messaging import service_wordings
from messaging.models import (
    Alarm,
    Batch,
    Clearance,
    Delivery,
    Fence,
    ProviderCode,
    RetentionRun,
    Sender,
)
from tests.campaigns import factories
from tests.campaigns.factories import Team

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
# What stops something, and which of its columns says that it did.
STOPS = {"desk_sender_halt": (Sender, "halted_at"), "desk_stop_all": (Fence, "send_enabled")}
# What is pressed, with what, and what of it must stay as it is.
DEEDS: dict[str, tuple[dict[str, Any], type[models.Model]]] = {
    "desk_alarm_close": ({}, Alarm),
    "desk_code": ({"reason": "provider_busy", "note": "Off."}, ProviderCode),
    "desk_code_new": (
        {"provider": "twilio", "code": "71234", "reason": "provider_busy", "note": ""},
        ProviderCode,
    ),
    "desk_country_close": ({}, Clearance),
    "desk_sender_go": ({}, Sender),
    "desk_go_on": ({"sure": "yes"}, Fence),
    "desk_word_switch": ({"on": "no"}, JoinWord),
    "desk_word": (
        {"word": "OTHER", "country": "TN", "routes": "cmed", "languages": "en"},
        JoinWord,
    ),
    "desk_retention_run": ({}, RetentionRun),
    "desk_segment_remove": ({}, Segment),
    "desk_price_save": (
        {
            "whose": "any-sms",
            "country": "TN",
            "amount": "0.05",
            "currency": "USD",
            "valid_from": "2026-11-01",
            "source": "A contract",
        },
        Clearance,
    ),
}


@pytest.fixture
def mute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no entry be written any more."""

    def fail() -> None:
        raise DatabaseError("the audit cannot be written")

    monkeypatch.setattr(audit, "_lock_head", fail)


@pytest.fixture
def person(team: Team, sign_in: SignIn) -> Client:
    """Return the browser of somebody who may press everything; a server error is an answer to her."""
    team.scheduler.groups.add(*ensure_staff_groups().values())
    client = sign_in(team.scheduler)
    client.raise_request_exception = False
    assert Group.objects.filter(name__in=STAFF, user=team.scheduler).count() == len(STAFF)
    return client


def make_thing(name: str, team: Team) -> list[Any]:
    """Make what a button is pressed on, and return what its address needs."""
    now = timezone.now()
    sender = Sender.objects.order_by("pk")[0]
    if name == "desk_alarm_close":
        return [Alarm.objects.create(kind="many_stops", opened_at=now, last_at=now).pk]
    if name == "desk_code":
        return [ProviderCode.objects.earliest("pk").pk]
    if name == "desk_country_close":
        return [Clearance.objects.create(country="TN", opened_at=now).country]
    if name == "desk_sender_go":
        Sender.objects.filter(pk=sender.pk).update(halted_at=now, halted_reason="person")
    if name in {"desk_stop_all", "desk_go_on"}:
        Fence.objects.all().delete()
        Fence.objects.create(send_enabled=name == "desk_stop_all")
    if name in {"desk_word", "desk_word_switch"}:
        return [
            JoinWord.objects.create(word="NEWS", folded="news", country="TN", routes=["cmed"]).pk
        ]
    if name == "desk_segment_remove":
        return [factories.make_segment(team.partner, is_saved=True).pk]
    return [sender.pk] if name.startswith("desk_sender") else []


@pytest.mark.parametrize("name", sorted(DEEDS))
def test_deed_without_its_entry_is_not_done(
    team: Team, person: Client, mute: None, name: str
) -> None:
    form, model = DEEDS[name]
    address = reverse(name, args=make_thing(name, team))
    before = list(model._default_manager.order_by("pk").values())
    assert person.post(address, form).status_code == 500
    assert list(model._default_manager.order_by("pk").values()) == before
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("name", sorted(STOPS))
def test_stop_is_done_though_its_entry_cannot_be_written(
    team: Team, person: Client, mute: None, name: str
) -> None:
    model, column = STOPS[name]
    address = reverse(name, args=make_thing(name, team))
    before = model._default_manager.order_by("pk").values_list(column, flat=True)[0]
    assert person.post(address).status_code == 302
    assert model._default_manager.order_by("pk").values_list(column, flat=True)[0] != before


@pytest.mark.parametrize("name", sorted({*DEEDS, *STOPS}))
def test_deed_is_done_and_written_down(team: Team, person: Client, name: str) -> None:
    form = DEEDS[name][0] if name in DEEDS else {}
    assert person.post(reverse(name, args=make_thing(name, team)), form).status_code == 302
    assert AuditEntry.objects.count() == 1


def test_wordings_are_not_submitted_without_an_entry(
    person: Client, mute: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(service_wordings, "submit_all", lambda **given: asked.append(given))
    assert person.post(reverse("desk_templates_submit")).status_code == 500
    assert not asked


def test_broadcast_is_not_cancelled_without_an_entry(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.subscribe(3)
    now = factories.now()
    broadcast = factories.make_broadcast(team)
    factories.approve(team, broadcast, at=now)
    factories.tick(now)
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.LAUNCHED
    with monkeypatch.context() as muted:
        muted.setattr(audit, "_lock_head", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            scheduling.cancel(broadcast, by=team.scheduler.pk, now=now)
        assert Batch.objects.get().state == Batch.State.RUNNING
    unsent = scheduling.cancel(broadcast, by=team.scheduler.pk, now=now)
    assert unsent == Delivery.objects.filter(state="cancelled").count() > 0
    assert AuditEntry.objects.latest("number").details == {"unsent": unsent}


def test_draft_is_not_cancelled_without_an_entry(team: Team, mute: None) -> None:
    draft = factories.make_broadcast(team)
    with pytest.raises(DatabaseError):
        scheduling.cancel(draft, by=team.scheduler.pk, now=factories.now())
    draft.refresh_from_db()
    assert draft.state == Broadcast.State.DRAFT
