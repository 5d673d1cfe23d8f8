"""What every view of the desk does first: who is asking, and about which broadcast."""

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from campaigns.models import Broadcast
from campaigns.permissions import visible_to


class SignedIn(HttpRequest):
    """A request behind `login_required`."""

    user: User


def find_broadcast(request: SignedIn, code: str) -> Broadcast:
    """Return a broadcast of the person's own partners; raise Http404 for any other."""
    return get_object_or_404(visible_to(request.user), code=code)


def refuse(request: HttpRequest, reason: str) -> HttpResponse:
    """Answer that this person may not do this, and why."""
    return render(request, "desk/refused.html", {"reason": reason}, status=403)


def go_to(broadcast: Broadcast) -> HttpResponse:
    """Send the browser to a broadcast's page."""
    return redirect("desk_broadcast", code=broadcast.code)
