"""Keeping a route and passing it on: the scripts, the page about it, the file and the leaflet."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cms.models import RoutePage
from cms.passing_on import filing, leaflets, sharing
from cms.passing_on.gathering import gather, read, weigh
from cms.publishing.asking import ORDER, Order
from cms.reader import addresses, tracing
from cms.reader.dressing import dress
from cms.reader.finding import Build, place_of_page
from cms.reader.serving import Leaf, answer, read_route_page, seal
from cms.reader.showing import Content, show_route
from cms.reader.tracing import Kind
from cms.templatetags.framing import EXIT_ADDRESS
from locales.languages import Language, get_language

SCRIPTS = Path(__file__).resolve().parent.parent / "static" / "cms"
# The service worker fetches what is kept, from here alone.
WORKER_POLICY = "default-src 'none'; connect-src 'self'"


@dataclass(frozen=True, slots=True)
class Asked:
    """A route's page as somebody asks for it: `asked` and `slug` are those of the address."""

    page: RoutePage
    asked: Language
    slug: str

    @property
    def language(self) -> Language:
        """Return the language in which the page is."""
        return get_language(self.page.locale.language_code)

    @property
    def file_name(self) -> str:
        """Return what the route's file is called: a word that nobody minds."""
        return f"information-{self.language.code}"

    def path(self, build: Build) -> str:
        """Return an address of this route in the language asked for."""
        return build(self.asked.code, self.slug)


# ---- Scripts -----------------------------------------------------------------------------------


@require_safe
def reader_script(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer with what a script can add to a page."""
    return _script("reader.js")


@require_safe
def keeper_script(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer with the service worker, which may keep pages of the whole site."""
    response = _script("keeper.js")
    response["Service-Worker-Allowed"] = "/"
    response["Content-Security-Policy"] = WORKER_POLICY
    return response


def _seal(response: HttpResponse) -> HttpResponse:
    sealed: HttpResponse = seal(response)
    return sealed


def _script(name: str) -> HttpResponse:
    tracing.describe(Kind.MACHINE, language="")
    response = HttpResponse(
        (SCRIPTS / name).read_bytes(), content_type="text/javascript; charset=utf-8"
    )
    return _seal(response)


# ---- Keeping -----------------------------------------------------------------------------------


@require_safe
def keep(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Show how to keep a route on the phone and how to pass it on, sizes first."""
    asked = _read(language, slug)
    order: Order = request.META.get(ORDER, Order())
    kept = gather(asked.asked.code, asked.slug, keep=order.keep)
    words = _words_to_pass_on(asked)
    # Its own size stands on it: the first writing is weighed, the second is shown.
    draft = dress(_answer(request, asked, "cms/keep_page.html", kept=kept, **words))
    total = kept.plus(weigh(asked.path(addresses.keep_path), draft.content))
    return _answer(request, asked, "cms/keep_page.html", kept=total, **words)


@require_safe
def kept_list(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """List what belongs to a kept route, for the service worker."""
    asked = _read(language, slug)
    order: Order = request.META.get(ORDER, Order())
    kept = gather(asked.asked.code, asked.slug, keep=order.keep)
    page = asked.path(addresses.keep_path)
    if (body := read(page, keep=order.keep)) is not None:
        kept = kept.plus(weigh(page, body))
    with translation.override(asked.language.code):
        listed = {
            "page": asked.path(addresses.page_path),
            "title": asked.page.title,
            "language": asked.language.code,
            "direction": asked.language.direction,
            "until": kept.until and kept.until.isoformat(),
            "size": kept.size,
            "leave": EXIT_ADDRESS,
            "words": _words(),
            "files": [[file.path, file.size, file.digest] for file in kept.files],
        }
    tracing.describe(Kind.KEPT_LIST, language=language)
    return _seal(JsonResponse(listed))


def _words() -> dict[str, str]:
    """Return what the service worker says; `{day}` is for it to fill in."""
    return {
        "title": _("Information"),
        "leave": _("Leave this page now"),
        "kept": _("Kept on {day}. May be out of date."),
        "lost": _("There is no network, and this page is not kept on this phone."),
        "have": _("What is kept:"),
    }


def _words_to_pass_on(asked: Asked) -> dict[str, Any]:
    address = sharing.address_of(asked.page)
    with translation.override(asked.language.code):
        word = _("Information")
    text = sharing.write_share_text(word, address)
    return {
        "route_address": asked.path(addresses.page_path),
        "keep_path": asked.path(addresses.page_path),
        "file_address": asked.path(addresses.file_path),
        "file_name": f"{asked.file_name}.html",
        "file_size": len(_write_file(asked).encode()),
        "leaflet_address": asked.path(addresses.leaflet_path) if leaflets.is_possible() else "",
        "most_pages": leaflets.MOST_PAGES,
        "address": address,
        "code": sharing.picture_code(address),
        "word": word,
        "whatsapp": sharing.link_to_whatsapp(text),
        "sms": sharing.link_to_sms(text),
    }


# ---- Passing on --------------------------------------------------------------------------------


@require_safe
def single_file(request: HttpRequest, language: str, slug: str) -> HttpResponse:  # noqa: ARG001
    """Give a route as one file that needs nothing else."""
    asked = _read(language, slug)
    response = HttpResponse(_write_file(asked))
    response["Content-Disposition"] = f'attachment; filename="{asked.file_name}.html"'
    response["Content-Security-Policy"] = f"{filing.POLICY}; frame-ancestors 'none'"
    tracing.describe(Kind.FILE, language=language, title=asked.page.title)
    return _seal(response)


@require_safe
def leaflet(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Give a route as a leaflet to print, or say that none can be made here."""
    asked = _read(language, slug)
    content, write = _gather(asked, "cms/leaflet.html")
    try:
        printed = leaflets.print_leaflet(content, write=write)
    except leaflets.CannotPrint:
        return _say_none(request, asked)
    response = HttpResponse(printed, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{asked.file_name}.pdf"'
    tracing.describe(Kind.LEAFLET, language=language, title=asked.page.title)
    return _seal(response)


def _say_none(request: HttpRequest, asked: Asked) -> HttpResponse:
    words = {
        "route_address": asked.path(addresses.page_path),
        "file_address": asked.path(addresses.file_path),
    }
    response = _answer(request, asked, "cms/no_leaflet.html", **words)
    response.status_code = 404
    return response


def _write_file(asked: Asked) -> str:
    content, write = _gather(asked, "cms/single_file.html")
    return filing.write_file(content, write=write)


def _gather(asked: Asked, template: str) -> tuple[Content, Callable[[Content], str]]:
    """Return what is said of a route today, and what writes it, or less of it, into a template."""
    today = timezone.localdate()
    with tracing.trace() as trace:
        content = show_route(asked.page, today=today)
    address = sharing.address_of(asked.page)
    words = {
        "page": asked.page,
        "asked": asked.asked,
        "language": asked.language,
        "made": today,
        # The last day on which all of it still holds.
        "until": trace.until and trace.until - timedelta(days=1),
        "address": address,
        "code": sharing.draw_code(address),
        "policy": filing.POLICY,
    }

    def write(less: Content) -> str:
        is_whole = less == replace(content, stories=())
        with translation.override(asked.language.code):
            return render_to_string(template, {**words, "content": less, "is_whole": is_whole})

    return content, write


def _answer(request: HttpRequest, asked: Asked, template: str, **words: Any) -> HttpResponse:
    place = place_of_page(asked.page, addresses.keep_path)
    leaf = Leaf(Kind.KEEP, asked.asked, asked.language, place, title=asked.page.title)
    return answer(request, template, leaf, page=asked.page, **words)


def _read(language: str, slug: str) -> Asked:
    asked, page = read_route_page(language, slug)
    return Asked(page, asked, slug)
