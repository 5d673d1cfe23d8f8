"""Short links: one for each page in each language, never one for a person; they lead to no other site.

Nothing is redirected: the page is served where the link leads. What is opened is handed on to be
counted, by a setting that names a function of a higher layer; who opens it is not looked at here.
"""

import logging
import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from cms.models import MessagePage, RoutePage
from cms.reader import tracing
from cms.reader.finding import choose_home, editions_of
from cms.reader.serving import read_language, serve_nearest
from cms.reader.tracing import Kind
from locales.languages import Language, get_language

logger = logging.getLogger("waymark.shortening")

LINKED: tuple[Any, ...] = (MessagePage, RoutePage)
SHORT = re.compile(r"/r/(?P<code>[0-9a-z]{1,8})", re.IGNORECASE)
OLDER = re.compile(r"/(?P<language>[a-z]{2,3})/m/(?P<code>[0-9a-z]{1,8})", re.IGNORECASE)


@require_safe
def open_short(request: HttpRequest, code: str) -> HttpResponse:
    """Serve the page of a code in its own language, or in the nearest one, marked as such."""
    page = find_by_code(code, LINKED)
    if page is None:
        raise Http404
    own = page.locale.language_code
    # A language that is not on the site leads to nothing else: what she gets is the nearest.
    asked = choose_home(own) or get_language(own)
    return _open(request, page, asked=asked, is_plain=code == page.code)


@require_safe
def open_older(request: HttpRequest, language: str, code: str) -> HttpResponse:
    """Serve a link as it was sent before each language had a code of its own."""
    asked = read_language(language)
    page = find_by_code(code, (MessagePage,))
    if page is None:
        raise Http404
    return _open(request, page, asked=asked, is_plain=code == page.code)


def find_by_code(code: str, models: tuple[Any, ...]) -> Any | None:
    """Return the page of a code, live or not; it may have been typed in capital letters."""
    # PostgreSQL cannot even be asked about a NUL.
    if not code.isalnum() or not code.isascii():
        return None
    for model in models:
        page = model._base_manager.filter(code=code.lower()).select_related("locale").first()
        if page is not None:
            return page
    return None


def _open(request: HttpRequest, page: Any, *, asked: Language, is_plain: bool) -> HttpResponse:
    # What the page is elsewhere it is not here: no search finds it twice.
    with tracing.trace() as noted:
        response = serve_nearest(request, editions_of(page), asked=asked)
    if response is None:
        raise Http404
    # Capital letters are served and not kept: each of many ways to write a code would be.
    if is_plain:
        tracing.describe(Kind.SHORT, language=asked.code, title=noted.title)
    return response


# ---- Handing on what was opened ----------------------------------------------------------------


def note_opening(request: HttpRequest, path: str, response: Any) -> None:
    """Hand an opened short link on to be counted; whatever goes wrong, the answer goes out."""
    found = SHORT.fullmatch(path) or OLDER.fullmatch(path)
    if found is None or response.status_code != 200 or request.method != "GET":
        return
    try:
        code = found["code"].lower()
        language = found.groupdict().get("language", "").lower() or language_of(code)
        count = import_string(settings.CMS_OPENING_COUNTER)
        count(code, language=language, day=timezone.localdate(), headers=request.headers)
    except Exception as fault:  # noqa: BLE001 - whatever it is, the reader has her page
        # Neither the path nor the fault's own words: who reads what belongs in no log.
        logger.warning("An opening was not counted: %s", type(fault).__name__)


@lru_cache(maxsize=10_000)
def language_of(code: str) -> str:
    """Return the language of a code's page, which never changes; empty where there is none."""
    page = find_by_code(code, LINKED)
    return str(page.locale.language_code) if page is not None else ""
