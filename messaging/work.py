"""Work: what a tick does, callable from a task and from a command alike; needs no broker."""

import logging
import threading
import time
import uuid
from collections.abc import Callable

from messaging.models import Batch, Sender
from messaging.providers.base import Provider
from messaging.receiving import codes, receipts
from messaging.senders.roster import provider_named
from messaging.sending import batches
from messaging.sending.dispatch import Clock, Drainer
from messaging.sending.flight import Bell

_SHORTEST_REST = 0.005
_ending = threading.Event()

log = logging.getLogger("waymark.work")


def send_due(
    *,
    clock: Clock,
    seconds: float,
    provider_of: Callable[[str], Provider] = provider_named,
) -> int:
    """Send what is due of every sender side by side, for at most `seconds`; return how many rows.

    What is in flight by then is waited for and recorded.
    """
    if not Batch.objects.filter(state=Batch.State.RUNNING).exists():
        return 0
    codes.keep_up(now=clock())
    bell, until = Bell(), time.monotonic() + seconds
    drainers = _make_drainers(provider_of, bell)
    try:
        while not _ending.is_set() and time.monotonic() < until:
            if not _step(drainers, clock=clock):
                if all(drainer.done for drainer in drainers):
                    break
                wakes = min((one.wakes_at for one in drainers if not one.idle), default=until)
                bell.wait(max(_SHORTEST_REST, min(wakes, until) - time.monotonic()))
    finally:
        for drainer in drainers:
            _land(drainer, bell, clock=clock)
    batches.finish_done(now=clock())
    return sum(drainer.handled for drainer in drainers)


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
        if not receipts.was_full(step):
            break
    return folded


def _make_drainers(provider_of: Callable[[str], Provider], bell: Bell) -> list[Drainer]:
    owner, drainers = uuid.uuid4().hex[:16], []
    for sender in Sender.objects.filter(active=True).order_by("pk"):
        try:
            provider = provider_of(sender.provider)
        except Exception:  # (whatever is wrong with one must not stop the others at every tick)
            log.exception("sender %s cannot be drained", sender.pk)
        else:
            drainers.append(Drainer(sender, owner, provider, bell))
    return drainers


def _land(drainer: Drainer, bell: Bell, *, clock: Clock) -> None:
    try:
        drainer.land(bell, clock=clock)
    except Exception:  # (the answers of the others are still to be recorded)
        log.exception("sender %s: its answers cannot be recorded", drainer.sender.pk)


def _step(drainers: list[Drainer], *, clock: Clock) -> bool:
    """Let each drainer do what it can now; say whether anything moved."""
    moved = False
    for drainer in drainers:
        step = drainer.take if drainer.broken else drainer.step
        try:
            moved = step(now=clock()) or moved
        except Exception:  # (whatever is wrong with one must not stop the others)
            log.exception("sender %s cannot be drained", drainer.sender.pk)
            drainer.broken = drainer.idle = True
    return moved
