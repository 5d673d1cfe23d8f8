"""Numbers: E.164 or an error, which never repeats what somebody typed."""

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.numbers import NumberError, make_fiction, parse_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+999 221 0000042", "+9992210000042"),
        ("+999-221-0000042", "+9992210000042"),
        (" (+999) 2210000042 ", "+9992210000042"),
        ("+٩٩٩٢٢١٠٠٠٠٠٤٢", "+9992210000042"),
        ("+999221000004²", "+999221000004"),
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


@pytest.mark.parametrize(
    "text", ["+447700900123", "+15005550006", "", "hello", "+", "07700 900123"]
)
def test_a_rehearsal_takes_no_number_that_could_ring(text: str) -> None:
    with pytest.raises(NumberError, match=r"start with \+999 only"):
        parse_number(text, fiction=True)


def test_made_fiction_is_accepted_back() -> None:
    made = make_fiction("221", 42)
    assert parse_number(made, fiction=True) == made


# From the ranges that Ofcom (UK) and the North American plan keep free for drama.
@pytest.mark.parametrize(
    ("text", "number"),
    [("+44 7700 900123", "+447700900123"), ("+1 (202) 555-0123", "+12025550123")],
)
def test_a_possible_number_becomes_e164(text: str, number: str) -> None:
    assert parse_number(text, fiction=False) == number


@pytest.mark.parametrize("text", ["", "07700 900123", "+44 12", "hello", "+1 555 0123", "+0", "+"])
def test_what_cannot_be_called_from_abroad_is_refused(text: str) -> None:
    with pytest.raises(NumberError):
        parse_number(text, fiction=False)


@given(
    st.from_regex(r"\+?[0-9]{5,25}[a-z]{0,5}", fullmatch=True)
    | st.text(alphabet="+0123456789 ()-ext;=abc", min_size=5, max_size=300),
    st.booleans(),
)
def test_an_error_never_repeats_the_text(text: str, fiction: bool) -> None:
    try:
        parse_number(text, fiction=fiction)
    except NumberError as error:
        told = "".join(traceback.format_exception(error))
        assert len(text.strip()) < 5 or text.strip() not in told
