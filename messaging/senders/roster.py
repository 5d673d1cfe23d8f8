"""Senders: which of them serve a channel and country, and who speaks to its provider.

The rule itself is `messaging.senders.choosing`; here is what it needs to know, loaded in one query.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import F, FilteredRelation, Q

from messaging.models import CountryRule, Sender, SenderCountry, Template
from messaging.providers.base import Provider
from messaging.providers.registry import FACTORIES, make_provider
from messaging.senders import choosing
from messaging.senders.capacity import compute_left, used_by
from messaging.senders.choosing import Candidate, Choice, Rule, Wish
from messaging.wire import WHATSAPP

PROVIDERS = tuple(FACTORIES)
# Prices change and differ between a country's networks; what costs far more is not what was meant.
_LEEWAY = 2
_COLUMNS = (
    *("pk", "name", "channel", "provider", "kind", "two_way", "priority", "halted_at"),
    *("daily_cap", "people_per_day", "used", "used_by_all", "country", "registration", "cost"),
)


class NoSenderError(LookupError):
    """Say that no sender may serve a channel in a country: what is missing, and what to do."""


@dataclass(frozen=True, slots=True)
class Market:
    """Hold all that is known of the senders of a channel, by country; `` is no country at all."""

    channel: str
    candidates: Mapping[str, tuple[Candidate, ...]]
    rules: Mapping[str, Rule]

    def rank(
        self, country: str, *, needs_reply: bool = False, chosen: int | None = None
    ) -> list[Choice]:
        """Return who may serve a country, the best first; raise `NoSenderError` where nobody may.

        With `chosen` only that sender is asked.
        """
        strict = not settings.REHEARSAL
        wish = Wish(self.channel, country, needs_reply, strict=strict, chosen=chosen)
        there, rule = self.candidates[country], self.rules.get(country)
        ranked = choosing.rank_senders(wish, there, rule)
        if not ranked:
            raise NoSenderError(choosing.explain_none(wish, there, rule))
        return ranked


def load_market(channel: str, countries: Collection[str]) -> Market:
    """Load the active senders of a channel with where they stand in some countries."""
    rows = _query(channel, countries)
    found: dict[str, tuple[Candidate, ...]] = {}
    for country in countries:
        mine = {row["pk"]: _make_candidate(row, country) for row in rows}
        mine |= {
            row["pk"]: _make_candidate(row, country) for row in rows if row["country"] == country
        }
        found[country] = tuple(mine.values())
    rules = CountryRule.objects.filter(country__in=countries)
    return Market(channel, found, {r.country: Rule(r.alpha_sender, r.two_way) for r in rules})


def choose_sender(
    channel: str, country: str, *, needs_reply: bool = False, template: str = ""
) -> Sender:
    """Return the sender that serves a channel and country best, of any country where that is empty.

    With `template`, a wording's reference, only of the provider that knows it.
    """
    ranked = load_market(channel, [country]).rank(country, needs_reply=needs_reply)
    homes = find_homes([template]) if template else set()
    return Sender.objects.get(pk=keep_knowing(ranked, channel, homes)[0].sender)


def find_homes(refs: Collection[str]) -> set[str]:
    """Return the providers at which wordings of some references were approved."""
    return set(Template.objects.filter(ref__in=refs).values_list("sender__provider", flat=True))


def keep_knowing(ranked: list[Choice], channel: str, homes: Collection[str]) -> list[Choice]:
    """Leave out senders on WhatsApp whose provider does not know the wordings."""
    if channel != WHATSAPP or not homes:
        return ranked
    knowing = [choice for choice in ranked if choice.provider in homes]
    if not knowing:
        raise NoSenderError(
            "No sender on WhatsApp belongs to the provider that knows the wordings."
        )
    return knowing


def read_ceilings(sender: int) -> dict[str, Decimal]:
    """Return by country the most that one part from a sender may cost, in US dollars: twice what it did."""
    priced = SenderCountry.objects.filter(sender=sender, currency="USD", cost__gt=0)
    return {
        country: _LEEWAY * cost
        for country, cost in priced.values_list("country", "cost")
        if cost is not None
    }


def _query(channel: str, countries: Collection[str]) -> list[dict[str, Any]]:
    wanted = Q(countries__country__in=list(countries))
    return list(
        Sender.objects.filter(channel=channel, active=True)
        .annotate(
            there=FilteredRelation("countries", condition=wanted),
            used=used_by(),
            used_by_all=used_by(portfolio=True),
            country=F("there__country"),
            registration=F("there__state"),
            cost=F("there__cost"),
        )
        .order_by("pk")
        .values(*_COLUMNS)
    )


def _make_candidate(row: Mapping[str, Any], country: str) -> Candidate:
    known = row["country"] == country
    used = row["used"] or 0
    return Candidate(
        pk=row["pk"],
        name=row["name"],
        channel=row["channel"],
        provider=row["provider"],
        kind=row["kind"],
        two_way=row["two_way"],
        priority=row["priority"],
        registration=row["registration"] if known else None,
        cost=row["cost"] if known else None,
        left=compute_left(
            row["daily_cap"], used, row["people_per_day"], max(used, row["used_by_all"] or 0)
        ),
        halted=row["halted_at"] is not None,
    )


@cache
def provider_named(name: str) -> Provider:
    """Return the adapter called `name`, made once for each process; raise LookupError for no such one."""
    return make_provider(name, settings)
