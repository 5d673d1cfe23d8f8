"""Limits: how much of something was used on a day, counted under a keyed hash; no number, no address.

The day is part of what is hashed, so that rows of two days tell nobody that they are about one thing.
Counting is one UPDATE that carries its own condition: two at once cannot both take the last one.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db.models import F, Sum

from messaging.models import Allowance
from messaging.sealing import crypto


def take(scope: str, text: str, *, most: int, now: datetime) -> bool:
    """Take one of at most `most` a day for `text`; say whether there was one left."""
    day = _day_of(now)
    key = _hash_key(scope, text, day)
    row = Allowance.objects.filter(scope=scope, key=key, day=day)
    left = row.filter(used__lt=most)
    if left.update(used=F("used") + 1):
        return True
    # Full, or not there yet: whoever comes second finds the row that the first one made.
    Allowance.objects.bulk_create([Allowance(scope=scope, key=key, day=day)], ignore_conflicts=True)
    return bool(left.update(used=F("used") + 1))


def count(scope: str, text: str, *, times: int = 1, now: datetime) -> None:
    """Count some more of something that has no limit, to know later how usual it is."""
    day = _day_of(now)
    key = _hash_key(scope, text, day)
    row = Allowance.objects.filter(scope=scope, key=key, day=day)
    if not row.update(used=F("used") + times):
        made = Allowance(scope=scope, key=key, day=day)
        Allowance.objects.bulk_create([made], ignore_conflicts=True)
        row.update(used=F("used") + times)


def count_used(scope: str, texts: Iterable[str], *, days: int, now: datetime) -> int:
    """Return how much was used for some texts in the last `days` days, today among them."""
    last = _day_of(now)
    dates = [last - timedelta(days=ago) for ago in range(days)]
    keys = [_hash_key(scope, text, day) for text in texts for day in dates]
    rows = Allowance.objects.filter(scope=scope, key__in=keys, day__gte=dates[-1])
    return int(rows.aggregate(used=Sum("used"))["used"] or 0)


def _hash_key(scope: str, text: str, day: date) -> bytes:
    return crypto.keyed_hash(f"limit.{scope}", f"{day.isoformat()}|{text}")


def _day_of(now: datetime) -> date:
    return now.astimezone(UTC).date()
