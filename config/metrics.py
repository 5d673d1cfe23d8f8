"""Figures for whoever watches the house, in Prometheus' text format, behind a token.

All of them are read from the database, so that any process may answer for all. No person, no country
and no name is among them: states, ids of senders, kinds of alarms and names of ticks only.
"""

import hmac
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.celery import TICKS
from messaging.guarding import backlog, fencing, heartbeats
from messaging.models import Alarm, Batch, Sender, SenderHour
from messaging.receiving.refusals import count_refused
from messaging.states import State

_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold one figure: its name without the prefix, what it says, and its values by their labels."""

    name: str
    says: str
    values: Mapping[tuple[tuple[str, str], ...], float]


@require_safe
@never_cache
def show_figures(request: HttpRequest) -> HttpResponse:
    """Show the figures to whoever has the token; without a token in the settings there is no page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted):
        refusal = HttpResponse("Unauthorized", status=401, content_type="text/plain")
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    return HttpResponse(write_text(read_figures(now=timezone.now())), content_type=_TYPE)


def write_text(figures: Iterator[Figure]) -> str:
    """Return figures in the text format; all of them are gauges, for counts are counted anew."""
    lines = []
    for figure in figures:
        name = f"waymark_{figure.name}"
        lines += [f"# HELP {name} {figure.says}", f"# TYPE {name} gauge"]
        lines += [
            f"{name}{_write_labels(key)} {value:.15g}" for key, value in figure.values.items()
        ]
    return "\n".join(lines) + "\n"


def read_figures(*, now: datetime) -> Iterator[Figure]:
    """Read every figure as it stands now."""
    yield from _read_deliveries()
    yield from _read_backlog(now)
    yield from _read_senders(now)
    yield from _read_watch(now)


def _read_deliveries() -> Iterator[Figure]:
    states: Counter[str] = Counter(dict.fromkeys(State.values, 0))
    batches: Counter[str] = Counter(dict.fromkeys(Batch.State.values, 0))
    for state, counts in Batch.objects.values_list("state", "counts").iterator():
        batches[state] += 1
        states.update(counts)
    yield Figure(
        "deliveries", "Deliveries by state, as they were counted last.", _by("state", states)
    )
    yield Figure("batches", "Broadcasts by state.", _by("state", batches))


def _read_backlog(now: datetime) -> Iterator[Figure]:
    waiting = backlog.read_backlog(now=now)
    most = f"at most {backlog.MOST}"
    oldest = (now - waiting.oldest_due).total_seconds() if waiting.oldest_due else 0.0
    yield Figure("due", f"Deliveries whose time has come, {most}.", _one(waiting.due))
    yield Figure("due_oldest_seconds", "How long the oldest of them has been due.", _one(oldest))
    yield Figure("receipts_waiting", f"Receipts not folded yet, {most}.", _one(waiting.receipts))
    yield Figure("unknown", f"Deliveries of which nobody knows, {most}.", _one(waiting.unknown))
    yield Figure("notices_waiting", f"Single messages that are due, {most}.", _one(waiting.notices))


def _read_senders(now: datetime) -> Iterator[Figure]:
    used = dict(
        SenderHour.objects.filter(hour__gt=now - _DAY)
        .values_list("sender")
        .annotate(parts=Sum("parts"))
        .order_by()
    )
    senders = list(Sender.objects.filter(active=True).order_by("pk"))

    def of_each(values: Iterator[float]) -> dict[tuple[tuple[str, str], ...], float]:
        return dict(zip(map(_label_sender, senders), values, strict=True))

    yield Figure(
        "sender_parts_per_second",
        "The rate of a sender.",
        of_each(float(s.parts_per_second) for s in senders),
    )
    yield Figure(
        "sender_halted",
        "1 where a sender is halted.",
        of_each(float(s.halted_at is not None) for s in senders),
    )
    yield Figure(
        "sender_parts_used",
        "Parts given to a sender in 24 hours.",
        of_each(float(used.get(s.pk, 0)) for s in senders),
    )
    yield Figure(
        "sender_moved_seconds",
        "How long ago a sender last moved a message; -1 is never.",
        of_each((now - s.moved_at).total_seconds() if s.moved_at else -1.0 for s in senders),
    )


def _read_watch(now: datetime) -> Iterator[Figure]:
    alarms: Counter[str] = Counter(dict.fromkeys(Alarm.Kind.values, 0))
    alarms.update(Alarm.objects.filter(closed_at__isnull=True).values_list("kind", flat=True))
    refused = {str(status): count for status, count in count_refused(now=now).items()}
    ages = heartbeats.ages(now=now)
    beats = {name: ages[name].total_seconds() if name in ages else -1.0 for name in TICKS}
    yield Figure("alarms_open", "Alarms that wait for a person, by kind.", _by("kind", alarms))
    yield Figure("callbacks_refused", "Callbacks refused today, by status.", _by("status", refused))
    yield Figure("tick_age_seconds", "How long ago a tick ended; -1 is never.", _by("tick", beats))
    may_send = fencing.read_standing().may_send
    yield Figure("may_send", "1 where the fence lets messages go out.", _one(float(may_send)))


def _one(value: float) -> dict[tuple[tuple[str, str], ...], float]:
    return {(): value}


def _by(label: str, counts: Mapping[str, float]) -> dict[tuple[tuple[str, str], ...], float]:
    return {((label, key),): count for key, count in counts.items()}


def _label_sender(sender: Sender) -> tuple[tuple[str, str], ...]:
    # Not its name: people write numbers into names.
    return (
        ("sender", str(sender.pk)),
        ("channel", sender.channel),
        ("provider", sender.provider),
    )


def _write_labels(labels: tuple[tuple[str, str], ...]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
