"""Retention: what is kept for how long, what is due now, and the proof of what went."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.db.models import Max, Sum
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns.views.requests import SignedIn
from campaigns.views.safety.gate import for_officers, for_staff, keep, show
from messaging.models import RetentionRun
from messaging.upkeep import retention

# A person waits for the answer; what is left goes at the next tick.
_SECONDS = 20.0
_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one rule: what it says, what is due, when it ran last, and what went in 30 days."""

    says: str
    days: int
    due: int
    last: datetime | None
    removed: int


@for_staff
@require_safe
def show_retention(request: SignedIn) -> HttpResponse:
    """Show every rule and what it has done."""
    return show(request, "retention", {"lines": list(_read_lines(now=timezone.now()))})


@for_officers
@require_POST
def run_retention(request: SignedIn) -> HttpResponse:
    """Remove what is due now."""
    # Written down before: its pages go one by one, and what is removed is removed.
    keep(request, "ran", kind="retention", code="all")
    done = retention.run(now=timezone.now(), seconds=_SECONDS)
    if any(one.count for one in done):
        messages.warning(request, _("Done as far as it got. What is left goes by itself soon."))
    elif any(one.removed for one in done):
        messages.success(request, _("Done. Nothing is due any more."))
    else:
        messages.success(request, _("Nothing was due."))
    return redirect("desk_retention")


def _read_lines(*, now: datetime) -> Iterator[Line]:
    last = dict(RetentionRun.objects.values_list("rule").annotate(last=Max("at")))
    recent = RetentionRun.objects.filter(at__gt=now - _MONTH)
    removed = dict(recent.values_list("rule").annotate(removed=Sum("removed")))
    for one in retention.due(now=now):
        yield Line(
            says=str(one.says),
            days=(now - one.before).days,
            due=one.count,
            last=last.get(one.rule),
            removed=removed.get(one.rule, 0),
        )
