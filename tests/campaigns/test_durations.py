"""How long a broadcast takes, and what stretches it over days."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.reckoning.durations import Load, Pace, Stretch, compute_duration

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
SMS = Pace("sms", parts_per_second=8.0)
LOADS = st.lists(
    st.builds(Load, st.integers(1, 4), st.integers(0, 10**6), st.integers(0, 3 * 10**6)), max_size=8
)
PACES = st.fixed_dictionaries(
    {
        sender: st.builds(
            Pace,
            st.sampled_from(["sms", "whatsapp"]),
            st.floats(0.1, 500),
            left=st.none() | st.integers(0, 10**5),
            per_day=st.none() | st.integers(1, 10**5),
            family=st.sampled_from(["", "ours"]),
        )
        for sender in range(1, 5)
    }
)


def test_the_slowest_sender_decides_and_its_loads_add_up() -> None:
    loads = [Load(1, 40, 80), Load(1, 40, 80), Load(2, 300, 300)]
    paces = {1: SMS, 2: Pace("whatsapp", parts_per_second=80.0)}
    assert compute_duration(loads, paces) == (20 * SECOND, ())
    assert compute_duration([], {}) == (timedelta(), ())


@pytest.mark.parametrize(
    ("people", "stretches"),
    [
        (50, ()),
        (51, (Stretch("whatsapp", 50, 2),)),
        (300, (Stretch("whatsapp", 50, 2),)),
        (301, (Stretch("whatsapp", 50, 3),)),
    ],
)
def test_a_limit_of_a_day_stretches_what_is_more_than_is_left(
    people: int, stretches: tuple[Stretch, ...]
) -> None:
    paces = {1: Pace("whatsapp", 80.0, left=50, per_day=250)}
    duration, found = compute_duration([Load(1, people, people)], paces)
    assert found == stretches
    assert duration >= (stretches[0].days - 1 if stretches else 0) * DAY


def test_senders_of_one_portfolio_are_limited_together() -> None:
    paces = {
        1: Pace("whatsapp", 80.0, left=200, per_day=250, family="ours"),
        2: Pace("whatsapp", 80.0, left=200, per_day=250, family="ours"),
    }
    loads = [Load(1, 150, 150), Load(2, 150, 150)]
    assert compute_duration(loads, paces)[1] == (Stretch("whatsapp", 200, 2),)
    apart = {1: paces[1], 2: Pace("whatsapp", 80.0, left=200, per_day=250)}
    assert compute_duration(loads, apart)[1] == ()


def test_a_rate_that_does_not_do_it_in_one_window_stretches_it_too() -> None:
    # One part a second: 43,200 in twelve hours.
    duration, found = compute_duration([Load(1, 50_000, 100_000)], {1: Pace("sms", 1.0)})
    assert found == (Stretch("sms", 21_600, 3),)
    assert duration == 2 * DAY


@given(loads=LOADS, paces=PACES)
def test_a_duration_holds_what_it_says(loads: list[Load], paces: dict[int, Pace]) -> None:
    duration, stretches = compute_duration(loads, paces)
    for sender in {load.sender for load in loads}:
        parts = sum(load.parts for load in loads if load.sender == sender)
        assert duration + SECOND >= timedelta(seconds=parts / paces[sender].parts_per_second)
    for one in stretches:
        assert one.days >= 2
        assert duration >= (one.days - 1) * DAY
        assert one.first_day <= sum(load.people for load in loads)
