"""What a rehearsal needs beside content and people: senders, country rules, example prices, the fence.

Every `ensure_` may be repeated; none changes what somebody has edited since.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from campaigns.models import Price
from messaging.models import CountryRule, Fence, Sender

# Fictional like the phones: country code 999 is assigned to nobody.
SENDERS = (
    ("Rehearsal SMS", "sms", "+9990000001"),
    ("Rehearsal WhatsApp", "whatsapp", "+9990000002"),
)
_SANDBOX_PARTS_PER_SECOND = 500


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
            },
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
