"""How a reader finds her way: the first page's list, other languages, further pages, the footer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cms.models import Entry, HomePage, PlainKind, PlainPage, Route, RoutePage, Status
from cms.reader import tracing
from cms.reader.addresses import PARTS, Place, countries_path, page_path
from cms.reader.finding import choose_edition, homes_by_language, original_slugs, to_be_read
from cms.reader.showing import ON_PAGES, Content, Phrase
from cms.reader.tracing import Kind
from locales.languages import Language, choose_language, get_language

# The pages that every deployment must have, in this order; neutral words on a seized phone.
PLAIN_LABELS = {
    PlainKind.ABOUT.value: _("Who we are"),
    PlainKind.VERIFY.value: _("How to check it is us"),
    PlainKind.PRIVACY.value: _("Privacy"),
    PlainKind.COMPLAINTS.value: _("Complaints"),
}

PART_WORDS = {
    Kind.RISKS: _("Risks"),
    Kind.WAYS: _("Legal ways"),
    Kind.CLAIMS: _("Is it true?"),
    Kind.STORIES: _("What people lived through"),
    Kind.HELP: _("Help on this route"),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """A way to one part of a route, with how much there is."""

    part: Kind
    words: Any
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language of the site; where the page is not in it yet, another stands at the address."""

    code: str
    endonym: str
    address: str
    is_there: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class PlainLink:
    """A way to a plain page; `language` is that of the page it leads to."""

    label: Any
    address: str
    language: Language


@dataclass(frozen=True, slots=True)
class RouteLink:
    """A way to the page of a route; the title says which language the page is in."""

    route: int
    title: Phrase
    address: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What the first page lists: routes with content and without, and whether it is for show."""

    filled: tuple[RouteLink, ...]
    empty: tuple[RouteLink, ...]
    is_demo: bool


def show_home(home: HomePage) -> Overview:
    """Gather the ways to every route, in the first page's language or the nearest."""
    names = [model._meta.model_name for model in ON_PAGES]
    tracing.use(f"text:{home.translation_key}", *(f"kind:{name}" for name in names))
    links = _link_routes(Q(), home.locale.language_code)
    tracing.use(*(f"route:{link.route}:{name}" for link in links for name in names))
    filled = {
        route
        for model in ON_PAGES
        for routes in model.objects.filter(live=True)
        .values_list("routes", "legs__route")
        .distinct()
        for route in routes
    }
    return Overview(
        filled=tuple(link for link in links if link.route in filled),
        empty=tuple(link for link in links if link.route not in filled),
        is_demo=any(
            model.objects.filter(live=True, status=Status.DEMO).exists() for model in ON_PAGES
        ),
    )


def routes_of(row: Any, *, language: str) -> list[RouteLink]:
    """Return the ways to the routes of a message or an entry."""
    routes = Q(migration_route__in=row.routes.all())
    if isinstance(row, Entry):
        routes |= Q(migration_route__legs__in=row.legs.all())
    return _link_routes(routes, language)


def _link_routes(wanted: Q, language: str) -> list[RouteLink]:
    tracing.use("kind:routepage")
    live = to_be_read(RoutePage.objects.all())
    editions: dict[Any, dict[str, RoutePage]] = {}
    for page in live.filter(wanted).distinct().select_related("locale"):
        editions.setdefault(page.translation_key, {})[page.locale.language_code] = page
    chosen = [page for here in editions.values() if (page := choose_edition(here, language))]
    others = original_slugs([page for page in chosen if page.locale.language_code != language])
    links = [
        RouteLink(
            page.migration_route_id,
            Phrase(page.title, page.locale.language_code),
            # Where it is not in the language asked for, it stands there by the original's name.
            page_path(language, others.get(page.translation_key, page.slug)),
        )
        for page in chosen
    ]
    return sorted(links, key=lambda link: link.title.text)


def list_tiles(content: Content, place: Place, *, language: str) -> list[Tile]:
    """Return the ways to the parts of a route that have something; help is always near."""
    counts = {
        Kind.RISKS: len(content.risks),
        Kind.WAYS: len(content.pathways) + len(content.rules),
        Kind.CLAIMS: len(content.claims),
        Kind.STORIES: len(content.stories),
        Kind.HELP: sum(len(contacts.contacts) for contacts in content.places),
    }
    tiles = [
        Tile(part, PART_WORDS[part], counts[part], f"{place.path_in(language)}{part}/")
        for part in PARTS
        if counts[part]
    ]
    if counts[Kind.HELP] == 0:
        tiles.append(Tile(Kind.HELP, _("Help near you"), 0, countries_path(language)))
    return tiles


def spoken_on(route: Route) -> list[Any]:
    """Return the languages of a route, most useful first."""
    tracing.use(f"routes:{route.pk}")
    return [get_language(row.code) for row in route.languages.all()]


def list_tongues(place: Place, *, asked: str) -> list[Tongue]:
    """Return every language of the site, with the address of the same thing in it."""
    return [
        Tongue(
            code=code,
            endonym=get_language(code).endonym,
            address=place.path_in(code),
            is_there=place.is_in(code),
            is_current=code == asked,
        )
        for code in homes_by_language()
    ]


def list_plain_pages(language: str) -> list[PlainLink]:
    """Return the plain pages, each in a language or the nearest that it is in."""
    tracing.use("kind:plainpage")
    editions: dict[Any, dict[str, PlainPage]] = {}
    live = to_be_read(PlainPage.objects.all())
    for plain in live.select_related("locale").order_by("path"):
        editions.setdefault(plain.translation_key, {})[plain.locale.language_code] = plain
    homes = frozenset(homes_by_language())
    chosen = [plain for here in editions.values() if (plain := _nearest(here, language, homes))]
    lost = original_slugs([one for one in chosen if one.locale.language_code not in homes])
    return [
        _link_to(plain, page_path(language, lost[plain.translation_key]))
        if plain.translation_key in lost
        else _link_to(plain, page_path(plain.locale.language_code, plain.slug))
        for plain in sorted(chosen, key=_order_of)
    ]


def _nearest(
    here: Mapping[str, PlainPage], language: str, homes: frozenset[str]
) -> PlainPage | None:
    # In a language that is not on the site a page leads to nothing else.
    code = choose_language(language, homes & here.keys()) or choose_language(language, here)
    return here[code] if code else None


def _order_of(plain: PlainPage) -> int:
    kinds = list(PLAIN_LABELS)
    return kinds.index(plain.kind) if plain.kind in kinds else len(kinds)


def _link_to(plain: PlainPage, address: str) -> PlainLink:
    return PlainLink(
        label=PLAIN_LABELS.get(plain.kind) or Phrase(plain.title, plain.locale.language_code),
        address=address,
        language=get_language(plain.locale.language_code),
    )
