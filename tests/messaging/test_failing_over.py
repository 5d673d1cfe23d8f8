"""Failing over: only what provably nobody has goes another way, and nobody is sent to twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from messaging.models import Batch, Delivery, Event, Sender, StoredReceipt, Suppression
from messaging.senders import breaker
from messaging.senders.breaker import ACCOUNT, TRANSPORT
from messaging.sending.failing_over import GRACE, move_stranded, try_sms
from messaging.states import RANK, State
from tests.messaging.factories import make_batch, make_sender, make_subscriber, stop

pytestmark = [pytest.mark.django_db, pytest.mark.database]
BOTH = {"channels": ("whatsapp", "sms")}


def make_second(channel: str = "sms", **more: Any) -> Sender:
    """Make a sender that comes after the first one of its channel."""
    given = {
        "provider": "memory",
        "address": "+9990000009",
        "priority": 5,
        "parts_per_second": 1000,
    } | more
    return Sender.objects.create(name=f"Second {channel}", channel=channel, **given)


def halt(channel: str = "sms", *, reason: str = ACCOUNT, ago: timedelta = GRACE) -> None:
    breaker.halt(make_sender(channel).pk, reason=reason, now=timezone.now() - ago)


def senders() -> dict[str, int]:
    """Return how many rows each sender has, by its name."""
    rows = Delivery.objects.values_list("sender__name", flat=True)
    return {name: list(rows).count(name) for name in set(rows)}


# ---- To a second sender ------------------------------------------------------------------------


def test_planned_rows_of_a_halted_sender_go_to_the_next_one() -> None:
    second = make_second()
    batch = make_batch(people=3)
    lane = batch.lanes.get()
    assert (lane.sender.name, lane.fallbacks) == ("Test sms", [second.pk])
    assert move_stranded(now=timezone.now()) == 0
    halt()
    assert move_stranded(now=timezone.now()) == 3
    assert senders() == {"Second sms": 3}
    assert move_stranded(now=timezone.now()) == 0


def test_planned_rows_of_a_sender_that_was_switched_off_go_to_the_next_one() -> None:
    make_second()
    make_batch(people=2)
    Sender.objects.filter(pk=make_sender().pk).update(active=False)
    assert move_stranded(now=timezone.now()) == 2
    assert senders() == {"Second sms": 2}


@pytest.mark.parametrize("state", [state for state in State if state != State.PLANNED])
def test_what_somebody_may_have_stays_with_its_sender(state: State) -> None:
    make_second()
    make_batch(people=1)
    Delivery.objects.update(state=state, rank=RANK.get(state))
    halt()
    assert move_stranded(now=timezone.now()) == 0
    assert senders() == {"Test sms": 1}


def test_a_provider_that_stumbles_is_given_a_moment() -> None:
    make_second()
    make_batch(people=1)
    halt(reason=TRANSPORT, ago=GRACE / 2)
    assert move_stranded(now=timezone.now()) == 0
    assert move_stranded(now=timezone.now() + GRACE) == 1


def test_nothing_moves_where_every_sender_is_halted_or_a_batch_is_paused() -> None:
    second = make_second()
    batch = make_batch(people=1)
    halt()
    Batch.objects.update(state=Batch.State.PAUSED)
    assert move_stranded(now=timezone.now()) == 0
    Batch.objects.update(state=Batch.State.RUNNING)
    breaker.halt(second.pk, now=timezone.now())
    assert move_stranded(now=timezone.now()) == 0
    assert batch.deliveries.filter(sender__name="Test sms").count() == 1


def test_it_goes_back_when_the_second_one_is_halted_later() -> None:
    second = make_second()
    make_batch(people=1)
    halt()
    move_stranded(now=timezone.now())
    breaker.let_go(make_sender().pk)
    breaker.halt(second.pk, reason=ACCOUNT, now=timezone.now())
    assert move_stranded(now=timezone.now()) == 1
    assert senders() == {"Test sms": 1}


def test_a_wording_stays_with_the_provider_that_approved_it() -> None:
    make_second("whatsapp", provider="twilio")
    make_subscriber(1, channel="whatsapp")
    batch = make_batch()
    assert batch.lanes.get(channel="whatsapp").fallbacks == []
    halt("whatsapp")
    assert move_stranded(now=timezone.now()) == 0


# ---- From WhatsApp to SMS ----------------------------------------------------------------------


def refuse(**more: Any) -> Delivery:
    """Plan for one person on both channels, and let WhatsApp refuse her in its answer."""
    make_subscriber(1, channel="whatsapp")
    make_subscriber(1, channel="sms")
    make_batch(audience=BOTH)
    row = Delivery.objects.get(channel="whatsapp")
    given = {"state": State.FAILED, "rank": 60, "reason": "no_whatsapp", "attempts": 1} | more
    Delivery.objects.filter(pk=row.pk).update(**given)
    row.refresh_from_db()
    return row


def test_who_was_refused_on_whatsapp_gets_one_sms() -> None:
    row = refuse()
    assert [try_sms(now=timezone.now()) for _turn in range(3)] == [1, 0, 0]
    sms = Delivery.objects.get(channel="sms")
    assert (sms.state, sms.person, sms.batch_id) == (State.PLANNED, row.person, row.batch_id)
    assert sms.subscriber == make_subscriber(1, channel="sms")
    assert (sms.text.channel, sms.sender.channel) == ("sms", "sms")
    assert Batch.objects.get().size == 2


def test_a_batch_that_had_ended_goes_on_for_her() -> None:
    refuse()
    ended = timezone.now()
    Batch.objects.update(state=Batch.State.FINISHED, finished_at=ended)
    assert try_sms(now=ended + timedelta(hours=1)) == 0
    assert try_sms(now=ended) == 1
    assert Batch.objects.get().state == Batch.State.RUNNING


@pytest.mark.parametrize(
    "more",
    [
        {"provider_ref": "SM1"},
        {"reason": "opted_out"},
        {"reason": "poison"},
        {"attempts": 0},
        {"state": State.UNKNOWN, "rank": 30},
        {"state": State.ACCEPTED, "rank": 40},
        {"state": State.DELIVERED, "rank": 70},
    ],
    ids=["has a reference", "opted out", "poison", "never called", "unknown", "accepted", "there"],
)
def test_nobody_gets_an_sms_who_may_have_it_or_said_no(more: dict[str, Any]) -> None:
    refuse(**more)
    assert try_sms(now=timezone.now()) == 0


def test_a_receipt_that_says_failed_is_no_refusal() -> None:
    row = refuse()
    StoredReceipt.objects.create(
        delivery_id=row.pk,
        attempt=1,
        ref="SM1",
        word="failed",
        state="failed",
        received_at=timezone.now(),
    )
    assert try_sms(now=timezone.now()) == 0


@pytest.mark.parametrize("state", ["unknown", "accepted", "sent", "delivered"])
def test_what_was_ever_in_doubt_is_no_refusal(state: str) -> None:
    row = refuse()
    Event.objects.create(delivery=row, batch_id=row.batch_id, state=state, at=timezone.now())
    assert try_sms(now=timezone.now()) == 0


def test_nobody_gets_an_sms_who_did_not_ask_for_one() -> None:
    make_subscriber(1, channel="whatsapp")
    make_subscriber(2, channel="sms")
    make_batch(audience=BOTH)
    Delivery.objects.filter(channel="whatsapp").update(state=State.FAILED, rank=60, attempts=1)
    assert try_sms(now=timezone.now()) == 0


def test_nobody_gets_an_sms_who_stopped_meanwhile() -> None:
    refuse()
    stop(1)
    assert Suppression.objects.exists()
    assert try_sms(now=timezone.now()) == 0


@pytest.mark.parametrize("state", [Batch.State.PAUSED, Batch.State.CANCELLED])
def test_a_batch_that_was_stopped_plans_nothing(state: Batch.State) -> None:
    refuse()
    Batch.objects.update(state=state)
    assert try_sms(now=timezone.now()) == 0


def test_a_window_that_is_over_is_not_planned_into() -> None:
    refuse()
    assert try_sms(now=timezone.now() + timedelta(hours=5)) == 0
