"""Lapsing: who fell silent is asked once, stays with any answer, and is forgotten without one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from messaging.consenting import consent
from messaging.guarding import fencing
from messaging.models import ConsentEntry, Delivery, Notice, Subscriber, Suppression, Template
from messaging.notifying import notices
from messaging.providers.memory import Memory
from messaging.receiving.receipts import fold_waiting, keep
from messaging.sealing import crypto
from messaging.sealing.keys.ring import KeysAway
from messaging.sealing.tokens import make_token
from messaging.upkeep import lapsing, retention
from messaging.wire import (
    CONTENT,
    EXPIRED,
    FILTERED,
    LIMITED,
    SENDER,
    TEMPORARY,
    UNRECOGNISED,
    UNUSABLE,
    Receipt,
    Refused,
    Unusable,
)
from tests.messaging.factories import (
    drain_all,
    make_batch,
    make_joining,
    make_sender,
    make_subscriber,
    number_of,
    stop,
    the_delivery,
)
from tests.messaging.joining import send_notices

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _open_house() -> None:
    """Let messages go out."""
    make_sender()


def run(days: float, *, by: Memory | None = None) -> None:
    """Let so many days pass and run every rule; what is to be asked goes out within a day."""
    now = timezone.now() + days * DAY
    retention.run(now=now)
    send_notices(by or Memory(), now=now + DAY)


def the_state() -> str:
    return Subscriber.objects.get().state


def answer(days: float) -> bool:
    now = timezone.now() + days * DAY
    return consent.stay(Subscriber.objects.get().pk, method="keyword", wording="yes", now=now)


def test_who_was_silent_is_asked_once_and_forgotten_without_an_answer() -> None:
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


def tell_last(word: str, reason: str = "") -> None:
    """Let the network tell of the last message, and fold that."""
    row = Delivery.objects.order_by("-pk")[0]
    receipt = Receipt(row.provider_ref, word, reason=reason, word=word)
    keep(make_token(row.pk, row.attempts), receipt, now=timezone.now())
    fold_waiting(now=timezone.now())


def count_missed() -> int:
    return Subscriber.objects.get().unanswered


def send_without_being_heard(memory: Memory, word: str, reason: str = "") -> None:
    for number in range(5):
        run(20)
        assert the_state() == "subscribed"
        make_batch(f"broadcast:{number}")
        drain_all(memory)
        tell_last(word, reason)


def test_a_phone_that_cannot_be_reached_is_asked_after_five_messages(memory: Memory) -> None:
    make_subscriber()
    send_without_being_heard(memory, "failed", TEMPORARY)
    run(10)
    assert the_state() == "subscribed", "she was heard of ten days ago"
    run(20)
    assert the_state() == "asked"


@pytest.mark.parametrize("word", ["sent", "accepted"])
def test_a_network_that_tells_of_no_phone_takes_nobody_for_dead(memory: Memory, word: str) -> None:
    make_subscriber()
    send_without_being_heard(memory, word)
    run(20)
    assert the_state() == "subscribed"


@pytest.mark.parametrize("reason", [UNRECOGNISED, CONTENT, FILTERED, SENDER, LIMITED])
def test_what_failed_by_others_is_not_counted_against_her_phone(
    memory: Memory, reason: str
) -> None:
    make_batch(people=1)
    drain_all(memory)
    tell_last("failed", reason)
    assert count_missed() == 0


def test_a_message_that_missed_her_phone_counts_once_until_another_reaches_it(
    memory: Memory,
) -> None:
    make_batch(people=1)
    drain_all(memory)
    assert count_missed() == 0
    for _again in range(2):
        tell_last("failed", EXPIRED)
        assert count_missed() == 1
    make_batch("broadcast:2")
    drain_all(memory)
    tell_last("sent")
    assert count_missed() == 1
    tell_last("failed", UNUSABLE)
    assert count_missed() == 2
    # A handset's word is better than the network's.
    tell_last("delivered")
    assert count_missed() == 0
    tell_last("failed", UNUSABLE)
    assert count_missed() == 0


def test_a_number_that_is_refused_at_once_counts_too(memory: Memory) -> None:
    make_subscriber()
    memory.script(number_of(1), Unusable(UNUSABLE))
    make_batch()
    drain_all(memory)
    assert the_delivery().state == "failed"
    assert count_missed() == 1


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


def make_wording(language: str, *, state: str = "approved") -> None:
    Template.objects.create(
        sender=make_sender("whatsapp"),
        name="waymark_go_on",
        language=language,
        state=state,
        ref=f"go-on-{language}",
        digest=language,
        category="utility",
        body="",
    )


def test_nobody_is_taken_as_asked_whom_whatsapp_has_no_wording_for() -> None:
    make_subscriber(1, channel="whatsapp", language="wo")
    make_subscriber(2, channel="whatsapp", language="ar")
    make_wording("ar", state="pending")
    run(181)
    run(200)
    assert set(Subscriber.objects.values_list("state", flat=True)) == {"subscribed"}
    assert not Notice.objects.exists()
    Template.objects.update(state="approved")
    run(201)
    states = dict(Subscriber.objects.values_list("language", "state"))
    assert states == {"wo": "subscribed", "ar": "asked"}


def test_who_cannot_be_asked_is_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PAGE", 1)
    make_subscriber(1, channel="whatsapp")
    make_subscriber(2)
    run(181)
    states = dict(Subscriber.objects.values_list("channel", "state"))
    assert states == {"whatsapp": "subscribed", "sms": "asked"}


def test_nobody_is_asked_while_nothing_goes_out_and_nobody_lapses() -> None:
    make_subscriber()
    fencing.close(now=timezone.now())
    for day in (181, 184, 196, 201):
        run(day)
    assert the_state() == "subscribed"
    fencing.open_again(now=timezone.now())
    run(202)
    assert the_state() == "asked"


@pytest.mark.parametrize("settled", [True, False])
def test_whose_question_came_too_late_to_be_sent_is_asked_again(*, settled: bool) -> None:
    make_subscriber()
    now = timezone.now()
    retention.run(now=now + 181 * DAY)
    assert the_state() == "asked"
    fencing.close(now=now)
    if settled:
        notices.settle_left(now=now + 185 * DAY)
    # A house that was shut for weeks looks at its people first.
    for day in (190, 201):
        retention.run(now=now + day * DAY)
    assert the_state() == "subscribed"
    fencing.open_again(now=now)
    run(202)
    assert the_state() == "asked"
    run(217)
    assert not Subscriber.objects.exists()


def test_an_answer_time_shorter_than_the_questions_own_takes_nobody(settings: Settings) -> None:
    settings.RETENTION = {**settings.RETENTION, "answer": 1}
    make_subscriber()
    now = timezone.now()
    for day in (181, 184, 185):
        retention.run(now=now + day * DAY)
        assert Subscriber.objects.exists()


@pytest.mark.parametrize(("reason", "left"), [(CONTENT, 1), (UNUSABLE, 0)])
def test_a_question_that_was_refused_counts_where_it_was_her_phone(
    memory: Memory, reason: str, left: int
) -> None:
    make_subscriber()
    memory.script(number_of(1), *[Refused(reason)] * 9)
    run(181, by=memory)
    assert Notice.objects.get().state == Notice.State.FAILED
    run(183, by=memory)
    assert Notice.objects.count() == 1, "not again at once"
    for day in (186, 191, 196, 197):
        run(day, by=memory)
    assert Subscriber.objects.count() == left


def test_without_keys_nobody_is_taken_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise KeysAway("no answer")

    make_subscriber()
    with monkeypatch.context() as away:
        away.setattr(consent, "open_number", fail)
        run(181)
        assert the_state() == "subscribed"
    run(182)
    assert the_state() == "asked"
