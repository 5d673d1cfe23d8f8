"""Trouble told later: a sender whose messages are taken and then refused for its sake is halted."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from messaging.models import Alarm, Delivery, Sender
from messaging.providers.memory import Memory
from messaging.receiving import receipts
from messaging.sealing.tokens import make_token
from messaging.senders import breaker
from messaging.states import State
from messaging.wire import SENDER, UNUSABLE, Receipt
from tests.messaging.factories import drain_all, make_batch, make_sender, set_state, states

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def rows() -> list[Delivery]:
    """Return what was handed over, of a batch of which as much still waits."""
    make_batch(people=20)
    rows = list(Delivery.objects.order_by("pk")[:10])
    for row in rows:
        set_state(row, State.ACCEPTED)
    return rows


def tell(rows: list[Delivery], state: State, reason: str = "", *, now: datetime) -> None:
    for row in rows:
        receipts.keep(make_token(row.pk, 1), Receipt(f"SM{row.pk}", state, reason), now=now)
    receipts.fold_waiting(now=now)


def is_halted() -> bool:
    return Sender.objects.get(pk=make_sender().pk).halted_reason == breaker.ACCOUNT


def test_a_sender_that_receipts_refuse_is_halted_with_an_alarm_and_the_rest_waits(
    rows: list[Delivery], memory: Memory
) -> None:
    tell(rows[:5], State.FAILED, SENDER, now=timezone.now())
    assert is_halted()
    assert Alarm.objects.filter(kind=Alarm.Kind.BREAKER, closed_at__isnull=True).exists()
    assert drain_all(memory) == 0
    assert states().count("planned") == 10
    assert not Sender.objects.get(channel="whatsapp").halted_reason


def test_they_may_come_one_by_one_within_minutes_and_not_over_hours(rows: list[Delivery]) -> None:
    now = timezone.now()
    for number in range(4):
        tell([rows[number]], State.FAILED, SENDER, now=now - timedelta(hours=3 - number))
    assert not is_halted()
    for number in range(4, 7):
        tell([rows[number]], State.FAILED, SENDER, now=now)
    assert not is_halted(), "three and the one just before"
    tell([rows[7]], State.FAILED, SENDER, now=now)
    assert is_halted()


def test_where_more_arrives_than_is_refused_nothing_is_halted(rows: list[Delivery]) -> None:
    now = timezone.now()
    for row in rows[5:]:
        receipts.keep(make_token(row.pk, 1), Receipt("", State.DELIVERED), now=now)
    tell(rows[:5], State.FAILED, SENDER, now=now)
    assert not is_halted()


def test_what_is_of_the_number_halts_nobody(rows: list[Delivery]) -> None:
    tell(rows, State.FAILED, UNUSABLE, now=timezone.now())
    assert not is_halted()


def test_a_sender_let_go_and_refused_again_is_halted_again(rows: list[Delivery]) -> None:
    now = timezone.now()
    tell(rows[:5], State.FAILED, SENDER, now=now)
    breaker.let_go(make_sender().pk)
    assert not is_halted()
    tell(rows[5:], State.FAILED, SENDER, now=now)
    assert is_halted()
