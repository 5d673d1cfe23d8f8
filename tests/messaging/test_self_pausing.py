"""A batch of which too much fails pauses itself; what a person has seen does not pause it again."""

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from messaging.models import Alarm, Batch
from messaging.sending import batches
from messaging.sending.self_pausing import FAILING, count_tried, is_failing, pause_failing
from messaging.states import State
from tests.messaging.factories import make_batch

COUNTS = st.dictionaries(st.sampled_from([str(state) for state in State]), st.integers(0, 5000))


def pause_with(**counts: int) -> tuple[int, Batch]:
    """Take counts of the one batch as its last ones, judge them, and return how many were paused."""
    Batch.objects.update(counts=counts)
    paused = pause_failing(now=timezone.now())
    return paused, Batch.objects.get()


@pytest.mark.django_db
class TestBatch:
    """A running batch in the database."""

    def test_more_than_a_twentieth_of_two_hundred_pauses_it_and_tells_somebody(self) -> None:
        make_batch()
        assert pause_with(accepted=189, failed=10, planned=9000)[0] == 0
        assert pause_with(accepted=190, failed=10)[0] == 0
        paused, batch = pause_with(accepted=189, failed=11)
        assert (paused, batch.state, batch.paused_reason) == (1, Batch.State.PAUSED, FAILING)
        assert Alarm.objects.get().kind == Alarm.Kind.PAUSED

    def test_who_lets_it_go_on_is_not_overruled_by_what_she_knew(self) -> None:
        make_batch()
        _paused, batch = pause_with(accepted=150, failed=50)
        assert batches.resume(batch.reference)
        assert pause_with(accepted=150, failed=50)[0] == 0
        assert pause_with(accepted=349, failed=50)[0] == 0
        assert pause_with(accepted=300, failed=100)[0] == 1

    def test_what_is_paused_or_over_is_left_alone(self) -> None:
        batch = make_batch()
        for state in (Batch.State.PAUSED, Batch.State.CANCELLED, Batch.State.FINISHED):
            Batch.objects.filter(pk=batch.pk).update(state=state)
            assert pause_with(failed=5000)[0] == 0
        assert not Alarm.objects.exists()

    def test_a_batch_that_nobody_counted_yet_goes_on(self) -> None:
        make_batch()
        assert pause_failing(now=timezone.now()) == 0


@given(counts=COUNTS)
def test_nothing_is_failing_that_did_not_fail_or_was_hardly_tried(counts: dict[str, int]) -> None:
    if is_failing(counts):
        assert counts["failed"] > 10
        assert count_tried(counts) >= 200
        seen = {"tried_before": count_tried(counts), "failed_before": counts["failed"]}
        assert not is_failing(counts, **seen)
