"""Pace: no second holds more than a sender's rate, for any number of workers."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from messaging import work
from messaging.models import Sender
from messaging.providers.memory import Memory
from messaging.senders import pacing
from messaging.sending.planning import FrozenText
from tests.messaging.factories import make_batch, make_sender, states
from tests.messaging.moments import Moment, busiest_second


@given(
    st.lists(st.integers(min_value=1, max_value=10), max_size=200),
    st.floats(min_value=0.1, max_value=1000),
    st.floats(min_value=0, max_value=3),
)
def test_messages_follow_each_other_by_their_parts(
    parts: list[int], rate: float, free_in: float
) -> None:
    slots = pacing.fit(parts, rate=rate, free_in=free_in)
    assert all(free_in <= at <= pacing.AHEAD for at in slots.starts)
    gaps = [after - before for before, after in zip(slots.starts, slots.starts[1:], strict=False)]
    assert gaps == pytest.approx([count / rate for count in parts[: len(gaps)]])
    taken = sum(parts[: len(slots.starts)]) / rate
    assert slots.free_in == pytest.approx(free_in + taken)


@given(st.floats(min_value=0, max_value=1), st.integers(min_value=1, max_value=50))
def test_one_message_goes_whenever_the_sender_is_free_soon(free_in: float, parts: int) -> None:
    assert len(pacing.fit([parts], rate=0.1, free_in=free_in).starts) == 1


@contextmanager
def measured() -> Iterator[Callable[[float], Any]]:
    """Give what compares seconds that are left with what they were at the beginning of the block."""
    began = time.monotonic()

    def left(seconds: float) -> Any:
        passed = time.monotonic() - began
        return pytest.approx(seconds - passed / 2, abs=passed / 2 + 0.01)

    yield left


def read(sender: Sender) -> pacing.Pace:
    pace = pacing.read_pace(sender.pk)
    assert pace is not None
    return pace


@pytest.mark.django_db
@pytest.mark.database
def test_a_share_of_the_rate_is_kept_back_for_replies() -> None:
    sender = make_sender(rate=10)
    assert (read(sender).rate, read(sender).reply_rate) == (8.0, 2.0)
    Sender.objects.update(quiet_share=0)
    assert (read(sender).rate, read(sender).reply_rate) == (10.0, 10.0)
    Sender.objects.update(quiet_share=100)
    assert (read(sender).rate, read(sender).reply_rate) == (1.0, 9.0)


@pytest.mark.django_db
@pytest.mark.database
def test_what_is_reserved_is_read_by_everybody() -> None:
    sender = make_sender(rate=10)
    assert read(sender).free_in == 0
    with transaction.atomic():
        pacing.reserve(read(sender), 300.0)
    assert read(sender).free_in == pytest.approx(300.0, abs=20)


@pytest.mark.django_db
@pytest.mark.database
def test_replies_have_the_whole_rate_while_nothing_else_goes_out() -> None:
    sender = make_sender(rate=2)
    with measured() as left, transaction.atomic():
        first, second = (pacing.reserve_reply(sender.pk, 1) for _ in range(2))
        assert first == 0.0
        assert second == left(0.5)
        # A broadcast that begins now comes after them: the rate is one.
        assert read(sender).free_in == left(1.0)


@pytest.mark.django_db
@pytest.mark.database
def test_replies_have_their_share_beside_a_broadcast() -> None:
    # A fifth of it: 2.4 replies a second, so that the third begins well within the second ahead.
    sender = make_sender(rate=12)
    with transaction.atomic():
        pacing.reserve(read(sender), 600.0)
        with measured() as left:
            first, second, third, fourth = (
                pacing.reserve_reply(sender.pk, parts) for parts in (1, 1, 100, 1)
            )
            assert first == 0.0
            assert second == left(1 / 2.4)
            assert third == left(2 / 2.4)
    assert fourth is None
    assert read(sender).free_in > 500


@pytest.mark.django_db
@pytest.mark.database
def test_where_no_share_is_kept_replies_take_their_turn_on_the_one_rate() -> None:
    sender = make_sender(rate=10)
    Sender.objects.update(quiet_share=0)
    with measured() as left, transaction.atomic():
        pacing.reserve(read(sender), 0.6)
        first, second = (pacing.reserve_reply(sender.pk, 1) for _ in range(2))
        assert first == left(0.6)
        assert second == left(0.7)
        assert read(sender).free_in == left(0.8)
    with transaction.atomic():
        pacing.reserve(read(sender), 60.0)
        assert pacing.reserve_reply(sender.pk, 1) is None


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize("change", [{"active": False}, {"halted_at": timezone.now()}])
def test_a_sender_that_is_halted_is_not_open(change: dict[str, object]) -> None:
    sender = make_sender()
    assert read(sender).open
    Sender.objects.update(**change)
    assert not read(sender).open


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
@pytest.mark.parametrize("parts", [1, 3])
def test_several_workers_together_keep_one_rate(parts: int, moments: list[Moment]) -> None:
    rate, people, workers = 40, 60 // parts, 3
    make_sender(rate=rate)
    text = FrozenText(channel="sms", language="fr", body="Bonjour.", parts=parts)
    make_batch(people=people, texts=(text,))
    memory, together = Memory(), threading.Barrier(workers)

    def send() -> None:
        try:
            together.wait(60)
            work.send_due(clock=timezone.now, seconds=60, provider_of=lambda _name: memory)
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as threads:
        for done in [threads.submit(send) for _ in range(workers)]:
            done.result(120)
    assert states() == ["accepted"] * people
    assert len({entry.outgoing.to for entry in memory.ledger}) == len(memory.ledger) == people
    assert len(moments) == people
    assert not [one for one in moments if one.is_early]
    # It is kept, and it is used: four fifths of it.
    assert 0.6 * rate <= busiest_second(moments, parts=parts) <= 1.1 * rate
