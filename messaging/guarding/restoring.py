"""Restoring: what must be done before a database that fell back in time may send again.

A restored backup, a recovery to a point in time or a promoted replica has lost the last of what was
sent and the last of who said stop. So whatever may have gone out is unknown, opt-outs are read again
from where they still are, and only then the epoch moves on. Each step may be repeated.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from messaging import dialect, ledger
from messaging.guarding import fencing
from messaging.models import Batch, Delivery, Fence, Notice
from messaging.states import MOVING, RANK, State

RESTORED = "restored"
# What was at work so lately may have gone on after the backup was taken.
_ACTIVE = timedelta(hours=72)
_PAGE = 2_000
# More than were ever sent in one epoch; nine million times as many fit into an id.
_IDS_OF_EPOCH = 1_000_000_000_000
GIVEN_UP, OPT_OUTS, RECONCILED = "given_up", "opt_outs", "reconciled"
CHECKS = (GIVEN_UP, OPT_OUTS, RECONCILED)


class ChecksMissing(Exception):
    """Say which checks have not passed since the restore was declared, so that nothing may be sent."""

    def __init__(self, missing: Iterable[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(", ".join(self.missing))


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Count what was paused and what is unknown from now on."""

    batches: int
    deliveries: int
    notices: int


def declare(*, since: datetime, now: datetime) -> None:
    """Close the fence because the database fell back to `since`; checks of before count no more.

    Said again with the same `since`, it keeps what has been checked.
    """
    with transaction.atomic():
        fence = fencing.lock_row()
        fence.send_enabled, fence.changed_at = False, now
        if fence.checks.get("since") != since.isoformat():
            fence.checks = {"since": since.isoformat()}
        fence.save()
        _leave_ids_behind(_next_epoch(fence))


def read_checks() -> dict[str, Any]:
    """Return since when the database fell back, and what has been checked; empty where nothing did."""
    found = Fence.objects.order_by("pk").values_list("checks", flat=True).first()
    return dict(found or {})


def pass_check(name: str, how: str, *, now: datetime) -> None:
    """Write down that a check has passed, and how."""
    if name not in CHECKS:
        raise LookupError(name)
    with transaction.atomic():
        fence = fencing.lock_row()
        fence.checks = fence.checks | {name: {"at": now.isoformat(), "how": how[:200]}}
        fence.save(update_fields=["checks"])


def give_up(*, since: datetime, now: datetime) -> GivenUp:
    """Pause every batch and call unknown whatever of the last 72 hours may have gone out since.

    What was not to go out before now cannot have, and stays planned.
    """
    paused = Batch.objects.filter(state=Batch.State.RUNNING).update(
        state=Batch.State.PAUSED, paused_reason=RESTORED
    )
    recent = Q(batch__finished_at__isnull=True) | Q(batch__finished_at__gt=since - _ACTIVE)
    moving = Delivery.objects.filter(recent, state__in=MOVING).exclude(
        state=State.PLANNED, attempts=0, not_before__gt=now
    )
    given_up = _in_pages(moving, lambda ids: _make_unknown(ids, since=since, now=now))
    waiting = Notice.objects.filter(state__in=[Notice.State.PLANNED, Notice.State.SUBMITTING])
    notices = waiting.update(
        state=Notice.State.UNKNOWN,
        reason=RESTORED,
        settled_at=now,
        number_sealed=b"",
        body_sealed=b"",
    )
    result = GivenUp(paused, given_up, notices)
    how = f"{paused} broadcasts paused, {given_up} messages and {notices} notices unknown"
    pass_check(GIVEN_UP, how, now=now)
    return result


def move_on(*, now: datetime) -> int:
    """Raise the epoch of this database and open the fence; return what the deployment must carry.

    Raise ChecksMissing where something has not been checked since the restore was declared.
    """
    with transaction.atomic():
        fence = fencing.lock_row()
        missing = [name for name in CHECKS if name not in fence.checks]
        if missing or "since" not in fence.checks:
            raise ChecksMissing(missing or CHECKS)
        fence.epoch = _next_epoch(fence)
        _leave_ids_behind(fence.epoch)
        fence.send_enabled, fence.changed_at = True, now
        fence.place = fencing.read_place()
        # Spent: another restore is checked anew.
        fence.checks = {"over": now.isoformat()}
        fence.save()
    return fence.epoch


def may_have_begun(at: datetime) -> bool:
    """Say whether what was to begin at that moment may have, in the time that a restore has lost."""
    checks = read_checks()
    if "since" in checks:
        return True
    return "over" in checks and at <= datetime.fromisoformat(checks["over"])


def _next_epoch(fence: Fence) -> int:
    return max(fence.epoch, settings.EPOCH) + 1


def _leave_ids_behind(epoch: int) -> None:
    """Let the ids of deliveries go on where no epoch before this one has given any.

    Those of the lost time stand in callback addresses: a late receipt must find nobody else.
    """
    dialect.skip_ids(Delivery._meta.db_table, epoch * _IDS_OF_EPOCH)


def _in_pages(rows: Any, settle: Callable[[list[int]], None]) -> int:
    done = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:_PAGE]):
        settle(ids)
        done += len(ids)
    return done


def _make_unknown(ids: list[int], *, since: datetime, now: datetime) -> None:
    with transaction.atomic():
        rows = Delivery.objects.select_for_update().filter(pk__in=ids, state__in=MOVING)
        batches = dict(rows.order_by("pk").values_list("pk", "batch_id"))
        Delivery.objects.filter(pk__in=batches).update(
            state=State.UNKNOWN,
            rank=RANK[State.UNKNOWN],
            reason=RESTORED,
            lease_until=None,
            # From then on it may have been handed over; the provider's list is asked from there.
            submitting_at=Coalesce(F("submitting_at"), Value(since)),
        )
        ledger.note(batches.items(), State.UNKNOWN, now=now, reason=RESTORED)
