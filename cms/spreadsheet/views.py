"""The pages of the spreadsheet in the admin: download, upload, dry run, and the yes to it."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from wagtail.admin import messages

from cms.spreadsheet.applying import Moved, Unwritable, apply_upload
from cms.spreadsheet.columns import KINDS
from cms.spreadsheet.forms import DownloadForm, UploadForm
from cms.spreadsheet.opening import NoWorkbook
from cms.spreadsheet.rights import may_use
from cms.spreadsheet.showing import show_trial
from cms.spreadsheet.standing import read_linked, read_standing
from cms.spreadsheet.trial import Trial, Upload, read_upload, try_out
from cms.spreadsheet.values import Problem, Standing
from cms.spreadsheet.waiting import (
    NotWaiting,
    Waiting,
    find_upload,
    forget_upload,
    keep_upload,
)
from cms.spreadsheet.writing import XLSX, TooLong, write_book


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Offer the download and the upload."""
    _let_in(request)
    return _show_index(request)


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """Send the rows that were asked for as a workbook."""
    _let_in(request)
    form = DownloadForm(request.GET)
    if not form.is_valid():
        return _show_index(request, download=form)
    kinds, languages, route = form.wanted
    linked = read_linked()
    rows = {name: _choose(read_standing(KINDS[name], linked), languages, route) for name in kinds}
    try:
        data = write_book(rows)
    except TooLong as error:
        text = _("%s is too long for a cell. Choose other rows, or shorten that text here.")
        messages.error(request, text % error)
        return _show_index(request, download=form)
    name = f"waymark-{timezone.localdate().isoformat()}.xlsx"
    return HttpResponse(
        data,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep a file that is a workbook, and go on to its dry run."""
    _let_in(request)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show_index(request, upload=form)
    sent = form.cleaned_data["file"]
    token = keep_upload(sent, owner=_person_of(request).pk, now=timezone.now())
    return redirect("spreadsheet_check", token=token)


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a kept file would do; on a yes to what was shown, write exactly that."""
    _let_in(request)
    person = _person_of(request)
    try:
        sent = find_upload(token, owner=person.pk, now=timezone.now())
        held = read_upload(sent.data)
    except NotWaiting:
        messages.error(request, _("This upload is no longer kept. Upload the file again."))
        return redirect("spreadsheet")
    except NoWorkbook as refused:
        messages.error(request, str(refused))
        return redirect("spreadsheet")
    if request.method == "POST":
        return _apply(request, token, sent, held)
    return _show_trial(request, sent, try_out(held, person))


def _apply(request: HttpRequest, token: str, sent: Waiting, held: Upload) -> HttpResponse:
    person, seen = _person_of(request), request.POST.get("seen", "")
    try:
        count = apply_upload(held, person=person, seen=seen, now=timezone.now())
    except Moved as moved:
        text = _("Something has changed since you looked. Nothing was written: look again.")
        messages.error(request, text)
        return _show_trial(request, sent, moved.trial)
    except Unwritable as refused:
        messages.error(request, _("Nothing was written: one row is refused."))
        return _show_trial(request, sent, try_out(held, person), refused=refused.problem)
    forget_upload(token, owner=person.pk)
    text = ngettext(
        "%d draft was written. It goes live when it is reviewed and published.",
        "%d drafts were written. They go live when they are reviewed and published.",
        count,
    )
    messages.success(request, text % count)
    return redirect("spreadsheet")


def _let_in(request: HttpRequest) -> None:
    if not may_use(request.user):
        raise PermissionDenied


def _person_of(request: HttpRequest) -> Any:
    return request.user


def _choose(rows: Collection[Standing], languages: Collection[str], route: str) -> list[Standing]:
    """Return the rows of some languages, on one route: a translation goes where its original goes."""
    keys = {row.key for row in rows if not route or route in row.values["routes"]}
    return [row for row in rows if row.key in keys and (not languages or row.language in languages)]


def _show_index(
    request: HttpRequest,
    *,
    download: DownloadForm | None = None,
    upload: UploadForm | None = None,
) -> HttpResponse:
    context = {
        "download": download or DownloadForm(),
        "upload": upload or UploadForm(),
    }
    return render(request, "cms/admin/spreadsheet.html", context)


def _show_trial(
    request: HttpRequest, sent: Waiting, trial: Trial, *, refused: Problem | None = None
) -> HttpResponse:
    context = {
        "name": sent.name,
        "trial": trial,
        "groups": show_trial(trial),
        "problems": [*([refused] if refused else []), *trial.problems],
    }
    return render(request, "cms/admin/spreadsheet_check.html", context)
