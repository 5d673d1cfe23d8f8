"""Where everything is on the readers' side: how each address is written. Knows of no database.

A thing that is not in a language yet still has an address there, by the name of its original; what
is served there is the nearest language, marked as such. `cms.reader.listing` lists them all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from cms.reader.tracing import Kind

# The parts of a route's page, in the order in which they are offered.
PARTS = (Kind.RISKS, Kind.WAYS, Kind.CLAIMS, Kind.STORIES, Kind.HELP)


class PartConverter:
    """Take the parts of a route's page out of an address."""

    regex = "|".join(PARTS)

    def to_python(self, value: str) -> Kind:
        """Return the part."""
        return Kind(value)

    def to_url(self, value: Kind) -> str:
        """Return what stands in the address."""
        return str(value)


@dataclass(frozen=True, slots=True)
class Listed:
    """One address of the site: what is there, and in which language it is asked for.

    `thing` is the same for one page in all its languages, whatever its name is in each.
    """

    path: str
    kind: Kind
    language: str = ""
    thing: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one thing stands in every language; `names` has its name where it is in that language.

    `build` writes the address from a language and a name; `name` is that of the original.
    """

    build: Callable[[str, str], str]
    name: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    is_everywhere: bool = False

    def path_in(self, language: str) -> str:
        """Return the address in a language, by the original's name where it is not in that yet."""
        return self.build(language, self.names.get(language, self.name))

    def is_in(self, language: str) -> bool:
        """Tell whether it is in a language, and not shown there in another."""
        return self.is_everywhere or language in self.names


def fixed_place(build: Callable[[str], str]) -> Place:
    """Return where something stands that every language has under the same name."""
    return Place(lambda language, _name: build(language), is_everywhere=True)


def country_place(country: str) -> Place:
    """Return where the help in one country stands."""
    return Place(country_path, country, is_everywhere=True)


def part_builder(part: Kind) -> Callable[[str, str], str]:
    """Return what writes the address of one part of a route."""
    return partial(part_path, part=part)


def home_path(language: str) -> str:
    """Return the address of the first page in a language."""
    return f"/{language}/"


def page_path(language: str, slug: str) -> str:
    """Return the address of a page of the tree."""
    return f"/{language}/{slug}/"


def part_path(language: str, slug: str, part: Kind) -> str:
    """Return the address of one part of a route's page."""
    return f"/{language}/{slug}/{part}/"


def keep_path(language: str, slug: str) -> str:
    """Return the address where a route can be kept and passed on."""
    return f"/{language}/{slug}/keep/"


def kept_list_path(language: str, slug: str) -> str:
    """Return the address of the list of what belongs to a kept route."""
    return f"/{language}/{slug}/kept.json"


def file_path(language: str, slug: str) -> str:
    """Return the address of a route as one file."""
    return f"/{language}/{slug}/information.html"


def leaflet_path(language: str, slug: str) -> str:
    """Return the address of a route's leaflet."""
    return f"/{language}/{slug}/leaflet.pdf"


def countries_path(language: str) -> str:
    """Return the address of the choice of a country."""
    return f"/{language}/help/"


def country_path(language: str, country: str) -> str:
    """Return the address of the help in one country, by its ISO 3166-1 code."""
    return f"/{language}/help/{country.lower()}/"


def search_path(language: str) -> str:
    """Return the address of the search."""
    return f"/{language}/search/"


def story_path(language: str, key: str) -> str:
    """Return the address of a story by its key."""
    return f"/{language}/story/{key.lower()}/"


def alert_path(language: str, key: str) -> str:
    """Return the address of an alert by its key."""
    return f"/{language}/alert/{key.lower()}/"


def short_path(code: str) -> str:
    """Return the short address of one page in one language; no slash ends it.

    Beside Arabic or Ge'ez text a phone would draw that slash on the wrong side.
    """
    return f"/r/{code}"
