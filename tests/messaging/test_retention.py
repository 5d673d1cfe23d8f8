"""Retention: what is over goes, page by page; what must stay stays; what was done is written down."""

import uuid
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import DateField, Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from messaging import tasks
from messaging.consenting import consent
from messaging.models import (
    Allowance,
    Batch,
    BatchText,
    ConsentEntry,
    Delivery,
    Event,
    InboundMessage,
    Notice,
    RetentionRun,
    SignUp,
    StoredReceipt,
    Subscriber,
    Suppression,
    Topic,
)
from messaging.providers.memory import Memory
from messaging.receiving.receipts import fold_waiting, keep
from messaging.sealing.crypto import hash_number, seal
from messaging.sealing.tokens import make_token
from messaging.senders import capacity
from messaging.sending import batches
from messaging.states import State
from messaging.upkeep import lapsing, purging, retention
from messaging.wire import Receipt
from tests.messaging.factories import (
    drain_all,
    make_batch,
    make_sender,
    make_subscriber,
    number_of,
    set_state,
    states,
    stop,
    the_delivery,
)
from tests.messaging.joining import send_notices

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = timedelta(days=1)


def run(days: float = 0.0) -> dict[str, retention.Due]:
    """Let so many days pass and run every rule."""
    return {one.rule: one for one in retention.run(now=timezone.now() + days * DAY)}


def write(body: str = "Is the road open?", *, subscriber: Subscriber | None = None) -> None:
    row = InboundMessage(
        ref=uuid.uuid4().hex,
        channel="sms",
        subscriber=subscriber,
        kind=InboundMessage.Kind.OTHER,
        received_at=timezone.now(),
    )
    row.text_sealed = seal(body, place="inbound.text", row=row.uid)
    row.save()


def finish(reference: str = "broadcast:1") -> None:
    Delivery.objects.filter(batch__reference=reference).update(state=State.DELIVERED, rank=70)
    Batch.objects.filter(reference=reference).update(
        state=Batch.State.FINISHED, finished_at=timezone.now()
    )


def test_what_people_wrote_is_emptied_after_thirty_days_and_its_row_stays() -> None:
    write(subscriber=make_subscriber())
    run(29)
    assert bytes(InboundMessage.objects.get().text_sealed)
    assert run(31)["inbound_texts"].removed == 1
    row = InboundMessage.objects.get()
    assert bytes(row.text_sealed) == b""
    assert row.subscriber is None
    assert run(32)["inbound_texts"].removed == 0


def test_who_stopped_is_erased_at_the_next_run_and_stays_on_the_stop_list() -> None:
    make_batch(people=1)
    person = Subscriber.objects.get()
    write(subscriber=person)
    stop(1)
    assert run()["left"].removed == 1
    assert not Subscriber.objects.exists()
    assert not Topic.objects.exists()
    assert InboundMessage.objects.get().subscriber is None
    assert bytes(Suppression.objects.get().number_hash) == hash_number(number_of(1))
    # What was planned for her stays counted, nobody's.
    assert the_delivery().subscriber_id == person.pk
    assert batches.count_states("broadcast:1") == {"suppressed": 1}


@pytest.mark.parametrize("state", [State.CLAIMED, State.SUBMITTING, State.UNKNOWN])
def test_a_row_stays_while_the_provider_may_be_asked_about_it(state: State) -> None:
    make_batch(people=1)
    set_state(the_delivery(), state)
    Subscriber.objects.update(state=Subscriber.State.STOPPED)
    assert run()["left"].removed == 0
    if state == State.UNKNOWN:
        # Nobody asks any more after three days.
        assert run(4)["left"].removed == 1


def test_what_she_wrote_goes_with_her() -> None:
    write(subscriber=make_subscriber(1))
    write(subscriber=make_subscriber(2))
    stop(1)
    run()
    sealed = [bytes(row.text_sealed) for row in InboundMessage.objects.order_by("pk")]
    assert sealed[0] == b""
    assert sealed[1]


def test_an_entry_of_the_stop_list_goes_when_its_time_is_over(settings: Settings) -> None:
    settings.SUPPRESSION_DAYS = 400
    stop(1)
    run(399)
    assert Suppression.objects.exists()
    run(401)
    assert not Suppression.objects.exists()


def test_deliveries_go_ninety_days_after_their_batch_and_their_counts_stay(
    memory: Memory,
) -> None:
    make_batch(people=3)
    drain_all(memory)
    row = Delivery.objects.order_by("pk")[0]
    keep(
        make_token(row.pk, 1), Receipt(row.provider_ref, "delivered", word="d"), now=timezone.now()
    )
    fold_waiting(now=timezone.now())
    batches.finish_done(now=timezone.now())
    before = batches.count_states("broadcast:1")
    run(89)
    assert Delivery.objects.count() == 3
    done = run(91)
    assert (done["batches"].removed, done["deliveries"].removed) == (1, 3)
    for model in (Delivery, Event, StoredReceipt, BatchText):
        assert not model._default_manager.exists(), model
    assert batches.count_states("broadcast:1") == before == {"accepted": 2, "delivered": 1}


def test_texts_go_a_few_at_a_time_until_none_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    make_batch()
    batches.finish_done(now=timezone.now())
    monkeypatch.setattr(purging, "_TEXTS_AT_ONCE", 4)
    assert BatchText.objects.count() == 6
    with CaptureQueriesContext(connection) as captured:
        assert run(91)["texts"].removed == 6
    gone = [q["sql"] for q in captured.captured_queries if q["sql"].startswith("DELETE")]
    assert sum("messaging_batchtext" in sql for sql in gone) == 2


def test_a_batch_that_is_still_moving_is_left_alone() -> None:
    make_batch(people=1)
    assert run(400)["batches"].removed == 0
    assert purging.begin([Batch.objects.get().pk], now=timezone.now()) == 0
    assert states() == ["planned"]


def test_a_purge_that_was_cut_is_carried_on(monkeypatch: pytest.MonkeyPatch) -> None:
    make_batch(people=5)
    finish()
    monkeypatch.setattr(retention, "PAGE", 2)
    later = timezone.now() + 91 * DAY
    # No time at all: the first page of nothing is not even begun.
    retention.run(now=later, seconds=0.0)
    assert Delivery.objects.count() == 5
    purging.begin([Batch.objects.get().pk], now=later)
    assert Batch.objects.get().counts == {"delivered": 5}
    retention.run(now=later)
    assert not Delivery.objects.exists()
    assert Batch.objects.get().counts == {"delivered": 5}


def test_sign_ups_notices_and_counters_go_when_they_are_over() -> None:
    now = timezone.now()
    SignUp.objects.create(
        channel="sms", number_hash=b"1" * 16, number_sealed=b"x", country="SN", method="web",
        step=SignUp.Step.CODE, begun_at=now, expires_at=now + 2 * DAY,
    )  # fmt: skip
    Notice.objects.create(
        kind=Notice.Kind.CONFIRM, channel="sms", country="SN", number_hash=b"1" * 16,
        number_sealed=b"", body_sealed=b"", state=Notice.State.ACCEPTED,
        due_at=now, expires_at=now, settled_at=now,
    )  # fmt: skip
    for scope in ("code", "stops"):
        Allowance.objects.create(scope=scope, key=b"1" * 16, day=now.date(), used=1)
    run(1)
    assert (SignUp.objects.count(), Notice.objects.count(), Allowance.objects.count()) == (1, 1, 2)
    run(8)
    assert (SignUp.objects.count(), Notice.objects.count(), Allowance.objects.count()) == (0, 0, 1)
    run(40)
    assert not Allowance.objects.exists()


def test_each_rule_leaves_a_record_of_what_it_did_and_a_proof_once_a_day() -> None:
    stop(1)
    make_subscriber(2)
    stop(2)
    run()
    run()
    rows = RetentionRun.objects.filter(rule="left")
    assert list(rows.values_list("removed", "left")) == [(1, 0)]
    assert set(RetentionRun.objects.values_list("rule", flat=True)) == {
        rule.name for rule in retention.list_rules()
    }
    run(1)
    assert rows.count() == 2


def test_a_rule_that_fails_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise RuntimeError(number_of(1))

    make_subscriber(1)
    write()
    stop(1)
    monkeypatch.setattr("messaging.consenting.leaving.erase_rows", fail)
    done = run(31)
    assert (done["left"].removed, done["left"].count) == (0, 1)
    assert done["inbound_texts"].removed == 1


def test_the_command_says_what_is_due_and_changes_nothing_when_asked_so() -> None:
    make_subscriber(1)
    stop(1)
    said = StringIO()
    call_command("retain", "--dry-run", stdout=said)
    assert "1 due" in said.getvalue()
    assert Subscriber.objects.exists()
    said = StringIO()
    call_command("retain", stdout=said)
    assert "1 done, 0 left" in said.getvalue()
    assert not Subscriber.objects.exists()


def test_the_tick_does_the_same() -> None:
    make_subscriber(1)
    stop(1)
    tasks.retain()
    assert not Subscriber.objects.exists()


# What stays, and why; of all other tables nothing may be older than the longest of the times.
KEPT = {
    "Batch": "its counts, by which a broadcast is accounted for",
    "BatchLane": "senders and windows of a batch",
    "ConsentEntry": "the proof of each yes and no; a keyed hash",
    "Suppression": "has an end of its own",
    "InboundMessage": "its text is empty; a replay must be known",
    "RetentionRun": "the proof of retention itself",
    "Sender": "no data of people",
    "Wording": "the exact words that were shown",
}


def fill_a_house(memory: Memory, now: datetime) -> None:
    make_batch("broadcast:1", people=6)
    drain_all(memory)
    for row in Delivery.objects.order_by("pk")[:3]:
        keep(make_token(row.pk, 1), Receipt(row.provider_ref, "delivered", word="d"), now=now)
    fold_waiting(now=now)
    batches.finish_done(now=now)
    make_batch("broadcast:2")
    batches.pause("broadcast:2")
    batches.cancel("broadcast:2", now=now)
    write(subscriber=Subscriber.objects.order_by("pk")[3])
    stop(1)
    make_subscriber(7, until=now + 30 * DAY)


def test_a_year_passes_and_nothing_older_than_its_time_is_left(memory: Memory) -> None:
    now = timezone.now()
    fill_a_house(memory, now)
    for day in (0, 1, 31, 60, 91, 120, 181, 190, 196, 200, 250, 366):
        retention.run(now=now + day * DAY)
        send_notices(memory, now=now + (day + 1) * DAY)
        capacity.forget_hours(now=now + day * DAY)
    assert not Subscriber.objects.exists()
    assert Suppression.objects.count() == 7
    limit = now + (366 - 180) * DAY
    for model in apps.get_app_config("messaging").get_models():
        if model.__name__ not in KEPT:
            assert not [row for row in model._default_manager.all() if is_older(row, limit)], model
    assert not InboundMessage.objects.exclude(text_sealed=b"", subscriber=None).exists()
    assert all(batch.counts for batch in Batch.objects.all())
    last = ConsentEntry.objects.order_by("number_hash", "-pk").values_list("verdict", flat=True)
    assert set(last) >= {"withdrawn", "expired"}


def is_older(row: Model, limit: datetime) -> bool:
    """Say whether every date of a row lies before a moment."""
    fields = [f for f in row._meta.get_fields() if isinstance(f, DateField)]
    held = [getattr(row, f.name) for f in fields]
    days = [value.date() if isinstance(value, datetime) else value for value in held if value]
    return bool(days) and max(days) < limit.date()


def test_what_no_index_holds_the_clock_looks_for_once_a_day() -> None:
    def tick(hours: float) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as captured:
            done = retention.run(now=now + timedelta(hours=hours), sparing=True)
        asked = [query["sql"] for query in captured.captured_queries]
        wide = ('"unanswered" >=', '"consent_until" >', '"survey_until" <=')
        return len(done), sum(any(sign in sql for sign in wide) for sql in asked)

    make_sender()
    now, rules = timezone.now(), len(retention.list_rules())
    assert tick(0) == (rules, 6)
    assert tick(1) == tick(22) == (rules - 3, 0)
    assert tick(24) == (rules, 6)
    # What was cut short goes on at the next turn.
    RetentionRun.objects.filter(rule="unreached").update(left=1)
    assert tick(25) == (rules - 2, 2)


def test_rules_keep_their_order_people_first() -> None:
    names = [rule.name for rule in retention.list_rules()]
    assert names.index("mute") < names.index("left") < names.index("batches")
    assert len(names) == len(set(names))
    assert lapsing.RULES[0].name == "ended"


def test_erasing_leaves_every_delivery_and_event_where_it_was(memory: Memory) -> None:
    make_batch(people=2)
    drain_all(memory)
    before = (Delivery.objects.count(), Event.objects.count())
    for person in Subscriber.objects.all():
        consent.erase(person)
    assert (Delivery.objects.count(), Event.objects.count()) == before
