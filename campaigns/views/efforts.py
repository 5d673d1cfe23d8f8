"""Campaigns: to what end, for whom, when and within which limits; and letting one begin."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.approval.effort_changes import save_campaign
from campaigns.forms.efforts import CampaignForm
from campaigns.models import Campaign, Membership, Partner
from campaigns.partners import efforts
from campaigns.permissions import campaigns_visible_to, may_plan_campaign, partners_of
from campaigns.staff import Duties
from campaigns.views.requests import SignedIn, refuse
from campaigns.words import name_routes


@login_required
@require_safe
def list_campaigns(request: SignedIn) -> HttpResponse:
    """Show the campaigns a person sees, those that run first."""
    duties = Duties(request.user)
    if not duties.across and not partners_of(request.user).exists():
        return render(request, "desk/no_partner.html")
    names = name_routes()
    rows = [
        (campaign, "; ".join(names.get(code, code) for code in campaign.routes))
        for campaign in campaigns_visible_to(request.user).order_by("ends_on", "name")
    ]
    context = {
        "rows": rows,
        "kept_days": settings.RETENTION["campaigns"],
        "may_add": _plannable(request).exists(),
    }
    return render(request, "desk/campaigns/list.html", context)


@login_required
@require_safe
def show_campaign(request: SignedIn, pk: int) -> HttpResponse:
    """Show one campaign, and what it still needs before it may begin."""
    campaign = _find(request, pk)
    names = name_routes()
    gaps = [] if campaign.activated_at else efforts.list_gaps(campaign, today=_now().date())
    context = {
        "campaign": campaign,
        "routes": [names.get(code, code) for code in campaign.routes],
        "gaps": [efforts.GAPS[gap] for gap in gaps],
        "plans": may_plan_campaign(request.user, campaign.partner),
        "is_fixed": efforts.is_fixed(campaign),
        "most": campaign.most_per_week or settings.MOST_PER_WEEK,
        "broadcasts": campaign.broadcasts.filter(pattern__isnull=True).count(),
    }
    return render(request, "desk/campaigns/show.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_campaign(request: SignedIn) -> HttpResponse:
    """Show the form for a new campaign, or add it."""
    if not _plannable(request).exists():
        return refuse(request, _only_planners())
    return _answer(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_campaign(request: SignedIn, pk: int) -> HttpResponse:
    """Show the form of a campaign, or change it."""
    campaign = _find(request, pk)
    if not may_plan_campaign(request.user, campaign.partner):
        return refuse(request, _only_planners())
    if campaign.purged_at is not None:
        return refuse(request, _("It is over, and what was of it is gone."))
    return _answer(request, campaign)


@login_required
@require_POST
def activate(request: SignedIn, pk: int) -> HttpResponse:
    """Let a campaign begin, or say what is missing."""
    campaign = _find(request, pk)
    if not may_plan_campaign(request.user, campaign.partner):
        return refuse(request, _only_planners())
    try:
        efforts.activate(campaign, request.user, now=_now())
    except efforts.EffortError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It has begun: broadcasts of it may go out on its days."))
    return redirect("desk_campaign", pk=pk)


def _only_planners() -> str:
    return _("Only people who plan broadcasts for a partner, and programme leads, can do this.")


def _find(request: SignedIn, pk: int) -> Campaign:
    return get_object_or_404(campaigns_visible_to(request.user), pk=pk)


def _plannable(request: SignedIn) -> QuerySet[Partner]:
    """Return the partners for whom this person may make campaigns."""
    if Duties(request.user).words:
        return Partner.objects.order_by("name")
    return partners_of(request.user, Membership.Role.SCHEDULER).order_by("name")


def _answer(request: SignedIn, campaign: Campaign | None) -> HttpResponse:
    now = _now()
    partners = _plannable(request)
    form = CampaignForm(request.POST or None, instance=campaign, partners=partners, now=now)
    if request.method == "POST" and form.is_valid():
        saved = form.save(commit=False)
        try:
            voided = save_campaign(saved, by=request.user, now=now)
        except efforts.EffortError as error:
            form.add_error("holdout_percent", str(error))
        else:
            _tell_saved(request, voided)
            return redirect("desk_campaign", pk=saved.pk)
    context = {"form": form, "campaign": campaign, "house_most": settings.MOST_PER_WEEK}
    status = 422 if form.errors else 200
    return render(request, "desk/campaigns/form.html", context, status=status)


def _tell_saved(request: SignedIn, voided: int) -> None:
    messages.success(request, _("Saved."))
    if voided:
        said = ngettext(
            "%(count)s broadcast has to be approved again: its limits have changed.",
            "%(count)s broadcasts have to be approved again: their limits have changed.",
            voided,
        )
        messages.warning(request, said % {"count": voided})


def _now() -> datetime:
    return timezone.now()
