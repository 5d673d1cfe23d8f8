"""Senders and the switch, as staff press them: halted and let go, registered, stopped in one tap."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.going_out import sending
from campaigns.staff import LEADS, OFFICERS, ensure_staff_groups
from messaging.guarding import fencing
from messaging.models import Batch, CountryRule, Fence, Sender, SenderCountry
from messaging.senders import breaker
from messaging.senders.capacity import note_used
from tests.campaigns import factories
from tests.campaigns.factories import Team

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
SURE = {"sure": "yes"}
FORM = {
    "name": "Short code",
    "channel": "sms",
    "provider": "twilio",
    "kind": "short_code",
    "address": "12345",
    "two_way": "on",
    "active": "on",
    "priority": "0",
    "parts_per_second": "10",
    "quiet_share": "20",
    "daily_cap": "0",
    "people_per_day": "0",
    "portfolio": "",
}


@pytest.fixture
def lead(team: Team, sign_in: SignIn) -> Client:
    Fence.objects.create(send_enabled=True)
    return sign_in(make_staff(LEADS))


def make_staff(group: str) -> User:
    ensure_staff_groups()
    user = factories.make_user("staff")
    user.groups.add(Group.objects.get(name=group))
    return user


def press(client: Client, address: str, *args: Any, form: dict[str, str] | None = None) -> str:
    """Press a button and return the page it leads to."""
    return client.post(reverse(address, args=args), form or {}, follow=True).content.decode()


def make_counted(state: str = "running", **counts: int) -> Batch:
    now = timezone.now()
    return Batch.objects.create(
        reference=f"broadcast:{state}",
        state=state,
        audience={},
        counts=counts,
        size=sum(counts.values()),
        text_valid_until=now,
        created_at=now,
    )


# ---- The switch --------------------------------------------------------------------------------


def test_one_tap_stops_everything_and_says_what_still_arrives(lead: Client) -> None:
    make_counted(planned=400, submitting=12, accepted=70, delivered=300)
    make_counted("finished", sent=30)
    page = lead.get(reverse("desk_safety")).content.decode()
    assert "about 400 messages wait to be sent" in page
    assert "Stop everything now" in page
    page = press(lead, "desk_stop_all")
    assert not fencing.may_send()
    assert "about 400 messages wait, and stay here" in page
    assert "about 10 were being handed over" in page
    assert "about 100 are with the providers" in page
    assert "Stop everything now" not in page


def test_lifting_it_takes_a_second_step(lead: Client) -> None:
    press(lead, "desk_stop_all")
    assert "Tick the box first" in press(lead, "desk_go_on")
    assert not fencing.may_send()
    assert "It goes on" in press(lead, "desk_go_on", form=SURE)
    assert fencing.may_send()
    assert "It is not stopped" in press(lead, "desk_go_on", form=SURE)


def test_an_officer_may_stop_everything_and_a_lead_lets_it_go_on(
    lead: Client, sign_in: SignIn
) -> None:
    officer = sign_in(make_staff(OFFICERS))
    page = press(officer, "desk_stop_all")
    assert not fencing.may_send()
    assert "A programme lead can let it go on" in page
    assert "sure" not in page
    assert officer.post(reverse("desk_go_on"), {"sure": "yes"}).status_code == 403
    assert not fencing.may_send()
    assert "It is stopped already" in press(lead, "desk_stop_all")


def test_a_database_that_nobody_checked_is_not_opened_here(lead: Client) -> None:
    Fence.objects.update(epoch=7, send_enabled=False)
    page = press(lead, "desk_go_on", form=SURE)
    assert "cannot be lifted here" in page
    assert "was restored or moved" in page
    assert not Fence.objects.get().send_enabled


def test_a_batch_that_was_not_counted_yet_waits_whole(lead: Client) -> None:
    Batch.objects.filter(pk=make_counted().pk).update(size=250)
    switch = sending.read_switch(now=timezone.now())
    assert (switch.waiting, switch.in_hand, switch.on_the_way) == (250, 0, 0)


# ---- Senders -----------------------------------------------------------------------------------


def test_list_shows_rate_limits_registrations_and_trouble_first(lead: Client) -> None:
    sms, whatsapp = Sender.objects.order_by("channel")
    Sender.objects.filter(pk=whatsapp.pk).update(people_per_day=250, portfolio="ours")
    Sender.objects.filter(pk=sms.pk).update(daily_cap=1000, priority=-5)
    note_used(whatsapp.pk, 200, 200, timezone.now())
    note_used(sms.pk, 7, 14, timezone.now())
    for country, state in (("TN", "active"), ("LY", "submitted"), ("SN", "refused")):
        SenderCountry.objects.create(sender=sms, country=country, state=state)
    breaker.halt(whatsapp.pk, reason=breaker.ACCOUNT, now=timezone.now())
    page = lead.get(reverse("desk_senders")).content.decode()
    for said in (
        "10 parts a second, 20% of it kept for replies",
        "7 of 1,000 messages",
        "200 of 250 people",
        "May send to 1 country.",
        "2 are not registered yet",
        "refuses our account",
    ):
        assert said in page, said
    assert [line.sender.pk for line in sending.list_senders()] == [whatsapp.pk, sms.pk]


def test_sender_is_halted_and_let_go_with_the_reason_shown(lead: Client) -> None:
    sender = Sender.objects.order_by("channel")[0]
    assert "Somebody halted it here" in press(lead, "desk_sender_halt", sender.pk)
    sender.refresh_from_db()
    assert sender.halted_reason == breaker.PERSON
    assert "It is halted already" in press(lead, "desk_sender_halt", sender.pk)
    assert "It goes on" in press(lead, "desk_sender_go", sender.pk)
    sender.refresh_from_db()
    assert sender.halted_at is None
    assert "It is not halted" in press(lead, "desk_sender_go", sender.pk)


def test_sender_whose_way_is_free_again_waits_for_a_person(lead: Client) -> None:
    sender = Sender.objects.order_by("channel")[0]
    breaker.halt(sender.pk, reason=breaker.FREE, now=timezone.now())
    page = lead.get(reverse("desk_senders")).content.decode()
    assert "A message has arrived since" in page
    assert "It goes on" in press(lead, "desk_sender_go", sender.pk)


def test_registration_is_added_and_changed(lead: Client) -> None:
    sender = Sender.objects.order_by("channel")[0]
    CountryRule.objects.create(
        country="TN", alpha_sender="yes", two_way="no", remarks="Orange overwrites.", confidence="-"
    )
    form = {"country": "TN", "state": "submitted"}
    page = press(lead, "desk_sender_place", sender.pk, form=form)
    assert "asked for" in page
    assert "Orange overwrites." in page
    press(lead, "desk_sender_place", sender.pk, form=form | {"state": "active"})
    assert SenderCountry.objects.get().state == "active"
    for wrong in ({"country": "QQ"}, {"state": "maybe"}):
        answer = lead.post(reverse("desk_sender_place", args=[sender.pk]), form | wrong)
        assert answer.status_code == 422, wrong
    assert SenderCountry.objects.count() == 1


def test_sender_is_added_and_changed(lead: Client) -> None:
    page = press(lead, "desk_sender_new", form=FORM)
    assert "12345" in page
    sender = Sender.objects.get(name="Short code")
    changed = FORM | {"parts_per_second": "40", "provider": "aws-sms", "channel": "whatsapp"}
    press(lead, "desk_sender_change", sender.pk, form=changed)
    sender.refresh_from_db()
    # What was sent from it stays true: another provider is another sender.
    assert (sender.parts_per_second, sender.provider, sender.channel) == (40, "twilio", "sms")


@pytest.mark.parametrize(
    "wrong",
    [
        {"parts_per_second": "0"},
        {"quiet_share": "95"},
        {"kind": "name"},
        {"kind": "name", "address": "NEWS", "channel": "whatsapp", "two_way": ""},
        {"kind": "name", "address": "FAR TOO LONG", "two_way": ""},
        {"kind": "number"},
        {"daily_cap": "-1"},
        {"name": "sms"},
        {"provider": "pigeon"},
    ],
)
def test_sender_that_cannot_be_is_refused(lead: Client, wrong: dict[str, str]) -> None:
    before = Sender.objects.count()
    answer = lead.post(reverse("desk_sender_new"), FORM | wrong)
    assert answer.status_code == 422
    assert Sender.objects.count() == before


def test_unknown_sender_is_not_found(lead: Client) -> None:
    assert lead.get(reverse("desk_sender", args=[10**6])).status_code == 404
    for name in ("desk_sender_halt", "desk_sender_go", "desk_sender_place"):
        assert lead.post(reverse(name, args=[10**6])).status_code == 404
