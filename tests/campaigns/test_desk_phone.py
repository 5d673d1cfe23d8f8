"""One's own phone at the desk: registered, confirmed, and a text of a draft tried on it."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns import editions
from campaigns.models import AuditEntry
from messaging.models import Notice, Sender, Template, TestPhone
from messaging.notifying import notices
from messaging.numbers import make_fiction
from messaging.sealing.crypto import open_sealed
from tests.campaigns import factories
from tests.campaigns.factories import Team

SignIn = Callable[[User], Client]
NUMBER = make_fiction("216", 77)


def bodies() -> list[str]:
    return [
        open_sealed(bytes(one.body_sealed), place=notices.BODY_PLACE, row=one.uid)
        for one in Notice.objects.order_by("pk")
    ]


def test_a_text_is_tried_on_ones_own_phone(team: Team, sign_in: SignIn) -> None:
    broadcast = factories.make_broadcast(team)
    editions.freeze(broadcast, now=factories.now())
    client = sign_in(team.scheduler)
    page = client.get(reverse("desk_broadcast", args=[broadcast.code])).content.decode()
    assert page.count("Try it on my phone") == 2
    answer = client.post(
        reverse("desk_test", args=[broadcast.code]), {"language": "en"}, follow=True
    )
    assert "Register your own phone first" in answer.content.decode()

    client.post(reverse("desk_phone_register"), {"number": NUMBER})
    (code,) = re.findall(r"\d{6}", bodies()[0])
    page = client.post(reverse("desk_phone_confirm"), {"code": code}, follow=True).content.decode()
    assert "Your phone in Tunisia is registered" in page
    assert NUMBER[4:] not in page

    client.post(reverse("desk_test", args=[broadcast.code]), {"language": "en"})
    assert bodies()[-1] == broadcast.editions.get(channel="sms").text
    assert AuditEntry.objects.filter(verb="tested", object_code=broadcast.code).exists()
    assert TestPhone.objects.get().tested_at is not None


@pytest.mark.parametrize("role", ["analyst", "approver"])
def test_only_who_plans_tries_a_text(team: Team, sign_in: SignIn, role: str) -> None:
    broadcast = factories.make_broadcast(team)
    editions.freeze(broadcast, now=factories.now())
    client = sign_in(getattr(team, role))
    answer = client.post(reverse("desk_test", args=[broadcast.code]), {"language": "en"})
    assert answer.status_code == 403
    assert not Notice.objects.exists()


def test_each_sees_her_own_phone_only(team: Team, sign_in: SignIn) -> None:
    sign_in(team.scheduler).post(reverse("desk_phone_register"), {"number": NUMBER})
    page = sign_in(team.approver).get(reverse("desk_phone")).content.decode()
    assert "Register your phone" in page
    sign_in(team.approver).post(reverse("desk_phone_forget"))
    assert TestPhone.objects.count() == 1
    assert sign_in(team.analyst).get(reverse("desk_phone")).status_code == 403


def test_a_text_is_tried_on_whatsapp_by_its_wording(team: Team, sign_in: SignIn) -> None:
    broadcast = factories.make_broadcast(team)
    editions.freeze(broadcast, now=factories.now())
    sender = Sender.objects.get(channel="whatsapp")
    Template.objects.create(
        sender=sender, name="waymark_confirm", language="en", ref="HX-code", state="approved"
    )
    client, whatsapp = sign_in(team.scheduler), {"channel": "whatsapp"}
    client.post(reverse("desk_phone_register"), {"number": NUMBER} | whatsapp)
    page = client.get(reverse("desk_phone")).content.decode()
    assert "Six digits, on WhatsApp." in page
    client.post(reverse("desk_phone_confirm"), {"code": bodies()[0]} | whatsapp)
    tried = {"language": "en"} | whatsapp
    client.post(reverse("desk_test", args=[broadcast.code]), tried)
    newest = Notice.objects.latest("pk")
    frozen = broadcast.editions.get(channel="whatsapp")
    assert (newest.channel, newest.template_ref) == ("whatsapp", frozen.template_ref)
    assert bodies()[-1] == ""
