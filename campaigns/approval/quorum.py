"""The quorum: how many people besides its author have to approve a broadcast, and why.

One, as a rule. Two where a mistake would be large: many people, several countries, or the first
broadcast of a partner whom nobody has seen send yet.
"""

from dataclasses import dataclass

from django.conf import settings

from campaigns.models import Broadcast

LARGE, FIRST, COUNTRIES = "large", "first", "countries"
REASONS = (LARGE, FIRST, COUNTRIES)


@dataclass(frozen=True, slots=True)
class Quorum:
    """Hold how many have to approve, and by which rules more than one."""

    needed: int
    reasons: tuple[str, ...] = ()


def find_quorum(broadcast: Broadcast, *, people: int) -> Quorum:
    """Return how many have to approve a broadcast that goes to so many people."""
    asked: tuple[str, ...] = settings.TWO_APPROVERS
    reasons = []
    if LARGE in asked and people >= settings.LARGE_BROADCAST:
        reasons.append(LARGE)
    if FIRST in asked and not _has_sent(broadcast):
        reasons.append(FIRST)
    # A rule that names no country may go to any.
    if COUNTRIES in asked and len(broadcast.segment.countries) != 1:
        reasons.append(COUNTRIES)
    return Quorum(2 if reasons else 1, tuple(reasons))


def _has_sent(broadcast: Broadcast) -> bool:
    # Of a series each time is launched as a broadcast of its own.
    launched = Broadcast.objects.filter(state=Broadcast.State.LAUNCHED)
    return launched.filter(partner_id=broadcast.partner_id).exists()
