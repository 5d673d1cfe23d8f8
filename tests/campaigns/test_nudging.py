"""An on-request message is broadcast by its nudge; who answers the nudge gets the message."""

from datetime import datetime, timedelta

import pytest

from campaigns.approval import approving
from campaigns.field import conversation
from cms.models import MessagePage, Sensitivity
from messaging.models import Delivery
from messaging.models import InboundMessage as Heard
from messaging.receiving.inbound import Question
from messaging.states import RANK, State
from tests.campaigns import factories
from tests.campaigns.factories import Team

NUDGE = "Hello. Something new is ready. Reply 1 to read, 0 to stop."


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> datetime:
    now = factories.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(minutes=5))
    return now


def publish(key: str, *, nudge: str) -> MessagePage:
    page = factories.make_message(
        key=key,
        sensitivity=Sensitivity.ON_REQUEST,
        nudge_text=nudge,
        sms_text=f"What {key} says.",
        whatsapp_text=f"What {key} says at length.",
    )
    factories.publish_again(page, routes=[factories.make_route()])
    return page


def test_nudge_goes_out_and_its_message_is_told_first(team: Team, clock: datetime) -> None:
    (reader,) = factories.subscribe(1)
    publish("MSG-A", nudge="")
    broadcast = factories.make_broadcast(team, message=publish("MSG-Z", nudge=NUDGE))
    factories.approve(team, broadcast, at=clock)
    texts = {edition.text for edition in broadcast.editions.filter(channel="sms")}
    assert texts == {NUDGE}
    assert factories.tick(clock) == 1
    delivery = Delivery.objects.get(subscriber=reader)
    assert delivery.text.body == NUDGE
    Delivery.objects.update(state=State.DELIVERED, rank=RANK[State.DELIVERED], submitting_at=clock)
    assert [say(reader.pk, clock, times) for times in (1, 2, 3)] == [
        "What MSG-Z says.",
        "What MSG-A says.",
        "What MSG-Z says.",
    ]


@pytest.mark.database
def test_message_that_was_never_handed_over_is_no_nudge(team: Team, clock: datetime) -> None:
    (reader,) = factories.subscribe(1)
    for key in ("MSG-A", "MSG-Z"):
        broadcast = factories.make_broadcast(team, message=publish(key, nudge=NUDGE))
        factories.approve(team, broadcast, at=clock)
        factories.tick(clock)
        batch = Delivery.objects.filter(batch__reference=broadcast.reference)
        reached = {"state": State.DELIVERED, "rank": RANK[State.DELIVERED], "submitting_at": clock}
        # The first one arrived; the second could not be prepared.
        failed = {"state": State.FAILED, "rank": RANK[State.FAILED], "reason": "poison"}
        batch.update(**(reached if key == "MSG-A" else failed))
    assert say(reader.pk, clock, 1) == "What MSG-A says."


def say(subscriber: int, clock: datetime, times: int) -> str:
    """Let her write 1 for so many times since the nudge, and return the last answer."""
    Heard.objects.all().delete()
    for number in range(times):
        Heard.objects.create(
            subscriber_id=subscriber,
            kind=Heard.Kind.OTHER,
            ref=f"SM{number}",
            channel="sms",
            text_sealed=b"",
            received_at=clock + timedelta(minutes=1),
        )
    return conversation.answer(
        Question(subscriber=subscriber, channel="sms", language="en", country="TN", body="1")
    )


def test_on_request_message_without_a_nudge_is_never_pushed(team: Team, clock: datetime) -> None:
    broadcast = factories.make_broadcast(team, message=publish("MSG-A", nudge=""))
    holds = approving.find_holds(broadcast, now=clock)
    assert "on_request_only" in {hold.code for hold in holds}
