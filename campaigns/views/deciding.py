"""Deciding: ask for approval, approve exactly what was shown, or give it back with a reason."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import approving
from campaigns.permissions import may_schedule
from campaigns.views.requests import SignedIn, find_broadcast, go_to, refuse
from messaging.senders import NoSenderError
from messaging.templates import TemplateError


@login_required
@require_POST
def ask(request: SignedIn, code: str) -> HttpResponse:
    """Ask for approval."""
    broadcast = find_broadcast(request, code)
    if not may_schedule(request.user, broadcast.partner):
        return refuse(request, _("Only people who plan broadcasts can ask for approval."))
    try:
        approving.ask_approval(broadcast, now=timezone.now())
    except (approving.ApprovalError, TemplateError, NoSenderError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Approval is asked for. A second person has to look at it."))
    return go_to(broadcast)


@login_required
@require_POST
def approve(request: SignedIn, code: str) -> HttpResponse:
    """Approve what the page showed, as its form names it."""
    broadcast = find_broadcast(request, code)
    shown = request.POST.get("shown", "")
    try:
        approving.approve(broadcast, request.user, shown=shown, now=timezone.now())
    except approving.ApprovalError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Approved. It goes out by itself at its time."))
    return go_to(broadcast)


@login_required
@require_POST
def give_back(request: SignedIn, code: str) -> HttpResponse:
    """Return it to its author with a reason."""
    broadcast = find_broadcast(request, code)
    reason = request.POST.get("reason", "")
    try:
        approving.return_to_author(broadcast, request.user, reason=reason)
    except approving.ApprovalError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Returned to the person who prepared it."))
    return go_to(broadcast)
