"""What a rehearsal needs beside content and people: senders, countries, words, prices, the fence.

Every `ensure_` may be repeated; none changes what somebody has edited since.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from campaigns.field.join_words import Wish, save_word
from campaigns.field.joining import fold_word
from campaigns.models import Budget, Campaign, JoinWord, Partner, PreparedAnswer, Price
from cms.models import Leg, Route
from config.fiction import CROWDS, ROUTES
from locales.countries import COUNTRIES
from messaging.models import Clearance, CountryRule, Fence, Sender, SenderCountry

# Fictional like the phones: country code 999 is assigned to nobody. People can answer both.
SENDERS = (
    ("Rehearsal SMS", "sms", "+9990000001"),
    ("Rehearsal WhatsApp", "whatsapp", "+9990000002"),
)
_MADE_UP_COST = Decimal("0.05")
_SANDBOX_PARTS_PER_SECOND = 500
_MADE_UP = "made up for a rehearsal"
_CAMPAIGN_DAYS = 120
_BUDGETED, _BUDGET = ("SN", "TN"), Decimal(5000)


def ensure_senders() -> None:
    """Make one sender for each channel, served by the sandbox through the real adapter."""
    for name, channel, address in SENDERS:
        Sender.objects.get_or_create(
            name=name,
            defaults={
                "channel": channel,
                "provider": "twilio",
                "address": address,
                "parts_per_second": _SANDBOX_PARTS_PER_SECOND,
                "two_way": True,
            },
        )


def ensure_registrations(*, now: datetime) -> None:
    """Register both senders in every country of the rehearsal, at a made-up cost."""
    countries = set(CountryRule.objects.values_list("country", flat=True))
    countries |= set(Leg.objects.values_list("country", flat=True))
    countries |= {crowd.country for crowd in CROWDS}
    senders = Sender.objects.filter(name__in=[name for name, _channel, _address in SENDERS])
    SenderCountry.objects.bulk_create(
        [
            SenderCountry(
                sender=sender,
                country=country,
                state=SenderCountry.State.ACTIVE,
                cost=_MADE_UP_COST,
                checked_on=now.date(),
            )
            for sender in senders
            for country in sorted(countries & set(COUNTRIES) - {"EU"})
        ],
        ignore_conflicts=True,
    )


def ensure_fence() -> None:
    """Make the one row of the fence, open, where it is missing."""
    if not Fence.objects.exists():
        Fence.objects.create(send_enabled=True)


def ensure_country_rules() -> None:
    """Load what each country allows for senders and replies."""
    known = set(CountryRule.objects.values_list("country", flat=True))
    rows = _read("messaging/data/country_rules.yaml")["senders_by_country"]
    CountryRule.objects.bulk_create(
        CountryRule(**row) for row in rows if row["country"] not in known
    )


def ensure_example_prices() -> None:
    """Load the example prices, marked as such, so that an estimate has figures."""
    data = _read("campaigns/data/example_prices.yaml")
    Price.objects.bulk_create(
        [
            _example_price(data, channel, country)
            for channel in ("sms", "whatsapp")
            for country in data[channel]
        ],
        ignore_conflicts=True,
    )


def ensure_clearances(*, now: datetime) -> None:
    """Open the countries of the pack's routes and of the fictional audience, their papers made up."""
    wanted = set(Leg.objects.values_list("country", flat=True))
    wanted |= {crowd.country for crowd in CROWDS}
    known = set(Clearance.objects.values_list("country", flat=True))
    Clearance.objects.bulk_create(
        Clearance(
            country=country,
            assessed_on=now.date(),
            hosting=_MADE_UP,
            agreement=_MADE_UP,
            incident_contact=_MADE_UP,
            opened_at=now,
        )
        for country in sorted(wanted & set(COUNTRIES) - {"EU"} - known)
    )


def ensure_join_words() -> None:
    """Make a few words for the demo routes, in three scripts; none says anything about a route."""
    known = set(JoinWord.objects.values_list("folded", "country"))
    routes = set(Route.objects.values_list("code", flat=True))
    for row in _read("campaigns/data/join_words.yaml")["words"]:
        word, country = row["word"], row["country"]
        if row["route"] not in routes or (fold_word(word), country) in known:
            continue
        wish = Wish(
            word=word,
            country=country,
            routes=(row["route"],),
            languages=tuple(row["languages"]),
            is_default=not JoinWord.objects.filter(country=country).exists(),
        )
        save_word(wish)


def ensure_prepared_answers() -> None:
    """Make a few answers that whoever answers questions can choose, for all partners."""
    if PreparedAnswer.objects.filter(partner__isnull=True).exists():
        return
    rows = _read("campaigns/data/prepared_answers.yaml")["answers"]
    PreparedAnswer.objects.bulk_create(PreparedAnswer(**row) for row in rows)


def ensure_campaign(partner: Partner, *, now: datetime) -> None:
    """Make one campaign that has begun, where a partner has none."""
    if partner.campaigns.exists():
        return
    Campaign.objects.create(
        partner=partner,
        name="Ask before you pay",
        objective="Fewer people pay for an offer before they have asked somebody independent.",
        audience="Adults on the three demo routes who asked for news of theirs.",
        routes=sorted(ROUTES),
        indicators=["Calls to the information lines", "People who open the page of their route"],
        starts_on=now.date(),
        ends_on=now.date() + timedelta(days=_CAMPAIGN_DAYS),
        holdout_percent=5,
        activated_at=now,
    )


def ensure_budgets(partner: Partner, *, now: datetime) -> None:
    """Give a partner something to spend in two countries in this month."""
    for country in _BUDGETED:
        Budget.objects.get_or_create(
            partner=partner,
            country=country,
            month=now.date().replace(day=1),
            defaults={"amount": _BUDGET},
        )


def _example_price(data: dict[str, Any], channel: str, country: str) -> Price:
    valid_from: date = data["valid_from"]
    return Price(
        channel=channel,
        country=country,
        amount=Decimal(str(data[channel][country])),
        currency=data["currency"],
        valid_from=valid_from,
        source=data["source"],
        example=True,
    )


def _read(path: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((Path(settings.BASE_DIR) / path).read_text("utf-8"))
    return data
