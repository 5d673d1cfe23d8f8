"""Staff across partners: who they are, and who says so. For administrators, and never about themselves."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.forms.partners import StaffForm
from campaigns.partners import partnering
from campaigns.partners.inviting import InviteError, find_open, withdraw
from campaigns.staff import GROUP_NAMES, STAFF, Duties
from campaigns.views.requests import SignedIn, refuse
from campaigns.views.signing_again import for_who_signed_in_lately

View = Callable[..., HttpResponse]


def _for_administrators(view: View) -> View:
    """Let in administrators only."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not Duties(request.user).staff:
            return refuse(request, _("Only administrators can do this."))
        return view(request, *args, **kwargs)

    return login_required(guarded)


@_for_administrators
@require_safe
@never_cache
def list_staff(request: SignedIn) -> HttpResponse:
    """Show who is staff, and who is invited."""
    return _show(request, StaffForm())


@_for_administrators
@require_POST
@for_who_signed_in_lately
def invite(request: SignedIn) -> HttpResponse:
    """Invite somebody to a group of staff."""
    form = StaffForm(request.POST)
    if form.is_valid():
        email, group = form.cleaned_data["email"], form.cleaned_data["role"]
        try:
            partnering.invite_staff(email, group=group, by=request.user, now=timezone.now())
        except (partnering.PartnerError, InviteError) as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("Invited. The letter is good once, for seven days."))
            return redirect("desk_staff")
    return _show(request, form)


@_for_administrators
@require_POST
@for_who_signed_in_lately
def end(request: SignedIn, person: int) -> HttpResponse:
    """Take somebody out of a group of staff."""
    found = get_object_or_404(User, pk=person)
    group = request.POST.get("group", "")
    try:
        ended = partnering.end_staff(found, group=group, by=request.user, now=timezone.now())
    except partnering.PartnerError as error:
        messages.error(request, str(error))
    else:
        said = _("The role has ended, from now on.") if ended else _("This role had ended already.")
        messages.success(request, said)
    return redirect("desk_staff")


@_for_administrators
@require_POST
def take_back(request: SignedIn, invitation: int) -> HttpResponse:
    """End an invitation that nobody has taken."""
    waiting = find_open(timezone.now()).filter(partner__isnull=True)
    found = waiting.filter(pk=invitation).first()
    if found is not None:
        withdraw(found, by=request.user, now=timezone.now())
    messages.success(request, _("The invitation is good no longer."))
    return redirect("desk_staff")


def _show(request: SignedIn, form: StaffForm) -> HttpResponse:
    people = User.objects.filter(is_active=True, groups__name__in=STAFF).distinct()
    rows = [
        (person, group.name, GROUP_NAMES[group.name])
        for person in people.order_by("email").prefetch_related("groups")
        for group in person.groups.all()
        if group.name in GROUP_NAMES
    ]
    waiting = find_open(timezone.now()).filter(partner__isnull=True)
    context = {
        "rows": rows,
        "waiting": [(one, GROUP_NAMES.get(one.group, one.group)) for one in waiting],
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "desk/partners/staff.html", context, status=status)
