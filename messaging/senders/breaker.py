"""The breaker: a sender whose provider refuses or does not answer is halted, and a person is told.

What it counts are failures of the way there (no connection, time-outs, refusals of our account), never
of one message. Every halt waits for a person. One for the way there lets one message a minute try,
and tells her once one has arrived; for any other no try is made.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from messaging.guarding.watching import raise_alarm
from messaging.models import Alarm, Sender

TRANSPORT, ACCOUNT, PERSON = "transport", "account", "person"
# Halted for the way there, and a try has arrived since.
FREE = "way_free"
MOST_IN_ROW = 20
FEWEST_CALLS, MOST_SHARE = 20, 0.5
WINDOW = timedelta(seconds=60)
REST = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Health:
    """Hold what the breaker knows of one sender; the names are the columns'."""

    failures_in_row: int = 0
    window_at: datetime | None = None
    window_calls: int = 0
    window_failures: int = 0
    halted_at: datetime | None = None
    halted_reason: str = ""
    resting_until: datetime | None = None


def judge(
    before: Health, *, calls: int, failures: int, account_problem: bool, now: datetime
) -> Health:
    """Return the health of a sender after some calls; pure."""
    after = _count(before, calls, failures, now)
    if before.halted_at is not None:
        if account_problem and before.halted_reason in {TRANSPORT, FREE}:
            return replace(after, halted_reason=ACCOUNT)
        is_free = _has_arrived(before, calls, failures)
        return replace(after, halted_reason=FREE) if is_free else after
    if account_problem:
        return _open(after, ACCOUNT, now)
    is_over = after.window_calls >= FEWEST_CALLS and (
        after.window_failures > MOST_SHARE * after.window_calls
    )
    if after.failures_in_row >= MOST_IN_ROW or is_over:
        return _open(after, TRANSPORT, now)
    return after


def note_calls(
    sender_id: int, *, calls: int, failures: int, account_problem: bool, now: datetime
) -> None:
    """Count the calls of one recorded bulk; halt the sender, with an alarm, when too many failed.

    The alarm is raised again when a try of a halted sender has arrived.
    """
    mine = Sender.objects.filter(pk=sender_id)
    troubled = Q(halted_at__isnull=False) | Q(failures_in_row__gt=0) | Q(window_failures__gt=0)
    # A healthy sender costs one read: its window begins with its first failure.
    if not calls or (not failures and not account_problem and not mine.filter(troubled).exists()):
        return
    with transaction.atomic():
        row = mine.select_for_update(no_key=True).get()
        before = _read(row)
        after = judge(
            before, calls=calls, failures=failures, account_problem=account_problem, now=now
        )
        mine.update(**asdict(after))
    if after.halted_reason not in {"", before.halted_reason}:
        raise_alarm(Alarm.Kind.BREAKER, now=now)


def may_probe(sender: Sender, now: datetime) -> bool:
    """Take the one message a minute by which a halted sender may try again; say if there is one."""
    due = Q(resting_until__isnull=True) | Q(resting_until__lte=now)
    halted = Sender.objects.filter(
        due, pk=sender.pk, active=True, halted_at__isnull=False, halted_reason=TRANSPORT
    )
    return bool(halted.update(resting_until=now + REST))


def halt(sender_id: int, *, reason: str = PERSON, now: datetime) -> bool:
    """Halt a sender until a person lets it go; say whether it was going."""
    going = Sender.objects.filter(pk=sender_id, halted_at__isnull=True)
    return bool(going.update(halted_at=now, halted_reason=reason, resting_until=now + REST))


def let_go(sender_id: int) -> bool:
    """Let a halted sender go on, with nothing counted against it; say whether it was halted."""
    halted = Sender.objects.filter(pk=sender_id, halted_at__isnull=False)
    return bool(halted.update(**asdict(Health())))


def _count(before: Health, calls: int, failures: int, now: datetime) -> Health:
    # In what order a bulk failed is not known: one that arrived ends the row.
    in_row = before.failures_in_row + failures if failures >= calls else 0
    if before.window_at is None or now - before.window_at > WINDOW:
        if not failures:
            return replace(
                before,
                failures_in_row=in_row,
                window_at=None,
                window_calls=0,
                window_failures=0,
            )
        before = replace(before, window_at=now, window_calls=0, window_failures=0)
    return replace(
        before,
        failures_in_row=in_row,
        window_calls=before.window_calls + calls,
        window_failures=before.window_failures + failures,
    )


def _open(health: Health, reason: str, now: datetime) -> Health:
    return replace(health, halted_at=now, halted_reason=reason, resting_until=now + REST)


def _has_arrived(before: Health, calls: int, failures: int) -> bool:
    """Say whether a try arrived; calls that were under way when it was halted prove nothing."""
    if before.halted_reason != TRANSPORT or not calls or failures:
        return False
    if before.halted_at is None or before.resting_until is None:
        return False
    return before.resting_until > before.halted_at + REST


def _read(row: Sender) -> Health:
    return Health(
        failures_in_row=row.failures_in_row,
        window_at=row.window_at,
        window_calls=row.window_calls,
        window_failures=row.window_failures,
        halted_at=row.halted_at,
        halted_reason=row.halted_reason,
        resting_until=row.resting_until,
    )
