"""Work: what a tick does, callable from a task and from a command alike; needs no broker."""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime

from messaging import batches, receipts
from messaging.dispatch import drain
from messaging.models import Batch, Sender
from messaging.providers.base import Provider
from messaging.senders import give_back_lease, provider_named, take_lease

_LEASE_SECONDS = 30
Clock = Callable[[], datetime]
_ending = threading.Event()

log = logging.getLogger("waymark.work")


def send_due(
    *,
    clock: Clock,
    seconds: float,
    provider_of: Callable[[str], Provider] = provider_named,
) -> int:
    """Send what is due, sender by sender, for at most `seconds`; return how many rows were handled."""
    until = time.monotonic() + seconds
    handled = 0
    if Batch.objects.filter(state=Batch.State.RUNNING).exists():
        senders = list(Sender.objects.filter(active=True).order_by("pk"))
        for left, sender in zip(range(len(senders), 0, -1), senders, strict=True):
            # Its share of the time that is left: a slow sender must not starve those after it.
            share = (until - time.monotonic()) / left
            handled += _drain_alone(
                sender, provider_of, clock=clock, until=time.monotonic() + share
            )
        batches.finish_done(now=clock())
    return handled


def stop_sending() -> None:
    """Let whoever sends in this process put no further messages on the wire: the process is ending."""
    _ending.set()


def fold_receipts(*, clock: Clock, seconds: float) -> int:
    """Fold waiting receipts for at most `seconds` and return how many."""
    until = time.monotonic() + seconds
    folded = 0
    while time.monotonic() < until:
        step = receipts.fold_waiting(now=clock())
        folded += step
        if not step:
            break
    return folded


def _drain_alone(
    sender: Sender, provider_of: Callable[[str], Provider], *, clock: Clock, until: float
) -> int:
    try:
        return _drain_sender(sender, provider_of(sender.provider), clock=clock, until=until)
    except Exception:  # (whatever is wrong with one must not stop the others at every tick)
        log.exception("sender %s cannot be drained", sender.pk)
        return 0


def _drain_sender(sender: Sender, provider: Provider, *, clock: Clock, until: float) -> int:
    owner = uuid.uuid4().hex[:16]
    handled = 0
    try:
        while not _ending.is_set() and take_lease(
            sender, owner, seconds=_LEASE_SECONDS, now=clock()
        ):
            step = drain(sender, owner, provider=provider, now=clock())
            handled += step.claimed
            # One drainer holds the lease, so waiting here keeps the sender's own rate. It is waited
            # out even past `until`, for the next drainer knows nothing of what went before.
            free_at = step.called_at + step.parts / max(1, sender.parts_per_second)
            time.sleep(max(0.0, free_at - time.monotonic()))
            if not step.claimed or time.monotonic() >= until:
                break
    finally:
        give_back_lease(sender, owner)
    return handled
