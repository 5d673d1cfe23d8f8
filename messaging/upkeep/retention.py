"""Retention: every rule in pages, each page its own transaction, so that a run may be cut anywhere.

What is due is found anew each time, and what was done is written down by rule. The rules are data:
see `messaging.upkeep.time_limits`.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from messaging.models import RetentionRun
from messaging.upkeep import expiring, lapsing, purging, unasked
from messaging.upkeep.time_limits import Rule

PAGE = 1000
# A run that found nothing is written down once a day, as a proof that somebody looked.
_PROOF_EVERY = timedelta(hours=23)

log = logging.getLogger("waymark.retention")


@dataclass(frozen=True, slots=True)
class Due:
    """Hold what one rule says at this moment: what was before `before` is over, and how much that is."""

    rule: str
    says: str | Promise
    before: datetime
    count: int
    removed: int = 0


def list_rules() -> list[Rule]:
    """Return every rule in the order in which they run: people before what hangs on them."""
    above = [rule for path in settings.MESSAGING_RETENTION_RULES for rule in import_string(path)]
    return [*unasked.RULES, *lapsing.RULES, *expiring.RULES, *above, *purging.RULES]


def due(*, now: datetime) -> list[Due]:
    """Return what is due by each rule; nothing is changed."""
    return [_look(rule, now=now) for rule in list_rules()]


def run(*, now: datetime, seconds: float | None = None, sparing: bool = False) -> list[Due]:
    """Remove what is over, for at most `seconds`; return what went and what is left by each rule.

    `sparing` leaves out what has been looked for today already and is costly to find.
    """
    until = None if seconds is None else time.monotonic() + seconds
    return [
        _run_rule(rule, now=now, until=until)
        for rule in list_rules()
        if not (sparing and rule.daily and _was_kept(rule, now=now))
    ]


def _was_kept(rule: Rule, *, now: datetime) -> bool:
    """Say whether a run came to a rule's end within a day."""
    return _find_runs(rule.name, now=now).filter(left=0).exists()


def _find_runs(rule: str, *, now: datetime) -> QuerySet[RetentionRun]:
    return RetentionRun.objects.filter(rule=rule, at__gt=now - _PROOF_EVERY)


def _look(rule: Rule, *, now: datetime, removed: int = 0) -> Due:
    before = now - rule.limit()
    count = rule.find(before).count()
    return Due(rule.name, rule.says, before=before, count=count, removed=removed)


def _run_rule(rule: Rule, *, now: datetime, until: float | None) -> Due:
    removed = 0
    try:
        removed = _settle_pages(rule, now=now, until=until)
    except Exception:  # (one rule that cannot be kept must not stop the others)
        log.exception("the rule %s could not be kept", rule.name)
    done = _look(rule, now=now, removed=removed)
    _write_down(done, now=now)
    return done


def _settle_pages(rule: Rule, *, now: datetime, until: float | None) -> int:
    removed = 0
    while until is None or time.monotonic() < until:
        found = rule.find(now - rule.limit()).order_by("pk").values_list("pk", flat=True)
        ids = list(found[:PAGE])
        if not ids:
            break
        with transaction.atomic():
            settled = rule.settle(ids, now)
        removed += settled
        if not settled:
            break
    return removed


def _write_down(done: Due, *, now: datetime) -> None:
    if done.removed or done.count or not _find_runs(done.rule, now=now).exists():
        RetentionRun.objects.create(
            rule=done.rule, at=now, before=done.before, removed=done.removed, left=done.count
        )
