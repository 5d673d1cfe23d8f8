"""Steps of a list: ask for a second person's yes, give it, refuse with a reason, or throw it away."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.field import importing
from campaigns.models import SheetImport
from campaigns.permissions import may_bring, may_decide
from campaigns.views.imports import find_import
from campaigns.views.requests import SignedIn, refuse
from campaigns.views.signing_again import for_who_signed_in_lately


@login_required
@require_POST
def ask_import(request: SignedIn, code: str) -> HttpResponse:
    """Ask for a second person's yes."""
    sheet = find_import(request, code)
    if not may_bring(request.user, sheet.partner):
        return refuse(request, _("Only people who plan for this partner can ask for approval."))
    said = _("Approval is asked for. A second person has to look at it.")
    return _take_step(
        request, sheet, lambda: importing.ask(sheet, request.user, now=timezone.now()), said
    )


@login_required
@require_POST
@for_who_signed_in_lately
def approve_import(request: SignedIn, code: str) -> HttpResponse:
    """Say yes: everybody who is new is asked to confirm."""
    sheet = find_import(request, code)
    if not may_decide(request.user, sheet):
        return refuse(request, _("You cannot approve this. A second person has to."))
    said = _("Approved. From now on everybody who is new gets a message and has to answer it.")
    return _take_step(
        request, sheet, lambda: importing.approve(sheet, request.user, now=timezone.now()), said
    )


@login_required
@require_POST
def refuse_import(request: SignedIn, code: str) -> HttpResponse:
    """Say no, with a reason."""
    sheet = find_import(request, code)
    if not may_decide(request.user, sheet):
        return refuse(request, _("You cannot refuse this. A second person has to."))
    reason = request.POST.get("reason", "")
    return _take_step(
        request,
        sheet,
        lambda: importing.refuse(sheet, request.user, reason=reason, now=timezone.now()),
        _("Refused. Its numbers are gone."),
    )


@login_required
@require_POST
def discard_import(request: SignedIn, code: str) -> HttpResponse:
    """Throw it away before anybody has decided."""
    sheet = find_import(request, code)
    if not may_bring(request.user, sheet.partner):
        return refuse(request, _("Only people who plan for this partner can discard it."))
    return _take_step(
        request,
        sheet,
        lambda: importing.discard(sheet, request.user, now=timezone.now()),
        _("Discarded. Its numbers are gone."),
    )


def _take_step(
    request: SignedIn, sheet: SheetImport, step: Callable[[], None], said: str
) -> HttpResponse:
    try:
        step()
    except importing.StepError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("desk_import", code=sheet.code)
