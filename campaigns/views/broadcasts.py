"""The page of one broadcast: what it says, to whom, at what price, how far it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import audit, series
from campaigns.approval import approving
from campaigns.approval.change_words import explain_changes, explain_needs
from campaigns.approval.limits import find_breaches
from campaigns.calendar.items import make_items
from campaigns.drafting.moving import is_movable
from campaigns.editions import read_with_wordings
from campaigns.going_out.canary_words import view_canary
from campaigns.models import Broadcast
from campaigns.models.broadcasts import CHANGEABLE, NOT_LAUNCHED, UNDECIDED
from campaigns.permissions import may_approve, may_schedule, may_steer
from campaigns.reckoning.looking_ahead import look_ahead
from campaigns.reckoning.sender_choice import hold_senders
from campaigns.reckoning.timing import find_start, hold_windows, window_in
from campaigns.reckoning.windows import NoWindowError
from campaigns.views.requests import SignedIn, find_broadcast
from campaigns.views.watching import read_states
from campaigns.words import (
    describe_audience,
    explain_hold,
    explain_pause,
    make_badge,
    name_routes,
)
from cms.freshness import Hold
from locales.countries import get_country
from messaging.models import Batch

_PER_PAGE = 25
_TIMES_SHOWN = 3
# What lies in the texts as they were frozen, and so may be gone once they are frozen again.
_OF_FROZEN_TEXTS = {"template_rejected", "template_disabled", "translation_outdated"}


@dataclass(frozen=True, slots=True)
class Opening:
    """Say that in a country it is quiet now, and until when a message waits there."""

    country: str
    opens: datetime
    waits: timedelta


@login_required
@require_safe
def show_broadcast(request: SignedIn, code: str) -> HttpResponse:
    """Show one broadcast and what this person can do with it now."""
    broadcast = find_broadcast(request, code)
    now = timezone.now()
    states = read_states(broadcast, now=now)
    context = {
        "broadcast": broadcast,
        **states,
        "badge": make_badge(broadcast, states["progress"].batch),
        "audience": describe_audience(broadcast.segment, name_routes()),
        "editions": read_with_wordings(broadcast),
        "approvals": approving.list_standing(broadcast),
        "paused_why": explain_pause(_read_pause(broadcast)),
        **_explain_standing(broadcast),
        "canary": view_canary(broadcast),
        **_find_actions(request, broadcast, now=now),
        **_tell_series(broadcast, now=now),
    }
    if broadcast.state in NOT_LAUNCHED:
        context |= _look_ahead(broadcast, now=now)
    # What polls is no look: it moves on the page that was.
    if request.method == "GET" and (broadcast.state in NOT_LAUNCHED or states["progress"].batch):
        audit.note_looks([broadcast], by=request.user.pk, now=now)
    return render(request, "desk/broadcast.html", context)


def _explain_standing(broadcast: Broadcast) -> dict[str, Any]:
    """Return why it was held back, or what changed since it was approved."""
    if broadcast.state == Broadcast.State.VOID:
        return {"changes": explain_changes(broadcast.held_by)}
    return {"held_by": [explain_hold(Hold(**held)) for held in broadcast.held_by]}


def _read_pause(broadcast: Broadcast) -> str:
    paused = Batch.objects.filter(reference=broadcast.reference, state=Batch.State.PAUSED)
    return paused.values_list("paused_reason", flat=True).first() or ""


def _find_actions(request: SignedIn, broadcast: Broadcast, *, now: datetime) -> dict[str, Any]:
    person = request.user
    asked = broadcast.state == Broadcast.State.ASKED
    has_approved = any(one.approver_id == person.pk for one in approving.list_standing(broadcast))
    plans = may_schedule(person, broadcast.partner)
    return {
        "plans": plans,
        "may_ask": broadcast.state in CHANGEABLE and plans,
        "may_move": plans and is_movable(broadcast, now=now),
        "may_decide": asked and may_approve(person, broadcast) and not has_approved,
        "has_approved": has_approved,
        "may_release": may_approve(person, broadcast),
        "is_author": broadcast.author_id == person.pk,
        "has_asked": broadcast.asked_by_id == person.pk,
        "may_steer": may_steer(person, broadcast),
        "may_cancel_unsent": broadcast.state in NOT_LAUNCHED and may_steer(person, broadcast),
        "is_undecided": broadcast.state in UNDECIDED,
    }


def _tell_series(broadcast: Broadcast, *, now: datetime) -> dict[str, Any]:
    """Return of one that recurs its next times, and what its times so far have made."""
    schedule = broadcast.schedule
    if schedule is None:
        left = Broadcast.objects.filter(schedule__occurrences__broadcast=broadcast)
        return {"left_series": None if broadcast.pattern_id else left.first()}
    goes_on = broadcast.state in NOT_LAUNCHED and not schedule.paused_at
    rows = Broadcast.objects.select_related("message", "segment", "schedule")
    moved = rows.filter(occurrences__schedule=schedule, pattern__isnull=True)
    return {
        "times": series.list_times(schedule, after=now, most=_TIMES_SHOWN) if goes_on else [],
        "sendings": make_items(rows.filter(pattern=broadcast)[:_PER_PAGE]),
        "moved": make_items(moved[:_PER_PAGE]),
        "goes_on": broadcast.state == Broadcast.State.APPROVED,
    }


def _look_ahead(broadcast: Broadcast, *, now: datetime) -> dict[str, Any]:
    """Return what would happen if it went out: people, price, holds, quiet hours."""
    snapshot = approving.take_snapshot(broadcast, now=now)
    holds = approving.find_holds(broadcast, now=now)
    countries = {line.country for line in snapshot.estimate.lines}
    holds += find_breaches(broadcast, snapshot.estimate.people, now=now)
    holds += hold_windows(broadcast, countries, now=now)
    holds += hold_senders(broadcast, snapshot.estimate)
    codes = {hold.code for hold in holds}
    return {
        "shown": snapshot.shown,
        "estimate": snapshot.estimate,
        "ahead": look_ahead(broadcast, snapshot.estimate, now=now),
        **_count_approvers(broadcast, snapshot.estimate.people),
        "holds": [explain_hold(hold) for hold in holds],
        "hold_codes": codes,
        "refreezable": bool(codes & _OF_FROZEN_TEXTS),
        "outdated": broadcast.editions.exists() and approving.is_outdated(broadcast),
        "too_late": approving.is_too_late(broadcast, now=now),
        "openings": _find_openings(broadcast, countries, now=now),
    }


def _count_approvers(broadcast: Broadcast, people: int) -> dict[str, Any]:
    quorum = approving.read_quorum(broadcast, people=people)
    return {"needed": quorum.needed, "needs": explain_needs(quorum.reasons)}


def _find_openings(broadcast: Broadcast, countries: set[str], *, now: datetime) -> list[Opening]:
    start, openings = find_start(broadcast, now=now), []
    for code in sorted(countries):
        try:
            opens, _closes = window_in(get_country(code), broadcast, start)
        except NoWindowError:
            # It is among what holds it back.
            continue
        if opens > start:
            openings.append(Opening(code, opens, opens - start))
    return openings
