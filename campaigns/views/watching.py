"""Watching: the states as they move, and pause, resume and cancel."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns import scheduling
from campaigns.models import Broadcast
from campaigns.permissions import may_steer
from campaigns.progress import read_progress
from campaigns.views.requests import SignedIn, find_broadcast, go_to, refuse


@login_required
@require_safe
@never_cache
def show_states(request: SignedIn, code: str) -> HttpResponse:
    """Show the states as a fragment, which the page fetches again and again."""
    broadcast = find_broadcast(request, code)
    context = {"broadcast": broadcast, "progress": read_progress(broadcast)}
    return render(request, "desk/_states.html", context)


@login_required
@require_POST
def pause(request: SignedIn, code: str) -> HttpResponse:
    """Stop it before its next message."""
    broadcast = find_broadcast(request, code)
    if not may_steer(request.user, broadcast):
        return _refuse_steering(request)
    if scheduling.pause(broadcast):
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
    if scheduling.resume(broadcast):
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
    stopped = scheduling.cancel(broadcast, now=timezone.now())
    broadcast.refresh_from_db(fields=["state"])
    if stopped:
        words = ngettext(
            "Cancelled. %(count)d message is not sent.",
            "Cancelled. %(count)d messages are not sent.",
            stopped,
        )
        messages.success(request, words % {"count": stopped})
    elif broadcast.state == Broadcast.State.CANCELLED:
        messages.success(request, _("Cancelled. Nothing was sent."))
    else:
        messages.error(request, _("Nothing was left to cancel."))
    return go_to(broadcast)


def _refuse_steering(request: SignedIn) -> HttpResponse:
    return refuse(request, _("Only people who plan or approve broadcasts can do this."))
