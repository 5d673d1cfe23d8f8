"""Deciding: what provably was not taken goes out again only if a named person says so; the rest is left."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from messaging.models import Absence, Batch, Delivery, Subscriber
from messaging.providers.memory import Memory
from messaging.receiving.deciding import Unknowns, leave_unknown, list_unknown, plan_again
from messaging.receiving.reconcile import ABSENT
from messaging.sending import batches
from messaging.states import RANK, State
from tests.messaging.factories import drain_all, make_batch, set_state, states, the_delivery

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def person() -> User:
    return User.objects.create(username="lead")


@pytest.fixture
def absent() -> Delivery:
    """Return a delivery that two looks did not find."""
    make_batch(people=1)
    row = the_delivery()
    Delivery.objects.update(attempts=1)
    set_state(row, State.UNKNOWN)
    Delivery.objects.update(reason=ABSENT)
    now = timezone.now()
    Absence.objects.create(
        delivery=row, attempt=1, first_at=now - timedelta(minutes=11), proven_at=now
    )
    return row


REFERENCE = "broadcast:1"


def decide(person: User) -> int:
    return plan_again(REFERENCE, person=person.pk, now=timezone.now())


def test_a_person_has_the_message_sent_and_it_is_written_down_who(
    absent: Delivery, person: User, memory: Memory
) -> None:
    assert decide(person) == 1
    row = the_delivery()
    assert (row.state, row.rank) == (State.PLANNED, RANK[State.PLANNED])
    assert Absence.objects.get().decided_by == person
    drain_all(memory)
    assert states() == ["accepted"]
    assert (the_delivery().attempts, len(memory.ledger)) == (2, 1)


def test_one_proof_is_good_for_one_decision(absent: Delivery, person: User) -> None:
    assert decide(person) == 1
    # The second attempt is unknown as well: the old proof says nothing of it.
    Delivery.objects.update(attempts=2)
    set_state(absent, State.UNKNOWN)
    assert decide(person) == 0


def test_a_broadcast_that_was_over_goes_on_for_it(
    absent: Delivery, person: User, memory: Memory
) -> None:
    now = timezone.now()
    assert batches.finish_done(now=now) == 1
    assert decide(person) == 1
    batches.reopen(now=timezone.now())
    drain_all(memory)
    assert states() == ["accepted"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _row: Absence.objects.update(proven_at=None),
        lambda _row: Absence.objects.update(proven_at=timezone.now() - timedelta(hours=7)),
        lambda _row: Absence.objects.update(attempt=0),
        lambda _row: Absence.objects.update(decided_at=timezone.now()),
        lambda row: set_state(row, State.ACCEPTED),
        lambda row: set_state(row, State.SUBMITTING),
        lambda _row: Batch.objects.update(state=Batch.State.CANCELLED),
        lambda _row: Batch.objects.update(text_valid_until=timezone.now()),
        lambda _row: Delivery.objects.update(send_before=timezone.now()),
        lambda _row: Delivery.objects.update(settled_at=timezone.now()),
        lambda _row: Subscriber.objects.all().delete(),
        lambda _row: Batch.objects.update(reference="broadcast:2"),
    ],
    ids=[
        *("looked once", "long ago", "another attempt", "decided", "accepted", "on its way"),
        *("over", "untrue", "late", "settled", "erased", "another broadcast"),
    ],
)
def test_what_is_not_proven_or_too_late_stays_as_it_is(
    absent: Delivery, person: User, spoil: object
) -> None:
    spoil(absent)  # type: ignore[operator]
    before = list(Delivery.objects.values()), list(Absence.objects.values())
    assert decide(person) == 0
    assert (list(Delivery.objects.values()), list(Absence.objects.values())) == before


def test_what_is_left_stays_unknown_and_nobody_sends_it_again(
    absent: Delivery, person: User, memory: Memory
) -> None:
    now = timezone.now()
    assert leave_unknown(REFERENCE, person=person.pk, now=now) == 1
    assert (the_delivery().state, the_delivery().settled_at) == ("unknown", now)
    assert Absence.objects.get().decided_by == person
    # Another two looks do not open it again.
    Absence.objects.update(decided_at=None, proven_at=now)
    assert decide(person) == 0
    assert leave_unknown(REFERENCE, person=person.pk, now=now) == 0
    assert drain_all(memory) == 0


def test_unknown_is_counted_by_broadcast(absent: Delivery, person: User) -> None:
    since = timezone.now() - timedelta(hours=2)
    Delivery.objects.update(submitting_at=since)
    make_batch("broadcast:2")
    later = Delivery.objects.get(batch__reference="broadcast:2")
    set_state(later, State.UNKNOWN)
    Delivery.objects.filter(pk=later.pk).update(settled_at=since, submitting_at=None)
    first = Unknowns(REFERENCE, people=1, since=since, settled=0, absent=1)
    second = Unknowns("broadcast:2", people=1, since=None, settled=1, absent=0)
    assert list_unknown(now=timezone.now()) == [second, first]
    assert (first.open, second.open) == (1, 0)
    decide(person)
    assert list_unknown(now=timezone.now()) == [second]
