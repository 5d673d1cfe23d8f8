"""Tasks: wake-ups. Each may be lost, doubled or late; the work is found in the database."""

from datetime import timedelta

from celery import shared_task
from celery.signals import worker_shutting_down
from django.utils import timezone

from messaging import repair, work
from messaging.reconcile import reconcile_unknown

_SECONDS = 20.0


@shared_task(name="messaging.drain")
def drain() -> None:
    """Send what is due."""
    work.send_due(clock=timezone.now, seconds=_SECONDS)


@shared_task(name="messaging.fold_receipts")
def fold_receipts() -> None:
    """Fold the receipts that wait."""
    work.fold_receipts(clock=timezone.now, seconds=_SECONDS)


@shared_task(name="messaging.repair")
def repair_leases() -> None:
    """Mend what a crash left half done."""
    repair.repair_leases(now=timezone.now())


@shared_task(name="messaging.reconcile")
def reconcile() -> None:
    """Ask the provider about what is unknown."""
    reconcile_unknown(now=timezone.now(), older_than=timedelta(minutes=15))


@worker_shutting_down.connect
def stop_sending(**_: object) -> None:
    """Let a worker that was asked to end stop after the messages that are on the wire."""
    work.stop_sending()
