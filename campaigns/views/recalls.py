"""Corrections: broadcasts that are not true any more, whom they reached, and one step to put them right."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import audit
from campaigns.drafting import recalls
from campaigns.drafting.preparing import TextsError
from campaigns.models import Membership
from campaigns.permissions import may_schedule, partners_of, visible_to
from campaigns.views.preparing import tell_texts_error
from campaigns.views.requests import SignedIn, find_broadcast, go_to, refuse
from campaigns.words import make_badge

_PER_PAGE = 25


@login_required
@require_safe
def list_recalls(request: SignedIn) -> HttpResponse:
    """Show what was sent and is not true any more, with what changed and how many got it."""
    now = timezone.now()
    found = recalls.find_recalls(visible_to(request.user), now=now)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    if request.method == "GET":
        shown = [recall.broadcast for recall in page.object_list]
        audit.note_looks(shown, by=request.user.pk, now=now)
    plans = partners_of(request.user, Membership.Role.SCHEDULER)
    mine = set(plans.values_list("pk", flat=True))
    items = [
        (recall, _badge(recall), recall.broadcast.partner_id in mine) for recall in page.object_list
    ]
    context = {"page": page, "items": items, "several": partners_of(request.user).count() > 1}
    return render(request, "desk/recalls/list.html", context)


@login_required
@require_POST
def correct(request: SignedIn, code: str) -> HttpResponse:
    """Prepare a correction to whom a broadcast reached, once, and show it."""
    broadcast = find_broadcast(request, code)
    if not may_schedule(request.user, broadcast.partner):
        return refuse(request, _("Only people who plan broadcasts can prepare a correction."))
    try:
        correction = recalls.prepare_correction(broadcast, request.user, now=timezone.now())
    except recalls.RecallError as error:
        messages.error(request, str(error))
        return redirect("desk_recalls")
    except TextsError as error:
        tell_texts_error(request, error)
        correction = error.broadcast
    else:
        messages.success(
            request,
            _("The correction is prepared: the message as it is now, to those who got it before."),
        )
    return go_to(correction)


def _badge(recall: recalls.Recall) -> object:
    return make_badge(recall.correction, "") if recall.correction else None
