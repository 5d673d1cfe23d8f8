"""Consent: every yes and no is kept, and a no is final on every channel."""

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from messaging.consenting import consent
from messaging.consenting.consent import SuppressedError, open_number
from messaging.models import ConsentEntry, Delivery, Event, Subscriber, Suppression
from messaging.models.consent import LedgerError
from messaging.numbers import NumberError
from messaging.sealing.crypto import SealError, hash_number
from messaging.states import State
from tests.messaging.factories import (
    make_batch,
    make_joining,
    make_subscriber,
    number_of,
    set_state,
    states,
    stop,
    the_delivery,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


YES = ["granted", "confirmed"]


def verdicts() -> list[str]:
    return list(ConsentEntry.objects.order_by("pk").values_list("verdict", flat=True))


def test_a_yes_is_recorded_with_its_wording() -> None:
    make_subscriber()
    assert verdicts() == ["granted", "confirmed"]
    for entry in ConsentEntry.objects.all():
        assert (entry.purpose, entry.wording) == ("messages", "test-1")
        assert bytes(entry.number_hash) == hash_number(number_of(1))


@pytest.mark.parametrize("number", ["+9992210000001", "0770 900123", "+44 12", ""])
def test_a_live_deployment_stores_nothing_of_fiction_or_of_no_number(
    settings: Settings, number: str
) -> None:
    settings.REHEARSAL = False
    with pytest.raises(NumberError):
        make_subscriber(1, number=number)
    assert not Subscriber.objects.exists()
    assert not ConsentEntry.objects.exists()


# From a range that Ofcom (UK) keeps free for drama.
def test_a_rehearsal_stores_no_number_that_could_ring() -> None:
    with pytest.raises(NumberError):
        make_subscriber(1, number="+447700900123")
    assert not Subscriber.objects.exists()


def test_one_number_written_in_two_ways_is_one_identity(settings: Settings) -> None:
    settings.REHEARSAL = False
    first = make_subscriber(1, number="+44 7700 900123")
    again = make_subscriber(1, number="+44 (7700) 900-123")
    assert again.pk == first.pk
    assert bytes(first.number_hash) == hash_number("+447700900123")
    sealed = bytes(first.number_sealed)
    assert open_number(first.uid, sealed, purpose="sending") == "+447700900123"


def test_a_number_is_stored_sealed_only() -> None:
    subscriber = make_subscriber()
    subscriber.refresh_from_db()
    sealed = bytes(subscriber.number_sealed)
    assert number_of(1).encode() not in sealed
    assert open_number(subscriber.uid, sealed, purpose="sending") == number_of(1)


def test_a_sealed_number_moved_to_another_row_does_not_open() -> None:
    first, second = make_subscriber(1), make_subscriber(2)
    with pytest.raises(SealError):
        open_number(second.uid, bytes(first.number_sealed), purpose="sending")


def test_a_number_is_opened_for_sending_and_reconciling_only() -> None:
    subscriber = make_subscriber()
    with pytest.raises(PermissionError):
        open_number(subscriber.uid, bytes(subscriber.number_sealed), purpose="export")


def test_no_text_about_a_person_shows_a_number() -> None:
    subscriber = make_subscriber()
    shown = f"{subscriber} {subscriber!r} {ConsentEntry.objects.all()!r} {make_joining()!r}"
    assert number_of(1) not in shown


def test_joining_again_changes_language_and_adds_topics() -> None:
    first = make_subscriber()
    again = make_subscriber(1, language="ar", topics=("route:cmed",))
    assert again.pk == first.pk
    assert again.language == "ar"
    assert sorted(again.topics.values_list("name", flat=True)) == ["route:cmed", "route:wafr-atl"]
    assert verdicts() == YES * 2


def test_joining_again_keeps_the_number_that_was_sealed() -> None:
    first = make_subscriber()
    again = make_subscriber()
    sealed = bytes(again.number_sealed)
    assert (again.uid, sealed) == (first.uid, bytes(first.number_sealed))
    assert open_number(again.uid, sealed, purpose="sending") == number_of(1)


def test_a_no_stops_every_channel_of_the_number() -> None:
    make_subscriber(1, channel="sms")
    make_subscriber(1, channel="whatsapp")
    make_subscriber(2)
    stop(1)
    stopped = Subscriber.objects.filter(state=Subscriber.State.STOPPED)
    assert sorted(stopped.values_list("channel", flat=True)) == ["sms", "whatsapp"]
    assert verdicts() == YES * 3 + ["withdrawn"] * 2


def test_a_no_suppresses_what_is_planned_and_claimed_in_every_batch() -> None:
    make_batch("broadcast:1", people=2)
    make_batch("broadcast:2")
    Delivery.objects.filter(batch__reference="broadcast:2").update(state=State.CLAIMED, rank=10)
    assert stop(1) == 2
    assert states() == ["suppressed", "planned", "suppressed", "claimed"]
    assert Event.objects.filter(state=State.SUPPRESSED, reason="opted_out").count() == 2


@pytest.mark.parametrize("state", [State.SUBMITTING, State.UNKNOWN, State.SENT, State.DELIVERED])
def test_a_no_leaves_what_the_provider_may_have(state: State) -> None:
    make_batch(people=1)
    set_state(the_delivery(), state)
    assert stop(1) == 0
    assert states() == [state]


def test_a_no_from_a_number_we_never_knew_is_kept() -> None:
    stop(77)
    assert Suppression.objects.count() == 1
    with pytest.raises(SuppressedError):
        make_subscriber(77)


def test_a_second_no_is_harmless() -> None:
    make_subscriber()
    stop()
    stop()
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_nobody_joins_again_after_a_no(channel: str) -> None:
    make_subscriber(1, channel="sms")
    stop(1)
    with pytest.raises(SuppressedError) as caught:
        make_subscriber(1, channel=channel)
    assert number_of(1) not in str(caught.value)
    assert Subscriber.objects.get().state == Subscriber.State.STOPPED
    assert verdicts() == [*YES, "withdrawn"]


def test_a_suppression_outlives_the_subscriber() -> None:
    subscriber = make_subscriber()
    stop()
    subscriber.delete()
    with pytest.raises(SuppressedError):
        make_subscriber()


def test_the_ledger_of_consent_only_grows() -> None:
    make_subscriber()
    entry = ConsentEntry.objects.order_by("pk")[0]
    for change in (
        entry.save,
        entry.delete,
        ConsentEntry.objects.all().delete,
        lambda: ConsentEntry.objects.update(verdict="withdrawn"),
        lambda: ConsentEntry.objects.filter(pk=entry.pk).update(at=timezone.now()),
    ):
        with pytest.raises(LedgerError):
            change()
    assert verdicts() == YES


def test_a_no_commits_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    make_batch(people=1)

    def fail(*args: object, **kwargs: object) -> int:
        raise RuntimeError

    monkeypatch.setattr("messaging.consenting.leaving.ledger.end_unsent", fail)
    with pytest.raises(RuntimeError):
        stop(1)
    assert not Suppression.objects.exists()
    assert Subscriber.objects.get().state == Subscriber.State.SUBSCRIBED


def test_no_column_of_any_table_holds_the_number() -> None:
    make_batch(people=2)
    stop(1)
    number, digits = number_of(1), number_of(1).removeprefix("+")
    tables = [t for t in connection.introspection.table_names() if t.startswith("messaging_")]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")
            held = [bytes(x) if isinstance(x, memoryview) else x for r in cursor for x in r]
            assert not [x for x in held if number in str(x) or digits in str(x)], table


def test_the_same_answer_comes_for_every_method_of_saying_no() -> None:
    for serial, method in enumerate(ConsentEntry.Method, start=1):
        make_subscriber(serial)
        consent.withdraw(
            [hash_number(number_of(serial))], method=method, wording="no", now=timezone.now()
        )
    assert not Subscriber.objects.filter(state=Subscriber.State.SUBSCRIBED).exists()
