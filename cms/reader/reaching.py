"""Whom a reader can reach from a country that she names; nobody asks where she is."""

from dataclasses import dataclass
from datetime import date

from cms.models import ContactPoint, TranslationState
from cms.reader import tracing
from cms.reader.showing import Shown, show_entries
from locales.countries import NAMED_COUNTRIES, country_name


@dataclass(frozen=True, slots=True)
class Reach:
    """Who can be reached from one country, and who from anywhere."""

    near: tuple[Shown, ...]
    anywhere: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """One country that she can choose."""

    code: str
    name: str


def reach_from(country: str, *, language: str, today: date) -> Reach:
    """Return whom a reader in one country can reach."""
    tracing.use(f"country:{country}", "country:")
    rows = ContactPoint.objects.filter(translation_state=TranslationState.ORIGINAL)
    # No database looks into a list of codes as another does, and contact points are few.
    wanted = [
        pk for pk, codes in rows.values_list("pk", "reach_from") if not codes or country in codes
    ]
    shown = show_entries(rows.filter(pk__in=wanted), language=language, today=today)
    return Reach(
        near=tuple(item for item in shown if item.entry.reach_from),
        anywhere=tuple(item for item in shown if not item.entry.reach_from),
    )


def list_near(*, language: str, today: date) -> tuple[tuple[Near, ...], tuple[Shown, ...]]:
    """Return the countries with somebody to reach, by name, and who is reached from anywhere."""
    tracing.use("kind:contactpoint", "country:")
    shown = show_entries(ContactPoint.objects.all(), language=language, today=today)
    codes = {code for item in shown for code in item.entry.reach_from if code in NAMED_COUNTRIES}
    countries = [Near(code, country_name(code, language)) for code in codes]
    anywhere = tuple(item for item in shown if not item.entry.reach_from)
    return tuple(sorted(countries, key=lambda near: near.name)), anywhere
