"""Saved audiences: rules under a name, each as a sentence and with about how many people it yields."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import audit
from campaigns.forms.rules import show_rule
from campaigns.forms.segments import SegmentForm
from campaigns.models import Membership, Segment
from campaigns.permissions import may_schedule, partners_of, segments_visible_to
from campaigns.reckoning.segmenting import (
    Rule,
    SegmentError,
    count_alike,
    discard_segment,
    read_rule,
    save_segment,
)
from campaigns.views.requests import SignedIn, refuse
from campaigns.words import describe_audience, name_routes

# Whoever looks again and again is written down once in a while.
_ONE_LOOK = timedelta(minutes=30)
# What somebody took away last, in her session.
_TAKEN_AWAY = "segment_taken_away"
_DAYS = ("joined_from", "joined_until")


@login_required
@require_safe
def list_segments(request: SignedIn) -> HttpResponse:
    """Show the saved audiences of the person's partners as sentences."""
    names = name_routes()
    saved = segments_visible_to(request.user).order_by("partner__name", "name")
    context = {
        "rows": [(segment, describe_audience(segment, names)) for segment in saved],
        "plans": partners_of(request.user, Membership.Role.SCHEDULER).exists(),
        "several": partners_of(request.user).count() > 1,
        "taken_away": _find_taken_away(request),
    }
    return render(request, "desk/segments/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_segment(request: SignedIn) -> HttpResponse:
    """Show the form for a new one, or save it."""
    if not partners_of(request.user, Membership.Role.SCHEDULER).exists():
        return refuse(request, _("Only people who plan broadcasts for a partner can do this."))
    return _answer(request, None, now=timezone.now())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_segment(request: SignedIn, pk: int) -> HttpResponse:
    """Show one with about how many people it yields now, or change it."""
    segment = get_object_or_404(segments_visible_to(request.user), pk=pk)
    if request.method == "POST" and not may_schedule(request.user, segment.partner):
        return refuse(request, _("Only people who plan broadcasts for a partner can do this."))
    return _answer(request, segment, now=timezone.now())


@login_required
@require_POST
def remove_segment(request: SignedIn, pk: int) -> HttpResponse:
    """Take one away; broadcasts that were prepared with it stay as they are."""
    segment = get_object_or_404(segments_visible_to(request.user), pk=pk)
    if not may_schedule(request.user, segment.partner):
        return refuse(request, _("Only people who plan broadcasts for a partner can do this."))
    taken_away = {"partner": segment.partner_id, "name": segment.name} | _write_rule(segment)
    with transaction.atomic():
        # Before it has no number any more.
        _note(request, "discarded", segment, now=timezone.now())
        discard_segment(segment)
    request.session[_TAKEN_AWAY] = taken_away
    messages.success(request, _("Taken away. Broadcasts prepared with it stay as they are."))
    return redirect("desk_segments")


@login_required
@require_POST
def keep_segment(request: SignedIn) -> HttpResponse:
    """Save once more what this person took away last; what broadcasts were made with is another one."""
    if not partners_of(request.user, Membership.Role.SCHEDULER).exists():
        return refuse(request, _("Only people who plan broadcasts for a partner can do this."))
    held = _find_taken_away(request)
    if held is None:
        return redirect("desk_segments")
    partner = partners_of(request.user).get(pk=held["partner"])
    try:
        with transaction.atomic():
            kept = save_segment(partner, held["name"], _read_written(held), segment=None)
            _note(request, "saved", kept, now=timezone.now())
    except SegmentError as error:
        messages.error(request, str(error))
        return redirect("desk_segments")
    del request.session[_TAKEN_AWAY]
    messages.success(request, _("Saved."))
    return redirect("desk_segment", pk=kept.pk)


def _find_taken_away(request: SignedIn) -> dict[str, Any] | None:
    """Return what this person took away last since she signed in, while she plans for its partner."""
    held: dict[str, Any] | None = request.session.get(_TAKEN_AWAY)
    mine = partners_of(request.user, Membership.Role.SCHEDULER)
    return held if held and mine.filter(pk=held["partner"]).exists() else None


def _write_rule(segment: Segment) -> dict[str, Any]:
    fields = read_rule(segment).as_fields()
    return fields | {name: fields[name] and fields[name].isoformat() for name in _DAYS}


def _read_written(held: dict[str, Any]) -> Rule:
    days = {name: date.fromisoformat(held[name]) for name in _DAYS if held[name]}
    return Rule(
        routes=tuple(held["routes"]),
        channels=tuple(held["channels"]),
        countries=tuple(held["countries"]),
        languages=tuple(held["languages"]),
        joined_from=days.get("joined_from"),
        joined_until=days.get("joined_until"),
        not_reached_days=held["not_reached_days"],
    )


def _answer(request: SignedIn, segment: Segment | None, *, now: datetime) -> HttpResponse:
    if request.method == "POST":
        form = SegmentForm(request.POST, person=request.user, now=now)
        if form.is_valid() and (saved := _save(request, form, segment, now=now)):
            messages.success(request, _("Saved."))
            return redirect("desk_segment", pk=saved.pk)
    else:
        shown = {} if segment is None else show_rule(read_rule(segment))
        known = {"name": segment.name, "partner": segment.partner_id} if segment else {}
        form = SegmentForm(person=request.user, now=now, initial=shown | known)
    context: dict[str, object] = {"form": form, "segment": segment, "may_change": True}
    if segment is not None:
        _note(request, "saw_count", segment, now=now)
        context |= {
            "may_change": may_schedule(request.user, segment.partner),
            "sentence": describe_audience(segment, name_routes()),
            "people": count_alike(read_rule(segment)),
        }
    return render(
        request, "desk/segments/segment.html", context, status=422 if form.errors else 200
    )


def _save(
    request: SignedIn, form: SegmentForm, segment: Segment | None, *, now: datetime
) -> Segment | None:
    # One that is there stays with its partner.
    partner = segment.partner if segment else form.cleaned_data["partner"]
    try:
        with transaction.atomic():
            saved = save_segment(
                partner, form.cleaned_data["name"], form.make_rule(), segment=segment
            )
            _note(request, "saved", saved, now=now)
    except SegmentError as error:
        form.add_error("name", str(error))
        return None
    return saved


def _note(request: SignedIn, verb: str, segment: Segment, *, now: datetime) -> None:
    audit.note_once(
        verb,
        within=_ONE_LOOK if verb == "saw_count" else timedelta(0),
        kind="segment",
        code=str(segment.pk),
        actor=request.user.pk,
        partner=segment.partner_id,
        now=now,
    )
