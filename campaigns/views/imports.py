"""Lists of partners: bring one and see what is in it, ask, decide, and see what became of it.

No page and no file of these holds a number: a line is named by its place on the partner's own list.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.field import importing
from campaigns.field.import_words import kind_of, make_import_badge, tally
from campaigns.field.sheets import make_sheet
from campaigns.forms.imports import SheetForm
from campaigns.models import Membership, SheetImport
from campaigns.permissions import imports_visible_to, may_bring, may_decide, partners_of
from campaigns.views.requests import SignedIn, refuse
from messaging.consenting import wordings
from messaging.joining import taking
from messaging.joining.importing import SameSheetError, list_lines
from messaging.joining.sheets.values import SheetError
from messaging.models import SheetRow
from messaging.models.subscribers import Purpose

_PER_PAGE, _LINES = 25, 100
State = SheetImport.State


def find_import(request: SignedIn, code: str) -> SheetImport:
    """Return a list of the person's own partners; raise Http404 for any other."""
    return get_object_or_404(imports_visible_to(request.user), code=code)


@login_required
@require_safe
def list_imports(request: SignedIn) -> HttpResponse:
    """Show the lists of the person's partners, and first what waits for her."""
    if not partners_of(request.user).exists():
        return render(request, "desk/no_partner.html")
    mine = imports_visible_to(request.user)
    approves = partners_of(request.user, Membership.Role.APPROVER)
    waiting = mine.filter(partner__in=approves, state=State.ASKED).exclude(author=request.user)
    page = Paginator(mine, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "items": [(sheet, make_import_badge(sheet)) for sheet in page.object_list],
        "waiting": [(sheet, make_import_badge(sheet)) for sheet in waiting[:_PER_PAGE]],
        "plans": partners_of(request.user, Membership.Role.SCHEDULER).exists(),
        "approves": approves.exists(),
        "several": partners_of(request.user).count() > 1,
    }
    return render(request, "desk/imports/list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bring_sheet(request: SignedIn) -> HttpResponse:
    """Show the form, or check the file it brings."""
    if not partners_of(request.user, Membership.Role.SCHEDULER).exists():
        return refuse(request, _("Only people who plan for a partner can bring a list."))
    if request.method == "POST":
        return _check_posted(request, now=timezone.now())
    return _show_form(request, SheetForm(person=request.user))


@login_required
@require_safe
@never_cache
def download_sheet(request: SignedIn, partner: int, form: str) -> HttpResponse:
    """Give an empty sheet that is marked for a partner."""
    mine = partners_of(request.user, Membership.Role.SCHEDULER)
    owner = importing.owner_of(get_object_or_404(mine, pk=partner))
    made = make_sheet(owner, form)
    if made is None:
        raise Http404
    data, kind = made
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="waymark-sheet.{form}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@login_required
@require_safe
def show_import(request: SignedIn, code: str) -> HttpResponse:
    """Show what a list holds, line by line, and what this person can do with it now."""
    sheet = find_import(request, code)
    verdict = request.GET.get("verdict", "")
    lines = list_lines(sheet.reference)
    if verdict in SheetRow.Verdict.values:
        lines = lines.filter(verdict=verdict)
    page = Paginator(lines, _LINES).get_page(request.GET.get("page"))
    context = {
        "sheet": sheet,
        "badge": make_import_badge(sheet),
        "tallies": tally(sheet.counts),
        "total": sum(sheet.counts.values()),
        "new": sheet.counts.get(SheetRow.Verdict.NEW, 0),
        "page": page,
        "lines": [(row, kind_of(row.verdict)) for row in page.object_list],
        "verdict": verdict if verdict in SheetRow.Verdict.values else "",
        "outcome": _read_outcome(sheet),
        **_find_actions(request, sheet),
    }
    return render(request, "desk/imports/show.html", context)


def _read_outcome(sheet: SheetImport) -> taking.Outcome | None:
    """Return what became of an approved list, for as long as its lines are kept."""
    is_kept = sheet.state == State.TAKEN and list_lines(sheet.reference).exists()
    return taking.count_outcome(sheet.reference) if is_kept else None


def _find_actions(request: SignedIn, sheet: SheetImport) -> dict[str, Any]:
    brings = may_bring(request.user, sheet.partner)
    return {
        "may_ask": sheet.state == State.CHECKED and brings,
        "may_discard": sheet.state in {State.CHECKED, State.ASKED} and brings,
        "may_decide": sheet.state == State.ASKED and may_decide(request.user, sheet),
        "is_author": sheet.author_id == request.user.pk,
        "plans": brings,
    }


def _show_form(request: SignedIn, form: SheetForm) -> HttpResponse:
    context = {
        "form": form,
        "partners": partners_of(request.user, Membership.Role.SCHEDULER).order_by("name"),
        "wording": _find_wording(),
        "kept_days": settings.RETENTION["campaigns"],
    }
    return render(request, "desk/imports/new.html", context, status=422 if form.errors else 200)


def _find_wording() -> Any:
    try:
        return wordings.current(Purpose.MESSAGES, get_language() or "en")
    except wordings.NoWordingError:
        return None


def _check_posted(request: SignedIn, *, now: datetime) -> HttpResponse:
    form = SheetForm(request.POST, request.FILES, person=request.user)
    if not form.is_valid():
        return _show_form(request, form)
    given = form.cleaned_data
    bringing = importing.Bringing(
        partner=given["partner"],
        author=request.user,
        data=given["file"].read(),
        campaign=given["campaign"],
    )
    try:
        brought = importing.bring(bringing, now=now)
    except SameSheetError as error:
        messages.warning(request, _("This very file has been checked before. Here it is."))
        return redirect("desk_import", code=error.reference.partition(":")[2])
    except SheetError as error:
        form.add_error("file", str(error))
        return _show_form(request, form)
    _tell_form(request, brought)
    return redirect("desk_import", code=brought.sheet.code)


def _tell_form(request: SignedIn, brought: importing.Brought) -> None:
    said = _("Checked. The file was read as %s.") % brought.checked.form
    if brought.checked.is_guessed:
        said += " " + _(
            "That is a guess: if names of languages or routes were not understood, save it as XLSX."
        )
        messages.warning(request, said)
    else:
        messages.success(request, said)
