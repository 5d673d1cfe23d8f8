"""How a reader's page is answered: in which language, as what, and with which headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from wagtail.models import Page

from cms.models import HomePage, MessagePage, PlainPage, RoutePage
from cms.reader import tracing
from cms.reader.addresses import Place, home_path
from cms.reader.finding import choose_edition, choose_home, editions_of, find_page, place_of_page
from cms.reader.showing import is_over, message_texts
from cms.reader.tracing import Kind
from locales.languages import Language, UnknownLanguage, get_language

KINDS: dict[type[Page], Kind] = {
    HomePage: Kind.HOME,
    RoutePage: Kind.ROUTE,
    MessagePage: Kind.MESSAGE,
    PlainPage: Kind.PLAIN,
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One answer to a reader: what it is, in which language it was asked for, and in which it is."""

    kind: Kind
    asked: Language
    language: Language
    place: Place
    title: str = ""


def serve_nearest(
    request: HttpRequest, editions: Mapping[str, Page], *, asked: Language
) -> HttpResponse | None:
    """Serve a page in the nearest language it is in, saying so; None where it is in none."""
    page = choose_edition(editions, asked.code)
    if page is None:
        return None
    with translation.override(page.locale.language_code):
        response = finish(page, page.serve(request), asked=asked)
        rendered: HttpResponse = response.render()
    return rendered


def finish(page: Page, response: Any, *, asked: Language | None = None) -> Any:
    """Say what a page of the tree is and where it stands, and call what is over gone."""
    if type(page) not in KINDS:  # a bare page that came with Wagtail
        return seal(response)
    language = get_language(page.locale.language_code)
    asked = asked or language
    tracing.describe(KINDS[type(page)], language=asked.code, title=title_of(page))
    if isinstance(response, TemplateResponse):
        frame = {"asked": asked, "language": language, "place": place_of(page)}
        response.context_data = {**(response.context_data or {}), **frame}
    if isinstance(page, MessagePage) and is_over(page, today=timezone.localdate()):
        response.status_code = 410
    return seal(response)


def answer(request: HttpRequest, template: str, leaf: Leaf, **context: Any) -> HttpResponse:
    """Answer with a page that is none of the tree's."""
    tracing.describe(leaf.kind, language=leaf.asked.code, title=leaf.title)
    frame = {"asked": leaf.asked, "language": leaf.language, "place": leaf.place}
    with translation.override(leaf.language.code):
        rendered = TemplateResponse(request, template, {**frame, **context}).render()
    response: HttpResponse = seal(rendered)
    return response


def seal(response: Any) -> Any:
    """Let no site that she goes on to learn where she came from."""
    response["Referrer-Policy"] = "no-referrer"
    return response


# ---- What is asked for -------------------------------------------------------------------------


def read_language(code: str) -> Language:
    """Return the language of an address; answer 404 where there is no such language."""
    try:
        return get_language(code)
    except UnknownLanguage:
        raise Http404 from None


def read_frame(code: str) -> tuple[Language, Language]:
    """Return the language of an address and the nearest that the site is in; or answer 404."""
    asked = read_language(code)
    home = choose_home(asked.code)
    if home is None:
        raise Http404
    return asked, home


def read_route_page(code: str, slug: str) -> tuple[Language, RoutePage]:
    """Return the language of an address and the route's page to read there; or answer 404."""
    asked = read_language(code)
    page = find_page(RoutePage, asked.code, slug)
    if page is None:
        raise Http404
    return asked, page


# ---- What a page of the tree is ----------------------------------------------------------------


def place_of(page: Page) -> Place:
    """Return where a page of the tree stands in every language."""
    if isinstance(page, HomePage):
        languages = dict.fromkeys(editions_of(page), "")
        return Place(lambda language, _name: home_path(language), names=languages)
    return place_of_page(page)


def title_of(page: Page) -> str:
    """Return what a search shows of a page."""
    if isinstance(page, MessagePage):
        return message_texts(page)["web_title"].text
    return str(page.title)
