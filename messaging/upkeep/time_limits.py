"""Time limits as values: what is kept for how long, how what is over is found, and how it goes.

Nothing here knows a table; the rules themselves are in `messaging.upkeep.expiring`,
`messaging.upkeep.lapsing` and `messaging.upkeep.purging`, and a layer above may bring its own
(settings: MESSAGING_RETENTION_RULES).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.functional import Promise

NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Rule:
    """Hold one rule: `find` takes the moment before which things are over, `settle` a page of ids.

    `settle` returns how many it dealt with; what cannot go yet `find` leaves out.
    """

    name: str
    says: str | Promise
    limit: Callable[[], timedelta]
    find: Callable[[datetime], QuerySet[Any]]
    settle: Callable[[Sequence[int], datetime], int]
    # No index holds what is over, so that the clock looks for it once a day and no oftener.
    daily: bool = False


def from_settings(name: str) -> Callable[[], timedelta]:
    """Return a limit that is read from RETENTION when it is needed, in days."""
    return lambda: timedelta(days=settings.RETENTION[name])


def fixed(limit: timedelta) -> Callable[[], timedelta]:
    """Return a limit that no setting changes."""
    return lambda: limit
