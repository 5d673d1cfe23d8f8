"""Disclosure: no small count is shown, and none can be worked out from what is shown."""

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.disclosure import THRESHOLD, choose_hidden, hide_small, publish

counts = st.integers(min_value=0, max_value=200) | st.integers(min_value=0, max_value=25)
tables = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), counts, max_size=8)


def test_a_count_under_ten_is_hidden_with_the_next_smallest() -> None:
    assert hide_small({"NG": 120, "SN": 43, "ML": 9}) == {"NG": 120, "SN": None, "ML": None}


def test_two_small_counts_have_a_large_one_beside_them_as_well() -> None:
    # Two nines have nothing to be exchanged with but each other.
    assert choose_hidden({"NG": 120, "SN": 43, "ML": 9, "NE": 9}) == {"SN", "ML", "NE"}


def test_equals_are_treated_alike() -> None:
    # Hiding the first 12 only would tell that it is no larger than the second, and 9 would follow.
    assert choose_hidden({"a": 12, "b": 12, "c": 9, "d": 50}) == {"a", "b", "c"}


def test_zero_is_hidden_like_any_small_count() -> None:
    assert hide_small({"NG": 120, "SN": 43, "ML": 0}) == {"NG": 120, "SN": None, "ML": None}


def test_a_single_count_is_shown_when_it_is_large_enough() -> None:
    assert hide_small({"NG": 12}) == {"NG": 10}
    assert hide_small({"NG": 9}) == {"NG": None}
    assert hide_small({}) == {}


def test_counts_are_rounded_to_five() -> None:
    assert [publish(n) for n in (9, 10, 12, 13, 17, 18)] == [None, 10, 10, 15, 15, 20]


def test_the_threshold_may_be_raised_but_not_lowered() -> None:
    cells = {"a": 60, "b": 24, "c": 19, "d": 32}

    assert hide_small(cells, 20) == {"a": 60, "b": None, "c": None, "d": 30}
    assert publish(22, 22) == 25
    with pytest.raises(ValueError, match="never lowered"):
        hide_small(cells, threshold=5)


@given(tables)
def test_nothing_small_is_ever_shown(cells: dict[str, int]) -> None:
    shown = [count for count in hide_small(cells).values() if count is not None]

    assert all(count >= THRESHOLD and count % 5 == 0 for count in shown)


@given(tables)
def test_what_is_shown_is_near_the_truth(cells: dict[str, int]) -> None:
    shown = hide_small(cells)

    assert set(shown) == set(cells)
    assert all(abs(count - cells[key]) <= 2 for key, count in shown.items() if count is not None)


@given(tables)
def test_subtracting_what_is_shown_leaves_at_least_two_and_never_a_small_sum(
    cells: dict[str, int],
) -> None:
    hidden = choose_hidden(cells)

    if hidden and publish(sum(cells.values())) is not None:
        assert len(hidden) > 1
        assert sum(cells[key] for key in hidden) >= THRESHOLD


@given(tables, st.data())
def test_a_hidden_count_could_be_any_other_hidden_count(
    cells: dict[str, int], data: st.DataObject
) -> None:
    hidden = sorted(choose_hidden(cells))
    order = data.draw(st.permutations(hidden))
    exchanged = cells | {key: cells[other] for key, other in zip(hidden, order, strict=True)}

    assert hide_small(exchanged) == hide_small(cells)


@given(tables)
def test_a_hidden_count_could_be_a_large_one(cells: dict[str, int]) -> None:
    hidden = choose_hidden(cells)

    if hidden and len(hidden) < len(cells):
        assert any(cells[key] >= THRESHOLD for key in hidden)


@given(tables)
def test_a_table_without_small_counts_is_shown_whole(cells: dict[str, int]) -> None:
    large = {key: count + THRESHOLD for key, count in cells.items()}

    assert not choose_hidden(large)


def test_nobody_who_knows_the_rules_can_tell_a_hidden_number_from_the_shown_ones() -> None:
    """Try every table of three counts up to 32: each hidden one could have been another."""
    limit = 33
    seen: dict[tuple[tuple[int | None, ...], int | None], list[tuple[int, ...]]] = defaultdict(list)
    for table in product(range(limit), repeat=3):
        shown = tuple(hide_small(dict(enumerate(table))).values())
        seen[shown, publish(sum(table))].append(table)
    for (shown, _total), possible in seen.items():
        # Tables at the limit have neighbours beyond it, which were not tried.
        if any(limit - 1 in table for table in possible):
            continue
        for place in (place for place, count in enumerate(shown) if count is None):
            assert len({table[place] for table in possible}) > 1, possible
