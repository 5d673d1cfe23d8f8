"""The first few: letting all others follow although these fared badly. Ending it is `watching.cancel`."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from campaigns.going_out import canaries
from campaigns.permissions import may_approve
from campaigns.views.requests import SignedIn, find_broadcast, go_to, refuse
from campaigns.views.signing_again import for_who_signed_in_lately


@login_required
@require_POST
@for_who_signed_in_lately
def release(request: SignedIn, code: str) -> HttpResponse:
    """Let the others follow, as one who may approve it and did not write it."""
    broadcast = find_broadcast(request, code)
    if not may_approve(request.user, broadcast):
        return refuse(request, _("Only somebody who may approve this broadcast can decide it."))
    try:
        planned = canaries.release(broadcast, request.user, now=timezone.now())
    except canaries.CanaryError as error:
        messages.error(request, str(error))
    else:
        said = ngettext("%(count)d other follows.", "All %(count)d others follow.", planned)
        messages.success(request, said % {"count": planned})
    return go_to(broadcast)
