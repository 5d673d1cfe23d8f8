"""Tasks: wake-ups. Each may be lost, doubled or late; the work is found in the database."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from celery import shared_task
from celery.signals import worker_shutting_down
from django.utils import timezone

from messaging import work
from messaging.guarding import fencing
from messaging.notifying import notices, templates
from messaging.receiving import billing, mirroring, sampling, sweeping
from messaging.receiving.reconcile import reconcile_unknown
from messaging.senders import capacity, stalling
from messaging.sending import failing_over, recounting, repair, self_pausing
from messaging.upkeep import redacting, retention

_SECONDS = 20.0
_RETAIN_SECONDS = 60.0
# From one tick of those that send to the next.
_TICK = 2.0


class _Turn:
    """Let one thread of this process do a thing at a time, for about `_SECONDS`.

    More would take every thread from the other ticks, and each has calls of its own in flight.
    """

    def __init__(self) -> None:
        self._doing, self._waiting = threading.Lock(), threading.Lock()
        self._until = 0.0

    def take(self, do: Callable[[], object]) -> None:
        """Do it, unless another thread is at it; where that ends within a tick, one waits for it."""
        if not self._doing.acquire(blocking=False) and not self._wait():
            return
        try:
            self._until = time.monotonic() + _SECONDS
            do()
        finally:
            self._doing.release()

    def _wait(self) -> bool:
        # Else nothing would be sent from the end of one until the tick after it.
        left = max(0.0, self._until - time.monotonic())
        if left > _TICK or not self._waiting.acquire(blocking=False):
            return False
        try:
            return self._doing.acquire(timeout=left + _TICK)
        finally:
            self._waiting.release()


_draining, _noticing = _Turn(), _Turn()


@shared_task(name="messaging.drain")
def drain() -> None:
    """Send what is due, one thread of a process at a time."""
    _draining.take(lambda: work.send_due(clock=timezone.now, seconds=_SECONDS))


@shared_task(name="messaging.notices")
def send_notices() -> None:
    """Send single messages, such as codes, one thread of a process at a time."""
    _noticing.take(lambda: notices.send_due(clock=timezone.now, seconds=_SECONDS))


@shared_task(name="messaging.fold_receipts")
def fold_receipts() -> None:
    """Fold the receipts that wait."""
    work.fold_receipts(clock=timezone.now, seconds=_SECONDS)


@shared_task(name="messaging.repair")
def repair_leases() -> None:
    """Mend what a crash left half done; let what nobody has yet go by another sender."""
    repair.repair_leases(now=timezone.now())
    failing_over.move_stranded(now=timezone.now())
    failing_over.try_sms(now=timezone.now())


@shared_task(name="messaging.recount")
def recount() -> None:
    """Count anew how far each batch is, and pause those of which too much fails."""
    recounting.recount_watched(clock=timezone.now)
    self_pausing.pause_failing(now=timezone.now())


@shared_task(name="messaging.watch")
def watch() -> None:
    """Look whether what is due moves, and know which database this is."""
    fencing.bind()
    stalling.watch(now=timezone.now())


@shared_task(name="messaging.reconcile")
def reconcile() -> None:
    """Ask the provider about what is unknown."""
    reconcile_unknown(now=timezone.now(), older_than=timedelta(minutes=15))


@shared_task(name="messaging.templates")
def ask_about_templates() -> None:
    """Ask what WhatsApp says of the wordings that have waited longest."""
    templates.poll(now=timezone.now(), seconds=_SECONDS)


@shared_task(name="messaging.mirror")
def mirror_opt_outs() -> None:
    """Read on in the provider's own list of those who left, where a day is over."""
    mirroring.read_list(clock=timezone.now, seconds=_SECONDS)


@shared_task(name="messaging.prices")
def fetch_prices() -> None:
    """Ask what messages cost."""
    billing.fetch_prices(now=timezone.now(), seconds=_SECONDS)


@shared_task(name="messaging.redact")
def redact() -> None:
    """Take the texts of old messages out of what the provider keeps."""
    redacting.redact_old(now=timezone.now(), seconds=_SECONDS)


@shared_task(name="messaging.sweep")
def sweep() -> None:
    """Look for what callbacks have not told: messages from people, and once a day receipts."""
    sweeping.sweep_inbound(now=timezone.now())
    sampling.sample_nightly(now=timezone.now())


@shared_task(name="messaging.retain")
def retain() -> None:
    """Remove what has been kept long enough."""
    retention.run(now=timezone.now(), seconds=_RETAIN_SECONDS, sparing=True)
    capacity.forget_hours(now=timezone.now())


@worker_shutting_down.connect
def stop_sending(**_: object) -> None:
    """Let a worker that was asked to end stop after the messages that are on the wire."""
    work.stop_sending()
    notices.stop_sending()
