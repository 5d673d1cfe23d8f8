"""The readers' pages: short links, and what every answer to a reader carries."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from wagtail.models import Page

from cms.models import MessagePage
from cms.showing import is_over
from cms.standing import outdated
from locales.languages import Language, UnknownLanguage, choose_language, get_language

# Short, because a corrected fact must reach readers soon.
KEPT_FOR_SECONDS = 300
_zip = GZipMiddleware(lambda _request: HttpResponse())


def short_link(request: HttpRequest, language: str, code: str) -> HttpResponse:
    """Serve a message in the language asked for, or in the nearest one, marked as such."""
    try:
        asked = get_language(language)
    except UnknownLanguage:
        raise Http404 from None
    pages = MessagePage.objects.filter(code=code)
    response = serve_nearest(request, editions_to_read(pages), asked=asked)
    if response is None:
        raise Http404
    return response


def editions_to_read(pages: Any) -> dict[str, Page]:
    """Return the live pages among these by language, without translations that are outdated."""
    live = pages.live().public().exclude(pk__in=outdated(pages.model)).select_related("locale")
    return {page.locale.language_code: page for page in live}


def serve_nearest(
    request: HttpRequest, editions: Mapping[str, Page], *, asked: Language
) -> HttpResponse | None:
    """Serve a page in the nearest language it is in, saying so; None where it is in none of use."""
    nearest = choose_language(asked.code, editions)
    if nearest is None:
        return None
    with translation.override(nearest):
        response = finish(editions[nearest], request, editions[nearest].serve(request))
        response.context_data["asked"] = asked
        rendered: HttpResponse = response.render()
    return rendered


def finish(page: Page, request: HttpRequest, response: Any) -> Any:
    """Let caches keep a reader's page for a while, compress it, and call what is over gone."""
    patch_cache_control(response, public=True, max_age=KEPT_FOR_SECONDS)
    # No site that she goes on to learns where she came from.
    response["Referrer-Policy"] = "no-referrer"
    if isinstance(page, MessagePage) and is_over(page, today=timezone.localdate()):
        response.status_code = 410
    if isinstance(response, TemplateResponse):
        response.add_post_render_callback(lambda done: _zip.process_response(request, done))
    return response
