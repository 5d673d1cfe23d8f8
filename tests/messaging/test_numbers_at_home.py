"""Numbers as people of a country write them at home, without the country code."""

import phonenumbers
import pytest

from messaging.numbers import NumberError, make_fiction, read_at_home

REAL = pytest.mark.parametrize("country", ["SN", "TN", "LY", "ET", "CI", "NG", "EH", "IT"])


def example(country: str) -> phonenumbers.PhoneNumber:
    """Return the number that a numbering plan itself gives as its example."""
    found = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    assert found is not None
    return found


@REAL
def test_number_of_home_gets_its_country_code(country: str) -> None:
    number = example(country)
    whole = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    home = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    assert read_at_home(home, country, fiction=False) == whole


@REAL
def test_number_that_lacks_only_its_plus_is_read(country: str) -> None:
    number = example(country)
    whole = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert read_at_home(whole[1:], country, fiction=False) == whole
    assert read_at_home(whole, "TN", fiction=False) == whole


@pytest.mark.parametrize("typed", ["7000042", "07000042", "2217000042", "9992217000042", "٧٠٠٠٠٤٢"])
def test_fiction_of_home_becomes_fiction(typed: str) -> None:
    assert read_at_home(typed, "SN", fiction=True) == make_fiction("221", 7_000_042)


@pytest.mark.parametrize("typed", ["12", "", "abc", "77 12", "=77"])
def test_what_is_no_number_there_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(NumberError) as failure:
        read_at_home(typed, "SN", fiction=False)
    assert not typed or typed not in str(failure.value)


def test_country_that_has_no_plan_is_refused() -> None:
    with pytest.raises(NumberError):
        read_at_home("712345", "ZZ", fiction=False)
