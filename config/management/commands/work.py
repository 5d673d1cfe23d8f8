"""`manage.py work`: everything that the clock does, once, with no broker."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from analytics.counting import recount_changed
from campaigns.launching import hold_stale
from campaigns.scheduling import fire_due, launch_waiting
from cms.sweeping import sweep
from cms.telling import tell_editors
from messaging import repair, work
from messaging.reconcile import reconcile_unknown

_SECONDS = 60.0
_ASK_AFTER = timedelta(minutes=15)


class Command(BaseCommand):
    """Sweep, launch, send, fold, repair and recount once."""

    help = "Do once what the clock does: sweep, launch, send, fold receipts, repair, reconcile, recount."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        sweep(today=timezone.localdate())
        tell_editors(now=now)
        fire_due(now=now)
        launched = launch_waiting(now=now)
        hold_stale(now=now)
        handled = work.send_due(clock=timezone.now, seconds=_SECONDS)
        folded = work.fold_receipts(clock=timezone.now, seconds=_SECONDS)
        repaired = repair.repair_leases(now=timezone.now())
        found = reconcile_unknown(now=timezone.now(), older_than=_ASK_AFTER)
        recount_changed(now=timezone.now())
        self.stdout.write(
            f"{launched} launched, {handled} deliveries handled, {folded} receipts folded, "
            f"{repaired} repaired, {found} of the unknown found."
        )
