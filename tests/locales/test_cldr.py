"""Dates are written in the reader's language, the day before the month."""

from datetime import date

import pytest

from locales.cldr import find_locale, write_date
from locales.languages import CONTENT_LANGUAGES

DAY = date(2026, 8, 3)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "3 August 2026"),
        ("fr", "3 août 2026"),
        ("ar", "3 أغسطس 2026"),
        ("es", "3 de agosto de 2026"),
        ("am", "3 ኦገስት 2026"),
        ("ti", "3 ነሓሰ 2026"),
        ("so", "3 Agosto 2026"),
        ("ha", "3 Agusta 2026"),
        ("prs", "3 اگست 2026"),
        ("xx", "3 August 2026"),
        ("no such", "3 August 2026"),
    ],
)
def test_a_day_is_written_in_its_language(language: str, written: str) -> None:
    assert write_date(DAY, language) == written


def test_a_month_is_written_without_a_day() -> None:
    assert write_date(DAY, "am", only_month=True) == "ኦገስት 2026"
    assert write_date(DAY, "es", only_month=True) == "agosto de 2026"


@pytest.mark.parametrize("language", CONTENT_LANGUAGES)
def test_cldr_knows_every_content_language(language: str) -> None:
    assert find_locale(language) is not None
