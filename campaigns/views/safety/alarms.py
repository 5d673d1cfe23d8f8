"""Alarms: what a person should look at. Closing one says that somebody has; it changes nothing else."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import alarming
from campaigns.alarm_words import explain_remedy
from campaigns.field import inbox
from campaigns.going_out import sending
from campaigns.models import Broadcast
from campaigns.views.requests import SignedIn
from campaigns.views.safety.gate import for_staff, keep, show
from messaging.models import Alarm

_CLOSED_SHOWN, _BROADCASTS_SHOWN = 20, 5


@dataclass(frozen=True, slots=True)
class Line:
    """Hold an open alarm, what to do about it, and some of the broadcasts that it is about."""

    alarm: Alarm
    remedy: str
    broadcasts: tuple[Broadcast, ...]


@for_staff
@require_safe
def list_alarms(request: SignedIn) -> HttpResponse:
    """Show open alarms, the latest first, and some of those that were closed."""
    alarms = Alarm.objects.order_by("-last_at")
    context = {
        "open": [_make_line(alarm) for alarm in alarms.filter(closed_at__isnull=True)],
        "closed": alarms.filter(closed_at__isnull=False)[:_CLOSED_SHOWN],
        "urgent": inbox.count_urgent(request.user),
        "switch": sending.read_switch(now=timezone.now()),
    }
    return show(request, "alarms", context)


@for_staff
@require_POST
def close_alarm(request: SignedIn, pk: int) -> HttpResponse:
    """Close an alarm; if it happens again, a new one opens."""
    with transaction.atomic():
        standing = Alarm.objects.filter(pk=pk, closed_at__isnull=True)
        if closed := standing.update(closed_at=timezone.now()):
            keep(request, "closed", kind="alarm", code=pk)
    if closed:
        messages.success(request, _("Closed. If it happens again, a new alarm opens."))
    else:
        messages.error(request, _("Somebody has closed it already."))
    return redirect("desk_safety")


def _make_line(alarm: Alarm) -> Line:
    about = alarming.find_broadcasts(alarm.kind)[:_BROADCASTS_SHOWN]
    return Line(alarm, explain_remedy(alarm.kind), tuple(about))
