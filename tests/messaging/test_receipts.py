"""Receipts: any order, any number of times; the highest rank is what remains."""

from collections.abc import Sequence
from datetime import datetime
from itertools import permutations

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from messaging import work
from messaging.consenting import consent
from messaging.models import (
    Alarm,
    ConsentEntry,
    Delivery,
    Event,
    StoredReceipt,
    Subscriber,
    Suppression,
)
from messaging.providers.memory import Memory
from messaging.receiving import receipts
from messaging.receiving.receipts import fold_waiting, keep
from messaging.sealing.tokens import make_token
from messaging.senders.calls import Outcome
from messaging.sending import dispatch, record
from messaging.states import RANK, State
from messaging.wire import OPTED_OUT, Receipt
from tests.messaging.factories import (
    drain_all,
    make_batch,
    make_subscriber,
    set_state,
    states,
    stop,
    the_delivery,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]

WORDS = (State.ACCEPTED, State.SENT, State.FAILED, State.DELIVERED, State.READ)


@pytest.fixture
def delivery() -> Delivery:
    make_batch(people=1)
    row = the_delivery()
    Delivery.objects.update(attempts=1)
    set_state(row, State.SUBMITTING)
    return row


def take(delivery: Delivery, state: str | None, *, reason: str = "", ref: str = "SM1") -> bool:
    receipt = Receipt(ref, state, reason, word=f"{state} {reason}".strip())
    return keep(make_token(delivery.pk, 1), receipt, now=timezone.now())


def fold() -> int:
    return fold_waiting(now=timezone.now())


def forget(delivery: Delivery) -> None:
    StoredReceipt.objects.all().delete()
    set_state(delivery, State.SUBMITTING)


def events() -> list[str]:
    return sorted(Event.objects.values_list("state", flat=True))


def test_a_receipt_moves_its_delivery_and_leaves_an_event(delivery: Delivery) -> None:
    assert take(delivery, State.SENT)
    assert states() == ["submitting"]
    assert fold() == 1
    row = the_delivery()
    assert (row.state, row.rank, row.provider_ref) == (State.SENT, 50, "SM1")
    assert events() == ["sent"]


def test_every_order_of_five_receipts_ends_the_same(delivery: Delivery) -> None:
    for order in permutations(WORDS):
        forget(delivery)
        for state in order:
            take(delivery, state)
        fold()
        assert states() == ["read"], order
        assert events() == sorted(WORDS), order


@examples(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    came=st.lists(st.sampled_from(WORDS), min_size=1, max_size=5),
    folds=st.lists(st.booleans(), min_size=5, max_size=5),
    start=st.sampled_from([State.SUBMITTING, State.UNKNOWN, State.ACCEPTED]),
)
def test_doubled_and_shuffled_receipts_end_at_the_highest_rank(
    delivery: Delivery, came: list[State], folds: list[bool], start: State
) -> None:
    forget(delivery)
    set_state(delivery, start)
    for state, fold_now in zip(came, folds, strict=False):
        take(delivery, state)
        if fold_now:
            fold()
    fold()
    highest = max([*came, start], key=lambda state: RANK[state])
    row = the_delivery()
    assert (row.state, row.rank) == (highest, RANK[highest])
    assert events() == sorted(set(came))


def test_a_late_delivery_beats_an_earlier_failure(delivery: Delivery) -> None:
    take(delivery, State.FAILED, reason="temporary")
    fold()
    assert (the_delivery().state, the_delivery().reason) == (State.FAILED, "temporary")
    take(delivery, State.DELIVERED)
    fold()
    assert (the_delivery().state, the_delivery().reason) == (State.DELIVERED, "")


def test_a_late_sent_does_not_undo_a_delivery(delivery: Delivery) -> None:
    take(delivery, State.DELIVERED)
    fold()
    take(delivery, State.SENT)
    fold()
    assert states() == ["delivered"]
    assert events() == ["delivered", "sent"]


def test_a_receipt_settles_what_was_unknown(delivery: Delivery) -> None:
    set_state(delivery, State.UNKNOWN)
    take(delivery, State.SENT)
    fold()
    assert states() == ["sent"]


def test_a_receipt_that_comes_before_our_own_record_keeps_its_rank(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_batch(people=1)
    really_record = record.record

    def fold_first(outcomes: Sequence[Outcome], *, now: datetime) -> None:
        take(the_delivery(), State.DELIVERED, ref=memory.ledger[0].ref)
        fold()
        really_record(outcomes, now=now)

    monkeypatch.setattr(dispatch, "record", fold_first)
    drain_all(memory)
    assert states() == ["delivered"]
    assert events() == ["accepted", "delivered"]


@pytest.mark.parametrize(
    "state",
    [
        State.PLANNED,
        State.CLAIMED,
        State.SUPPRESSED,
        State.CANCELLED,
        State.EXPIRED,
        State.HELD,
    ],
)
def test_a_receipt_for_what_was_never_sent_is_refused_and_reported(
    delivery: Delivery, state: State, caplog: pytest.LogCaptureFixture
) -> None:
    set_state(delivery, state)
    take(delivery, State.DELIVERED)
    assert fold() == 1
    assert states() == [state]
    assert events() == []
    assert [line.levelname for line in caplog.records] == ["ERROR", "WARNING"]
    assert Alarm.objects.get().kind == Alarm.Kind.FORGED


def test_a_receipt_for_a_delivery_that_does_not_exist_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    keep(make_token(99, 1), Receipt("SM1", "sent", word="sent"), now=timezone.now())
    assert fold() == 1
    assert [line.levelname for line in caplog.records] == ["ERROR", "WARNING"]


def test_refused_receipts_are_kept_up_to_a_bound_and_can_be_folded_again(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "_REFUSED_KEPT", 2)
    set_state(delivery, State.PLANNED)
    for serial in range(5):
        take(delivery, State.SENT, ref=f"SM{serial}")
        fold()
    assert StoredReceipt.objects.filter(refused=True).count() == 2
    assert StoredReceipt.objects.count() == 2
    # As after a restore that was mended: it had been sent after all.
    set_state(delivery, State.UNKNOWN)
    assert receipts.fold_again() == 2
    fold()
    assert states() == ["sent"]


def test_a_second_message_of_one_delivery_is_reported(delivery: Delivery) -> None:
    Delivery.objects.update(provider_ref="SM1")
    take(delivery, State.DELIVERED, ref="SM2")
    fold()
    assert Alarm.objects.get().kind == Alarm.Kind.DOUBLED
    assert (the_delivery().state, the_delivery().provider_ref) == ("delivered", "SM1")


@pytest.mark.parametrize(("known", "doubled"), [("wa:1", True), ("6d69-07a", False)])
def test_an_id_of_another_kind_is_no_second_message(
    delivery: Delivery, known: str, doubled: bool
) -> None:
    # AWS names a message one way in its answer, and Meta another way in what it tells of it.
    Delivery.objects.update(provider_ref=known)
    take(delivery, State.DELIVERED, ref="wa:2")
    fold()
    assert Alarm.objects.exists() == doubled
    assert (the_delivery().state, the_delivery().provider_ref) == ("delivered", known)


def test_two_workers_fold_each_receipt_once(delivery: Delivery) -> None:
    for state in WORDS:
        take(delivery, state)
    assert [fold(), fold()] == [5, 0]


def test_a_receipt_that_is_refused_does_not_hold_up_the_others(delivery: Delivery) -> None:
    keep(make_token(99_999, 1), Receipt("SM9", "sent", word="sent"), now=timezone.now())
    take(delivery, State.SENT)
    fold()
    assert states() == ["sent"]


def test_a_forged_token_keeps_nothing(delivery: Delivery) -> None:
    forged = make_token(delivery.pk + 1, 1).replace(str(delivery.pk + 1), str(delivery.pk), 1)
    assert not keep(forged, Receipt("SM1", "sent", word="sent"), now=timezone.now())
    assert not StoredReceipt.objects.exists()


def test_a_word_nobody_knows_is_kept_reported_and_changes_nothing(
    delivery: Delivery, caplog: pytest.LogCaptureFixture
) -> None:
    assert keep(
        make_token(delivery.pk, 1), Receipt("SM1", None, word="teleported"), now=timezone.now()
    )
    assert fold() == 1
    assert states() == ["submitting"]
    assert "teleported" in caplog.text


def test_a_doubled_receipt_is_kept_once(delivery: Delivery) -> None:
    for _ in range(3):
        assert take(delivery, State.SENT)
    assert StoredReceipt.objects.count() == 1


def test_folding_again_changes_nothing(delivery: Delivery) -> None:
    take(delivery, State.SENT)
    fold()
    take(delivery, State.READ)
    fold()
    before = list(Delivery.objects.values()), list(Event.objects.values())
    assert fold() == 0
    StoredReceipt.objects.update(folded_at=None)
    assert fold() == 2
    assert (list(Delivery.objects.values()), list(Event.objects.values())) == before


def test_an_event_keeps_the_time_of_its_receipt_and_the_first_reason(delivery: Delivery) -> None:
    take(delivery, State.FAILED, reason="filtered", ref="SM1")
    take(delivery, State.FAILED, reason="temporary", ref="SM2")
    fold()
    event = Event.objects.get()
    first = StoredReceipt.objects.order_by("pk").first()
    assert first is not None
    assert (event.reason, event.at) == ("filtered", first.received_at)


def test_everything_that_waits_is_folded_in_pages(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "_BATCH", 4)
    make_batch(people=10)
    drain_all(memory)
    for row in Delivery.objects.all():
        keep(
            make_token(row.pk, 1),
            Receipt(row.provider_ref, "delivered", word="delivered"),
            now=timezone.now(),
        )
    assert work.fold_receipts(clock=timezone.now, seconds=20) == 10
    assert states() == ["delivered"] * 10


# ---- Opt-outs that only the provider knew of -----------------------------------------------------


def test_an_opt_out_told_by_a_receipt_stops_every_channel_and_all_that_is_planned(
    delivery: Delivery,
) -> None:
    make_subscriber(1, channel="whatsapp")
    make_batch("broadcast:2")
    take(delivery, State.FAILED, reason=OPTED_OUT)
    assert fold() == 1
    assert states() == ["failed", "suppressed"]
    assert Suppression.objects.get().source == ConsentEntry.Method.PROVIDER
    assert set(Subscriber.objects.values_list("state", flat=True)) == {"stopped"}
    assert ConsentEntry.objects.filter(verdict="withdrawn").count() == 2
    assert make_batch("broadcast:3").size == 0


def test_a_receipt_with_another_reason_stops_nobody(delivery: Delivery) -> None:
    take(delivery, State.FAILED, reason="number_unusable")
    fold()
    assert not Suppression.objects.exists()


def test_an_opt_out_told_twice_or_known_already_is_one_line_of_the_ledger(
    delivery: Delivery,
) -> None:
    take(delivery, State.FAILED, reason=OPTED_OUT)
    take(delivery, State.FAILED, reason=OPTED_OUT, ref="SM2")
    fold()
    take(delivery, State.FAILED, reason=OPTED_OUT, ref="SM3")
    fold()
    assert ConsentEntry.objects.filter(verdict="withdrawn").count() == 1


def test_an_opt_out_in_a_persons_own_words_stays_hers(delivery: Delivery) -> None:
    stop(1)
    take(delivery, State.FAILED, reason=OPTED_OUT)
    fold()
    assert Suppression.objects.get().source == ConsentEntry.Method.KEYWORD
    assert ConsentEntry.objects.filter(verdict="withdrawn").count() == 1
    assert states() == ["failed"]


def test_an_opt_out_told_of_what_was_never_sent_is_not_believed(delivery: Delivery) -> None:
    set_state(delivery, State.PLANNED)
    take(delivery, State.FAILED, reason=OPTED_OUT)
    assert fold() == 1
    assert not Suppression.objects.exists()
    assert states() == ["planned"]


def test_an_opt_out_is_kept_even_if_the_fold_fails_after_it(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(delivery, State.FAILED, reason=OPTED_OUT)

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(receipts, "apply", fail)
        with pytest.raises(RuntimeError):
            fold()
    assert Suppression.objects.exists()
    assert states() == ["submitting"]
    assert fold() == 1
    assert states() == ["failed"]


def test_an_opt_out_that_comes_while_others_are_folded_waits_until_its_no_is_recorded(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_over = consent.take_over_opt_outs

    def take_over_and_get_another(deliveries: Sequence[int], *, now: datetime) -> None:
        take_over(deliveries, now=now)
        keep(make_token(late.pk, 1), Receipt("SM9", "failed", OPTED_OUT, "late"), now=now)

    make_subscriber(2)
    make_batch("broadcast:2")
    late = Delivery.objects.exclude(subscriber=delivery.subscriber).get()
    Delivery.objects.exclude(pk=delivery.pk).update(attempts=1)
    set_state(late, State.SUBMITTING)
    take(delivery, State.FAILED, reason=OPTED_OUT)
    with monkeypatch.context() as patch:
        patch.setattr(consent, "take_over_opt_outs", take_over_and_get_another)
        assert fold() == 1
    late.refresh_from_db()
    assert late.state == State.SUBMITTING
    assert fold() == 1
    late.refresh_from_db()
    assert late.state == State.FAILED
    assert Suppression.objects.count() == 2
