"""The acts of one tap, each recorded: “reviewed, still correct”, and what came of testing a contact.

Nothing is undone: whoever taps the wrong one taps the right one after it, and both are kept.
"""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request

from cms.models import ContactPoint, MessagePage, TestResult
from cms.reviewing import note_test
from cms.rights import Role
from cms.upkeep.addresses import edit_address
from cms.upkeep.confirming import NotConfirmable, confirm_text
from cms.upkeep.items import KINDS
from cms.uses import rows_using

# A test lifts a hold from every message that names the contact.
TESTING = (Role.EDITORS, Role.ADMINISTRATORS)
RESULTS = (TestResult.REACHED, TestResult.WRONG, TestResult.CLOSED)


@require_POST
def confirm(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Record that one text is still correct."""
    if kind not in KINDS:
        raise Http404
    row = get_object_or_404(KINDS[kind], pk=pk)
    try:
        seen_at = _read_moment(request.POST.get("seen_at", ""))
        offer = confirm_text(row, by=_person(request), now=timezone.now(), seen_at=seen_at)
    except NotConfirmable as refused:
        messages.error(request, str(refused))
        return _go_back(request, row)
    words = _("Noted: %(key)s is still correct, read by you today.")
    if offer.new_day is not None:
        words = _("Noted: %(key)s is still correct, read by you today. Next review by %(day)s.")
    day = date_format(offer.new_day) if offer.new_day else ""
    messages.success(request, words % {"key": getattr(row, "key", row), "day": day})
    return _go_back(request, row)


@require_POST
def record_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what came of calling or visiting a contact point."""
    point = get_object_or_404(ContactPoint, pk=pk)
    result = request.POST.get("result", "")
    if result not in RESULTS:
        raise Http404
    if not may_test(request.user):
        messages.error(request, _("You may not test contacts. Editors may."))
        return _go_back(request, point)
    note_test(point, TestResult(result), by=_person(request), now=timezone.now())
    if result == TestResult.REACHED:
        words = _("Noted: %(key)s was reached today.") % {"key": point.key}
        messages.success(request, words)
    else:
        messages.warning(request, _say_held(point))
    return _go_back(request, point)


def may_test(user: Any) -> bool:
    """Tell whether this person may record a test."""
    return bool(user.is_superuser or user.groups.filter(name__in=TESTING).exists())


def _read_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if timezone.is_aware(moment) else None


def _person(request: HttpRequest) -> Any:
    # The admin lets nobody in who is not signed in.
    return request.user


def _say_held(point: ContactPoint) -> str:
    held = rows_using(point, MessagePage, deep=True).count()
    words = ngettext(
        "Noted: %(key)s was not reached. %(count)d message that gives it is held until it is.",
        "Noted: %(key)s was not reached. %(count)d messages that give it are held until it is.",
        held,
    )
    return words % {"key": point.key, "count": held}


def _go_back(request: HttpRequest, row: Any) -> HttpResponse:
    return redirect(get_valid_next_url_from_request(request) or edit_address(type(row), row.pk))
