"""People, parts, price and duration, before anybody approves."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from campaigns.models import Broadcast, Edition, Price
from campaigns.reckoning.estimating import Estimate, Line, estimate
from messaging.consenting import consent
from messaging.models import ConsentEntry, CountryRule, Sender, SenderCountry
from tests.campaigns import factories
from tests.campaigns.factories import Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def bare() -> Team:
    """Return a team with a route and senders, and nobody to send to."""
    factories.make_route()
    factories.make_senders()
    return factories.make_team()


def edition(
    broadcast: Broadcast, language: str, *, channel: str = "sms", parts: int = 1
) -> Edition:
    return Edition(
        broadcast=broadcast,
        channel=channel,
        language=language,
        text="…",
        parts=parts,
        alphabet="gsm7",
        revision=1,
        reviewed=True,
    )


def estimate_for(team: Team, *texts: Any, today: date | None = None, **rule: Any) -> Estimate:
    """Estimate a broadcast with texts given as (language, channel, parts)."""
    segment = factories.make_segment(team.partner, **rule)
    broadcast = factories.make_broadcast(team, segment=segment)
    editions = [
        edition(broadcast, language, channel=channel, parts=parts)
        for language, channel, parts in texts
    ]
    return estimate(broadcast, editions, today=today or factories.now().date())


def test_own_language_and_fallback_are_counted_apart_and_billed_by_their_own_parts(
    bare: Team,
) -> None:
    factories.make_price("SN", "0.2000")
    factories.subscribe(3, country="SN", language="fr")
    factories.subscribe(4, country="SN", language="wo")  # reads French where there is no Wolof
    factories.subscribe(2, country="SN", language="ps")  # neither hers nor its fallback: English
    found = estimate_for(bare, ("fr", "sms", 2), ("en", "sms", 1))
    assert found.lines == (
        Line(
            channel="sms",
            country="SN",
            people=9,
            own=3,
            fallback=6,
            unreadable=0,
            parts=2 * 7 + 2,
            cost=Decimal("3.2"),
        ),
    )
    assert (found.people, found.fallback, found.parts) == (9, 6, 16)


def test_who_has_no_text_is_counted_and_not_billed(bare: Team) -> None:
    factories.make_price("SN", "0.2000")
    factories.subscribe(3, country="SN", language="fr")
    factories.subscribe(2, country="SN", language="wo", channel="whatsapp")
    found = estimate_for(bare, ("fr", "sms", 1))
    assert found.unreadable == 2
    assert found.people == 5
    assert found.parts == 3
    assert found.cost == Decimal("0.6")


def test_cost_sums_over_countries_and_channels_and_names_who_has_no_price(bare: Team) -> None:
    factories.make_price("TN", "0.2100")
    factories.make_price("TN", "0.0400", channel="whatsapp")
    factories.subscribe(5)
    factories.subscribe(2, channel="whatsapp")
    factories.subscribe(7, country="LY")
    found = estimate_for(bare, ("en", "sms", 2), ("en", "whatsapp", 1))
    costs = {(line.channel, line.country): line.cost for line in found.lines}
    assert costs == {
        ("sms", "LY"): None,
        ("sms", "TN"): Decimal("2.1"),
        ("whatsapp", "TN"): Decimal("0.08"),
    }
    assert found.cost == Decimal("2.18")
    assert found.unpriced == ["LY"]
    assert (found.currency, found.example_prices) == ("USD", True)


def test_price_of_the_day_counts(bare: Team) -> None:
    factories.subscribe(1)
    for day, amount in ((1, "0.1000"), (10, "0.3000"), (20, "0.9000")):
        Price.objects.create(
            channel="sms",
            country="TN",
            amount=amount,
            valid_from=date(2026, 1, day),
            source="test",
        )
    costs = [
        estimate_for(bare, ("en", "sms", 1), today=date(2026, 1, day)).cost
        for day in (1, 9, 10, 19)
    ]
    assert costs == [Decimal(x) for x in ("0.1", "0.1", "0.3", "0.3")]
    assert estimate_for(bare, ("en", "sms", 1), today=date(2025, 12, 31)).unpriced == ["TN"]
    assert not estimate_for(bare, ("en", "sms", 1)).example_prices


def test_duration_is_that_of_the_slowest_channel_at_its_senders_own_rate(bare: Team) -> None:
    Sender.objects.filter(channel="sms").update(parts_per_second=2)
    Sender.objects.create(
        name="later", channel="sms", provider="memory", address="+9990000009", parts_per_second=100
    )
    factories.subscribe(20)
    factories.subscribe(10, country="LY")
    factories.subscribe(40, channel="whatsapp")
    found = estimate_for(bare, ("en", "sms", 3), ("en", "whatsapp", 1))
    # 90 parts at two a second, of which a fifth is kept for replies.
    assert found.duration == timedelta(seconds=56)


def test_nobody_costs_nothing_and_takes_no_time(bare: Team) -> None:
    found = estimate_for(bare, ("en", "sms", 1))
    assert (found.people, found.parts, found.cost) == (0, 0, Decimal(0))
    assert found.duration == timedelta()
    assert found.lines == ()


def test_who_said_stop_and_who_is_outside_the_rule_are_not_counted(bare: Team) -> None:
    first, *_rest = factories.subscribe(4)
    factories.subscribe(3, country="LY")
    factories.subscribe(2, channel="whatsapp")
    consent.withdraw(
        [bytes(first.number_hash)],
        method=ConsentEntry.Method.KEYWORD,
        wording="STOP",
        now=factories.now(),
    )
    found = estimate_for(bare, ("en", "sms", 1), channels=["sms"], countries=["TN"])
    assert found.people == 3
    assert estimate_for(bare, ("en", "sms", 1), routes=["hoa-east"]).people == 0


def test_sms_where_no_reply_comes_back_is_counted(bare: Team) -> None:
    for country, two_way in (("TN", "yes"), ("LY", "no"), ("SN", "conflict")):
        CountryRule.objects.update_or_create(
            country=country,
            defaults={"two_way": two_way, "alpha_sender": "yes", "confidence": "test"},
        )
    for people, country in ((1, "TN"), (2, "LY"), (4, "SN"), (8, "GM")):
        factories.subscribe(people, country=country)
    factories.subscribe(16, country="LY", channel="whatsapp")
    found = estimate_for(bare, ("en", "sms", 1), ("en", "whatsapp", 1))
    assert found.one_way == 2 + 4 + 8


def test_estimate_changes_with_the_audience_and_not_with_the_clock(bare: Team) -> None:
    factories.make_price()
    factories.subscribe(2)
    broadcast = factories.make_broadcast(bare)
    texts = [edition(broadcast, "en")]
    before = estimate(broadcast, texts, today=factories.now().date())
    later: datetime = factories.now() + timedelta(days=9)
    assert estimate(broadcast, texts, today=later.date()) == before
    factories.subscribe(1)
    assert estimate(broadcast, texts, today=later.date()).people == 3


def test_a_limit_that_stretches_it_over_days_is_said(bare: Team) -> None:
    Sender.objects.filter(channel="whatsapp").update(people_per_day=5, portfolio="ours")
    factories.subscribe(12, channel="whatsapp")
    factories.subscribe(12)
    found = estimate_for(bare, ("en", "sms", 1), ("en", "whatsapp", 1))
    assert [(one.channel, one.first_day, one.days) for one in found.stretches] == [
        ("whatsapp", 5, 3)
    ]
    assert found.duration == timedelta(days=2)


def test_a_country_that_no_sender_serves_is_named(bare: Team) -> None:
    sender = Sender.objects.get(channel="sms")
    SenderCountry.objects.create(sender=sender, country="LY", state="refused")
    factories.subscribe(2)
    factories.subscribe(2, country="LY")
    found = estimate_for(bare, ("en", "sms", 1))
    assert found.unserved == {"sms": ["LY"]}
    assert found.people == 4


def test_each_country_takes_the_pace_of_the_sender_that_is_chosen_for_it(bare: Team) -> None:
    slow = Sender.objects.create(
        name="slow",
        channel="sms",
        provider="memory",
        address="+9990000009",
        priority=-1,
        quiet_share=0,
    )
    SenderCountry.objects.create(sender=slow, country="TN", state="refused")
    factories.subscribe(16)
    factories.subscribe(9, country="LY")
    # In Tunisia eight parts a second, in Libya one.
    assert estimate_for(bare, ("en", "sms", 1)).duration == timedelta(seconds=9)


def test_who_is_on_both_channels_is_counted_once(bare: Team) -> None:
    first = factories.subscribe(3)
    for person in first:
        factories.subscribe_again(person, channel="whatsapp")
    found = estimate_for(bare, ("en", "sms", 1), ("en", "whatsapp", 1))
    assert [(line.channel, line.people) for line in found.lines] == [("sms", 3)]
    only_whatsapp = estimate_for(bare, ("en", "whatsapp", 1))
    assert [(line.channel, line.people) for line in only_whatsapp.lines] == [("whatsapp", 3)]
