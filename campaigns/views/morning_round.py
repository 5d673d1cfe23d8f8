"""The morning round: today's contact points to try, one tap for what came of each."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns.field import trying
from campaigns.models import Membership
from campaigns.permissions import may_assist, partners_of
from campaigns.views.requests import SignedIn, refuse
from cms.models import TestResult


@login_required
@require_safe
def show_round(request: SignedIn) -> HttpResponse:
    """Show what is to be tried today, and what was."""
    if not may_assist(request.user):
        return _refuse(request)
    today = timezone.now().date()
    context = {
        "round": trying.plan_round(_countries(request), today=today),
        "results": [(result.value, result.label) for result in trying.RESULTS],
    }
    return render(request, "desk/round/list.html", context)


@login_required
@require_POST
def note(request: SignedIn, pk: int) -> HttpResponse:
    """Write down what came of trying one contact point."""
    if not may_assist(request.user):
        return _refuse(request)
    point = trying.find_point(pk, _countries(request))
    if point is None:
        raise Http404
    result = request.POST.get("result", "")
    if result not in trying.RESULTS:
        messages.error(request, _("Choose what came of it."))
        return redirect("desk_round")
    trying.note_result(point, TestResult(result), by=request.user, now=timezone.now())
    said = _("%(name)s: %(result)s. You can change it below until tonight.")
    messages.success(request, said % {"name": point.name, "result": TestResult(result).label})
    return redirect("desk_round")


def _countries(request: SignedIn) -> set[str]:
    mine = partners_of(request.user, Membership.Role.SCHEDULER, Membership.Role.APPROVER)
    return trying.countries_of(list(mine))


def _refuse(request: SignedIn) -> HttpResponse:
    return refuse(request, _("Only people who plan or approve for a partner make the round."))
