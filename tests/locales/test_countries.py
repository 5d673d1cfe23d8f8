"""The table of countries is whole, and every name, zone and calling code is a real one."""

from datetime import time
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from locales.countries import (
    COUNTRIES,
    NAMED_COUNTRIES,
    UnknownCountry,
    country_name,
    get_country,
)

# All countries that the thirteen routes name.
_CODES = """
    AE AF BA BD BG BI BY CD CI CM CO CR CU CY DJ DZ EC EG EH ER ES ET EU GM GN GR GT HN HT ID IQ
    IR IT KE LB LT LV LY MA MK ML MM MR MT MW MX MY MZ NE NG NI OM PA PK PL RS RU SA SD SN SO SY
    TD TH TN TR TZ US VE YE ZA ZM ZW
"""
ON_THE_ROUTES = _CODES.split()


@pytest.mark.parametrize("code", [*ON_THE_ROUTES, "XK"])
def test_every_country_of_the_routes_is_known(code: str) -> None:
    assert get_country(code).code == code


@pytest.mark.parametrize("code", COUNTRIES)
def test_every_zone_exists(code: str) -> None:
    assert ZoneInfo(COUNTRIES[code].zone).key == COUNTRIES[code].zone


@pytest.mark.parametrize("code", sorted(COUNTRIES.keys() - {"EU"}))
def test_calling_codes_agree_with_the_numbering_plan(code: str) -> None:
    assert COUNTRIES[code].calling_code == str(phonenumbers.country_code_for_region(code))


def test_the_european_union_has_a_name_and_no_calling_code() -> None:
    assert get_country("EU").calling_code == ""
    assert country_name("EU", "fr") == "Union européenne"


@pytest.mark.parametrize("code", COUNTRIES)
def test_the_night_is_quiet_everywhere(code: str) -> None:
    assert COUNTRIES[code].quiet_from >= time(20)
    assert COUNTRIES[code].quiet_until <= time(10)


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("code", COUNTRIES)
def test_every_country_has_a_name_in_the_languages_of_the_interface(
    code: str, language: str
) -> None:
    name = country_name(code, language)
    assert name
    assert name != code


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("TN", "en", "Tunisia"),
        ("TN", "fr", "Tunisie"),
        ("TN", "ar", "تونس"),
        ("XK", "en", "Kosovo"),
        ("TN", "snk", "Tunisia"),
        ("TN", "no such language", "Tunisia"),
        ("TN", "", "Tunisia"),
        ("AF", "prs", "افغانستان"),
    ],
)
def test_a_name_falls_back_to_english(code: str, language: str, name: str) -> None:
    assert country_name(code, language) == name


def test_an_unknown_country_is_named_in_the_error() -> None:
    with pytest.raises(UnknownCountry, match="ZZ"):
        get_country("ZZ")


def test_a_country_that_nobody_is_sent_to_has_its_name() -> None:
    assert country_name("FR", "ar") == "فرنسا"
    assert country_name("DE", "en") == "Germany"


@pytest.mark.parametrize("code", ["ZZ", "ly", "Libya", ""])
def test_what_is_no_country_is_named_by_what_was_typed(code: str) -> None:
    assert country_name(code, "en") == code
    assert code not in NAMED_COUNTRIES
