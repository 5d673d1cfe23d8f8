"""Counting anew: from the rows, never by adding, and at most a tenth of the time."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from messaging.models import Batch, Delivery
from messaging.sending import batches, recounting
from messaging.states import State
from messaging.upkeep import purging
from tests.messaging.factories import make_batch

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SECOND = timedelta(seconds=1)


def count_at(now: datetime) -> int:
    return recounting.recount_watched(clock=lambda: now)


def the_batch() -> Batch:
    return Batch.objects.get()


def move(number: int, state: State) -> None:
    rows = Delivery.objects.filter(state=State.PLANNED).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:number])
    Delivery.objects.filter(pk__in=ids).update(state=state)


def make_large(people: int = 5) -> Batch:
    """Return a batch that counts as large, so that nobody's look counts it."""
    batch = make_batch(people=people)
    Batch.objects.update(size=recounting.SMALL + 1)
    batch.refresh_from_db()
    return batch


def look(now: datetime) -> recounting.Counted:
    found = recounting.look("broadcast:1", now=now)
    assert found is not None
    return found


def test_a_count_replaces_the_one_before_and_is_never_added_to() -> None:
    make_batch(people=5)
    now = timezone.now()
    assert count_at(now) == 1
    move(2, State.ACCEPTED)
    Batch.objects.update(counts={"planned": 700, "delivered": 3})
    assert count_at(now + SECOND) == 1
    assert the_batch().counts == {"planned": 3, "accepted": 2}
    assert the_batch().counted_at == now + SECOND


def test_counting_takes_at_most_a_tenth_of_the_time() -> None:
    make_batch(people=2)
    now = timezone.now()
    count_at(now)
    # As if a count took half a second: the next one may not begin within ten.
    Batch.objects.update(count_ms=500)
    assert count_at(now + 9 * SECOND) == 0
    assert count_at(now + 10 * SECOND) == 1


def test_many_large_batches_together_take_no_more_than_one() -> None:
    for number in range(1, 5):
        make_batch(f"broadcast:{number}", people=1 if number == 1 else 0)
    now = timezone.now()
    assert count_at(now) == 4
    Batch.objects.update(count_ms=500)
    assert count_at(now + 39 * SECOND) == 0
    assert count_at(now + 40 * SECOND) == 4


@given(
    costs=st.lists(st.integers(1, 5_000), min_size=1, max_size=6),
    over=st.lists(st.integers(1, 5_000), max_size=6),
)
def test_no_mixture_of_batches_takes_more_than_a_tenth(costs: list[int], over: list[int]) -> None:
    share = 0.0
    for some in (costs, over):
        rest = recounting.rest_after([Batch(count_ms=cost) for cost in some])
        share += sum(some) / 1000 / rest.total_seconds() if some else 0
    assert share <= 0.1 + 1e-9


def test_of_two_that_would_count_at_once_one_does() -> None:
    batch = make_batch(people=1)
    now = timezone.now()
    rest = timedelta(seconds=5)
    assert recounting.recount(batch, rest=rest, now=now)
    assert not recounting.recount(batch, rest=rest, now=now)
    assert recounting.recount(batch, rest=rest, now=now + rest)


def test_an_older_count_that_ends_later_does_not_replace_a_newer_one() -> None:
    batch = make_batch(people=3)
    now = timezone.now()
    Batch.objects.update(counted_at=now + SECOND, counts={"delivered": 3})
    recounting.recount(batch, rest=timedelta(), now=now)
    assert the_batch().counts == {"delivered": 3}


def test_what_is_still_is_counted_seldom_and_soon_after_it_moved() -> None:
    make_batch(people=3)
    now = timezone.now()
    count_at(now)
    later = now + timedelta(minutes=10)
    count_at(later)
    assert count_at(later + 14 * SECOND) == 0
    assert count_at(later + 15 * SECOND) == 1
    move(1, State.ACCEPTED)
    assert count_at(later + 30 * SECOND) == 1
    assert count_at(later + 32 * SECOND) == 1


def test_a_finished_batch_is_counted_for_a_week_and_at_last_once_an_hour() -> None:
    make_batch(people=1)
    now = timezone.now()
    count_at(now)
    Batch.objects.update(state=Batch.State.FINISHED, finished_at=now)
    assert count_at(now + timedelta(days=3)) == 1
    assert count_at(now + timedelta(days=3, minutes=59)) == 0
    assert count_at(now + timedelta(days=3, minutes=60)) == 1
    assert count_at(now + timedelta(days=8)) == 0


def test_a_look_at_a_small_batch_is_always_exact() -> None:
    make_batch(people=4)
    now = timezone.now()
    count_at(now)
    move(3, State.DELIVERED)
    assert look(now).states == {"planned": 1, "delivered": 3}


def test_a_look_at_a_large_batch_reads_what_was_counted_and_says_when() -> None:
    make_large()
    now = timezone.now()
    count_at(now)
    move(3, State.DELIVERED)
    seen = look(now + 5 * SECOND)
    assert (seen.states, seen.at) == ({"planned": 5}, now)


def test_where_the_clock_is_dead_a_look_counts_and_the_next_looks_do_not() -> None:
    make_large()
    now = timezone.now()
    count_at(now)
    move(3, State.DELIVERED)
    later = now + timedelta(minutes=5)
    assert look(later).states == {"planned": 2, "delivered": 3}
    move(1, State.DELIVERED)
    assert look(later + 20 * SECOND).at == later


def test_rate_is_what_stopped_waiting_in_a_second() -> None:
    make_batch(people=30)
    now = timezone.now()
    count_at(now)
    assert look(now).rate == 0
    move(10, State.ACCEPTED)
    move(10, State.SUPPRESSED)
    count_at(now + 10 * SECOND)
    assert look(now + 10 * SECOND).rate == pytest.approx(2.0)
    count_at(now + 40 * SECOND)
    assert look(now + 40 * SECOND).rate == 0


def test_what_is_planned_again_makes_no_rate_below_nothing() -> None:
    make_batch(people=4)
    now = timezone.now()
    move(4, State.ACCEPTED)
    count_at(now)
    Delivery.objects.update(state=State.PLANNED)
    count_at(now + 10 * SECOND)
    assert the_batch().rate == 0


def test_a_purged_batch_keeps_the_counts_it_had() -> None:
    batch = make_batch(people=2)
    move(2, State.DELIVERED)
    now = timezone.now()
    assert purging.begin([batch.pk], now=now) == 1
    Delivery.objects.all().delete()
    assert count_at(now + timedelta(days=1)) == 0
    assert not recounting.recount(batch, rest=timedelta(), now=now + SECOND)
    assert look(now + SECOND).states == batches.count_states(batch.reference) == {"delivered": 2}


def test_counts_that_are_recent_enough_are_not_counted_again() -> None:
    batch = make_batch(people=2)
    now = timezone.now()
    count_at(now)
    move(1, State.ACCEPTED)
    stored = {"planned": 2}
    assert batches.count_states(batch.reference, since=now) == stored
    assert batches.count_states(batch.reference, since=now + SECOND) == {
        "planned": 1,
        "accepted": 1,
    }
    assert batches.count_states(batch.reference) == {"planned": 1, "accepted": 1}
    assert not batches.count_states("broadcast:none")
    assert recounting.look("broadcast:none", now=now) is None


def test_cancelling_ends_some_pages_at_once_and_leaves_a_long_tail_to_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = make_batch(people=7)
    monkeypatch.setattr(batches, "_PAGE", 2)
    monkeypatch.setattr(batches, "_PAGES_AT_ONCE", 2)
    assert batches.cancel(batch.reference, now=timezone.now()) == 7
    assert batches.count_states(batch.reference) == {"cancelled": 4, "planned": 3}
    assert the_batch().state == Batch.State.CANCELLED
