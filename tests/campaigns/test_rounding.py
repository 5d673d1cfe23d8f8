"""Rounding: nobody can be found by narrowing an audience before it is sent to."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.reckoning.rounding import round_cost, round_people


@pytest.mark.parametrize(
    ("people", "shown"), [(0, 0), (9, 0), (10, 10), (14, 10), (15, 20), (1987, 1990)]
)
def test_people_are_rounded_to_ten_and_small_ones_hidden(people: int, shown: int) -> None:
    assert round_people(people) == shown


@given(st.integers(min_value=10, max_value=10**6))
def test_rounding_is_never_off_by_more_than_five(people: int) -> None:
    assert abs(round_people(people) - people) <= 5


@given(st.integers(min_value=1, max_value=9), st.decimals("0.001", "2", places=3))
def test_price_of_a_few_does_not_tell_how_few(people: int, amount: Decimal) -> None:
    assert round_cost(people * amount, people) == round_cost(amount, 1)


def test_price_of_nobody_is_nought() -> None:
    assert round_cost(Decimal(0), 0) == 0
