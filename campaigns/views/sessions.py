"""Sessions face to face: what was held, and one form to tell of another."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.field import outreach
from campaigns.forms.sessions import SessionForm
from campaigns.models import Membership, OutreachSession
from campaigns.permissions import may_assist, partners_of, sessions_visible_to
from campaigns.views.requests import SignedIn, refuse
from campaigns.words import name_routes

_PER_PAGE = 25


@login_required
@require_safe
def list_sessions(request: SignedIn) -> HttpResponse:
    """Show the sessions of the person's partners, the latest first."""
    mine = sessions_visible_to(request.user).annotate(people=Sum("heads__people"))
    mine = mine.order_by("-held_on", "-made_at")
    page = Paginator(mine, _PER_PAGE).get_page(request.GET.get("page"))
    names = name_routes()
    context = {
        "page": page,
        "items": [
            (one, "; ".join(names.get(code, code) for code in one.routes))
            for one in page.object_list
        ],
        "may_add": may_assist(request.user),
        "several": partners_of(request.user).count() > 1,
    }
    return render(request, "desk/sessions/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_session(request: SignedIn) -> HttpResponse:
    """Show the form for a session, or write it down."""
    if not may_assist(request.user):
        return refuse(request, _("Only people who plan or approve for a partner hold sessions."))
    now = timezone.now()
    form = SessionForm(request.POST or None, person=request.user, today=now.date())
    if request.method == "POST" and form.is_valid():
        token = form.cleaned_data["form_token"].hex
        try:
            outreach.add_session(form.read_told(), author=request.user, token=token, now=now)
        except OutreachSession.DoesNotExist:
            form.add_error(None, _("This form was used by somebody else. Open a new one."))
        else:
            messages.success(request, _("Written down. It counts as reach face to face."))
            return redirect("desk_sessions")
    return _show(request, form, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_session(request: SignedIn, code: str) -> HttpResponse:
    """Show the form of a session, or put it right."""
    session = get_object_or_404(sessions_visible_to(request.user), code=code)
    mine = partners_of(request.user, Membership.Role.SCHEDULER, Membership.Role.APPROVER)
    if not mine.filter(pk=session.partner_id).exists():
        return refuse(request, _("Only people who plan or approve for its partner change it."))
    now = timezone.now()
    form = SessionForm(request.POST or None, person=request.user, today=now.date(), session=session)
    if request.method == "POST" and form.is_valid():
        outreach.change_session(session, form.read_told(), by=request.user, now=now)
        messages.success(request, _("Put right."))
        return redirect("desk_sessions")
    return _show(request, form, session)


def _show(request: SignedIn, form: SessionForm, session: OutreachSession | None) -> HttpResponse:
    context = {"form": form, "session": session}
    status = 422 if form.errors else 200
    return render(request, "desk/sessions/form.html", context, status=status)
