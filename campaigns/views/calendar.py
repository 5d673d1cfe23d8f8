"""The calendar: month, week and list of what is planned, others only as busy; and moving a broadcast."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from babel import Locale
from babel.dates import format_date, get_day_names
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.calendar.days import Span, read_days
from campaigns.drafting import moving
from campaigns.forms.moving import MoveForm
from campaigns.models import Broadcast
from campaigns.permissions import may_schedule, partners_of
from campaigns.staff import Duties
from campaigns.views.requests import SignedIn, find_broadcast, go_to, refuse

MONTH, WEEK, LIST = "month", "week", "list"
_DAY = timedelta(days=1)
_LISTED = 31
# Beyond these years no calendar of ours reaches, and Python's own ends soon after.
_FIRST, _LAST = date(2020, 1, 1), date(2100, 1, 1)


@login_required
@require_safe
def show_calendar(request: SignedIn) -> HttpResponse:
    """Show a month, a week or a list of days."""
    if not partners_of(request.user).exists() and not Duties(request.user).across:
        return render(request, "desk/no_partner.html")
    now = timezone.now()
    today = now.astimezone(UTC).date()
    shape = request.GET.get("view", "")
    shape = shape if shape in {MONTH, WEEK, LIST} else MONTH
    day = _read_day(request.GET.get("day", ""), today)
    span, before, after = _find_span(shape, day)
    days = read_days(request.user, span, now=now)
    context = {
        "shape": shape,
        "shapes": _list_shapes(day),
        "day": day,
        "today": today,
        "days": [one for one in days if not one.is_empty] if shape == LIST else days,
        "title": _name_span(shape, day, span),
        "weekdays": _name_weekdays(span.first),
        "before": before,
        "after": after,
        "busy_by_hour": shape == WEEK,
    }
    return render(request, "desk/calendar/calendar.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def move_broadcast(request: SignedIn, code: str) -> HttpResponse:
    """Give a broadcast another time, by a form or dropped on a day of the calendar."""
    broadcast = find_broadcast(request, code)
    now = timezone.now()
    if not may_schedule(request.user, broadcast.partner):
        return refuse(request, _("Only people who plan broadcasts can do this."))
    if not moving.is_movable(broadcast, now=now):
        messages.error(request, _explain_unmovable(broadcast))
        return go_to(broadcast)
    moment = moving.find_time(broadcast, _read_shown(request), now=now)
    if moment is None:
        messages.error(request, _("This time of the series has come, or was moved. Look again."))
        return go_to(broadcast)
    wanted = request.GET.get("send_at", "") or moment
    kept = {"send_at": wanted, "shown": moment.isoformat(), "back": _read_back(request)}
    form = MoveForm(request.POST) if request.method == "POST" else MoveForm(initial=kept)
    if form.is_bound and form.is_valid():
        try:
            return _move(request, broadcast, form, now=now)
        except moving.MoveError as error:
            form.add_error("send_at", str(error))
            broadcast.refresh_from_db(fields=["send_at", "state"])
            moment = moment if broadcast.schedule_id else broadcast.send_at
            # The next try is by the time that the page shows now.
            given = request.POST.copy()
            given["shown"] = moment.isoformat()
            form.data = given
    voids = moving.voids(broadcast)
    context = {"broadcast": broadcast, "form": form, "voids": voids, "moment": moment}
    return render(request, "desk/calendar/move.html", context)


def _move(
    request: SignedIn, broadcast: Broadcast, form: MoveForm, *, now: datetime
) -> HttpResponse:
    wanted = form.cleaned_data
    if broadcast.schedule_id:
        moved = moving.move_out(
            broadcast, wanted["shown"], wanted["send_at"], by=request.user.pk, now=now
        )
        messages.warning(
            request, _("Moved. It is a broadcast of its own now: ask for approval anew.")
        )
        return go_to(moved)
    voided = moving.move(
        broadcast, wanted["send_at"], shown=wanted["shown"], by=request.user.pk, now=now
    )
    if voided:
        messages.warning(request, _("Moved. No approval counts any more: ask for approval anew."))
        return go_to(broadcast)
    messages.success(request, _("Moved to its new time."))
    if wanted["back"] not in {MONTH, WEEK, LIST}:
        return go_to(broadcast)
    place = {"view": wanted["back"], "day": wanted["send_at"].astimezone(UTC).date().isoformat()}
    return redirect(f"{reverse('desk_calendar')}?{urlencode(place)}")


def _explain_unmovable(broadcast: Broadcast) -> str:
    if broadcast.schedule_id:
        return _("A time of it can be moved while it is approved and goes on.")
    return _("It cannot be moved: it is on its way, or it is over.")


def _read_shown(request: SignedIn) -> datetime | None:
    """Return which time of a series is asked about, if any is."""
    written = (request.POST if request.method == "POST" else request.GET).get("shown", "")
    try:
        moment = parse_datetime(written)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None


def _read_back(request: SignedIn) -> str:
    back = request.GET.get("back", "")
    return back if back in {MONTH, WEEK, LIST} else ""


def _read_day(written: str, today: date) -> date:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return today
    return day if _FIRST <= day < _LAST else today


def _find_span(shape: str, day: date) -> tuple[Span, date, date]:
    """Return the days to show, and a day of the page before and of the one after."""
    if shape == LIST:
        return (
            Span(day, _LISTED, most_a_day=30, most=90),
            day - _LISTED * _DAY,
            day + _LISTED * _DAY,
        )
    if shape == WEEK:
        return (
            Span(_begin_week(day), 7, most_a_day=15, by_hour=True),
            day - 7 * _DAY,
            day + 7 * _DAY,
        )
    first = day.replace(day=1)
    following = (first + 31 * _DAY).replace(day=1)
    start = _begin_week(first)
    weeks = ((following - start).days + 6) // 7
    return Span(start, weeks * 7, most_a_day=4), (first - _DAY).replace(day=1), following


def _begin_week(day: date) -> date:
    return day - (day.weekday() - _locale().first_week_day) % 7 * _DAY


def _name_weekdays(first: date) -> list[str]:
    names = get_day_names("abbreviated", locale=_locale())
    return [names[(first.weekday() + number) % 7] for number in range(7)]


def _name_span(shape: str, day: date, span: Span) -> str:
    if shape == MONTH:
        return format_date(day, "LLLL y", locale=_locale())
    last = span.first + (span.days - 1) * _DAY
    return _("%(first)s to %(last)s") % {
        "first": format_date(span.first, "d MMMM", locale=_locale()),
        "last": format_date(last, "d MMMM y", locale=_locale()),
    }


def _list_shapes(day: date) -> list[tuple[str, str, str]]:
    labels = {MONTH: _("Month"), WEEK: _("Week"), LIST: _("List")}
    return [
        (shape, label, urlencode({"view": shape, "day": day.isoformat()}))
        for shape, label in labels.items()
    ]


def _locale() -> Locale:
    return Locale.parse(to_locale(get_language() or "en"))
