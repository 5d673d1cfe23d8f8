"""How a reader finds her way: the first page's list, other languages, further pages, the footer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from cms.links import make_link
from cms.models import HomePage, MessagePage, PlainKind, PlainPage, Route, RoutePage, Status
from cms.showing import ON_PAGES
from locales.languages import Language, choose_language, get_language

# The pages that every deployment must have, in this order; neutral words on a seized phone.
PLAIN_LABELS = {
    PlainKind.ABOUT.value: _("Who we are"),
    PlainKind.VERIFY.value: _("How to check it is us"),
    PlainKind.PRIVACY.value: _("Privacy"),
    PlainKind.COMPLAINTS.value: _("Complaints"),
}


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language that a page can be switched to; no address means not yet."""

    code: str
    endonym: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class PlainLink:
    """A way to a plain page; `language` is that of the page it leads to."""

    label: Any
    address: str
    language: Language


@dataclass(frozen=True, slots=True)
class Overview:
    """What the first page lists: routes with content and without, and whether it is for show."""

    filled: tuple[RoutePage, ...]
    empty: tuple[RoutePage, ...]
    is_demo: bool


def show_home(home: HomePage) -> Overview:
    """Gather the route pages of one language."""
    pages = (
        RoutePage.objects.live().child_of(home).select_related("migration_route").order_by("title")
    )
    filled = {
        route
        for model in ON_PAGES
        for routes in model.objects.filter(live=True)
        .values_list("routes", "legs__route")
        .distinct()
        for route in routes
    }
    return Overview(
        filled=tuple(page for page in pages if page.migration_route_id in filled),
        empty=tuple(page for page in pages if page.migration_route_id not in filled),
        is_demo=any(model.objects.filter(status=Status.DEMO).exists() for model in ON_PAGES),
    )


def routes_of(page: MessagePage) -> list[RoutePage]:
    """Return the pages of a message's routes, in its language or else in its source's."""
    source = page.source
    pages = RoutePage.objects.live().filter(
        migration_route__in=source.routes.all(), locale_id__in=[page.locale_id, source.locale_id]
    )
    best: dict[int, RoutePage] = {}
    for found in pages.select_related("locale").order_by("title"):
        if found.locale_id == page.locale_id or found.migration_route_id not in best:
            best[found.migration_route_id] = found
    return list(best.values())


def spoken_on(route: Route) -> list[Any]:
    """Return the languages of a route, most useful first."""
    return [get_language(row.code) for row in route.languages.all()]


def list_tongues(page: Page) -> list[Tongue]:
    """Return every language of the site, with this page's address where it is in that language."""
    here = {
        other.locale_id: other
        for other in type(page).objects.live().filter(translation_key=page.translation_key)
    }
    homes = HomePage.objects.live().select_related("locale").order_by("path")
    tongues = []
    for home in homes:
        code = home.locale.language_code
        other = here.get(home.locale_id)
        address = _address(other, code) if other is not None else ""
        endonym = get_language(code).endonym
        tongues.append(Tongue(code, endonym, address, home.locale_id == page.locale_id))
    return tongues


def _address(page: Page, language: str) -> str:
    if isinstance(page, MessagePage):
        return make_link("", language=language, code=page.code)
    return str(page.url or "")


def list_plain_pages(page: Page) -> list[PlainLink]:
    """Return the plain pages, each in the page's language or the nearest that it is in."""
    editions: dict[Any, dict[str, PlainPage]] = {}
    for plain in PlainPage.objects.live().public().select_related("locale").order_by("path"):
        editions.setdefault(plain.translation_key, {})[plain.locale.language_code] = plain
    return [_link_to(plain) for plain in _nearest(editions.values(), page.locale.language_code)]


def _nearest(pages: Iterable[dict[str, PlainPage]], language: str) -> list[PlainPage]:
    kinds = list(PLAIN_LABELS)
    chosen = [here[code] for here in pages if (code := choose_language(language, here))]
    return sorted(
        chosen, key=lambda plain: kinds.index(plain.kind) if plain.kind in kinds else len(kinds)
    )


def _link_to(plain: PlainPage) -> PlainLink:
    return PlainLink(
        label=PLAIN_LABELS.get(plain.kind, plain.title),
        address=str(plain.url or ""),
        language=get_language(plain.locale.language_code),
    )
