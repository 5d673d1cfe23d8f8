"""The breaker: what halts a sender, what lets it go on, and that a person is told."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.models import Alarm, Sender
from messaging.providers.memory import Memory
from messaging.providers.twilio_words import read_reason
from messaging.senders import breaker
from messaging.senders.breaker import ACCOUNT, FREE, PERSON, REST, TRANSPORT, Health, judge
from messaging.wire import make_refusal
from tests.messaging.factories import drain_all, make_batch, make_sender, number_of, states

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BULKS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30), st.booleans(), st.integers(0, 90)),
    max_size=30,
)


def note(
    sender: Sender, *, calls: int, failures: int = 0, problem: bool = False, after: int = 0
) -> Sender:
    """Record a bulk of calls some seconds after noon, and return the sender as it is then."""
    breaker.note_calls(
        sender.pk,
        calls=calls,
        failures=failures,
        account_problem=problem,
        now=NOW + after * SECOND,
    )
    sender.refresh_from_db()
    return sender


@pytest.mark.django_db
class TestSender:
    """A sender in the database."""

    def test_twenty_failures_in_a_row_halt_it_and_one_less_does_not(self) -> None:
        sender = note(make_sender(), calls=19, failures=19)
        assert sender.halted_at is None
        note(sender, calls=1, failures=1, after=70)
        assert sender.halted_reason == TRANSPORT
        assert str(sender.halted_at) == str(NOW + 70 * SECOND)
        alarm = Alarm.objects.get()
        assert (alarm.kind, alarm.times) == (Alarm.Kind.BREAKER, 1)

    def test_one_that_arrives_ends_the_row(self) -> None:
        sender = note(make_sender(), calls=19, failures=19)
        note(sender, calls=30, failures=0, after=1)
        note(sender, calls=19, failures=19, after=70)
        assert sender.halted_at is None

    def test_more_than_half_within_a_minute_halt_it(self) -> None:
        sender = note(make_sender(), calls=12, failures=6)
        note(sender, calls=8, failures=4, after=59)
        assert sender.halted_at is None
        note(sender, calls=2, failures=1, after=60)
        assert sender.halted_at is None
        note(sender, calls=3, failures=2, after=60)
        assert sender.halted_reason == TRANSPORT

    def test_failures_of_another_minute_are_forgotten(self) -> None:
        sender = note(make_sender(), calls=19, failures=18)
        note(sender, calls=19, failures=9, after=61)
        assert sender.halted_at is None

    def test_a_problem_of_the_account_halts_it_at_once_and_waits_for_a_person(self) -> None:
        sender = note(make_sender(), calls=1, problem=True)
        assert sender.halted_reason == ACCOUNT
        assert not breaker.may_probe(sender, NOW + timedelta(days=1))
        note(sender, calls=1, after=600)
        assert sender.halted_at is not None
        assert breaker.let_go(sender.pk)
        sender.refresh_from_db()
        assert (sender.halted_reason, sender.failures_in_row) == ("", 0)
        assert not Sender.objects.filter(halted_at__isnull=False).exists()

    def test_one_message_a_minute_may_try(self) -> None:
        sender = note(make_sender(), calls=20, failures=20)
        assert not breaker.may_probe(sender, NOW + 59 * SECOND)
        assert breaker.may_probe(sender, NOW + REST)
        assert not breaker.may_probe(sender, NOW + REST)
        assert not breaker.may_probe(sender, NOW + REST + 59 * SECOND)
        assert breaker.may_probe(sender, NOW + 2 * REST)

    def test_a_try_that_arrives_tells_a_person_who_lets_it_go_on(self) -> None:
        sender = note(make_sender(), calls=20, failures=20)
        Alarm.objects.update(closed_at=NOW)
        assert breaker.may_probe(sender, NOW + REST)
        note(sender, calls=1, failures=1, after=61)
        assert sender.halted_reason == TRANSPORT
        assert breaker.may_probe(sender, NOW + 2 * REST)
        note(sender, calls=1, after=121)
        assert (sender.halted_reason, sender.halted_at) == (FREE, NOW)
        assert Alarm.objects.get(closed_at__isnull=True).kind == Alarm.Kind.BREAKER
        assert not breaker.may_probe(sender, NOW + 9 * REST)
        assert breaker.let_go(sender.pk)
        sender.refresh_from_db()
        assert (sender.halted_reason, sender.halted_at, sender.failures_in_row) == ("", None, 0)

    def test_calls_that_were_under_way_when_it_was_halted_prove_nothing(self) -> None:
        sender = note(make_sender(), calls=20, failures=20)
        note(sender, calls=40, after=5)
        assert sender.halted_reason == TRANSPORT

    def test_an_account_that_is_refused_later_is_what_a_person_has_to_know(self) -> None:
        sender = note(make_sender(), calls=20, failures=20)
        breaker.may_probe(sender, NOW + REST)
        note(sender, calls=1, after=61)
        note(sender, calls=1, problem=True, after=62)
        assert sender.halted_reason == ACCOUNT

    def test_a_person_halts_it_and_only_a_person_lets_it_go(self) -> None:
        sender = make_sender()
        assert breaker.halt(sender.pk, now=NOW)
        assert not breaker.halt(sender.pk, now=NOW)
        note(sender, calls=5, after=300)
        assert sender.halted_reason == PERSON
        assert not breaker.may_probe(sender, NOW + timedelta(hours=1))
        assert not Alarm.objects.exists()
        assert breaker.let_go(sender.pk)
        assert not breaker.let_go(sender.pk)

    def test_a_healthy_sender_is_not_written(self, django_assert_num_queries: object) -> None:
        sender = make_sender()
        with django_assert_num_queries(1):  # type: ignore[operator]
            breaker.note_calls(sender.pk, calls=100, failures=0, account_problem=False, now=NOW)
        with django_assert_num_queries(0):  # type: ignore[operator]
            breaker.note_calls(sender.pk, calls=0, failures=0, account_problem=False, now=NOW)


@given(bulks=BULKS)
def test_it_is_open_only_after_trouble_and_nothing_recorded_closes_it(
    bulks: list[tuple[int, int, bool, int]],
) -> None:
    health, moment, failed = Health(), NOW, 0
    for calls, at_most, problem, seconds in bulks:
        moment += seconds * SECOND
        failures = min(at_most, calls)
        before = health
        health = judge(before, calls=calls, failures=failures, account_problem=problem, now=moment)
        failed += failures
        assert 0 <= health.window_failures <= health.window_calls
        assert health.failures_in_row <= failed
        if before.halted_at is not None:
            assert health.halted_at == before.halted_at
        elif health.halted_at is not None:
            row_or_share = health.failures_in_row >= 20 or 2 * health.window_failures > 20
            assert problem or row_or_share


@given(good=st.lists(st.integers(1, 500), min_size=1, max_size=20))
def test_what_arrives_never_halts_anything(good: list[int]) -> None:
    health = Health()
    for calls in good:
        health = judge(health, calls=calls, failures=0, account_problem=False, now=NOW)
    assert health.halted_at is None


@pytest.mark.django_db
def test_one_number_without_a_route_from_here_halts_nobody(memory: Memory) -> None:
    make_batch(people=5)
    error = make_refusal(read_reason("21612"), status=400, word="21612")
    memory.script(number_of(2), error)
    drain_all(memory)
    assert sorted(states()) == ["accepted"] * 4 + ["failed"]
    assert make_sender().halted_at is None
    assert not Alarm.objects.exists()
