"""Pages: how far a partner's broadcasts reached. They read counts; they never count."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from analytics.disclosure import THRESHOLD
from analytics.opened import opened_report
from analytics.reach import reach_lines, reach_report
from campaigns.models import Broadcast
from campaigns.permissions import visible_to

_PER_PAGE = 25


@require_safe
@never_cache
@login_required
def reach_index(request: HttpRequest) -> HttpResponse:
    """List the launched broadcasts of a person's partners with their reach."""
    launched = visible_to(request.user).filter(state=Broadcast.State.LAUNCHED)
    page = Paginator(launched, _PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "lines": reach_lines(page.object_list), "threshold": THRESHOLD}
    return render(request, "analytics/reach_index.html", context)


@require_safe
@never_cache
@login_required
def reach(request: HttpRequest, code: str) -> HttpResponse:
    """Show one broadcast's reach by country and language; another partner's is not found."""
    broadcast = get_object_or_404(visible_to(request.user), code=code)
    language = get_language() or "en"
    context = {
        "broadcast": broadcast,
        "report": reach_report(broadcast, language=language),
        "opened": opened_report(broadcast.message, language=language),
        "threshold": THRESHOLD,
    }
    return render(request, "analytics/reach.html", context)
