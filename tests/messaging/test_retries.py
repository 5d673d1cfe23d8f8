"""How long a refused message waits before it is tried again."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from messaging.sending.record import wait_before_retry


def test_waits_double_up_to_half_an_hour() -> None:
    waits = [wait_before_retry(attempt, 0.0) for attempt in range(1, 15)]
    assert waits[:4] == [5.0, 10.0, 20.0, 40.0]
    assert all(later >= sooner for sooner, later in pairwise(waits))
    assert waits[-1] == 1800.0


def test_waits_are_spread_so_that_what_failed_together_does_not_come_back_together() -> None:
    waits = [wait_before_retry(2, None) for _ in range(200)]
    assert 8.0 <= min(waits) < 8.8
    assert 11.2 < max(waits) <= 12.0


@given(st.integers(min_value=1, max_value=32_767), st.floats(min_value=0, max_value=1e9))
def test_a_provider_can_ask_for_up_to_twice_the_wait(attempt: int, asked: float) -> None:
    wait = wait_before_retry(attempt, 0.0)
    assert wait <= wait_before_retry(attempt, asked) <= 2 * wait


def test_a_provider_that_asks_for_less_gets_no_haste() -> None:
    assert wait_before_retry(3, 0.0) == 20.0


def test_a_provider_that_asks_for_a_little_more_gets_it() -> None:
    assert wait_before_retry(3, 25.0) == 25.0
