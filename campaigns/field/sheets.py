"""Empty sheets for partners: marked for them, with the words that our routes and languages go by."""

from django.utils.translation import get_language

from campaigns.words import name_routes
from locales.countries import country_name
from locales.languages import CONTENT_LANGUAGES
from locales.languages import get_language as language_of
from messaging.consenting.clearances import open_countries
from messaging.joining.sheets.blank import CSV, XLSX, write_csv, write_workbook
from messaging.joining.sheets.columns import CHANNEL, COUNTRY, LANGUAGE, ROUTES
from messaging.models.subscribers import Channel


def make_sheet(owner: str, form: str) -> tuple[bytes, str] | None:
    """Return an empty sheet of a form and its media type, or nothing for a form we do not write."""
    if form == "csv":
        return write_csv(owner), CSV
    if form == "xlsx":
        return write_workbook(owner, _find_words()), XLSX
    return None


def _find_words() -> dict[str, list[str]]:
    reading = get_language() or "en"
    spoken = [language_of(code) for code in CONTENT_LANGUAGES]
    return {
        CHANNEL: list(Channel.values),
        LANGUAGE: [f"{one.code} – {one.endonym}" for one in spoken],
        COUNTRY: [f"{code} – {country_name(code, reading)}" for code in sorted(open_countries())],
        ROUTES: [f"{code} – {name}" for code, name in sorted(name_routes().items())],
    }
