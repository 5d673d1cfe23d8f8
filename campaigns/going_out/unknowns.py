"""Unknowns: of which broadcasts nobody knows whether a message was handed over, for whoever decides."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import audit
from campaigns.going_out.resuming import find_doubts
from campaigns.models import Broadcast
from messaging.receiving import deciding


class DoubtError(Exception):
    """Say why nothing of a broadcast may be sent after all, and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one broadcast and what is unknown of it."""

    broadcast: Broadcast
    unknown: deciding.Unknowns


def list_lines(*, now: datetime) -> list[Line]:
    """Return the broadcasts of which something is unknown, those with something to decide first."""
    found = {one.reference: one for one in deciding.list_unknown(now=now)}
    codes = [reference.rpartition(":")[2] for reference in found]
    broadcasts = Broadcast.objects.filter(code__in=codes).select_related("partner", "message")
    by_reference = {one.reference: one for one in broadcasts}
    lines = [Line(by_reference[name], one) for name, one in found.items() if name in by_reference]
    return sorted(lines, key=lambda line: (not line.unknown.absent, not line.unknown.open))


def send_again(broadcast: Broadcast, *, person: int, now: datetime) -> int:
    """Have sent again what provably never reached the provider; return how many.

    Raise `DoubtError` where it is not true any more, or may not go out now for another reason.
    """
    with transaction.atomic():
        people = deciding.plan_again(broadcast.reference, person=person, now=now)
        # Asked of what waits with these in it; where they may not go, they are as they were.
        if doubts := find_doubts(broadcast, now=now):
            reasons = " ".join(doubts)
            raise DoubtError(_("It cannot go on now. %(reasons)s") % {"reasons": reasons})
        _write_down("planned_again", broadcast, people, person=person, now=now)
    return people


def leave(broadcast: Broadcast, *, person: int, now: datetime) -> int:
    """Leave for good what is unknown of a broadcast; return how many."""
    with transaction.atomic():
        people = deciding.leave_unknown(broadcast.reference, person=person, now=now)
        _write_down("left_unknown", broadcast, people, person=person, now=now)
    return people


def _write_down(
    verb: str, broadcast: Broadcast, people: int, *, person: int, now: datetime
) -> None:
    if people:
        audit.note_broadcast(verb, broadcast, actor=person, details={"people": people}, now=now)
