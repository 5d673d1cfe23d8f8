"""wagtail-localize's own pages, shut: none asks for the language, several write what is live.

What leads to them is led to ours; everything else under its address is refused, also what a later
version may add.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, re_path
from wagtail.models import Page
from wagtail.snippets.views.snippets import get_snippet_model_from_url_params
from wagtail_localize.models import Translation

from cms.translating.naming import is_translated, name_of
from cms.translating.rights import may_change_kind, may_translate


def begin_page(request: HttpRequest, page_id: int) -> HttpResponse:
    """Lead from "Translate this page" to ours."""
    return _begin(request, get_object_or_404(Page, pk=page_id).specific)


def begin_snippet(request: HttpRequest, app_label: str, model_name: str, pk: str) -> HttpResponse:
    """Lead from "Translate" in a list to ours."""
    model = get_snippet_model_from_url_params(app_label, model_name)
    return _begin(request, get_object_or_404(model, pk=pk) if pk.isdecimal() else None)


def po_file(request: HttpRequest, translation_id: int) -> HttpResponse:
    """Lead from its PO files to ours."""
    translation = get_object_or_404(Translation, pk=translation_id)
    row = translation.get_target_instance()
    language = translation.target_locale.language_code
    if not is_translated(type(row)) or not may_translate(request.user, row, language, row=row):
        raise PermissionDenied
    name = name_of(row)
    return redirect("po_file", name.kind, name.key, language)


def refuse(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Refuse."""
    raise PermissionDenied


def _begin(request: HttpRequest, row: Any) -> HttpResponse:
    if row is None or not is_translated(type(row)):
        raise Http404
    if not may_change_kind(request.user, type(row)):
        raise PermissionDenied
    name = name_of(row)
    return redirect("translate", name.kind, name.key)


ADDRESSES: list[URLPattern] = [
    path("submit/page/<int:page_id>/", begin_page),
    path("submit/snippet/<slug:app_label>/<slug:model_name>/<str:pk>/", begin_snippet),
    path("translate/<int:translation_id>/pofile/download/", po_file),
    path("translate/<int:translation_id>/pofile/upload/", po_file),
    re_path(r"", refuse),
]
