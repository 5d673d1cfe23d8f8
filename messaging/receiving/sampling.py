"""Sampling: each night the provider is asked about some messages of which no receipt came.

What it knows more is taken as a receipt; if it knows more of too many, receipts are being lost, and a
person is told. Where there are no receipts a message stays `accepted`: it is never made into `delivered`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from messaging.guarding import limits, watching
from messaging.models import Alarm, Delivery
from messaging.receiving import receipts
from messaging.sealing.tokens import make_token
from messaging.senders.asking import ProviderOf, ask_all, find_archives
from messaging.senders.roster import provider_named
from messaging.states import RANK, State
from messaging.wire import Receipt, SendError, Statement

SAMPLE = 200
_SILENT_FOR, _OLDEST = timedelta(hours=24), timedelta(days=7)
# More than 2 per cent, and not one alone.
_FEWEST, _ONE_IN = 3, 50


@dataclass(frozen=True, slots=True)
class Sampled:
    """Hold of how many messages a provider was asked, and of how many it knew more."""

    asked: int = 0
    differing: int = 0

    @property
    def is_too_much(self) -> bool:
        """Say whether so many differ that receipts must be getting lost."""
        return self.differing >= _FEWEST and self.differing * _ONE_IN > self.asked


def sample_nightly(*, now: datetime, provider_of: ProviderOf = provider_named) -> Sampled | None:
    """Sample once a day, whoever calls however often; None if it was done today."""
    if not limits.take("nightly", "sample", most=1, now=now):
        return None
    return sample_silent(now=now, provider_of=provider_of)


def sample_silent(
    *,
    now: datetime,
    sample: int = SAMPLE,
    seconds: float = 60.0,
    provider_of: ProviderOf = provider_named,
) -> Sampled:
    """Ask about some messages accepted more than a day ago of which nothing was heard since."""
    asked = differing = 0
    for name, provider in find_archives(provider_of).items():
        silent = Delivery.objects.filter(
            sender__provider=name,
            state=State.ACCEPTED,
            submitting_at__lt=now - _SILENT_FOR,
            submitting_at__gt=now - _OLDEST,
        ).exclude(provider_ref="")
        chosen = silent.order_by("?").values_list("provider_ref", "pk", "attempts")[:sample]
        rows = {ref: (pk, attempt) for ref, pk, attempt in chosen}
        for ref, said in ask_all(provider.look_up, list(rows), seconds=seconds):
            if isinstance(said, SendError):
                continue
            asked += 1
            differing += _take(said, rows[ref], now=now)
    sampled = Sampled(asked, differing)
    if sampled.is_too_much:
        watching.raise_alarm(Alarm.Kind.LOST, now=now)
    return sampled


def _take(said: Statement, owner: tuple[int, int], *, now: datetime) -> bool:
    """Take what the provider said as a receipt; say whether it was news."""
    if said.state is None or RANK[State(said.state)] <= RANK[State.ACCEPTED]:
        return False
    receipt = Receipt(said.ref, said.state, said.reason, word=f"asked: {said.state}")
    receipts.keep(make_token(*owner), receipt, now=now)
    return True
