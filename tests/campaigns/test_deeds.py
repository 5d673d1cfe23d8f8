"""Deeds: whatever staff and partners do at the desk writes itself into the audit, and nothing private."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from campaigns import audit
from campaigns.audit_words import describe_details, name_kind, name_verb
from campaigns.drafting import making_up
from campaigns.field import importing
from campaigns.models import AuditEntry, Broadcast, Campaign, JoinWord
from campaigns.partners import ending
from campaigns.staff import LEADS, OFFICERS
from messaging.models import Alarm, Clearance, Fence, ProviderCode, Sender
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.listing import bring

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def lead(team: Team, sign_in: SignIn) -> Client:
    """Return the browser of somebody who is in both groups of safety."""
    user = factories.make_user("lead")
    for name in (LEADS, OFFICERS):
        user.groups.add(Group.objects.get_or_create(name=name)[0])
    return sign_in(user)


def last() -> tuple[str, str, str]:
    entry = AuditEntry.objects.first()
    assert entry is not None
    return entry.verb, entry.kind, entry.object_code


def post(client: Client, path: str, **form: Any) -> None:
    assert client.post(f"/desk/safety/{path}", form).status_code == 302


def test_safety_writes_down_what_staff_do(lead: Client) -> None:
    Fence.objects.create(send_enabled=True)
    alarm = Alarm.objects.create(
        kind=Alarm.Kind.PAUSED, opened_at=timezone.now(), last_at=timezone.now()
    )
    sender = Sender.objects.get(channel="sms")
    word = JoinWord.objects.create(word="News", folded="news", country="TN", routes=["cmed"])
    steps = {
        f"alarms/{alarm.pk}/close/": ("closed", "alarm", str(alarm.pk)),
        f"senders/{sender.pk}/halt/": ("halted", "sender", str(sender.pk)),
        f"senders/{sender.pk}/go-on/": ("resumed", "sender", str(sender.pk)),
        f"words/{word.pk}/switch/": ("switched_off", "word", str(word.pk)),
        "stop/": ("stopped_all", "sending", "all"),
        "retention/run/": ("ran", "retention", "all"),
    }
    for path, deed in steps.items():
        post(lead, path)
        assert last() == deed
    post(lead, "go-on/", sure="yes")
    assert last() == ("let_all_go", "sending", "all")
    assert not list(audit.find_breaks())


def test_what_is_refused_is_no_deed(lead: Client) -> None:
    sender = Sender.objects.get(channel="sms")
    post(lead, f"senders/{sender.pk}/go-on/")
    post(lead, "go-on/")
    assert not AuditEntry.objects.exists()


def test_countries_are_named_by_their_codes_and_error_codes_by_their_rows(lead: Client) -> None:
    row = Clearance.objects.create(country="TN", opened_at=timezone.now())
    post(lead, f"countries/{row.country}/close/")
    assert last() == ("closed", "country", "TN")
    code = ProviderCode.objects.first()
    assert code is not None
    form = {"provider": code.provider, "code": code.code, "reason": code.reason, "note": "Said."}
    post(lead, f"codes/{code.pk}/", **form)
    assert last() == ("saved", "code", str(code.pk))


def test_way_of_a_list_is_written_down(team: Team) -> None:
    sheet = bring(team)
    importing.ask(sheet, team.scheduler, now=factories.now())
    importing.refuse(sheet, team.approver, reason="Not these.", now=factories.now())
    entries = AuditEntry.objects.filter(kind="import", object_code=sheet.code).order_by("number")
    assert [entry.verb for entry in entries] == ["brought", "asked", "refused"]
    assert {entry.partner_id for entry in entries} == {team.partner.pk}
    assert "Not these" not in json.dumps(list(entries.values("details")))


def test_missed_one_is_left_or_made_up_for(team: Team) -> None:
    missed = factories.make_broadcast(team, state=Broadcast.State.MISSED)
    draft = making_up.send_after_all(missed, author=team.scheduler, now=factories.now())
    verbs = AuditEntry.objects.order_by("number").values_list("verb", "object_code")
    assert list(verbs) == [("left_unsent", missed.code), ("prepared", draft.code)]


def test_end_of_a_campaign_writes_down_what_it_cancels(team: Team) -> None:
    now = factories.now()
    campaign = Campaign.objects.create(
        partner=team.partner, name="Over", starts_on=now.date(), ends_on=now.date()
    )
    draft = factories.make_broadcast(team, campaign=campaign)
    ending.end([campaign.pk], now + timedelta(days=91))
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.object_code, entry.actor_id) == ("cancelled", draft.code, None)


def test_every_deed_has_words_and_an_unknown_one_its_own() -> None:
    assert name_verb("canary_passed") == "the first few fared well"
    assert name_verb("fed_the_cat") == "fed the cat"
    assert name_kind("import") == "list"
    assert describe_details({"rows": 12, "digest": "abc"}) == "Lines in it: 12."
