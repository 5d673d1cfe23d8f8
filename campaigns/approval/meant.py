"""Meant for: whether a broadcast goes only to those for whom its message was written and checked.

The linter asks for a way out of each risk, and for softer words, where a message's people are and there
alone. A message that names neither countries nor routes is for everybody.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import get_language

from campaigns.models import Broadcast
from campaigns.partners.limit_words import LIMITS
from cms.freshness import Hold
from cms.linting.reading import countries_of
from cms.models import MessagePage
from locales.countries import country_name
from messaging.sending.eligibility import count_eligible

COUNTRIES, ROUTES = "meant_countries", "meant_routes"


@dataclass(frozen=True, slots=True)
class Meant:
    """Hold for which countries and routes a message is meant; for all where none is named."""

    message: MessagePage
    countries: tuple[str, ...]
    routes: tuple[str, ...]

    def narrow(self, countries: Collection[str]) -> tuple[str, ...]:
        """Return of some countries, or of all where none is named, those that it is meant for.

        Return them as they are where it is meant for none of them: that is refused by name.
        """
        if not self.countries:
            return tuple(countries)
        both = [code for code in self.countries if not countries or code in countries]
        return tuple(both or countries)

    def find_outside(self, routes: Collection[str], countries: Collection[str]) -> list[Hold]:
        """Return the countries and routes of an audience that it is not meant for, as holds."""
        language = get_language() or "en"
        abroad = sorted(set(countries) - set(self.countries)) if self.countries else []
        other = sorted(set(routes) - set(self.routes)) if self.routes else []
        named = [country_name(code, language) for code in abroad]
        return [
            Hold(code, f"{self.message.title} · {', '.join(outside)}", str(LIMITS[code][0]))
            for code, outside in ((COUNTRIES, named), (ROUTES, other))
            if outside
        ]


def read_meant(message: MessagePage) -> Meant:
    """Return for whom a message is meant: its countries, or those in which people of its routes are."""
    routes = list(message.routes.order_by("code"))
    return Meant(
        message=message,
        countries=tuple(message.audience_countries) or countries_of(one.pk for one in routes),
        routes=tuple(one.code for one in routes),
    )


def hold_meant(broadcast: Broadcast) -> list[Hold]:
    """Return the reasons that lie in the audience: people for whom the message is not meant."""
    if broadcast.corrects_id is not None:
        # Whoever was told what is wrong is told what is right, wherever she is.
        return []
    meant, rule = read_meant(broadcast.message), broadcast.segment
    countries: Collection[str] = rule.countries
    if meant.countries and not countries:
        # A rule that names none goes to wherever its people are now.
        countries = {group.country for group in count_eligible(broadcast.audience)}
    return meant.find_outside(rule.routes, countries)
