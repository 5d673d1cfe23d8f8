"""Preparing a broadcast: one form, which makes one draft however often it is sent."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import preparing
from campaigns.forms import AT, AT_ONCE, BroadcastForm
from campaigns.models import Membership
from campaigns.models.broadcasts import CHANGEABLE
from campaigns.permissions import may_schedule, partners_of, visible_to
from campaigns.views.requests import SignedIn, find_broadcast, go_to, refuse


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def prepare_broadcast(request: SignedIn) -> HttpResponse:
    """Show the form, or make a draft of what it says."""
    if not partners_of(request.user, Membership.Role.SCHEDULER).exists():
        return refuse(request, _("Only people who plan broadcasts for a partner can prepare one."))
    now = timezone.now()
    if request.method == "POST":
        return _prepare_posted(request, now=now)
    form = BroadcastForm(person=request.user, now=now, initial=_initial(request, now=now))
    return render(request, "desk/prepare.html", {"form": form})


@login_required
@require_POST
def freeze_again(request: SignedIn, code: str) -> HttpResponse:
    """Freeze the texts of a draft again, and ask WhatsApp again about what it has not decided."""
    broadcast = find_broadcast(request, code)
    if not may_schedule(request.user, broadcast.partner):
        return refuse(request, _("Only people who plan broadcasts can do this."))
    if broadcast.state in CHANGEABLE:
        try:
            preparing.freeze_texts(broadcast, now=timezone.now())
        except preparing.TextsError as error:
            _tell_texts_error(request, error)
    return go_to(broadcast)


def _prepare_posted(request: SignedIn, *, now: datetime) -> HttpResponse:
    form = BroadcastForm(request.POST, person=request.user, now=now)
    if not form.is_valid():
        return render(request, "desk/prepare.html", {"form": form}, status=422)
    chosen = form.cleaned_data
    segment = preparing.find_segment(
        chosen["partner"],
        routes=chosen["routes"],
        countries=chosen["countries"],
        channels=chosen["channels"],
    )
    try:
        broadcast = preparing.prepare(
            author=request.user,
            message=chosen["message"],
            segment=segment,
            wish=form.make_wish(),
            now=now,
        )
    except preparing.TextsError as error:
        _tell_texts_error(request, error)
        broadcast = error.broadcast
    except preparing.TokenError as error:
        form.add_error(None, str(error))
        return render(request, "desk/prepare.html", {"form": form}, status=422)
    return go_to(broadcast)


def _tell_texts_error(request: SignedIn, error: preparing.TextsError) -> None:
    reason = _("The texts could not be frozen. %(reason)s Your draft is kept: try again.")
    messages.error(request, reason % {"reason": error})


def _initial(request: SignedIn, *, now: datetime) -> dict[str, Any]:
    """Return the choices of an earlier broadcast where the address names one."""
    code = request.GET.get("from", "")
    earlier = visible_to(request.user).filter(code=code).first() if code else None
    if earlier is None:
        return {}
    late = earlier.send_at <= now
    return {
        "partner": earlier.partner_id,
        "message": earlier.message_id,
        "routes": earlier.segment.routes,
        "countries": earlier.segment.countries,
        "channels": earlier.segment.channels,
        "when": AT_ONCE if earlier.at_once else AT,
        "send_at": None if late else earlier.send_at,
        "in_quiet_hours": earlier.in_quiet_hours,
    }
