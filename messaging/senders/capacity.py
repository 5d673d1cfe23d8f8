"""Capacity: what is left of a sender's day, and the hours by which that is known.

A day is any 24 hours, and an hour counts whole while a part of it is within them: so a limit holds by
whichever clock a provider counts. A limit of people counts messages, which are never fewer.
Call `left_today` and `note_used` in the transaction that reserves the sender's pace, after the sender's
row is locked: then no two workers take the last one.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from messaging.models import Sender, SenderHour

# An hour more than a day: the oldest hour is only partly within it.
REACH = timedelta(hours=25)
_KEPT = timedelta(days=8)
_ADD = """
    INSERT INTO messaging_senderhour (sender_id, hour, messages, parts) VALUES (%s, %s, %s, %s)
    ON CONFLICT (sender_id, hour) DO UPDATE
       SET messages = messaging_senderhour.messages + excluded.messages,
           parts = messaging_senderhour.parts + excluded.parts"""


def left_today(sender: Sender, *, now: datetime | None = None) -> int | None:
    """Return how many messages a sender may still take, None where nothing limits it.

    Without `now`, by the database's clock.
    """
    if not sender.daily_cap and not sender.people_per_day:
        return None
    if sender.people_per_day and sender.portfolio:
        _take_turns(sender.portfolio)
    moment: datetime | Combinable = now if now is not None else Now()
    own = _count([sender.pk], moment)
    shared = own
    if sender.people_per_day and sender.portfolio:
        family = Sender.objects.filter(portfolio=sender.portfolio, channel=sender.channel)
        shared = _count(family.values_list("pk", flat=True), moment)
    return compute_left(sender.daily_cap, own, sender.people_per_day, shared)


def compute_left(daily_cap: int, used: int, people_per_day: int, used_by_all: int) -> int | None:
    """Return the smaller of what two limits leave, None where neither is set (0)."""
    left = [
        max(0, most - taken)
        for most, taken in ((daily_cap, used), (people_per_day, used_by_all))
        if most
    ]
    return min(left, default=None)


def note_used(sender_id: int, messages: int, parts: int, now: datetime) -> None:
    """Count what a sender is given now; any number of workers may count at once."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD, [sender_id, connection.ops.adapt_datetimefield_value(hour), messages, parts]
        )


def forget_hours(*, now: datetime) -> int:
    """Remove hours that no limit asks about any more; return how many."""
    return SenderHour.objects.filter(hour__lt=now - _KEPT).delete()[0]


def used_by(outer: str = "pk", *, portfolio: bool = False) -> Subquery:
    """Return what each sender of a query used in its day, or its whole portfolio, as a subquery."""
    hours = SenderHour.objects.filter(hour__gt=Now() - REACH)
    if portfolio:
        hours = hours.filter(
            sender__portfolio=OuterRef("portfolio"), sender__channel=OuterRef("channel")
        ).exclude(sender__portfolio="")
        group = "sender__portfolio"
    else:
        hours, group = hours.filter(sender=OuterRef(outer)), "sender"
    return Subquery(hours.order_by().values(group).annotate(used=Sum("messages")).values("used"))


def _count(senders: Iterable[int], moment: datetime | Combinable) -> int:
    recent = SenderHour.objects.filter(sender__in=senders, hour__gt=moment - REACH)
    return int(recent.aggregate(used=Sum("messages"))["used"] or 0)


def _take_turns(portfolio: str) -> None:
    """Let one transaction at a time count for a portfolio; elsewhere there is one writer anyway."""
    # Not the senders' rows: whoever comes here holds one of them already, and would wait in a ring.
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        key = int.from_bytes(hashlib.sha256(portfolio.encode()).digest()[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
