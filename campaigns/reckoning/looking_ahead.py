"""Looking ahead: what a broadcast would do if it went out, beside its people and its price."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Broadcast
from campaigns.partners.efforts import find_holdout
from campaigns.reckoning.budgets import Share, describe_fault, find_shares
from campaigns.reckoning.estimating import Estimate, count_capped
from campaigns.reckoning.timing import find_start, window_in
from campaigns.reckoning.windows import NoWindowError
from locales.countries import get_country
from messaging.models import Sender
from messaging.sending.holdout import WHOLE


@dataclass(frozen=True, slots=True)
class Ahead:
    """Hold the budgets it falls under, why one is too small, when it ends, and who is left out."""

    shares: tuple[Share, ...]
    faults: tuple[str, ...]
    ends_at: datetime | None
    capped: int
    senders: tuple[str, ...]
    # In percent, by chance.
    held_out: int


def look_ahead(broadcast: Broadcast, estimate: Estimate, *, now: datetime) -> Ahead:
    """Return what would come of a broadcast that begins at its time, or now."""
    senders = Sender.objects.filter(pk__in=estimate.sent_by)
    shares = find_shares(broadcast, estimate, now=now)
    return Ahead(
        shares=tuple(shares),
        faults=tuple(describe_fault(share) for share in shares if share.fault),
        ends_at=_find_end(broadcast, estimate, now=now),
        capped=count_capped(broadcast, estimate),
        senders=tuple(senders.order_by("channel", "name").values_list("name", flat=True)),
        held_out=find_holdout(broadcast) * 100 // WHOLE,
    )


def _find_end(broadcast: Broadcast, estimate: Estimate, *, now: datetime) -> datetime | None:
    """Return when the last message goes out, of what goes out at all."""
    start = find_start(broadcast, now=now)
    ends = []
    for country in {line.country for line in estimate.lines}:
        try:
            opens, closes = window_in(get_country(country), broadcast, start)
        except NoWindowError:
            continue
        ends.append(min(opens + estimate.duration, closes))
    return max(ends, default=None)
