"""A small readers' site with one route, open countries, and what people type there."""

from typing import Any

from django.test import Client
from django.utils import timezone

from campaigns.models.segments import topic_of
from cms.models import Route, RoutePage
from messaging.consenting import consent
from messaging.consenting.wordings import current
from messaging.models import Clearance, ConsentEntry, Sender
from messaging.numbers import make_fiction
from tests.cms.making import make_claim, make_home

NUMBER = make_fiction("221", 7_000_042)


def make_site(*languages: str) -> Route:
    """Make first pages and one route with something to read."""
    home = make_home("en")
    for language in languages:
        make_home(language)
    route: Route = Route.objects.get_or_create(
        code="cmed", defaults={"name": "A way", "confidence": "C"}
    )[0]
    home.add_child(instance=RoutePage(title="A way", slug="a-way", migration_route=route))
    claim = make_claim()
    claim.routes = [route]
    claim.save()
    return route


def open_country(code: str = "SN") -> None:
    """Put a country's papers in order."""
    now = timezone.now()
    papers = {"hosting": "x", "agreement": "x", "incident_contact": "x", "assessed_on": now.date()}
    Clearance.objects.create(country=code, opened_at=now, **papers)


def make_sender(channel: str = "sms") -> Sender:
    """Make a sender that lives in this process."""
    return Sender.objects.create(
        name=channel,
        channel=channel,
        provider="memory",
        address="+9990000001",
        parts_per_second=1000,
    )


def subscribe(number: str = NUMBER, *, channel: str = "sms") -> None:
    """Let a fictional person be subscribed."""
    joining = consent.Joining(
        channel=channel,
        number=number,
        language="en",
        country="SN",
        topics=(topic_of("cmed"),),
        method=ConsentEntry.Method.REHEARSAL,
        wording="test",
    )
    consent.grant(joining, now=timezone.now())


def typed(**changes: Any) -> dict[str, Any]:
    """Return what somebody types into the form to join, complete unless changed."""
    return {
        "messages_in": "en",
        "country": "SN",
        "routes": ["cmed"],
        "channel": "sms",
        "number": NUMBER,
        "age": "adult",
        "wording": current("messages", "en").reference,
    } | changes


def reader(**extra: Any) -> Client:
    """Return a reader's browser, which takes nothing compressed."""
    return Client(headers={"accept-encoding": "identity"}, **extra)
