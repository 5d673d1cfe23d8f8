"""Alarming: what at the desk needs a person soon is an alarm, which closes once all of it is settled.

Somebody wrote of danger; a broadcast missed its time, was held back, or lost its approval by itself.
What a person has closed by hand opens again only when it happens again.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from campaigns.models import AuditEntry, Broadcast, Question
from messaging.guarding import watching
from messaging.models import Alarm

_KINDS = {
    Broadcast.State.MISSED: Alarm.Kind.MISSED,
    Broadcast.State.HELD: Alarm.Kind.HELD,
    Broadcast.State.VOID: Alarm.Kind.VOID,
}


def tell_of(state: str, *, now: datetime) -> None:
    """Raise the alarm of a broadcast that has come to this state by itself, in the caller's transaction.

    Before the audit is written, whose lock comes last.
    """
    watching.raise_alarm(_KINDS[Broadcast.State(state)], now=now)


def tell_of_danger(*, now: datetime) -> None:
    """Raise the alarm of an urgent question once it is committed."""
    # Afterwards: who writes to us waits for no other who does.
    transaction.on_commit(lambda: watching.raise_alarm(Alarm.Kind.URGENT, now=now))


def keep_up(*, now: datetime) -> int:
    """Close what is settled, and raise again what a crash has lost; return how many were closed."""
    _make_up(now=now)
    closed = 0
    for kind in (Alarm.Kind.URGENT, *_KINDS.values()):
        closed += watching.close_alarm(kind, unless=_make_question(kind), now=now)
    return closed


def find_broadcasts(kind: str) -> QuerySet[Broadcast]:
    """Return the broadcasts that an alarm is about and that nobody has settled, the latest first."""
    state = next((state for state, one in _KINDS.items() if one == kind), "")
    found = Broadcast.objects.filter(state=state).select_related("partner").order_by("-send_at")
    if state != Broadcast.State.VOID:
        return found
    # Not those whose author has changed them herself, and knows it.
    by_itself = AuditEntry.objects.filter(kind="broadcast", verb="voided", actor_id__isnull=True)
    return found.filter(code__in=by_itself.values("object_code"))


def _make_question(kind: Alarm.Kind) -> Callable[[], bool]:
    if kind == Alarm.Kind.URGENT:
        return _find_urgent().exists
    return find_broadcasts(kind).exists


def _find_urgent() -> QuerySet[Question]:
    return Question.objects.filter(state=Question.State.OPEN, urgent=True)


def _make_up(*, now: datetime) -> None:
    last = Alarm.objects.filter(kind=Alarm.Kind.URGENT).order_by("-last_at").first()
    fresh = _find_urgent()
    if last is not None:
        fresh = fresh.filter(received_at__gt=last.last_at)
    if fresh.exists():
        watching.raise_alarm(Alarm.Kind.URGENT, now=now)
