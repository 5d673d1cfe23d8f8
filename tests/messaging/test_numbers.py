"""Addresses: E.164, a user id, or an error, which never repeats what somebody typed."""

import traceback
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.numbers import (
    COSTLY,
    REFUSED,
    NoCountryCode,
    NumberError,
    NumberKind,
    classify,
    country_of,
    is_user_id,
    make_fiction,
    parse_address,
    parse_number,
    prefix_of,
)

# The zeros of scripts that count by ten: Latin, Arabic, Persian, Devanagari, Bengali, Thai, full width.
ZEROS = "0٠۰०০๐０"
# From the ranges that Ofcom (UK) and the North American plan keep free for drama.
DRAMA = ("+447700900123", "+12025550123")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+999 221 0000042", "+9992210000042"),
        ("+999-221-0000042", "+9992210000042"),
        (" (+999) 2210000042 ", "+9992210000042"),
        ("00 999 221 0000042", "+9992210000042"),
        ("+٩٩٩٢٢١٠٠٠٠٠٤٢", "+9992210000042"),
        ("\u202a+999 221 0000042\u202c", "+9992210000042"),
        ("＋９９９\u00a0２２１\u00a0００００042", "+9992210000042"),
    ],
)
def test_fiction_is_read_however_it_is_written(text: str, number: str) -> None:
    assert parse_number(text, fiction=True) == number


def test_fiction_is_refused_outside_a_rehearsal() -> None:
    with pytest.raises(NumberError, match="rehearsal"):
        parse_number("+9992210000042", fiction=False)


@pytest.mark.parametrize("text", ["+99912", "+999" + "1" * 14])
def test_fiction_too_short_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(NumberError):
        parse_number(text, fiction=True)


@pytest.mark.parametrize("text", [*DRAMA, "", "hello", "+", "07700 900123", "00447700900123"])
def test_a_rehearsal_takes_no_number_that_could_ring(text: str) -> None:
    with pytest.raises(NumberError, match=r"start with \+999 only"):
        parse_number(text, fiction=True)


def test_made_fiction_is_accepted_back() -> None:
    made = make_fiction("221", 42)
    assert parse_number(made, fiction=True) == made


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+44 7700 900123", DRAMA[0]),
        ("0044 7700 900123", DRAMA[0]),
        ("+٤٤ ٧٧٠٠ ٩٠٠١٢٣", DRAMA[0]),
        ("+۴۴۷۷۰۰۹۰۰۱۲۳", DRAMA[0]),
        ("+1 (202) 555-0123", DRAMA[1]),
    ],
)
def test_a_possible_number_becomes_e164(text: str, number: str) -> None:
    assert parse_number(text, fiction=False) == number


def test_a_mexican_number_is_one_number_with_and_without_its_old_1() -> None:
    assert parse_number("+52 1 55 5555 0123", fiction=False) == "+525555550123"
    assert parse_number("+52 55 5555 0123", fiction=False) == "+525555550123"


@pytest.mark.parametrize(
    "text", ["", "+44 12", "hello", "+1 555 0123", "+0", "+", "00", "+999", "+210 123456"]
)
def test_what_cannot_be_called_from_abroad_is_refused(text: str) -> None:
    with pytest.raises(NumberError) as caught:
        parse_number(text, fiction=False)
    assert not isinstance(caught.value, NoCountryCode)


@pytest.mark.parametrize("text", ["07700 900123", "7700900123", "٠٧٧٠٠٩٠٠١٢٣", "2210000042"])
@pytest.mark.parametrize("fiction", [True, False])
def test_a_number_without_its_country_is_told_apart(text: str, fiction: bool) -> None:
    with pytest.raises(NoCountryCode):
        parse_number(text, fiction=fiction)


@pytest.mark.parametrize(
    "text",
    [
        "=+447700900123",
        "@447700900123",
        "'+447700900123",
        "+44 7700 900123 ext 5",
        "+44 7700 900l23",
        "+44770090012²",
        "+44+7700900123",
        "tel:+447700900123",
        "+447700900123;+447700900124",
        "+" + " " * 100 + "447700900123",
        "+44770090012\x003",
        "+4477Ⅸ00900123",
        "+四四7700900123",
    ],
)
def test_letters_formulas_and_odd_signs_are_refused_and_never_skipped(text: str) -> None:
    for fiction in (True, False):
        with pytest.raises(NumberError):
            parse_number(text, fiction=fiction)


@given(
    st.from_regex(r"\+?[0-9]{5,25}[a-z]{0,5}", fullmatch=True)
    | st.text(alphabet="+0123456789 ()-ext;=abc", min_size=5, max_size=300)
    | st.text(max_size=80),
    st.booleans(),
    st.sampled_from(["sms", "whatsapp"]),
)
def test_an_error_never_repeats_the_text(text: str, fiction: bool, channel: str) -> None:
    try:
        parse_address(channel, text, fiction=fiction)
    except NumberError as error:
        told = "".join(traceback.format_exception(error))
        assert len(text.strip()) < 5 or text.strip() not in told


@given(
    st.integers(0, 9_999_999),
    st.sampled_from(ZEROS),
    st.lists(st.sampled_from(["", " ", "-", ".", "\u00a0", "\u200f"]), min_size=14, max_size=14),
)
def test_a_number_is_the_same_in_every_script_and_spacing(
    serial: int, zero: str, gaps: list[str]
) -> None:
    number = make_fiction("221", serial)
    digits = [chr(ord(zero) + unicodedata.decimal(char)) for char in number[1:]]
    written = "+" + "".join(gap + char for gap, char in zip(gaps, digits, strict=False))

    assert parse_number(written, fiction=True) == number


@given(st.text(alphabet="+0123456789٠١٢٣ ()-.", max_size=30), st.booleans())
def test_what_was_read_once_is_read_the_same_again(text: str, fiction: bool) -> None:
    try:
        number = parse_number(text, fiction=fiction)
    except NumberError:
        return
    assert parse_number(number, fiction=fiction) == number
    assert number.startswith("+")
    assert number[1:].isascii()
    assert number[1:].isdigit()
    assert prefix_of(number) == number[: len(prefix_of(number))] != number
    assert classify(number) in NumberKind
    assert country_of(number) == "" or len(country_of(number)) == 2


@pytest.mark.parametrize(
    ("number", "kind", "country"),
    [
        (make_fiction("221", 42), NumberKind.MOBILE, "SN"),
        (make_fiction("1", 42), NumberKind.MOBILE, "US"),
        (make_fiction("20", 8_000_042), NumberKind.FIXED_LINE, "EG"),
        (make_fiction("252", 9_000_042), NumberKind.PREMIUM, "SO"),
        ("+9990000001", NumberKind.UNKNOWN, ""),
        ("+447700900123", NumberKind.UNKNOWN, "GB"),
        ("+12025550123", NumberKind.EITHER, "US"),
        ("+979123456789", NumberKind.PREMIUM, ""),
        ("+80812345678", NumberKind.SHARED_COST, ""),
        ("+80012345678", NumberKind.TOLL_FREE, ""),
        ("+881612345678", NumberKind.SATELLITE, ""),
        ("+870773123456", NumberKind.SATELLITE, ""),
        ("+882161234567", NumberKind.SATELLITE, ""),
    ],
)
def test_kind_and_country_of_a_number(number: str, kind: NumberKind, country: str) -> None:
    assert classify(number) == kind
    assert country_of(number) == country


def test_what_costs_extra_or_is_no_phone_is_refused_and_what_nobody_knows_is_not() -> None:
    assert {NumberKind.PREMIUM, NumberKind.SATELLITE, NumberKind.SHARED_COST} <= COSTLY < REFUSED
    assert {NumberKind.UAN, NumberKind.PAGER, NumberKind.VOIP, NumberKind.FIXED_LINE} <= REFUSED
    assert not REFUSED & {
        NumberKind.MOBILE,
        NumberKind.EITHER,
        NumberKind.USER_ID,
        NumberKind.UNKNOWN,
    }


def test_numbers_of_one_block_share_a_prefix_and_no_others_do() -> None:
    assert prefix_of(make_fiction("221", 1_230_000)) == prefix_of(make_fiction("221", 1_239_999))
    assert prefix_of(make_fiction("221", 1_230_000)) != prefix_of(make_fiction("221", 1_240_000))
    assert prefix_of("ZZ.a") != prefix_of("ZZ.b")


@pytest.mark.parametrize("user_id", ["ZZ.13491208655302741918", "ZZ." + "a" * 128])
def test_a_fictional_user_id_is_an_address_on_whatsapp_in_a_rehearsal_alone(user_id: str) -> None:
    assert parse_address("whatsapp", f" {user_id} ", fiction=True) == user_id
    assert classify(user_id) == NumberKind.USER_ID
    assert country_of(user_id) == ""
    for channel, fiction in (("sms", True), ("sms", False), ("whatsapp", False)):
        with pytest.raises(NumberError):
            parse_address(channel, user_id, fiction=fiction)


def test_a_real_user_id_is_kept_as_it_is_and_refused_in_a_rehearsal() -> None:
    assert parse_address("whatsapp", "SN.AbC123", fiction=False) == "SN.AbC123"
    assert country_of("SN.AbC123") == "SN"
    with pytest.raises(NumberError):
        parse_address("whatsapp", "SN.AbC123", fiction=True)


@pytest.mark.parametrize(
    "text", ["ZZ.", "Z.1", "zz.1", "ZZ.a b", "ZZ.a\n", "ZZ." + "a" * 129, "ZZ.é"]
)
def test_what_only_looks_like_a_user_id_is_none(text: str) -> None:
    assert not is_user_id(text)


def test_a_number_on_whatsapp_is_read_as_any_other() -> None:
    assert parse_address("whatsapp", "+999 221 0000042", fiction=True) == "+9992210000042"
