"""The list of broadcasts: what waits for the person first, then everything of her partners."""

from itertools import islice

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.calendar.items import make_items
from campaigns.drafting import unfinished
from campaigns.drafting.first_steps import list_first_steps
from campaigns.field import inbox
from campaigns.forms.listing import ListForm
from campaigns.models import Approval, Broadcast, Membership
from campaigns.models.broadcasts import UNDECIDED
from campaigns.permissions import partners_of, visible_to
from campaigns.staff import Duties
from campaigns.views.requests import SignedIn

_PER_PAGE = 25
# What waits stands above the first page; so many of each, and one more tells that there are others.
_WAITING = 8
# What was void at its time did not go out either.
_DID_NOT_GO = (*UNDECIDED, Broadcast.State.VOID)
_Role = Membership.Role


@login_required
@require_safe
def list_broadcasts(request: SignedIn) -> HttpResponse:
    """Show the broadcasts of the person's partners, and first what waits for her."""
    roles = _find_roles(request)
    if not roles:
        if Duties(request.user).any:
            return redirect("desk_safety")
        return render(request, "desk/no_partner.html")
    several = len({partner for partner, _role in roles}) > 1
    form = ListForm(request.GET, partners=partners_of(request.user), several=several)
    found = _bare(form.narrow(visible_to(request.user)))
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    is_first = page.number == 1 and not form.narrows
    waiting = _list_waiting(request, roles) if is_first else []
    undecided = _list_undecided(request, roles) if is_first else []
    plans = any(role == _Role.SCHEDULER for _partner, role in roles)
    # All lines at once: what they need is asked for once.
    wanted = [*waiting[:_WAITING], *undecided[:_WAITING], *page.object_list]
    rows = visible_to(request.user).in_bulk(wanted)
    items = iter(make_items(rows[pk] for pk in wanted))
    context = {
        "page": page,
        "filter": form,
        "narrows": form.narrows,
        "is_first": is_first,
        "waiting": list(islice(items, min(_WAITING, len(waiting)))),
        "more_waiting": len(waiting) > _WAITING,
        "undecided": list(islice(items, min(_WAITING, len(undecided)))),
        "more_undecided": len(undecided) > _WAITING,
        "items": list(items),
        "plans": plans,
        "kept": unfinished.list_kept(request.user, now=timezone.now())
        if plans and is_first
        else [],
        "urgent": inbox.count_urgent(request.user),
        "steps": list_first_steps(request.user) if plans and not form.narrows else [],
        "approves": any(role == _Role.APPROVER for _partner, role in roles),
        "several": several,
    }
    return render(request, "desk/broadcasts.html", context)


def _find_roles(request: SignedIn) -> set[tuple[int, str]]:
    """Return the person's roles with their partners."""
    mine = Membership.objects.filter(
        user=request.user, partner__in=partners_of(request.user).values("pk")
    )
    return set(mine.values_list("partner_id", "role"))


def _bare(broadcasts: QuerySet[Broadcast]) -> QuerySet[Broadcast, int]:
    """Return ids alone: a thousand rows with all that belongs to them are not sorted for the first few."""
    return broadcasts.select_related(None).values_list("pk", flat=True)


def _list_waiting(request: SignedIn, roles: set[tuple[int, str]]) -> list[int]:
    approves = [partner for partner, role in roles if role == _Role.APPROVER]
    given = Approval.objects.filter(approver=request.user, void_at__isnull=True)
    asked = visible_to(request.user).filter(partner__in=approves, state=Broadcast.State.ASKED)
    others = asked.exclude(Q(author=request.user) | Q(asked_by=request.user)).exclude(
        pk__in=given.values("broadcast_id")
    )
    return list(_bare(others)[: _WAITING + 1]) if approves else []


def _list_undecided(request: SignedIn, roles: set[tuple[int, str]]) -> list[int]:
    steers = [partner for partner, role in roles if role in {_Role.SCHEDULER, _Role.APPROVER}]
    open_still = visible_to(request.user).filter(partner__in=steers, state__in=_DID_NOT_GO)
    return list(_bare(open_still)[: _WAITING + 1]) if steers else []
