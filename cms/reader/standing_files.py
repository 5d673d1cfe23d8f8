"""The chooser of languages, and what programs ask every site for. One answer for all who ask."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cms.reader import tracing
from cms.reader.addresses import Listed, home_path
from cms.reader.finding import homes_by_language
from cms.reader.listing import list_addresses
from cms.reader.tracing import Kind
from locales.languages import LANGUAGES, LAST_RESORT, READER_LANGUAGES, get_language

# Not for programs that gather texts: what staff use, what is asked with a form, what is kept.
CLOSED = ("/cms/", "/desk/", "/reach/", "/accounts/", "/hooks/", "/i18n/", "/api/")
# What is there to be read.
READ = frozenset(Kind) - {
    *(Kind.SEARCH, Kind.KEEP, Kind.KEPT_LIST, Kind.FILE, Kind.LEAFLET, Kind.SHORT),
    *(Kind.LOST, Kind.MACHINE),
}
# Two leaves of paper: nobody sees from the picture what the page is about.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
    '<rect width="64" height="64" rx="12" fill="#0b4f49"/>'
    '<path d="M18 14h20l8 8v28H18z" fill="#faf7f0"/>'
    '<path d="M25 28h14M25 35h14M25 42h9" stroke="#0b4f49" stroke-width="3"/></svg>'
)


@require_safe
def choose_language(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Offer every language of the site by its own name."""
    tracing.describe(Kind.CHOOSER, language=LAST_RESORT)
    homes = homes_by_language()
    tongues = [
        {"language": language, "address": home_path(code), "word": _word_in(code)}
        for code, language in LANGUAGES.items()
        if code in homes
    ]
    frame = get_language(LAST_RESORT)
    with translation.override(frame.code):
        page = render_to_string("cms/chooser_page.html", {"language": frame, "tongues": tongues})
    return HttpResponse(page)


def _word_in(code: str) -> str:
    """Return what waits behind a language's name, where we have words of ours in it."""
    if code not in READER_LANGUAGES:
        return ""
    with translation.override(code):
        return _("Information")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Let everything be found that is there to be read."""
    tracing.describe(Kind.MACHINE, language="")
    lines = [
        "User-agent: *",
        *(f"Disallow: {prefix}" for prefix in CLOSED),
        f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """List what is there to be read, each page with its other languages; without dates."""
    tracing.describe(Kind.MACHINE, language="")
    listed = list_addresses(today=timezone.localdate())
    body = "\n".join(write_sitemap(one for one in listed if one.kind in READ))
    return HttpResponse(body, content_type="application/xml; charset=utf-8")


def write_sitemap(listed: Iterable[Listed]) -> Iterator[str]:
    """Write addresses as a sitemap, line by line."""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:xhtml="http://www.w3.org/1999/xhtml">'
    )
    for group in _by_page(listed).values():
        others = "".join(_write_alternates(group))
        for path in group.values():
            yield f"<url><loc>{_full(path)}</loc>{others}</url>"
    yield "</urlset>"


def _by_page(listed: Iterable[Listed]) -> dict[tuple[Kind, str], dict[str, str]]:
    """Return paths by language, for each page that is in several."""
    pages: dict[tuple[Kind, str], dict[str, str]] = {}
    for one in listed:
        # What is no page of the tree has the same name in every language.
        thing = one.thing or one.path.removeprefix(f"/{one.language}/")
        pages.setdefault((one.kind, thing), {})[one.language] = one.path
    return pages


def _write_alternates(group: dict[str, str]) -> Iterator[str]:
    if "" in group:  # the chooser, which is in no language
        return
    for language, path in group.items():
        yield _alternate(language, path)
    yield _alternate("x-default", group.get(LAST_RESORT) or next(iter(group.values())))


def _alternate(language: str, path: str) -> str:
    return f'<xhtml:link rel="alternate" hreflang="{language}" href="{_full(path)}"/>'


def _full(path: str) -> str:
    return str(escape(f"{settings.PUBLIC_URL}{path}"))


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Name the site so that it betrays nothing on a home screen; never offer to be installed."""
    tracing.describe(Kind.MACHINE, language="")
    held = {
        "name": "Information",
        "short_name": "Information",
        "start_url": "/",
        "display": "browser",
        "background_color": "#faf7f0",
        "theme_color": "#faf7f0",
        "icons": [{"src": "/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
    return JsonResponse(held, content_type="application/manifest+json")


@require_safe
def icon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Draw a sheet of paper."""
    tracing.describe(Kind.MACHINE, language="")
    return HttpResponse(ICON, content_type="image/svg+xml")
