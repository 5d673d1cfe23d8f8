"""What one part costs, for those below who may not know of us (`settings.CMS_PRICE_OF_PART`)."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from campaigns.models import Price


def price_of_part(
    channel: str, countries: Collection[str], *, today: date
) -> dict[str, tuple[Decimal, str, bool]]:
    """Return the price of one part, its currency and whether it is an example, by country.

    A country without a price of its own is left out.
    """
    rows = Price.objects.filter(channel=channel, country__in=countries, valid_from__lte=today)
    return {
        row.country: (row.amount, row.currency, row.example) for row in rows.order_by("valid_from")
    }
