"""What is due and does not move: found, said once it is sure, and not where somebody stopped it."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from messaging.guarding import fencing
from messaging.models import Alarm, Delivery, Sender, SenderHour
from messaging.providers.memory import Memory
from messaging.senders import stalling
from messaging.sending import batches
from tests.messaging.factories import drain_all, make_batch

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def later() -> datetime:
    """Plan a broadcast that nobody sends, and return a moment more than two minutes after."""
    make_batch(people=3)
    return timezone.now() + 3 * MINUTE


def find(now: datetime) -> list[str]:
    return [sender.name for sender in stalling.find_stuck(now=now)]


def test_what_is_due_for_two_minutes_and_never_moved_is_stuck(later: datetime) -> None:
    assert find(later) == ["Test sms"]


def test_what_became_due_a_moment_ago_is_not(later: datetime) -> None:
    Delivery.objects.update(not_before=later - MINUTE)
    assert find(later) == []


def test_a_sender_that_moved_lately_is_not_stuck_and_one_that_stopped_is(later: datetime) -> None:
    Sender.objects.update(moved_at=later - MINUTE)
    assert find(later) == []
    Sender.objects.update(moved_at=later - 3 * MINUTE)
    assert find(later) == ["Test sms"]


@pytest.mark.parametrize(
    "stop", ["paused", "cancelled", "fence", "halted", "resting", "cap", "night"]
)
def test_what_somebody_stopped_on_purpose_is_not_stuck(later: datetime, stop: str) -> None:
    match stop:
        case "paused":
            batches.pause("broadcast:1")
        case "cancelled":
            batches.cancel("broadcast:1", now=timezone.now())
        case "fence":
            fencing.close(now=timezone.now())
        case "halted":
            Sender.objects.update(halted_at=timezone.now())
        case "resting":
            Sender.objects.update(resting_until=later + MINUTE)
        case "cap":
            sender = Sender.objects.get(channel="sms")
            Sender.objects.update(daily_cap=3)
            SenderHour.objects.create(sender=sender, hour=later, messages=3, parts=3)
        case _:
            Delivery.objects.update(not_before=later + 60 * MINUTE)
    assert find(later) == []


def test_a_worker_that_sends_leaves_nothing_stuck(memory: Memory, later: datetime) -> None:
    drain_all(memory)
    assert Sender.objects.get(channel="sms").moved_at is not None
    assert find(later) == []


def test_alarm_is_raised_at_the_second_look_and_not_for_what_was_just_let_go(
    later: datetime,
) -> None:
    assert stalling.watch(now=later) == 1
    assert not Alarm.objects.exists()
    assert stalling.watch(now=later + MINUTE / 2) == 1
    assert Alarm.objects.get().kind == Alarm.Kind.STUCK


def test_a_look_at_what_moves_again_forgets_the_first(later: datetime) -> None:
    stalling.watch(now=later)
    Sender.objects.update(moved_at=later)
    assert stalling.watch(now=later + MINUTE) == 0
    assert stalling.watch(now=later + 4 * MINUTE) == 1
    assert not Alarm.objects.exists()
