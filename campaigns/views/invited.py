"""Taking an invitation: the address in the letter, good once and for seven days."""

from datetime import datetime

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from campaigns.forms.invited import InvitedForm
from campaigns.models import Invitation
from campaigns.partners.inviting import (
    InvitationOver,
    NameTaken,
    Newcomer,
    find_account,
    find_invitation,
    is_for,
    take,
    take_as,
)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password", "again")
@never_cache
def take_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let who holds the address make her account, or add the role to the one she has."""
    now = timezone.now()
    try:
        invitation = find_invitation(token, now=now)
        if find_account(invitation.email) is not None or request.user.is_authenticated:
            return _add_role(request, token, invitation, now=now)
        return _make_account(request, token, invitation, now=now)
    except InvitationOver:
        reason = _("It was used, taken back, or is older than seven days. Ask for a new one.")
        return render(request, "desk/invited/over.html", {"reason": reason}, status=404)


def _make_account(
    request: HttpRequest, token: str, invitation: Invitation, *, now: datetime
) -> HttpResponse:
    form = InvitedForm(request.POST or None, email=invitation.email)
    if not form.is_valid():
        context = {"invitation": invitation, "form": form}
        return render(request, "desk/invited/form.html", context)
    said = form.cleaned_data
    try:
        user = take(token, Newcomer(name=said["name"], password=said["password"]), now=now)
    except NameTaken:
        reason = _("An older account bears this address as its name.")
        form.add_error(None, f"{reason} {_('Ask to be invited under another address.')}")
        context = {"invitation": invitation, "form": form}
        return render(request, "desk/invited/form.html", context, status=422)
    answer: HttpResponse = perform_login(request, user)
    return answer


def _add_role(
    request: HttpRequest, token: str, invitation: Invitation, *, now: datetime
) -> HttpResponse:
    user = request.user
    if not isinstance(user, User):
        return redirect_to_login(request.get_full_path())
    if not is_for(invitation, user):
        reason = _("It is for another address than the one you are signed in with.")
        return render(request, "desk/invited/over.html", {"reason": reason}, status=404)
    if request.method != "POST":
        return render(request, "desk/invited/known.html")
    take_as(token, user, now=now)
    messages.success(request, _("You have the new role."))
    return redirect("desk")
