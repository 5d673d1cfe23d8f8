"""What a rehearsal needs beside content: made once, never laid over what somebody has changed."""

from decimal import Decimal

import pytest

from campaigns.models import Price
from config import rehearsal
from config.fiction import CROWDS
from messaging.models import CountryRule, Fence, Sender
from messaging.numbers import FICTION

pytestmark = pytest.mark.django_db


def ensure_all() -> None:
    rehearsal.ensure_fence()
    rehearsal.ensure_country_rules()
    rehearsal.ensure_senders()
    rehearsal.ensure_example_prices()


def read_all() -> list[object]:
    models = (Fence, CountryRule, Sender, Price)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def test_second_time_changes_nothing() -> None:
    ensure_all()
    before = read_all()
    ensure_all()
    assert read_all() == before


def test_each_channel_has_one_fictional_sender_that_speaks_through_the_real_adapter() -> None:
    ensure_all()
    senders = Sender.objects.order_by("channel")
    assert [sender.channel for sender in senders] == ["sms", "whatsapp"]
    assert {sender.provider for sender in senders} == {"twilio"}
    assert all(sender.address.startswith(FICTION) for sender in senders)
    assert Fence.objects.get().send_enabled


def test_every_country_of_the_fictional_audience_has_a_price_marked_as_an_example() -> None:
    ensure_all()
    for crowd in CROWDS:
        for channel in ("sms", "whatsapp"):
            price = Price.objects.get(channel=channel, country=crowd.country)
            assert price.example
            assert price.amount > 0


def test_what_somebody_has_changed_stays() -> None:
    ensure_all()
    Fence.objects.update(send_enabled=False)
    Sender.objects.filter(channel="sms").update(parts_per_second=3, active=False)
    Price.objects.filter(country="TN").update(amount=Decimal("0.5"))
    CountryRule.objects.filter(country="TN").update(two_way="no")
    before = read_all()
    ensure_all()
    assert read_all() == before
