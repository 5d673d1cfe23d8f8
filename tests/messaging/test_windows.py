"""WhatsApp's window: a day from each message that somebody writes there, by that alone."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from messaging.consenting import windows
from messaging.models import Subscriber
from messaging.receiving.inbound import receive
from messaging.upkeep import retention
from messaging.wire import Inbound
from tests.messaging.factories import make_subscriber, number_of, stop

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = timedelta(hours=24)


@pytest.fixture(autouse=True)
def _answers(settings: Any) -> None:
    settings.MESSAGING_INBOUND_HANDLER = "tests.messaging.factories.echo"


def write(body: str = "2", *, ref: str = "SM1", now: datetime, **more: Any) -> str:
    given: dict[str, Any] = {"channel": "whatsapp", "number": number_of(1)}
    return receive(Inbound(ref=ref, sender="+9990000002", body=body, **(given | more)), now=now)


def window() -> datetime | None:
    return Subscriber.objects.get(channel="whatsapp").window_until


def test_message_opens_the_window_for_a_day() -> None:
    make_subscriber(channel="whatsapp")
    assert window() is None
    now = timezone.now()
    write(now=now)
    assert window() == now + DAY


def test_each_message_renews_it_and_none_makes_it_shorter() -> None:
    make_subscriber(channel="whatsapp")
    now = timezone.now()
    write(ref="SM1", now=now)
    write(ref="SM2", now=now + timedelta(hours=5))
    assert window() == now + timedelta(hours=5) + DAY
    # Written before the other, but heard of after it.
    write(ref="SM3", now=now + timedelta(hours=6), written_at=now + timedelta(hours=1))
    assert window() == now + timedelta(hours=5) + DAY


def test_replayed_message_opens_nothing() -> None:
    make_subscriber(channel="whatsapp")
    now = timezone.now()
    write(now=now)
    Subscriber.objects.update(window_until=None)
    assert write(now=now + timedelta(hours=30)) == ""
    assert window() is None


def test_message_that_is_heard_of_a_day_late_opens_nothing() -> None:
    make_subscriber(channel="whatsapp")
    now = timezone.now()
    write(now=now, written_at=now - DAY)
    assert window() is None
    write(ref="SM2", now=now, written_at=now - DAY + timedelta(minutes=1))
    assert window() == now + timedelta(minutes=1)


def test_sms_opens_no_window_nor_does_it_on_another_channel() -> None:
    make_subscriber(channel="whatsapp")
    make_subscriber(channel="sms")
    write(now=timezone.now(), channel="sms")
    assert not Subscriber.objects.filter(window_until__isnull=False).exists()


def test_whoever_has_stopped_gets_no_window() -> None:
    subscriber = make_subscriber(channel="whatsapp")
    stop()
    now = timezone.now()
    hashes = [bytes(subscriber.number_hash)]
    assert not windows.note_message(hashes, channel="whatsapp", written_at=now, now=now)
    assert window() is None


def test_window_is_forgotten_once_it_is_over_and_not_before() -> None:
    make_subscriber(channel="whatsapp")
    now = timezone.now()
    write(now=now)
    retention.run(now=now + DAY - timedelta(seconds=1))
    assert window() == now + DAY
    retention.run(now=now + DAY)
    assert window() is None


def test_window_that_was_renewed_meanwhile_is_kept() -> None:
    subscriber = make_subscriber(channel="whatsapp")
    now = timezone.now()
    write(now=now)
    assert windows.close([subscriber.pk], now) == 0
    assert window() == now + DAY
