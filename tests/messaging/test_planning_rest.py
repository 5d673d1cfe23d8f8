"""Planning in two steps: a few drawn by chance at first, later everybody else, and nobody twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import Batch, Delivery, Subscriber
from messaging.sending import batches
from messaging.sending.planning import PlanningError, plan, plan_rest
from tests.messaging.factories import (
    make_plan,
    make_sender,
    make_subscriber,
    number_of,
    stop,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def people() -> list[Subscriber]:
    make_sender("sms")
    make_sender("whatsapp")
    return [make_subscriber(serial) for serial in range(1, 31)]


def plan_first(first: int, reference: str = "broadcast:1") -> Batch:
    return plan(make_plan(reference, first=first), now=timezone.now())


def planned(batch: Batch) -> set[int]:
    return set(batch.deliveries.values_list("subscriber_id", flat=True))


def test_so_many_are_planned_at_first_and_all_others_later(people: list[Subscriber]) -> None:
    batch = plan_first(7)
    assert (batch.size, batch.first, len(planned(batch))) == (7, 7, 7)
    assert plan_rest(make_plan("broadcast:1"), now=timezone.now()) == 23
    batch.refresh_from_db()
    assert (batch.size, batch.first) == (30, 0)
    assert planned(batch) == {person.pk for person in people}


def test_planning_again_at_either_step_changes_nothing(people: list[Subscriber]) -> None:
    batch = plan_first(7)
    assert planned(plan_first(7)) == planned(batch)
    plan_rest(make_plan("broadcast:1"), now=timezone.now())
    assert plan_rest(make_plan("broadcast:1"), now=timezone.now()) is None
    assert Delivery.objects.count() == 30


def test_each_broadcast_begins_with_others(people: list[Subscriber]) -> None:
    drawn = {frozenset(planned(plan_first(5, f"broadcast:{number}"))) for number in range(6)}
    assert len(drawn) > 1


def test_few_people_are_all_planned_at_once(people: list[Subscriber]) -> None:
    batch = plan_first(30)
    assert (batch.size, batch.first) == (30, 0)


def test_the_rest_is_who_is_eligible_then(people: list[Subscriber]) -> None:
    batch = plan_first(7)
    left = next(person for person in people if person.pk not in planned(batch))
    stop(people.index(left) + 1)
    new = make_subscriber(99)
    plan_rest(make_plan("broadcast:1"), now=timezone.now())
    assert left.pk not in planned(batch)
    assert new.pk in planned(batch)


def test_nobody_gets_it_again_on_another_channel() -> None:
    for channel in ("sms", "whatsapp"):
        make_sender(channel)
        for serial in range(1, 11):
            make_subscriber(serial, channel=channel, number=number_of(serial))
    both = {"channels": ("whatsapp", "sms")}
    batch = plan(make_plan("broadcast:1", audience=both, first=4), now=timezone.now())
    # Meanwhile the first ones leave WhatsApp, so that SMS is the first channel they are eligible on.
    Subscriber.objects.filter(pk__in=planned(batch)).update(state=Subscriber.State.STOPPED)
    plan_rest(make_plan("broadcast:1", audience=both), now=timezone.now())
    hashes = batch.deliveries.values_list("subscriber__number_hash", flat=True)
    assert len({bytes(one) for one in hashes}) == len(hashes) == 10


@pytest.mark.parametrize("state", [Batch.State.PAUSED, Batch.State.CANCELLED])
def test_paused_or_ended_one_gets_no_rest(people: list[Subscriber], state: str) -> None:
    batch = plan_first(7)
    Batch.objects.update(state=state)
    assert plan_rest(make_plan("broadcast:1"), now=timezone.now()) is None
    assert len(planned(batch)) == 7


def test_batch_of_which_the_rest_is_to_come_is_not_finished(people: list[Subscriber]) -> None:
    batch = plan_first(7)
    Delivery.objects.update(state="delivered")
    assert batches.finish_done(now=timezone.now()) == 0
    plan_rest(make_plan("broadcast:1"), now=timezone.now())
    Delivery.objects.update(state="delivered")
    assert batches.finish_done(now=timezone.now()) == 1
    batch.refresh_from_db()
    assert batch.state == Batch.State.FINISHED


def test_rest_that_cannot_be_planned_leaves_all_as_it_was(people: list[Subscriber]) -> None:
    batch = plan_first(7)
    make_subscriber(98, language="xx")
    picky = make_plan(
        "broadcast:1", choose_language=lambda code, there: code if code in there else None
    )
    with pytest.raises(PlanningError):
        plan_rest(picky, now=timezone.now())
    batch.refresh_from_db()
    assert (batch.first, len(planned(batch))) == (7, 7)


def test_windows_of_the_rest_are_those_of_now(people: list[Subscriber]) -> None:
    batch = plan_first(7)
    later = timezone.now() + timedelta(days=1)
    window = (later, later + timedelta(hours=2))
    plan_rest(make_plan("broadcast:1", window_of=lambda _country: window), now=timezone.now())
    opens = set(batch.deliveries.values_list("not_before", flat=True))
    assert len(opens) == 2
    assert max(opens) == later
