"""Watching: the states as they move, and pause, resume and cancel."""

from datetime import datetime
from math import ceil
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.going_out import scheduling
from campaigns.going_out.canary_words import view_canary
from campaigns.going_out.progress import ask_again_after, read_progress
from campaigns.going_out.running import read_running
from campaigns.models import Broadcast
from campaigns.permissions import may_steer
from campaigns.reckoning.rounding import SMALL
from campaigns.views.requests import SignedIn, find_broadcast, go_to, refuse


@login_required
@require_safe
@never_cache
def show_states(request: SignedIn, code: str) -> HttpResponse:
    """Show the states as a fragment, which the page fetches again and again."""
    broadcast = find_broadcast(request, code)
    context = {
        "broadcast": broadcast,
        "canary": view_canary(broadcast),
        **read_states(broadcast, now=timezone.now()),
    }
    return render(request, "desk/_states.html", context)


def read_states(broadcast: Broadcast, *, now: datetime) -> dict[str, Any]:
    """Return what the fragment of the states shows, and after how many seconds to ask for it again."""
    progress = read_progress(broadcast, now=now)
    return {
        "progress": progress,
        "running": read_running(broadcast, now=now) if progress.batch else None,
        "again": ceil(ask_again_after(broadcast, progress, now=now).total_seconds()),
    }


@login_required
@require_POST
def pause(request: SignedIn, code: str) -> HttpResponse:
    """Stop it before its next message."""
    broadcast = find_broadcast(request, code)
    if not may_steer(request.user, broadcast):
        return _refuse_steering(request)
    if scheduling.pause(broadcast, by=request.user.pk, now=timezone.now()):
        messages.success(request, _("Paused. What was handed over already still arrives."))
    else:
        messages.error(request, _("It is not sending, so there is nothing to pause."))
    return go_to(broadcast)


@login_required
@require_POST
def resume(request: SignedIn, code: str) -> HttpResponse:
    """Let it go on."""
    broadcast = find_broadcast(request, code)
    if not may_steer(request.user, broadcast):
        return _refuse_steering(request)
    try:
        goes_on = scheduling.resume(broadcast, by=request.user.pk, now=timezone.now())
    except scheduling.StandstillError as error:
        messages.error(request, str(error))
        return go_to(broadcast)
    if goes_on:
        messages.success(request, _("It goes on. Nobody gets it twice."))
    else:
        messages.error(request, _("It is not paused."))
    return go_to(broadcast)


@login_required
@require_POST
def cancel(request: SignedIn, code: str) -> HttpResponse:
    """End it for good."""
    broadcast = find_broadcast(request, code)
    if not may_steer(request.user, broadcast):
        return _refuse_steering(request)
    stopped = scheduling.cancel(broadcast, by=request.user.pk, now=timezone.now())
    broadcast.refresh_from_db(fields=["state"])
    if stopped >= SMALL:
        words = _("Cancelled. %(count)s messages are not sent.")
        messages.success(request, words % {"count": stopped})
    elif stopped:
        # How few are left tells of each of them.
        messages.success(request, _("Cancelled. Whoever still waited does not get it."))
    elif broadcast.state == Broadcast.State.CANCELLED:
        messages.success(request, _("Cancelled. Nothing was sent."))
    elif broadcast.state == Broadcast.State.OVER:
        said = _("This series is over. What it sends still is cancelled on a page of its own.")
        messages.error(request, said)
    else:
        messages.error(request, _("Nothing was left to cancel."))
    return go_to(broadcast)


def _refuse_steering(request: SignedIn) -> HttpResponse:
    return refuse(request, _("Only people who plan or approve broadcasts can do this."))
