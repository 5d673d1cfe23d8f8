"""Lapsing: who fell silent is asked once, stays with any answer, and is forgotten without one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from messaging.consenting import consent
from messaging.models import ConsentEntry, Notice, Subscriber, Suppression
from messaging.providers.memory import Memory
from messaging.receiving.receipts import fold_waiting, keep
from messaging.sealing import crypto
from messaging.sealing.tokens import make_token
from messaging.upkeep import lapsing, retention
from messaging.wire import Receipt
from tests.messaging.factories import (
    drain_all,
    make_batch,
    make_joining,
    make_sender,
    make_subscriber,
    stop,
    the_delivery,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = timedelta(days=1)


def run(days: float) -> None:
    """Let so many days pass and run every rule."""
    retention.run(now=timezone.now() + days * DAY)


def the_state() -> str:
    return Subscriber.objects.get().state


def answer(days: float) -> bool:
    now = timezone.now() + days * DAY
    return consent.stay(Subscriber.objects.get().pk, method="keyword", wording="yes", now=now)


def test_who_was_silent_is_asked_once_and_forgotten_without_an_answer() -> None:
    make_sender()
    make_subscriber()
    run(180)
    assert the_state() == "subscribed"
    run(181)
    assert the_state() == "asked"
    assert Notice.objects.get().kind == Notice.Kind.GO_ON
    run(182)
    assert Notice.objects.count() == 1
    run(195)
    assert the_state() == "asked"
    run(196)
    assert not Subscriber.objects.exists()
    assert Suppression.objects.get().source == ConsentEntry.Method.LAPSE
    assert ConsentEntry.objects.order_by("-pk")[0].verdict == "expired"


def test_any_answer_keeps_her_and_is_written_down() -> None:
    make_subscriber()
    run(181)
    assert answer(182)
    assert the_state() == "subscribed"
    assert ConsentEntry.objects.order_by("-pk")[0].verdict == "confirmed"
    run(200)
    assert the_state() == "subscribed"
    run(182 + 181)
    assert the_state() == "asked"


def test_an_answer_of_somebody_who_was_not_asked_is_no_new_yes() -> None:
    make_subscriber()
    assert not answer(1)
    assert ConsentEntry.objects.count() == 2


def test_who_was_heard_of_is_not_asked() -> None:
    person = make_subscriber()
    consent.hear(person.pk, on=(timezone.now() + 100 * DAY).date())
    run(200)
    assert the_state() == "subscribed"


def test_a_phone_that_answers_nothing_is_asked_after_five_messages(
    memory: Memory, settings: Settings
) -> None:
    make_subscriber()
    for number in range(settings.UNANSWERED_SENDS):
        run(20)
        assert the_state() == "subscribed"
        make_batch(f"broadcast:{number}")
        drain_all(memory)
    run(10)
    assert the_state() == "subscribed", "she was heard of ten days ago"
    run(20)
    assert the_state() == "asked"


def test_a_receipt_from_her_phone_says_that_it_answers(memory: Memory) -> None:
    make_batch(people=1)
    drain_all(memory)
    row = the_delivery()
    for word in ("sent", "delivered"):
        assert Subscriber.objects.get().unanswered == 1
        keep(make_token(row.pk, 1), Receipt(row.provider_ref, word, word=word), now=timezone.now())
        fold_waiting(now=timezone.now())
    assert Subscriber.objects.get().unanswered == 0


def test_a_forged_receipt_says_nothing() -> None:
    make_batch(people=1)
    Subscriber.objects.update(unanswered=3)
    row = the_delivery()
    keep(make_token(row.pk, 1), Receipt("forged", "delivered", word="d"), now=timezone.now())
    fold_waiting(now=timezone.now())
    assert Subscriber.objects.get().unanswered == 3


def test_whose_consent_ends_is_asked_before_and_lapses_with_it() -> None:
    make_subscriber(until=timezone.now() + 60 * DAY)
    run(45)
    assert the_state() == "subscribed"
    run(47)
    assert the_state() == "asked"
    run(61)
    assert not Subscriber.objects.exists()


def test_whose_consent_was_to_end_and_who_answered_goes_on_without_an_end() -> None:
    make_subscriber(until=timezone.now() + 60 * DAY)
    run(47)
    answer(48)
    run(62)
    person = Subscriber.objects.get()
    assert (person.state, person.consent_until) == ("subscribed", None)


def test_one_purpose_that_ends_takes_no_other_with_it() -> None:
    make_subscriber()
    survey = make_joining(purposes=("survey",), until=timezone.now() + DAY)
    begun = timezone.now()
    consent.record_yes(survey, now=begun)
    consent.confirm(survey, begun_at=begun, now=begun)
    assert Subscriber.objects.get().survey
    run(2)
    person = Subscriber.objects.get()
    assert (person.state, person.messages, person.survey) == ("subscribed", True, False)
    assert not Suppression.objects.exists()


def test_who_was_asked_is_asked_still_when_one_purpose_ends() -> None:
    make_subscriber()
    survey = make_joining(purposes=("survey",), until=timezone.now() + 185 * DAY)
    begun = timezone.now()
    consent.record_yes(survey, now=begun)
    consent.confirm(survey, begun_at=begun, now=begun)
    run(181)
    assert the_state() == "asked"
    run(186)
    person = Subscriber.objects.get()
    assert (person.state, person.messages, person.survey) == ("asked", True, False)
    assert Notice.objects.count() == 1
    run(196)
    assert not Subscriber.objects.exists()


def test_asking_many_people_asks_the_same_of_senders_once() -> None:
    make_sender()
    counts = []
    for people in ((1,), range(2, 12)):
        ids = [make_subscriber(serial).pk for serial in people]
        with CaptureQueriesContext(connection) as captured:
            assert lapsing.ask(ids, timezone.now()) == len(ids)
        counts.append(
            sum("messaging_sender" in query["sql"] for query in captured.captured_queries)
        )
    assert counts[0] == counts[1] > 0


def test_who_goes_on_by_another_channel_is_not_put_on_the_stop_list() -> None:
    make_subscriber(1, until=timezone.now() + DAY)
    make_subscriber(1, channel="whatsapp")
    run(2)
    assert Subscriber.objects.get().channel == "whatsapp"
    assert not Suppression.objects.exists()


def test_a_stop_in_the_meantime_is_a_stop() -> None:
    make_subscriber()
    run(181)
    stop(1)
    run(200)
    assert Suppression.objects.get().source == ConsentEntry.Method.KEYWORD


def test_an_answer_that_comes_while_her_consent_lapses_wins() -> None:
    make_subscriber()
    run(181)
    ids = [Subscriber.objects.get().pk]
    answer(190)
    # As the rule does with a page that was found before she answered.
    assert consent.lapse(ids, wording="no answer", now=timezone.now() + 197 * DAY) == 0
    assert the_state() == "subscribed"


def test_the_question_tells_nothing_to_whoever_holds_the_phone(settings: Settings) -> None:
    for language in ("en", "fr", "ar", "wo"):
        text = lapsing.compose_question(channel="sms", country="SN", language=language)
        assert settings.SERVICE_NAME in text
    make_subscriber()
    run(181)
    notice = Notice.objects.get()
    assert bytes(notice.number_hash) == crypto.hash_number(make_joining().number)


def test_a_number_that_does_not_open_is_forgotten_all_the_same() -> None:
    make_subscriber()
    Subscriber.objects.update(number_sealed=b"spoiled")
    run(181)
    assert the_state() == "asked"
    assert not Notice.objects.exists()
    run(196)
    assert not Subscriber.objects.exists()
