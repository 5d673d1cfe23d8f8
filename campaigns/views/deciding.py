"""Deciding: ask for approval, approve exactly what was shown, or give it back with a reason."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import audit
from campaigns.approval import approving
from campaigns.drafting import making_up
from campaigns.drafting.preparing import TextsError
from campaigns.models import Broadcast
from campaigns.permissions import may_approve, may_schedule, may_steer
from campaigns.views.preparing import tell_texts_error
from campaigns.views.requests import SignedIn, find_broadcast, go_to, refuse
from campaigns.views.signing_again import for_who_signed_in_lately
from messaging.notifying.templates import TemplateError
from messaging.senders.roster import NoSenderError


@login_required
@require_POST
def ask(request: SignedIn, code: str) -> HttpResponse:
    """Ask for approval."""
    broadcast = find_broadcast(request, code)
    if not may_schedule(request.user, broadcast.partner):
        return refuse(request, _("Only people who plan broadcasts can ask for approval."))
    try:
        approving.ask_approval(broadcast, by=request.user.pk, now=timezone.now())
    except (approving.ApprovalError, TemplateError, NoSenderError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Approval is asked for. A second person has to look at it."))
    return go_to(broadcast)


@login_required
@require_POST
@for_who_signed_in_lately
def approve(request: SignedIn, code: str) -> HttpResponse:
    """Approve what the page showed, as its form names it."""
    broadcast = find_broadcast(request, code)
    shown = request.POST.get("shown", "")
    try:
        approving.approve(broadcast, request.user, shown=shown, now=timezone.now())
    except approving.ApprovalError as error:
        if not may_approve(request.user, broadcast):
            actor, now = request.user.pk, timezone.now()
            audit.note_broadcast("tried_to_approve", broadcast, actor=actor, now=now)
        messages.error(request, str(error))
    else:
        broadcast.refresh_from_db(fields=["state"])
        if broadcast.state == Broadcast.State.APPROVED:
            messages.success(request, _("Approved. It goes out by itself at its time."))
        else:
            messages.success(request, _("You have approved it. One more person has to."))
    return go_to(broadcast)


@login_required
@require_POST
def give_back(request: SignedIn, code: str) -> HttpResponse:
    """Return it to its author with a reason."""
    broadcast = find_broadcast(request, code)
    reason = request.POST.get("reason", "")
    try:
        approving.return_to_author(broadcast, request.user, reason=reason, now=timezone.now())
    except approving.ApprovalError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Returned to the person who prepared it."))
    return go_to(broadcast)


@login_required
@require_POST
def send_after_all(request: SignedIn, code: str) -> HttpResponse:
    """Prepare what did not go out at its time once more; it needs an approval of its own."""
    broadcast = find_broadcast(request, code)
    if not may_schedule(request.user, broadcast.partner):
        return refuse(request, _("Only people who plan broadcasts can do this."))
    try:
        draft = making_up.send_after_all(broadcast, author=request.user, now=timezone.now())
    except making_up.DecidedError as error:
        messages.error(request, str(error))
        return go_to(broadcast)
    except TextsError as error:
        tell_texts_error(request, error)
        draft = error.broadcast
    return go_to(draft)


@login_required
@require_POST
def leave(request: SignedIn, code: str) -> HttpResponse:
    """Leave it unsent."""
    broadcast = find_broadcast(request, code)
    if not may_steer(request.user, broadcast):
        return refuse(request, _("Only people who plan or approve broadcasts can do this."))
    try:
        making_up.leave(broadcast, by=request.user.pk, now=timezone.now())
    except making_up.DecidedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Left as it is: nothing is sent."))
    return go_to(broadcast)
