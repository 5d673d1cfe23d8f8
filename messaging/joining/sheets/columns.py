"""The columns of a sheet and the words of its lists, in English and in every language of the desk."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from locales.countries import COUNTRIES, country_name
from locales.folding import fold
from locales.languages import INTERFACE_LANGUAGES, LANGUAGES
from messaging.joining.sheets.values import Entry, SheetError, Table
from messaging.models.subscribers import Channel

NUMBER, CHANNEL, LANGUAGE, COUNTRY = "number", "channel", "language", "country"
ROUTES, DATE, METHOD, EVIDENCE = "routes", "consent_date", "consent_method", "consent_evidence"
COLUMNS: Mapping[str, Any] = {
    NUMBER: pgettext_lazy("column of a sheet", "number"),
    CHANNEL: pgettext_lazy("column of a sheet", "channel"),
    LANGUAGE: pgettext_lazy("column of a sheet", "language"),
    COUNTRY: pgettext_lazy("column of a sheet", "country"),
    ROUTES: pgettext_lazy("column of a sheet", "routes"),
    DATE: pgettext_lazy("column of a sheet", "consent date"),
    METHOD: pgettext_lazy("column of a sheet", "consent method"),
    EVIDENCE: pgettext_lazy("column of a sheet", "consent evidence"),
}
# Without these no line can be judged; the channel is SMS and the country the number's, if not said.
NEEDED = (NUMBER, LANGUAGE, ROUTES, DATE, METHOD, EVIDENCE)
SPOKEN, WRITTEN = "spoken", "written"
METHODS: Mapping[str, Any] = {
    SPOKEN: pgettext_lazy("how somebody said yes", "spoken"),
    WRITTEN: pgettext_lazy("how somebody said yes", "written"),
}
_NO_COUNTRIES = {"EU"}


def read_entries(table: Table) -> list[Entry]:
    """Return the lines below the mark and the names of the columns; raise `SheetError`."""
    if len(table.lines) < 2:
        raise SheetError(_("The names of the columns are missing. Download an empty sheet."))
    head = table.lines[1]
    places: dict[str, int] = {}
    for place, cell in enumerate(head.cells):
        column = known_columns().get(fold(cell))
        if column and column in places:
            raise SheetError(_("The column “%s” is there twice.") % COLUMNS[column])
        if column:
            places[column] = place
    missing = [str(COLUMNS[column]) for column in NEEDED if column not in places]
    if missing:
        raise SheetError(
            _("These columns are missing: %s. Keep the second line as it was.") % ", ".join(missing)
        )
    return [
        Entry(
            line=line.number,
            cells={
                column: line.cells[place] if place < len(line.cells) else ""
                for column, place in places.items()
            },
            is_figure=places[NUMBER] in line.figures,
            has_formula=not line.formulas.isdisjoint(places.values()),
        )
        for line in table.lines[2:]
        if any(place < len(line.cells) and line.cells[place] for place in places.values())
        or not line.formulas.isdisjoint(places.values())
    ]


def count_known(cells: Iterable[str]) -> int:
    """Return how many cells are names of columns."""
    known = known_columns()
    return sum(fold(cell) in known for cell in cells)


@cache
def known_columns() -> dict[str, str]:
    """Return each column by all its names, folded."""
    return _by_name(COLUMNS)


@cache
def known_methods() -> dict[str, str]:
    """Return the ways to have said yes by all their names, folded."""
    return _by_name(METHODS)


@cache
def known_channels() -> dict[str, str]:
    """Return the channels by their names, folded."""
    return {fold(name): str(code) for code, label in Channel.choices for name in (code, label)}


@cache
def known_languages() -> dict[str, str]:
    """Return the languages by code, English name and own name, folded."""
    found: dict[str, str] = {}
    for one in LANGUAGES.values():
        for name in (one.name, one.endonym):
            found[fold(name)] = one.code
    return found | {fold(code): code for code in LANGUAGES}


@cache
def known_countries() -> dict[str, str]:
    """Return the countries by code and by name in every language of the desk, folded."""
    codes = [code for code in COUNTRIES if code not in _NO_COUNTRIES]
    names = {
        fold(country_name(code, language)): code
        for language in INTERFACE_LANGUAGES
        for code in codes
    }
    return names | {fold(code): code for code in codes}


def _by_name(labels: Mapping[str, Any]) -> dict[str, str]:
    found = {fold(code): code for code in labels}
    for language in INTERFACE_LANGUAGES:
        with translation.override(language):
            found |= {fold(str(label)): code for code, label in labels.items()}
    return found
