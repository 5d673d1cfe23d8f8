"""Callback tokens: ours say whose they are, every other text says nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from messaging.sealing.tokens import make_token, read_token


@given(st.integers(min_value=1, max_value=2**62), st.integers(min_value=1, max_value=30_000))
def test_a_token_says_whose_it_is(delivery: int, attempt: int) -> None:
    assert read_token(make_token(delivery, attempt)) == (delivery, attempt)


@given(st.text(max_size=100))
def test_any_other_text_says_nothing(text: str) -> None:
    assert read_token(text) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        "7.1.",
        "7.1",
        "7..",
        make_token(7, 1).replace("7.", "8.", 1),
        make_token(7, 1).replace(".1.", ".2.", 1),
        make_token(7, 1).upper() + "0",
        "٧" + make_token(7, 1)[1:],
        "7" * 200,
    ],
)
def test_a_changed_token_says_nothing(token: str) -> None:
    assert read_token(token) is None


def test_a_token_of_another_deployment_says_nothing(settings: Settings) -> None:
    token = make_token(7, 1)
    settings.INDEX_KEYS = {1: b"k" * 32}
    assert read_token(token) is None
