"""What a reader gets where there is nothing, or where we failed: light, in her language, with a way on.

Asks no database, for it may be what failed, and repeats nothing of what was asked for.
"""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html

from cms.reader import tracing
from cms.reader.addresses import home_path
from cms.reader.dressing import dress
from cms.reader.tracing import Kind
from cms.reader.wishes import choose_wished, list_accepted
from locales.languages import (
    LANGUAGES,
    READER_LANGUAGES,
    Language,
    choose_language,
    get_language,
)

TEMPLATE = "cms/lost_page.html"


def answer_not_found(request: HttpRequest) -> HttpResponse:
    """Answer 404 with the ways on from here."""
    return _answer(request, status=404)


def answer_bad_request(request: HttpRequest) -> HttpResponse:
    """Answer 400 with the ways on from here."""
    return _answer(request, status=400)


def answer_broken(request: HttpRequest) -> HttpResponse:
    """Answer 500, whatever else is broken."""
    try:
        return _answer(request, status=500)
    except Exception:  # noqa: BLE001 - the frame itself may be what is broken
        line = format_html('<!doctype html><title>Information</title><a href="{}">↻</a>', "/")
        return HttpResponse(line, status=500)


def choose_frame(request: HttpRequest) -> tuple[Language, bool]:
    """Return the language to answer in, and whether the address said it."""
    first = request.path_info.strip("/").partition("/")[0].partition("-")[0].lower()
    if first in LANGUAGES:
        return get_language(choose_language(first, READER_LANGUAGES) or first), True
    accepted = list_accepted(request.headers.get("Accept-Language", ""))
    return get_language(choose_wished(accepted, READER_LANGUAGES)), False


def _answer(request: HttpRequest, *, status: int) -> HttpResponse:
    language, is_named = choose_frame(request)
    tracing.describe(Kind.LOST, language=language.code)
    context = {"language": language, "home": home_path(language.code), "is_broken": status == 500}
    with translation.override(language.code):
        response = HttpResponse(render_to_string(TEMPLATE, context), status=status)
    # It may be there in a minute, and what was asked for need not stay on the phone.
    response["Cache-Control"] = "no-store"
    if not is_named:
        patch_vary_headers(response, ["Accept-Language"])
    dressed: HttpResponse = dress(response)
    return dressed
