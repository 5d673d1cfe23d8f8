"""Pages: how far a partner's broadcasts reached. They read counts; they never count."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from analytics.disclosure import THRESHOLD
from analytics.offline import offline_report
from analytics.opened import opened_report, routes_report
from analytics.reach import reach_lines, reach_report
from campaigns import audit
from campaigns.models import Broadcast
from campaigns.permissions import sessions_visible_to, visible_to
from campaigns.views.requests import SignedIn

_PER_PAGE = 25


@require_safe
@never_cache
@login_required
def reach_index(request: SignedIn) -> HttpResponse:
    """List the launched broadcasts of a person's partners with their reach."""
    launched = visible_to(request.user).filter(state=Broadcast.State.LAUNCHED)
    page = Paginator(launched, _PER_PAGE).get_page(request.GET.get("page"))
    lines = reach_lines(page.object_list)
    _note_looks(request, [line.broadcast for line in lines if line.reach])
    context = {
        "page": page,
        "lines": lines,
        "routes": routes_report(language=get_language() or "en"),
        "offline": offline_report(sessions_visible_to(request.user)),
        "threshold": THRESHOLD,
    }
    return render(request, "analytics/reach_index.html", context)


@require_safe
@never_cache
@login_required
def reach(request: SignedIn, code: str) -> HttpResponse:
    """Show one broadcast's reach by country and language; another partner's is not found."""
    broadcast = get_object_or_404(visible_to(request.user), code=code)
    language = get_language() or "en"
    report = reach_report(broadcast, language=language)
    _note_looks(request, [broadcast] if report else [])
    context = {
        "broadcast": broadcast,
        "report": report,
        "opened": opened_report(broadcast.message, language=language),
        "threshold": THRESHOLD,
    }
    return render(request, "analytics/reach.html", context)


def _note_looks(request: SignedIn, shown: list[Broadcast]) -> None:
    if request.method == "GET":
        audit.note_looks(shown, by=request.user.pk, now=timezone.now())
