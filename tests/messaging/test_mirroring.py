"""The mirror: our stops on AWS's list while the number is known, and theirs here once a day."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from campaigns.reading.stopping import stop_number
from messaging.models import ConsentEntry, Mirror, Sender, Subscriber, Suppression
from messaging.providers.aws_signing import Place, Service
from messaging.providers.aws_sms import AwsSms, Ways
from messaging.receiving import inbound, mirroring
from messaging.receiving.mirroring import MOST_TRIES, MOST_WAITING, Outbox, note_stop, read_list
from messaging.wire import (
    BUSY,
    SENDER,
    AccountProblem,
    Inbound,
    NotAccepted,
    SendError,
    Unclear,
)
from tests.messaging.factories import make_sender, make_subscriber, number_of
from tests.messaging.factories import stop as say_stop
from tests.messaging.providers.aws_stand_in import StandIn, keys_for_tests, stand_in
from tests.messaging.providers.modelled import REGION

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def aws() -> Iterator[StandIn]:
    with stand_in() as held:
        yield held


@pytest.fixture
def source(aws: StandIn) -> AwsSms:
    service = Service("pinpoint-sms-voice-v2", Place(REGION, aws.url), keys_for_tests())
    return AwsSms(service, Ways())


def use_aws() -> Sender:
    return Sender.objects.create(
        name="AWS", channel="sms", provider="aws-sms", address="pool-1", kind="pool"
    )


class Waits(list[float]):
    """Waits for nothing, and keeps how long it would have been."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def read(source: AwsSms, *, seconds: float = 60.0, at: datetime | None = None) -> int:
    now = at or timezone.now()
    return read_list(clock=lambda: now, seconds=seconds, source=source, wait=Waits())


# ---- Ours, written out ---------------------------------------------------------------------------


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the numbers that the outbox was given."""
    given: list[str] = []

    class Box(Outbox):
        def add(self, number: str, *, linger: float = 0.0) -> bool:
            given.append(number)
            return True

    monkeypatch.setattr(mirroring, "_the_outbox", lambda: Box(lambda _number: None))
    return given


def write_in(body: str, *, serial: int = 1, channel: str = "sms", **more: str) -> None:
    given: dict[str, Any] = {"ref": f"in-{body}", "sender": "+9990000001", "body": body}
    message = Inbound(channel=channel, **(given | {"number": number_of(serial)} | more))
    inbound.receive(message, now=timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_stop_reply_goes_on_the_list_of_aws(noted: list[str], channel: str) -> None:
    use_aws()
    make_subscriber(1, channel=channel)

    write_in("STOP", channel=channel)

    assert noted == [number_of(1)]


@pytest.mark.database
@pytest.mark.django_db
def test_stop_page_goes_on_the_list_of_aws(noted: list[str]) -> None:
    use_aws()

    stop_number(number_of(1), now=timezone.now())

    assert noted == [number_of(1)]


@pytest.mark.django_db
def test_nothing_is_written_out_where_no_sender_of_aws_is_active(noted: list[str]) -> None:
    make_sender()
    sender = use_aws()
    Sender.objects.filter(pk=sender.pk).update(active=False)

    write_in("STOP")

    assert noted == []


@pytest.mark.django_db
def test_user_id_is_no_number_and_goes_on_no_list(noted: list[str]) -> None:
    use_aws()

    write_in("STOP", channel="whatsapp", number="SN.1349120", user_id="SN.1349120")

    assert noted == []


@pytest.mark.django_db
def test_what_is_no_stop_goes_on_no_list(noted: list[str]) -> None:
    use_aws()

    for body in ("hello", "START", "HELP"):
        write_in(body)

    assert noted == []


@pytest.mark.django_db
def test_number_is_stored_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    use_aws()
    box = Outbox(lambda _number: None)
    monkeypatch.setattr(mirroring, "_the_outbox", lambda: box)

    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert note_stop(number_of(1))

    assert len(seen) == 1
    assert number_of(1) not in repr(vars(box)["_waiting"].queue)


def test_outbox_puts_the_oldest_first_and_one_a_second(aws: StandIn, source: AwsSms) -> None:
    waits = Waits()
    box = Outbox(source.put_opted_out, wait=waits)
    for serial in (1, 2):
        assert box.add(number_of(serial), linger=60.0)

    for _ in range(2):
        box.step()

    assert list(aws.opted_out) == [number_of(1), number_of(2)]
    lingers, pauses = waits[::2], waits[1::2]
    # The answer that she is out goes first: afterwards AWS takes nothing for her.
    assert all(50 < linger <= 60 for linger in lingers)
    assert pauses == [1.0, 1.0]


@pytest.mark.parametrize(
    ("error", "calls"),
    [
        (NotAccepted(BUSY), MOST_TRIES + 1),
        (AccountProblem(SENDER), 1),
        (Unclear("no_answer"), 1),
    ],
)
def test_only_what_was_refused_for_now_is_tried_again(
    error: SendError, calls: int, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[str] = []

    def put(number: str) -> None:
        tried.append(number)
        raise error

    box = Outbox(put, wait=Waits())
    box.add(number_of(1), linger=0)
    with caplog.at_level(logging.INFO, logger="waymark.mirroring"):
        for _ in range(calls):
            box.step()

    assert len(tried) == calls
    assert vars(box)["_waiting"].empty()
    assert "not mirrored" in caplog.text
    assert number_of(1).removeprefix("+") not in caplog.text


def test_outbox_holds_so_many_and_no_more() -> None:
    box = Outbox(lambda _number: None, wait=Waits())

    taken = [box.add(number_of(serial)) for serial in range(MOST_WAITING + 2)]

    assert taken.count(True) == MOST_WAITING
    assert taken[-1] is False


# ---- Theirs, read in -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_whoever_is_on_their_list_is_stopped_here(aws: StandIn, source: AwsSms) -> None:
    for serial in (1, 2):
        make_subscriber(serial)
    aws.opted_out[number_of(1)] = timezone.now() + timedelta(minutes=1)

    assert read(source) == 1

    by_state = dict(Subscriber.objects.values_list("pk", "state"))
    assert sorted(by_state.values()) == sorted(
        [Subscriber.State.STOPPED, Subscriber.objects.order_by("pk")[1].state]
    )
    entry = ConsentEntry.objects.get(verdict=ConsentEntry.Verdict.WITHDRAWN)
    assert (entry.method, entry.wording) == (ConsentEntry.Method.PROVIDER, "provider list")


@pytest.mark.django_db
def test_stranger_on_their_list_is_brought_in_by_no_list_of_ours(
    aws: StandIn, source: AwsSms
) -> None:
    aws.opted_out[number_of(7)] = LONG_AGO

    assert read(source) == 1
    assert Suppression.objects.count() == 1


@pytest.mark.django_db
def test_whoever_came_back_after_that_stays(aws: StandIn, source: AwsSms) -> None:
    make_subscriber(1)
    aws.opted_out[number_of(1)] = LONG_AGO

    assert read(source) == 0
    assert Subscriber.objects.get().state != Subscriber.State.STOPPED


@pytest.mark.django_db
def test_what_we_know_already_is_not_written_down_again(aws: StandIn, source: AwsSms) -> None:
    make_subscriber(1)
    say_stop(1)
    entries = ConsentEntry.objects.count()
    aws.opted_out[number_of(1)] = timezone.now()

    assert read(source) == 0
    assert ConsentEntry.objects.count() == entries


@pytest.mark.database
@pytest.mark.django_db
def test_long_list_is_read_on_where_the_last_reading_stopped(aws: StandIn, source: AwsSms) -> None:
    aws.page = 2
    for serial in range(1, 8):
        aws.opted_out[number_of(serial)] = LONG_AGO

    # Time for one page only.
    assert read(source, seconds=0.5) == 2
    mirror = Mirror.objects.get()
    assert mirror.read_at is None
    assert "from" not in mirror.place
    assert read(source, seconds=60) == 5

    mirror.refresh_from_db()
    assert (mirror.place, mirror.read_at is None) == ("", False)
    assert Suppression.objects.count() == 7


@pytest.mark.django_db
def test_list_is_read_once_a_day(aws: StandIn, source: AwsSms) -> None:
    now = timezone.now()
    read(source, at=now)
    asked = len(aws.asked)

    read(source, at=now + timedelta(hours=2))
    assert len(aws.asked) == asked

    read(source, at=now + timedelta(hours=21))
    assert len(aws.asked) == asked + 1


@pytest.mark.database
@pytest.mark.django_db
def test_two_do_not_read_at_once(aws: StandIn, source: AwsSms) -> None:
    now = timezone.now()
    Mirror.objects.create(provider="aws-sms", busy_until=now + timedelta(minutes=1))

    assert read(source, at=now) == 0
    assert aws.asked == []


@pytest.mark.django_db
@pytest.mark.parametrize("held", ["bm90aGluZw==", "no base64!"])
def test_place_that_cannot_be_opened_begins_anew(aws: StandIn, source: AwsSms, held: str) -> None:
    aws.opted_out[number_of(1)] = LONG_AGO
    Mirror.objects.create(provider="aws-sms", place=held, read_at=timezone.now())

    assert read(source) == 1


@pytest.mark.django_db
def test_place_that_aws_has_forgotten_begins_anew(aws: StandIn, source: AwsSms) -> None:
    aws.page = 1
    for serial in (1, 2):
        aws.opted_out[number_of(serial)] = LONG_AGO
    mirror = Mirror.objects.create(provider="aws-sms")
    mirroring._keep_place(mirror, "a place of last year", now=timezone.now())
    Mirror.objects.update(busy_until=None)

    assert read(source) == 2


@pytest.mark.django_db
def test_without_an_answer_the_place_is_kept_and_nothing_raised(
    source: AwsSms, caplog: pytest.LogCaptureFixture, aws: StandIn, monkeypatch: Any
) -> None:
    def fail(place: str = "") -> Any:
        raise NotAccepted(BUSY, word="ThrottlingException")

    monkeypatch.setattr(source, "list_opted_out", fail)

    assert read(source) == 0
    assert Mirror.objects.get().busy_until is None
    assert "ThrottlingException" in caplog.text


@pytest.mark.django_db
def test_command_says_what_it_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, aws: StandIn, source: AwsSms
) -> None:
    use_aws()
    aws.opted_out[number_of(1)] = LONG_AGO
    monkeypatch.setattr(mirroring, "provider_named", lambda _name: source)
    said = StringIO()

    call_command("mirror_opt_outs", stdout=said)

    assert said.getvalue().startswith("1 stops")


@pytest.mark.django_db
def test_where_aws_is_not_used_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirroring, "provider_named", pytest.fail)

    assert read_list(clock=timezone.now, seconds=1) == 0
    assert not Mirror.objects.exists()
