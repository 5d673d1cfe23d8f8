"""The sender of a broadcast: the house chooses, or its author names one, who then serves alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.approval import approving
from campaigns.approval.approving import ApprovalError
from campaigns.models import Broadcast
from messaging.models import Batch, BatchLane, Delivery, Sender, SenderCountry, Template
from messaging.sending import failing_over
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.test_desk_preparing import PATH, fill

SignIn = Callable[[User], Client]
State = Broadcast.State


def make_other(channel: str = "sms", **changes: Any) -> Sender:
    """Make a sender that the house would choose last."""
    given: dict[str, Any] = {"provider": "memory", "address": "+9990000009", "priority": 9}
    given |= {"name": f"Other {channel}", "channel": channel, "parts_per_second": 1000}
    return Sender.objects.create(**(given | changes))


def refuse(sender: Sender, country: str = "TN") -> None:
    SenderCountry.objects.create(sender=sender, country=country, state=SenderCountry.State.REFUSED)


def lane_of(broadcast: Broadcast) -> BatchLane:
    return Batch.objects.get(reference=broadcast.reference).lanes.get(channel="sms")


def test_the_house_chooses_where_nobody_is_named(team: Team, sign_in: SignIn) -> None:
    make_other()
    sign_in(team.scheduler).post(PATH, fill(team, in_quiet_hours="on"))
    broadcast = Broadcast.objects.get()
    assert broadcast.senders == {}
    factories.approve(team, broadcast, at=factories.now())
    assert factories.tick(factories.now()) == 1
    assert lane_of(broadcast).sender.name == "sms"
    assert lane_of(broadcast).fallbacks != []


def test_whoever_is_named_sends_alone_and_the_reason_is_kept(team: Team, sign_in: SignIn) -> None:
    other = make_other()
    client = sign_in(team.scheduler)
    assert "Other sms" in client.get(PATH).content.decode()
    client.post(PATH, fill(team, in_quiet_hours="on", sender_sms=other.pk))
    broadcast = Broadcast.objects.get()
    assert broadcast.senders == {"sms": other.pk}
    page = client.get(reverse("desk_broadcast", args=[broadcast.code])).content.decode()
    assert "<bdi>Other sms</bdi>" in page
    assert "nobody takes over" in page
    factories.approve(team, broadcast, at=factories.now())
    assert factories.tick(factories.now()) == 1
    lane = lane_of(broadcast)
    assert (lane.sender, lane.fallbacks) == (other, [])
    assert lane.reason == "Chosen for this broadcast."
    # Halted for long, while another one could go on: what it was given waits.
    Sender.objects.filter(pk=other.pk).update(halted_at=factories.now() - timedelta(hours=1))
    assert failing_over.move_stranded(now=factories.now()) == 0
    assert set(Delivery.objects.values_list("sender", flat=True)) == {other.pk}


def test_a_country_that_it_may_not_send_to_is_said_in_the_form(team: Team, sign_in: SignIn) -> None:
    other = make_other()
    refuse(other)
    form = fill(team, countries=["TN", "LY"], sender_sms=other.pk)
    page = sign_in(team.scheduler).post(PATH, form)
    assert page.status_code == 422
    assert "This sender may not send to: Tunisia." in page.content.decode()
    assert not Broadcast.objects.exists()


def test_a_country_that_nobody_named_is_said_before_asking(team: Team, sign_in: SignIn) -> None:
    other = make_other()
    refuse(other)
    client = sign_in(team.scheduler)
    client.post(PATH, fill(team, sender_sms=other.pk))
    broadcast = Broadcast.objects.get()
    page = client.get(reverse("desk_broadcast", args=[broadcast.code])).content.decode()
    assert "Other sms · Tunisia" in page
    assert "let the house choose" in page
    assert reverse("desk_ask", args=[broadcast.code]) not in page
    with pytest.raises(ApprovalError, match="Other sms · Tunisia"):
        approving.ask_approval(broadcast, now=factories.now())


def test_without_any_sender_for_its_people_nobody_is_asked(team: Team) -> None:
    refuse(Sender.objects.get(channel="sms"))
    broadcast = factories.make_broadcast(team)
    with pytest.raises(ApprovalError, match="No sender may send there"):
        approving.ask_approval(broadcast, now=factories.now())


@pytest.mark.parametrize("change", ["taken back", "another"])
def test_another_choice_voids_the_approval_and_says_so(team: Team, change: str) -> None:
    broadcast = factories.make_broadcast(team, senders={"sms": make_other().pk})
    factories.approve(team, broadcast, at=factories.now())
    third = make_other(name="Third")
    Broadcast.objects.update(senders={} if change == "taken back" else {"sms": third.pk})
    assert factories.tick(factories.now()) == 0
    broadcast.refresh_from_db()
    assert broadcast.state == State.VOID
    assert "changed_sender" in {held["code"] for held in broadcast.held_by}


def test_one_that_is_switched_off_since_holds_it_back(team: Team) -> None:
    other = make_other()
    broadcast = factories.make_broadcast(team, senders={"sms": other.pk})
    factories.approve(team, broadcast, at=factories.now())
    Sender.objects.filter(pk=other.pk).update(active=False)
    assert factories.tick(factories.now()) == 0
    broadcast.refresh_from_db()
    assert broadcast.state == State.HELD
    assert "it is switched off" in broadcast.note
    assert not Delivery.objects.exists()


def test_a_sender_of_another_channel_cannot_be_chosen(team: Team, sign_in: SignIn) -> None:
    whatsapp = Sender.objects.get(channel="whatsapp")
    answer = sign_in(team.scheduler).post(PATH, fill(team, sender_sms=whatsapp.pk))
    assert answer.status_code == 422
    assert "sender_sms" in answer.context["form"].errors


def test_wordings_go_to_the_account_of_whoever_is_named(team: Team) -> None:
    other = make_other("whatsapp", provider="twilio")
    broadcast = factories.make_broadcast(team, senders={"whatsapp": other.pk})
    approving.ask_approval(broadcast, now=factories.now())
    assert Template.objects.get().sender == other


def test_a_new_one_like_it_keeps_the_choice(team: Team, sign_in: SignIn) -> None:
    other = make_other()
    earlier = factories.make_broadcast(team, senders={"sms": other.pk})
    page = sign_in(team.scheduler).get(PATH, {"from": earlier.code}).content.decode()
    assert f'<option value="{other.pk}" selected>Other sms</option>' in page
