"""What can be chosen when joining: languages, countries, routes, channels; each with the words shown."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.models import HomePage, Route
from cms.reader.finding import homes_by_language
from cms.reader.showing import Phrase
from cms.reader.wayfinding import show_home
from locales.countries import COUNTRIES, country_name
from locales.languages import Language, get_language
from messaging.consenting.clearances import open_countries
from messaging.models.subscribers import Channel

# Said before somebody chooses: who else can read what comes this way.
CHANNELS: dict[str, tuple[str, Promise]] = {
    Channel.SMS.value: (
        "SMS",
        _("The phone company can read it. So can whoever holds this phone."),
    ),
    Channel.WHATSAPP.value: (
        "WhatsApp",
        _("Meta, which owns WhatsApp, can read it for a time. So can whoever holds this phone."),
    ),
}


@dataclass(frozen=True, slots=True)
class RouteChoice:
    """Hold one route that can be asked for; the title says which language it is in."""

    code: str
    title: Phrase


def list_languages() -> list[Language]:
    """Return the languages that the site is in, in the order in which editors keep them."""
    return [get_language(code) for code in homes_by_language()]


def list_open(language: str) -> list[tuple[str, str]]:
    """Return the countries that people may join from, by name."""
    return _name(open_countries() & COUNTRIES.keys(), language)


def list_all(language: str) -> list[tuple[str, str]]:
    """Return every country that a number can be of, by name."""
    return _name({code for code, known in COUNTRIES.items() if known.calling_code}, language)


def list_routes(home: HomePage) -> list[RouteChoice]:
    """Return the routes with something to read, as the first page of a language lists them."""
    overview = show_home(home)
    codes = dict(Route.objects.values_list("pk", "code"))
    return [RouteChoice(codes[link.route], link.title) for link in overview.filled]


def find_home(language: str) -> HomePage:
    """Return the first page of a language that the site is in."""
    return homes_by_language()[language]


def list_channels() -> list[tuple[str, str, Any]]:
    """Return each channel with its name and who else can read it."""
    return [(code, name, words) for code, (name, words) in CHANNELS.items()]


def _name(codes: frozenset[str] | set[str], language: str) -> list[tuple[str, str]]:
    named = ((code, country_name(code, language)) for code in codes)
    return sorted(named, key=lambda pair: pair[1])
