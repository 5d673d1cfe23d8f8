"""What a rehearsal needs beside content: made once, never laid over what somebody has changed."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from campaigns.field.joining import find_word
from campaigns.models import Budget, Campaign, JoinWord, Partner, Price
from campaigns.partners.efforts import list_gaps
from cms.models import Leg
from config import rehearsal
from config.fiction import CROWDS, ROUTES
from messaging.consenting.clearances import open_countries
from messaging.models import Clearance, CountryRule, Fence, Sender, SenderCountry
from messaging.numbers import FICTION
from tests.campaigns.factories import make_route

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def ensure_all() -> None:
    rehearsal.ensure_fence()
    rehearsal.ensure_country_rules()
    rehearsal.ensure_senders()
    rehearsal.ensure_example_prices()
    make_route()
    rehearsal.ensure_clearances(now=datetime.now(UTC))
    rehearsal.ensure_join_words()
    rehearsal.ensure_registrations(now=datetime.now(UTC))


def read_all() -> list[object]:
    models = (Fence, CountryRule, Sender, SenderCountry, Price, Clearance, JoinWord)
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


def test_countries_of_the_routes_and_of_the_audience_are_open() -> None:
    assert open_countries() == frozenset()
    Leg.objects.create(route=make_route(), country="ER", role="origin")
    Leg.objects.create(route=make_route(), country="EU", role="destination")
    ensure_all()
    assert open_countries() == {"ER"} | {crowd.country for crowd in CROWDS}
    Clearance.objects.filter(country="ER").update(closed_at=datetime.now(UTC))
    ensure_all()
    assert "ER" not in open_countries()


def test_words_in_three_scripts_lead_to_the_demo_routes() -> None:
    for code in ROUTES:
        make_route(code)
    ensure_all()
    for word, country, route in (
        ("akhbar", "LY", "cmed"),
        ("اخبار", "YE", "hoa-east"),
        ("ዜና", "ET", "hoa-east"),
        ("Actu!", "SN", "wafr-atl"),
    ):
        invitation = find_word(word, country)
        assert invitation is not None, word
        assert invitation.topics == (f"route:{route}",)
    countries = {crowd.country for crowd in CROWDS}
    assert {word.country for word in JoinWord.objects.filter(is_default=True)} == countries


def test_both_senders_are_registered_in_every_country_of_the_rehearsal() -> None:
    ensure_all()
    countries = {crowd.country for crowd in CROWDS} | set(
        CountryRule.objects.values_list("country", flat=True)
    )
    for sender in Sender.objects.all():
        active = sender.countries.filter(state=SenderCountry.State.ACTIVE, cost__isnull=False)
        assert set(active.values_list("country", flat=True)) >= countries - {"EU"}
        assert sender.two_way


def test_campaign_has_begun_and_nothing_is_missing_of_it() -> None:
    partner = Partner.objects.create(name="Ours")
    for _run in range(2):
        rehearsal.ensure_campaign(partner, now=NOW)
        rehearsal.ensure_budgets(partner, now=NOW)
    campaign = Campaign.objects.get()
    assert campaign.activated_at == NOW
    assert list_gaps(campaign, today=NOW.date()) == []
    assert Budget.objects.count() == 2
