"""Senders: which one serves a channel and country, who speaks to its provider, who drains it now."""

from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db.models import Q

from messaging.models import Sender
from messaging.providers.base import Provider
from messaging.providers.twilio import Twilio


class NoSenderError(LookupError):
    """Say that no active sender serves a channel."""


def choose_sender(channel: str, country: str) -> Sender:
    """Return the active sender of a channel; `country` will matter once senders differ by country."""
    sender = Sender.objects.filter(channel=channel, active=True).order_by("pk").first()
    if sender is None:
        raise NoSenderError(f"No active sender serves {channel} in {country}. Add one first.")
    return sender


@cache
def provider_named(name: str) -> Provider:
    """Return the adapter called `name`, made once for each process."""
    if name != "twilio":
        raise LookupError(f"No provider is called {name!r}.")
    return Twilio(
        account=settings.TWILIO_ACCOUNT_SID,
        tokens=tuple(settings.TWILIO_AUTH_TOKENS),
        url=settings.TWILIO_URL,
        content_url=settings.TWILIO_CONTENT_URL,
    )


def take_lease(sender: Sender, owner: str, *, seconds: int, now: datetime) -> bool:
    """Let `owner` alone drain a sender for some seconds, so that its rate is one rate; say if it may."""
    free = Q(drained_until__isnull=True) | Q(drained_until__lt=now) | Q(drained_by=owner)
    rested = Q(resting_until__isnull=True) | Q(resting_until__lt=now)
    taken = Sender.objects.filter(free, rested, pk=sender.pk, active=True).update(
        drained_by=owner, drained_until=now + timedelta(seconds=seconds)
    )
    return taken == 1


def give_back_lease(sender: Sender, owner: str) -> None:
    """End a lease early."""
    Sender.objects.filter(pk=sender.pk, drained_by=owner).update(drained_by="", drained_until=None)


def rest_sender(sender: Sender, *, until: datetime) -> None:
    """Let a sender rest: its account or network refuses, and trying on would not help."""
    Sender.objects.filter(pk=sender.pk).update(resting_until=until)
