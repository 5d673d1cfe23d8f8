"""The switch: one tap stops everything that waits to be sent; letting it go on takes two steps."""

import logging

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.views.requests import SignedIn
from campaigns.views.safety.gate import for_leads, for_staff, keep, keep_stop
from messaging.guarding import fencing

log = logging.getLogger("waymark.desk")


@for_staff
@require_POST
def stop_all(request: SignedIn) -> HttpResponse:
    """Stop everything that waits, of every partner, at once."""
    if fencing.read_standing().is_open:
        fencing.close(now=timezone.now())
        keep_stop(request, "stopped_all", kind="sending", code="all")
        log.warning("sending was stopped by user %s", request.user.pk)
        messages.success(request, _("Stopped. Nothing more is handed over."))
    else:
        messages.error(request, _("It is stopped already."))
    return redirect("desk_senders")


@for_leads
@require_POST
def go_on(request: SignedIn) -> HttpResponse:
    """Let everything go on that is still approved, if the person says that she means it."""
    standing = fencing.read_standing()
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Nothing changed. Tick the box first: it says what will happen."))
    elif standing.is_open:
        messages.error(request, _("It is not stopped."))
    elif not standing.is_trusted:
        messages.error(
            request,
            _(
                "This cannot be lifted here: whoever runs the service has to check the database first."
            ),
        )
    else:
        with transaction.atomic():
            fencing.open_again(now=timezone.now())
            keep(request, "let_all_go", kind="sending", code="all")
        log.warning("sending was let go on by user %s", request.user.pk)
        messages.success(request, _("It goes on. Nobody gets anything twice."))
    return redirect("desk_senders")
