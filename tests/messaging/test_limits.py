"""A limit holds, also between threads; its rows tell nobody what they are about."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from messaging.guarding import limits
from messaging.models import Allowance
from tests.messaging.factories import number_of

NOW = timezone.now()


@pytest.mark.django_db
@pytest.mark.database
class TestTaking:
    def test_there_is_as_much_as_was_said_and_no_more(self) -> None:
        assert [limits.take("range", "a", most=3, now=NOW) for _ in range(5)] == [True] * 3 + [
            False
        ] * 2

    def test_nothing_is_given_of_nothing(self) -> None:
        assert not limits.take("range", "a", most=0, now=NOW)

    def test_each_thing_and_each_scope_has_its_own(self) -> None:
        assert limits.take("range", "a", most=1, now=NOW)
        assert limits.take("range", "b", most=1, now=NOW)
        assert limits.take("country", "a", most=1, now=NOW)
        assert not limits.take("range", "a", most=1, now=NOW)

    def test_a_new_day_begins_anew(self) -> None:
        assert limits.take("range", "a", most=1, now=NOW)
        assert limits.take("range", "a", most=1, now=NOW + timedelta(days=1))

    def test_days_are_added_up_and_older_ones_are_left_out(self) -> None:
        for ago in (0, 1, 29, 30):
            limits.count("address", "a", now=NOW - timedelta(days=ago))
        assert limits.count_used("address", ["a"], days=30, now=NOW) == 3
        assert limits.count_used("address", ["a", "b"], days=1, now=NOW) == 1
        assert limits.count_used("address", [], days=30, now=NOW) == 0

    def test_no_row_tells_what_it_is_about_nor_that_two_days_are_about_one_thing(self) -> None:
        for ago in (0, 1):
            limits.take("address", number_of(1), most=9, now=NOW - timedelta(days=ago))
        rows = list(Allowance.objects.values_list("key", flat=True))
        assert len({bytes(key) for key in rows}) == 2
        assert all(len(bytes(key)) == 16 for key in rows)
        assert number_of(1)[1:] not in str(list(Allowance.objects.values()))


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_threads_together_take_no_more_than_there_is() -> None:
    threads, start = 8, threading.Barrier(8)

    def take_many(_: int) -> int:
        try:
            start.wait(60)
            return sum(limits.take("all", "", most=20, now=NOW) for _ in range(5))
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        taken = list(pool.map(take_many, range(threads)))
    assert sum(taken) == 20
    assert Allowance.objects.get().used == 20


class TestInvariant(TestCase):
    @given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4)), max_size=40))
    def test_no_order_of_takers_gets_more_than_the_limit(
        self, asked: list[tuple[str, int]]
    ) -> None:
        taken: dict[str, int] = {}
        for text, most in asked:
            if limits.take("x", text, most=most, now=NOW):
                taken[text] = taken.get(text, 0) + 1
                assert taken[text] <= most
