"""WhatsApp's window: for a day after somebody's last message she may be sent free text; else templates.

The last gate before a message goes reads the column; who writes it is here alone.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from messaging.models import Subscriber
from messaging.wire import WHATSAPP

LENGTH = timedelta(hours=24)


def note_message(
    hashes: Collection[bytes], *, channel: str, written_at: datetime, now: datetime
) -> bool:
    """Open the window of whoever has just written on WhatsApp; say whether one is open now.

    A message of yesterday opens none, and none is ever made shorter.
    """
    until = written_at + LENGTH
    if channel != WHATSAPP or until <= now:
        return False
    hers = Subscriber.objects.filter(channel=WHATSAPP, number_hash__in=list(hashes))
    earlier = Q(window_until__isnull=True) | Q(window_until__lt=until)
    here = hers.exclude(state=Subscriber.State.STOPPED)
    return bool(here.filter(earlier).update(window_until=until))


def find_over(before: datetime) -> QuerySet[Subscriber]:
    """Return those whose window had closed by then."""
    return Subscriber.objects.filter(window_until__lte=before)


def close(ids: Sequence[int], now: datetime) -> int:
    """Forget when some people wrote last, where their window is over; return of how many."""
    # Whoever has written since has a window that is not over.
    over = Subscriber.objects.filter(pk__in=ids, window_until__lte=now)
    return over.update(window_until=None)
