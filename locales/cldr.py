"""Our languages as CLDR knows them, and dates written in them."""

from datetime import date

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from locales.languages import LAST_RESORT

# CLDR knows Dari as the Persian of Afghanistan.
_NAMES = {"prs": "fa_AF"}
# The day before the month, as our texts write it in every language; these join them with a word.
_DAY, _MONTH = "d MMMM y", "MMMM y"
_JOINED = {"es", "pt"}


def find_locale(language: str) -> Locale | None:
    """Return what CLDR knows of a language, or nothing."""
    try:
        return Locale.parse(_NAMES.get(language, language))
    except (UnknownLocaleError, ValueError):
        return None


def write_date(day: date, language: str, *, only_month: bool = False) -> str:
    """Write a date in a language, or in English where CLDR has no names of its months."""
    pattern = _MONTH if only_month else _DAY
    if language in _JOINED:
        pattern = pattern.replace(" ", " 'de' ")
    return format_date(day, pattern, locale=find_locale(language) or LAST_RESORT)
