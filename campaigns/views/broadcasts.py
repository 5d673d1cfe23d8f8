"""The list of broadcasts, and the page of one: what it says, to whom, at what price, how far it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import approving
from campaigns.editions import read_with_wordings
from campaigns.models import Broadcast, Membership
from campaigns.models.broadcasts import CHANGEABLE, NOT_LAUNCHED
from campaigns.permissions import may_approve, may_schedule, may_steer, partners_of, visible_to
from campaigns.progress import find_batches, read_progress
from campaigns.views.requests import SignedIn, find_broadcast
from campaigns.windows import find_window, is_quiet
from campaigns.words import Badge, describe_audience, explain_hold, make_badge, name_routes
from locales.countries import get_country
from messaging.eligibility import Audience, count_eligible

_PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class Item:
    """Hold one line of the list; `exact` says that the people are those of the launch."""

    broadcast: Broadcast
    badge: Badge
    audience: str
    people: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """Say that in a country it is quiet now, and until when a message waits there."""

    country: str
    opens: datetime
    waits: timedelta


@login_required
@require_safe
def list_broadcasts(request: SignedIn) -> HttpResponse:
    """Show the broadcasts of the person's partners, and first what waits for her."""
    if not partners_of(request.user).exists():
        return render(request, "desk/no_partner.html")
    mine = visible_to(request.user)
    approves = partners_of(request.user, Membership.Role.APPROVER)
    waiting = mine.filter(partner__in=approves, state=Broadcast.State.ASKED)
    page = Paginator(mine, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "items": _make_items(page.object_list),
        "waiting": _make_items(waiting.exclude(author=request.user)[:_PER_PAGE]),
        "plans": partners_of(request.user, Membership.Role.SCHEDULER).exists(),
        "approves": approves.exists(),
        "several": partners_of(request.user).count() > 1,
    }
    return render(request, "desk/broadcasts.html", context)


@login_required
@require_safe
def show_broadcast(request: SignedIn, code: str) -> HttpResponse:
    """Show one broadcast and what this person can do with it now."""
    broadcast = find_broadcast(request, code)
    now = timezone.now()
    progress = read_progress(broadcast)
    context = {
        "broadcast": broadcast,
        "progress": progress,
        "badge": make_badge(broadcast, progress.batch),
        "audience": describe_audience(broadcast.segment, name_routes()),
        "editions": read_with_wordings(broadcast),
        "approval": broadcast.approvals.select_related("approver").first(),
        **_find_actions(request, broadcast),
    }
    if broadcast.state in NOT_LAUNCHED:
        context |= _look_ahead(broadcast, now=now)
    return render(request, "desk/broadcast.html", context)


def _find_actions(request: SignedIn, broadcast: Broadcast) -> dict[str, Any]:
    person = request.user
    asked = broadcast.state == Broadcast.State.ASKED
    return {
        "plans": may_schedule(person, broadcast.partner),
        "may_ask": broadcast.state in CHANGEABLE and may_schedule(person, broadcast.partner),
        "may_decide": asked and may_approve(person, broadcast),
        "is_author": broadcast.author_id == person.pk,
        "may_steer": may_steer(person, broadcast),
        "may_cancel_unsent": broadcast.state in NOT_LAUNCHED and may_steer(person, broadcast),
    }


def _look_ahead(broadcast: Broadcast, *, now: datetime) -> dict[str, Any]:
    """Return what would happen if it went out: people, price, holds, quiet hours."""
    snapshot = approving.take_snapshot(broadcast, now=now)
    holds = approving.find_holds(broadcast, now=now)
    return {
        "shown": snapshot.shown,
        "estimate": snapshot.estimate,
        "holds": [explain_hold(hold) for hold in holds],
        "hold_codes": {hold.code for hold in holds},
        "outdated": broadcast.editions.exists() and approving.is_outdated(broadcast),
        "too_late": approving.is_too_late(broadcast, now=now),
        "openings": _find_openings(
            broadcast, {line.country for line in snapshot.estimate.lines}, now=now
        ),
    }


def _find_openings(broadcast: Broadcast, countries: set[str], *, now: datetime) -> list[Opening]:
    start = now if broadcast.at_once else max(now, broadcast.send_at)
    if broadcast.in_quiet_hours:
        return []
    quiet = [code for code in sorted(countries) if is_quiet(get_country(code), start)]
    openings = []
    for code in quiet:
        opens, _closes = find_window(get_country(code), start, in_quiet_hours=False)
        openings.append(Opening(code, opens, opens - start))
    return openings


def _make_items(broadcasts: Iterable[Broadcast]) -> list[Item]:
    shown = list(broadcasts)
    batches, names = find_batches(shown), name_routes()
    counted: dict[Audience, int] = {}
    items = []
    for broadcast in shown:
        batch = batches.get(broadcast.code)
        audience = broadcast.segment.audience
        if batch is None and audience not in counted:
            counted[audience] = sum(group.people for group in count_eligible(audience))
        items.append(
            Item(
                broadcast=broadcast,
                badge=make_badge(broadcast, batch.state if batch else ""),
                audience=describe_audience(broadcast.segment, names),
                people=batch.size if batch else counted[audience],
                exact=batch is not None,
            )
        )
    return items
