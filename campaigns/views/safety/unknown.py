"""What stayed unknown: what nobody knows the end of, and the two decisions that a person may make."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns.going_out import unknowns
from campaigns.models import Broadcast
from campaigns.views.requests import SignedIn
from campaigns.views.safety.gate import for_leads, for_staff, show


@for_staff
@require_safe
def list_unknown(request: SignedIn) -> HttpResponse:
    """Show of which broadcasts something is unknown, and since when."""
    return show(request, "unknown", {"lines": unknowns.list_lines(now=timezone.now())})


@for_leads
@require_POST
def send_again(request: SignedIn, code: str) -> HttpResponse:
    """Send after all what the provider provably has not got, if the person says that she means it."""
    broadcast = get_object_or_404(Broadcast, code=code)
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Nothing changed. Tick the box first: it says what will happen."))
        return redirect("desk_unknown")
    try:
        people = unknowns.send_again(broadcast, person=request.user.pk, now=timezone.now())
    except unknowns.DoubtError as error:
        messages.error(request, str(error))
        return redirect("desk_unknown")
    if people:
        messages.success(request, _("They go out now. Whoever has said stop since gets nothing."))
    else:
        messages.error(request, _("Nothing of it is provably missing any more."))
    return redirect("desk_unknown")


@for_leads
@require_POST
def leave(request: SignedIn, code: str) -> HttpResponse:
    """Leave for good what is unknown."""
    broadcast = get_object_or_404(Broadcast, code=code)
    if unknowns.leave(broadcast, person=request.user.pk, now=timezone.now()):
        messages.success(request, _("Left as unknown. It is not sent again."))
    else:
        messages.error(request, _("Nothing of it is open any more."))
    return redirect("desk_unknown")
