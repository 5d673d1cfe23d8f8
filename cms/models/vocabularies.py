"""Words that are typed by hand and must be known: codes of countries and languages, and keys.

It knows no model, so that a spreadsheet refuses by the same words as a form.
"""

import re
from collections.abc import Callable, Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from locales.countries import NAMED_COUNTRIES
from locales.languages import LANGUAGES

# A key stands in addresses.
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")


def refuse_key(key: str) -> str:
    """Say what is wrong with a key, or nothing."""
    if _KEY.fullmatch(key):
        return ""
    return _("Write up to 20 letters and digits, with - or _ between them: CM-R1.")


def refuse_country(code: str) -> str:
    """Say what is wrong with the code of a country, or nothing."""
    if code in NAMED_COUNTRIES:
        return ""
    return _("“%s” is no country we know. Write its two capital letters: LY.") % shorten(code)


def refuse_language(code: str) -> str:
    """Say what is wrong with the code of a language, or nothing."""
    if code in LANGUAGES:
        return ""
    return _("“%s” is no language we know. Write its code: ar.") % shorten(code)


def check_key(key: str) -> None:
    """Raise ValidationError with what is wrong with a key."""
    _check([key], refuse_key)


def check_countries(codes: Iterable[str]) -> None:
    """Raise ValidationError with what is wrong with codes of countries."""
    _check(codes, refuse_country)


def check_languages(codes: Iterable[str]) -> None:
    """Raise ValidationError with what is wrong with codes of languages."""
    _check(codes, refuse_language)


def shorten(text: str) -> str:
    """Return what was typed as it is quoted: never a whole page in one message."""
    return text if len(text) <= 60 else f"{text[:60]}…"


def _check(codes: Iterable[str], refuse: Callable[[str], str]) -> None:
    if wrong := [said for code in codes if (said := refuse(str(code)))]:
        raise ValidationError(wrong)
