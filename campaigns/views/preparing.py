"""Preparing a broadcast: one form, which makes one draft however often it is sent."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Field, MultipleChoiceField
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.drafting import preparing, unfinished
from campaigns.forms.broadcasts import AGAIN, AT, AT_ONCE, BroadcastForm
from campaigns.forms.rhythm import RhythmForm, explain_gap, read_initial
from campaigns.forms.rules import show_rule
from campaigns.forms.sender_choice import show_senders
from campaigns.models import Broadcast, Membership
from campaigns.models.broadcasts import CHANGEABLE
from campaigns.permissions import may_schedule, partners_of, visible_to
from campaigns.reckoning.segmenting import find_segment, read_rule
from campaigns.views.requests import SignedIn, find_broadcast, go_to, refuse

# What is kept of a form that is not finished.
_FIELDS = BroadcastForm.base_fields | RhythmForm.base_fields


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def prepare_broadcast(request: SignedIn) -> HttpResponse:
    """Show the form, or make a draft of what it says."""
    if not partners_of(request.user, Membership.Role.SCHEDULER).exists():
        return refuse(request, _("Only people who plan broadcasts for a partner can prepare one."))
    now = timezone.now()
    if request.method == "POST":
        return _prepare_posted(request, now=now)
    if token := request.GET.get("kept", ""):
        return _go_on(request, token, now=now)
    earlier = _find_earlier(request)
    form = BroadcastForm(person=request.user, now=now, initial=_initial(earlier, now=now))
    schedule = earlier.recurs_by if earlier else None
    rhythm = RhythmForm(now=now, initial=read_initial(schedule) if schedule else {})
    return render(request, "desk/prepare.html", {"form": form, "rhythm": rhythm})


@login_required
@require_POST
def freeze_again(request: SignedIn, code: str) -> HttpResponse:
    """Freeze the texts of a draft again, and ask WhatsApp again about what it has not decided."""
    broadcast = find_broadcast(request, code)
    if not may_schedule(request.user, broadcast.partner):
        return refuse(request, _("Only people who plan broadcasts can do this."))
    if broadcast.state in CHANGEABLE:
        try:
            preparing.freeze_texts(broadcast, now=timezone.now())
        except preparing.TextsError as error:
            tell_texts_error(request, error)
    return go_to(broadcast)


def _prepare_posted(request: SignedIn, *, now: datetime) -> HttpResponse:
    token = request.POST.get("form_token", "")
    if "discard" in request.POST:
        unfinished.discard(request.user, token)
        messages.success(request, _("Thrown away."))
        return redirect("desk")
    form = BroadcastForm(request.POST, person=request.user, now=now)
    # Its fields are only looked at where the broadcast recurs.
    rhythm = RhythmForm(request.POST if form.recurs else None, now=now)
    context: dict[str, Any] = {"form": form, "rhythm": rhythm}
    if "keep" in request.POST:
        return _keep(request, token, context, now=now)
    # Both are asked, so that all that is missing is said at once.
    if not all([form.is_valid(), not form.recurs or rhythm.is_valid()]):
        return render(request, "desk/prepare.html", context, status=422)
    chosen = form.cleaned_data
    segment = find_segment(chosen["partner"], form.make_rule())
    often = rhythm.make_rhythm() if form.recurs else None
    try:
        broadcast = preparing.prepare(
            author=request.user,
            message=chosen["message"],
            segment=segment,
            wish=form.make_wish(often),
            now=now,
        )
    except preparing.TextsError as error:
        tell_texts_error(request, error)
        broadcast = error.broadcast
    except preparing.TokenError as error:
        form.add_error(None, str(error))
        if isinstance(error, preparing.ChangedError):
            again = request.POST.copy()
            again["form_token"] = preparing.make_token()
            form.data = again
            context["made"] = error.broadcast
        return render(request, "desk/prepare.html", context, status=422)
    unfinished.discard(request.user, token)
    if often and (gap := explain_gap(often)):
        messages.info(request, gap)
    return go_to(broadcast)


def _keep(request: SignedIn, token: str, context: dict[str, Any], *, now: datetime) -> HttpResponse:
    """Keep the form as far as it is filled; nothing of it is checked yet."""
    fields = {name: request.POST.getlist(name) for name in _FIELDS if name in request.POST}
    try:
        unfinished.keep(request.user, token, fields, now=now)
    except unfinished.KeepError as error:
        messages.error(request, str(error))
        return render(request, "desk/prepare.html", context, status=422)
    messages.success(request, _("Kept for two weeks. You find it in your list of broadcasts."))
    return redirect("desk")


def _go_on(request: SignedIn, token: str, *, now: datetime) -> HttpResponse:
    """Show a form as far as it was filled and kept."""
    kept = unfinished.find_fields(request.user, token, now=now)
    if kept is None:
        messages.info(request, _("This is not kept any more: it was finished, or thrown away."))
        return redirect("desk")
    initial: dict[str, Any] = {
        name: kept.get(name, []) if _is_list(field) else next(iter(kept.get(name, [])), "")
        for name, field in _FIELDS.items()
    }
    form = BroadcastForm(person=request.user, now=now, initial=initial | {"form_token": token})
    context = {"form": form, "rhythm": RhythmForm(now=now, initial=initial)}
    return render(request, "desk/prepare.html", context)


def _is_list(field: Field) -> bool:
    return isinstance(field, MultipleChoiceField)


def tell_texts_error(request: SignedIn, error: preparing.TextsError) -> None:
    """Say why the texts of a draft could not be frozen, and that the draft is there."""
    reason = _("The texts could not be frozen. %(reason)s Your draft is kept: try again.")
    messages.error(request, reason % {"reason": error})


def _find_earlier(request: SignedIn) -> Broadcast | None:
    """Return the earlier broadcast that the address names, if it is one of this person's."""
    code = request.GET.get("from", "")
    return visible_to(request.user).filter(code=code).first() if code else None


def _initial(earlier: Broadcast | None, *, now: datetime) -> dict[str, Any]:
    """Return the choices of an earlier broadcast, without a time that has passed."""
    if earlier is None:
        return {}
    once = AT_ONCE if earlier.at_once else AT
    return {
        "partner": earlier.partner_id,
        "message": earlier.message_id,
        "campaign": earlier.campaign_id,
        **show_rule(read_rule(earlier.segment)),
        "first": earlier.audience.channels[0],
        **show_senders(earlier.senders),
        "when": AGAIN if earlier.schedule_id else once,
        "send_at": None if earlier.send_at <= now else earlier.send_at,
        "in_evening": earlier.in_evening,
        "in_quiet_hours": earlier.in_quiet_hours,
    }
