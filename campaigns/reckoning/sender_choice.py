"""Choosing the sender of a broadcast: whom its author may choose, and where that one cannot serve.

The house chooses where nobody is named. Whoever is chosen serves alone: what a halted sender was given
waits, and nobody takes over from it.
"""

from collections.abc import Collection, Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.models import Broadcast
from campaigns.partners.limit_words import LIMITS
from campaigns.reckoning.estimating import Estimate
from cms.freshness import Hold
from locales.countries import country_name
from messaging.models import Sender
from messaging.models.subscribers import Channel
from messaging.senders.roster import NoSenderError, load_market


def list_senders(countries: Collection[str]) -> dict[str, list[tuple[int, str]]]:
    """Return by channel who may serve one of some countries at least; anybody where none is named."""
    return {channel: _list_channel(channel, countries or [""]) for channel in Channel.values}


def find_unserved(channel: str, sender: int, countries: Collection[str]) -> list[str]:
    """Return the countries to which a sender may not send."""
    market, unserved = load_market(channel, countries), []
    for country in countries:
        try:
            market.rank(country, chosen=sender)
        except NoSenderError:
            unserved.append(country)
    return unserved


def hold_senders(broadcast: Broadcast, estimate: Estimate) -> list[Hold]:
    """Return the channels with people whom the chosen sender cannot reach, or else no sender at all."""
    names = _name_chosen(broadcast.senders)
    return [
        _hold(names.get(channel), channel, countries)
        for channel, countries in sorted(estimate.unserved.items())
    ]


def name_countries(codes: Collection[str]) -> str:
    """Return the names of some countries, one after the other."""
    language = get_language() or "en"
    return ", ".join(country_name(code, language) for code in codes)


def _list_channel(channel: str, countries: Collection[str]) -> list[tuple[int, str]]:
    market, fit = load_market(channel, countries), set()
    for country in countries:
        try:
            fit |= {choice.sender for choice in market.rank(country)}
        except NoSenderError:
            continue
    rows = Sender.objects.filter(pk__in=fit).order_by("priority", "name")
    return [
        (row.pk, _("%(name)s (halted)") % {"name": row.name} if row.halted_at else row.name)
        for row in rows
    ]


def _name_chosen(senders: Mapping[str, int]) -> dict[str, str]:
    named = dict(Sender.objects.filter(pk__in=senders.values()).values_list("pk", "name"))
    return {channel: named.get(sender, "") for channel, sender in senders.items()}


def _hold(chosen: str | None, channel: str, countries: Collection[str]) -> Hold:
    code = "no_sender" if chosen is None else "sender_unfit"
    who = chosen or str(Channel(channel).label)
    why, _remedy = LIMITS[code]
    return Hold(code=code, what=f"{who} · {name_countries(countries)}", detail=str(why))
