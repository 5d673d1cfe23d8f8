"""Partners: where each may send, its people, its budgets. Its own people read; leads and administrators
change.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.forms.partners import BudgetForm, InviteForm, PartnerForm
from campaigns.models import Partner
from campaigns.partners import partnering
from campaigns.partners.inviting import InviteError, find_open, withdraw
from campaigns.permissions import (
    budgets_visible_to,
    invitations_visible_to,
    may_administrate,
    memberships_visible_to,
    partners_visible_to,
)
from campaigns.reckoning.budgets import read_use
from campaigns.staff import Duties
from campaigns.views.requests import SignedIn, refuse
from campaigns.views.signing_again import for_who_signed_in_lately
from campaigns.words import name_routes
from locales.countries import country_name
from locales.languages import LANGUAGES

_MONTHS_SHOWN = 36
View = Callable[..., HttpResponse]


def _for_hosts(view: View) -> View:
    """Let in programme leads and administrators only."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if may_administrate(request.user):
            return view(request, *args, **kwargs)
        if "pk" in kwargs:
            # Who may not see it hears nothing of it.
            get_object_or_404(partners_visible_to(request.user), pk=kwargs["pk"])
        return refuse(request, _("Only programme leads and administrators can do this."))

    return login_required(guarded)


@login_required
@require_safe
def list_partners(request: SignedIn) -> HttpResponse:
    """Show the partners whose page a person sees."""
    found = partners_visible_to(request.user).order_by("name")
    if not found and not Duties(request.user).across:
        return render(request, "desk/no_partner.html")
    names = name_routes()
    partners = [(partner, _describe(partner, names)) for partner in found]
    context = {
        "partners": partners,
        "may_administrate": may_administrate(request.user),
        "names_staff": Duties(request.user).staff,
    }
    return render(request, "desk/partners/list.html", context)


@login_required
@require_safe
@never_cache
def show_partner(request: SignedIn, pk: int) -> HttpResponse:
    """Show one partner: its limits, its people, what it may spend and has spent."""
    return _show(request, _find(request, pk))


@_for_hosts
@require_http_methods(["GET", "HEAD", "POST"])
def add_partner(request: SignedIn) -> HttpResponse:
    """Show the form for a new partner, or add it."""
    return _answer(request, None)


@_for_hosts
@require_http_methods(["GET", "HEAD", "POST"])
def change_partner(request: SignedIn, pk: int) -> HttpResponse:
    """Show the form of a partner, or change it."""
    return _answer(request, _find(request, pk))


@_for_hosts
@require_POST
@for_who_signed_in_lately
def invite(request: SignedIn, pk: int) -> HttpResponse:
    """Invite somebody to a partner."""
    partner = _find(request, pk)
    form = InviteForm(request.POST)
    if form.is_valid():
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        try:
            partnering.invite_person(partner, email, role=role, by=request.user, now=timezone.now())
        except (partnering.PartnerError, InviteError) as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("Invited. The letter is good once, for seven days."))
            return redirect("desk_partner", pk=partner.pk)
    return _show(request, partner, {"invite_form": form})


@_for_hosts
@require_POST
def take_back(request: SignedIn, pk: int, invitation: int) -> HttpResponse:
    """End an invitation that nobody has taken."""
    partner = _find(request, pk)
    mine = invitations_visible_to(request.user).filter(partner=partner)
    withdraw(get_object_or_404(mine, pk=invitation), by=request.user, now=timezone.now())
    messages.success(request, _("The invitation is good no longer."))
    return redirect("desk_partner", pk=partner.pk)


@_for_hosts
@require_POST
@for_who_signed_in_lately
def end_membership(request: SignedIn, pk: int, membership: int) -> HttpResponse:
    """Take a role from somebody."""
    partner = _find(request, pk)
    mine = memberships_visible_to(request.user).filter(partner=partner)
    ended = mine.filter(pk=membership).first()
    if ended is None:
        # Two tabs, or two clicks.
        messages.info(request, _("This role had ended already."))
        return redirect("desk_partner", pk=partner.pk)
    try:
        partnering.end_membership(ended, by=request.user, now=timezone.now())
    except partnering.PartnerError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The role has ended, from now on."))
    return redirect("desk_partner", pk=partner.pk)


@_for_hosts
@require_POST
def save_budget(request: SignedIn, pk: int) -> HttpResponse:
    """Set what a partner may spend in a country and a month."""
    partner = _find(request, pk)
    form = BudgetForm(request.POST, partner=partner)
    if not form.is_valid():
        return _show(request, partner, {"budget_form": form})
    partnering.set_budget(partner, form.make_grant(), by=request.user, now=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("desk_partner", pk=partner.pk)


def _find(request: SignedIn, pk: int) -> Partner:
    return get_object_or_404(partners_visible_to(request.user), pk=pk)


def _answer(request: SignedIn, partner: Partner | None) -> HttpResponse:
    form = PartnerForm(request.POST or None, instance=partner)
    if request.method == "POST" and form.is_valid():
        saved = form.save(commit=False)
        partnering.save_partner(saved, by=request.user, now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("desk_partner", pk=saved.pk)
    context = {"form": form, "partner": partner}
    status = 422 if form.errors else 200
    return render(request, "desk/partners/form.html", context, status=status)


def _show(request: SignedIn, partner: Partner, forms: dict[str, Any] | None = None) -> HttpResponse:
    now = timezone.now()
    people = memberships_visible_to(request.user).filter(partner=partner)
    budgets = budgets_visible_to(request.user).filter(partner=partner)[:_MONTHS_SHOWN]
    invitations = invitations_visible_to(request.user).filter(partner=partner)
    context = {
        "partner": partner,
        **_describe(partner, name_routes()),
        "people": people.order_by("user__email", "role"),
        "uses": read_use(list(budgets)),
        "open_invitations": invitations.filter(pk__in=find_open(now)),
        "may_administrate": may_administrate(request.user),
        "invite_form": InviteForm(),
        "budget_form": BudgetForm(
            partner=partner, initial={"month": now.date().replace(day=1), "currency": "USD"}
        ),
        **(forms or {}),
    }
    return render(request, "desk/partners/show.html", context, status=422 if forms else 200)


def _describe(partner: Partner, names: dict[str, str]) -> dict[str, str]:
    language = get_language() or "en"
    return {
        "countries": ", ".join(country_name(code, language) for code in partner.countries),
        # Some names of routes hold commas themselves.
        "routes": "; ".join(names.get(code, code) for code in partner.routes),
        "languages": ", ".join(
            LANGUAGES[code].endonym if code in LANGUAGES else code for code in partner.languages
        ),
    }
