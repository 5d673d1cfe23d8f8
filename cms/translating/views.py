"""The admin's pages of translating: begin one, take its texts out as a PO file and bring them back."""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods
from wagtail.admin import messages
from wagtail.models import Locale

from cms.editing.addresses import edit_address
from cms.models import Route
from cms.translating.adopting import adopt
from cms.translating.exporting import make_sheet
from cms.translating.forms import BeginForm, UploadForm
from cms.translating.importing import Moved, save_import
from cms.translating.naming import KINDS, Name, NoSuchThing, find_original, find_translation
from cms.translating.planning import Plan, check_heading, plan_import
from cms.translating.po import Sheet, Unreadable, read_sheet, write_sheet
from cms.translating.rights import is_open_to, languages_open_to, may_change_kind, may_translate
from cms.translating.scopes import ROUTE, Scope, find_scope, title_of
from cms.translating.telling import tell_left
from locales.languages import LAST_RESORT, get_language

# A dry run waits this long for its yes; its file travels with the page, signed, and is kept nowhere.
KEPT_FOR = 3600
_SALT = "cms.translating.po"


# ---- Beginning a translation -------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Make a thing's drafts in languages that it is not in yet."""
    try:
        original = find_original(Name(kind, key))
    except NoSuchThing:
        raise Http404 from None
    if not may_change_kind(request.user, type(original)):
        raise PermissionDenied
    locales = [
        locale
        for locale in languages_open_to(request.user)
        if find_translation(original, locale.language_code) is None
    ]
    data = request.POST if request.method == "POST" else None
    form = BeginForm(locales, data, initial={"into": request.GET.getlist("into")})
    if form.is_bound and form.is_valid():
        return _begin(request, original, form.cleaned_data["into"])
    context = {"form": form, "title": title_of(original), "back": edit_address(original)}
    return render(request, "cms/admin/translate.html", context)


def _begin(request: HttpRequest, original: Any, locales: list[Locale]) -> HttpResponse:
    for locale in locales:
        adopt(original, locale, row=None).save_target(user=request.user)
    names = ", ".join(get_language(locale.language_code).endonym for locale in locales)
    messages.success(request, _("Begun as a draft: %(names)s.") % {"names": names})
    return redirect(edit_address(find_translation(original, locales[0].language_code)))


# ---- PO files ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """What a page of PO files is for: the content, the language and the person."""

    scope: Scope
    language: str
    user: Any

    @property
    def address(self) -> tuple[str, str, str]:
        return self.scope.name.kind, self.scope.name.key, self.language


@require_GET
def po_index(request: HttpRequest) -> HttpResponse:
    """List every route with its PO files."""
    locales = languages_open_to(request.user)
    if not locales or not any(
        may_change_kind(request.user, model) for model, _key in KINDS.values()
    ):
        raise PermissionDenied
    # What is written first is written in this one; a single text's own page has them all.
    codes = [locale.language_code for locale in locales if locale.language_code != LAST_RESORT]
    languages = [get_language(code) for code in codes]
    context = {"routes": Route.objects.all(), "languages": languages}
    return render(request, "cms/admin/po_index.html", context)


@require_GET
def po_download(request: HttpRequest, kind: str, key: str, language: str) -> HttpResponse:
    """Send the texts of a thing or a route as a PO file."""
    place = _find_place(request, Name(kind, key), language)
    made = timezone.now().strftime("%Y-%m-%d %H:%M%z")
    name = slugify(f"{kind}-{key}-{language}")
    return HttpResponse(
        write_sheet(make_sheet(place.scope, language=language), made=made),
        content_type="text/x-gettext-translation; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.po"'},
    )


@require_http_methods(["GET", "POST"])
def po_file(request: HttpRequest, kind: str, key: str, language: str) -> HttpResponse:
    """Offer a PO file, show what a filled one would do, and do it on a yes to what was shown."""
    place = _find_place(request, Name(kind, key), language)
    if request.method == "POST" and "kept" in request.POST:
        return _save(request, place)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        content: bytes = form.cleaned_data["file"]
        try:
            sheet = _read(content, place)
            plan = plan_import(sheet, place.scope, language=language, user=place.user)
        except Unreadable as error:
            form.add_error("file", str(error))
        else:
            return _show_plan(request, place, plan, content)
    return _show_form(request, place, form)


def _save(request: HttpRequest, place: _Place) -> HttpResponse:
    content = b""
    try:
        content = signing.loads(request.POST["kept"], salt=_SALT, max_age=KEPT_FOR).encode()
        sheet = _read(content, place)
        seen = request.POST.get("seen", "")
        plan = save_import(sheet, place.scope, language=place.language, user=place.user, seen=seen)
    except signing.BadSignature:
        messages.error(request, _("This dry run is too old. Choose the file again."))
        return redirect("po_file", *place.address)
    except Unreadable as error:
        messages.error(request, str(error))
        return redirect("po_file", *place.address)
    except Moved as moved:
        words = _("Something has changed since you looked. Nothing was saved: look again.")
        messages.error(request, words)
        return _show_plan(request, place, moved.plan, content)
    words = ngettext("%d draft was saved.", "%d drafts were saved.", plan.things) % plan.things
    then = _("Readers see it once it is reviewed and published.")
    messages.success(request, f"{words} {then}")
    return redirect("po_file", *place.address)


def _find_place(request: HttpRequest, name: Name, language: str) -> _Place:
    try:
        scope = find_scope(name)
    except NoSuchThing:
        raise Http404 from None
    if not Locale.objects.filter(language_code=language).exists():
        raise Http404
    if not _may_use(request.user, scope, language):
        raise PermissionDenied
    return _Place(scope, language, request.user)


def _may_use(user: Any, scope: Scope, language: str) -> bool:
    if scope.name.kind == ROUTE:
        kinds = {type(original) for original in scope.originals}
        return is_open_to(user, language) and any(may_change_kind(user, kind) for kind in kinds)
    (original,) = scope.originals
    row = find_translation(original, language)
    return may_translate(user, original, language, row=row)


def _read(content: bytes, place: _Place) -> Sheet:
    sheet = read_sheet(content)
    check_heading(sheet.heading, place.scope, language=place.language)
    return sheet


def _show_form(request: HttpRequest, place: _Place, form: UploadForm) -> HttpResponse:
    context = {"form": form, **_describe(place)}
    status = 422 if form.errors else 200
    return render(request, "cms/admin/po_file.html", context, status=status)


def _show_plan(request: HttpRequest, place: _Place, plan: Plan, content: bytes) -> HttpResponse:
    kept = signing.dumps(content.decode("utf-8-sig"), salt=_SALT, compress=True)
    context = {"plan": plan, "left": tell_left(plan), "kept": kept, **_describe(place)}
    return render(request, "cms/admin/po_check.html", context)


def _describe(place: _Place) -> dict[str, Any]:
    scope = place.scope
    back = "" if scope.name.kind == ROUTE else edit_address(scope.originals[0])
    row = find_translation(scope.originals[0], place.language) if back else None
    return {
        "scope": scope,
        "language": get_language(place.language),
        "back": edit_address(row) if row is not None else back,
    }
