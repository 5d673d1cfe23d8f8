"""What Django is told of languages: their own names, and the ones that its table lacks."""

from collections.abc import Iterable

from django.conf.locale import LANG_INFO

from locales.languages import LANGUAGES, Language, get_language

RIGHT_TO_LEFT = [language.code for language in LANGUAGES.values() if language.direction == "rtl"]


def name_languages(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return codes with each language's name for itself, as Django's settings take them."""
    return [(code, get_language(code).endonym) for code in codes]


def teach_django() -> None:
    """Add our languages to Django's table; what it knows already stays."""
    for language in LANGUAGES.values():
        LANG_INFO.setdefault(language.code, _describe(language))


def _describe(language: Language) -> dict[str, str | bool]:
    return {
        "code": language.code,
        "name": language.name,
        "name_local": language.endonym,
        "bidi": language.direction == "rtl",
    }
