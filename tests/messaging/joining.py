"""People who ask to join, for tests: an open country, a request, the code in what was sent to them."""

import re
from datetime import datetime
from typing import Any

from django.utils import timezone

from messaging.joining import signups
from messaging.models import Clearance, CountryRule, Sender
from messaging.notifying import notices
from messaging.providers.memory import Memory
from tests.messaging.factories import TOPIC, make_sender, number_of


def open_country(code: str = "SN", *, two_way: str = "no") -> None:
    """Let people join from a country, and say whether its phones can answer an SMS."""
    now = timezone.now()
    Clearance.objects.get_or_create(
        country=code,
        defaults={
            "assessed_on": now.date(),
            "hosting": "here",
            "agreement": "signed",
            "incident_contact": "somebody",
            "opened_at": now,
        },
    )
    CountryRule.objects.update_or_create(
        country=code,
        defaults={"alpha_sender": "yes", "two_way": two_way, "confidence": "made up"},
    )
    make_sender("sms")
    make_sender("whatsapp")
    Sender.objects.update(two_way=True)


def make_request(serial: int = 1, **more: Any) -> signups.Request:
    """Return what somebody asks for on the web."""
    given: dict[str, Any] = {
        "channel": "sms",
        "number": number_of(serial),
        "language": "fr",
        "country": "SN",
        "topics": (TOPIC,),
        "method": "web",
        "wording": "messages-1.fr",
    }
    return signups.Request(**(given | more))


def send_notices(provider: Memory, *, now: datetime | None = None) -> int:
    """Send every notice that is due and return how many were called for."""
    return notices.send_due(
        clock=lambda: now or timezone.now(), seconds=30, provider_of=lambda _name: provider
    )


def read_code(provider: Memory, serial: int = 1, *, number: str = "") -> str:
    """Return the code in the last message to a number."""
    wanted = number or number_of(serial)
    bodies = [entry.outgoing.body for entry in provider.ledger if entry.outgoing.to == wanted]
    found = re.findall(r"\b\d{6}\b", bodies[-1])
    assert len(found) == 1, "the message holds one code"
    return str(found[0])
