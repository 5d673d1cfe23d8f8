"""After a message: its price, a nightly sample, its text at the provider, messages nobody told us of."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from messaging.models import Alarm, Bill, Delivery, Event, InboundMessage, Sender, Suppression
from messaging.providers.base import Archive
from messaging.providers.memory import Memory
from messaging.receiving import billing, receipts, sampling, sweeping
from messaging.states import State
from messaging.upkeep import redacting
from messaging.wire import (
    SENDER,
    AccountProblem,
    Inbound,
    NotAccepted,
    PartlyRead,
    Refused,
    Statement,
    Unclear,
)
from tests.messaging.archives import Keeper
from tests.messaging.factories import make_batch, number_of, set_state, states, stop, the_delivery

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


def make_sent(people: int = 1, *, state: State = State.DELIVERED, **age: int) -> list[Delivery]:
    """Make deliveries that were sent some time ago, SM1 for the first."""
    make_batch(people=people)
    at = timezone.now() - timedelta(**(age or {"hours": 2}))
    rows = list(Delivery.objects.order_by("pk"))
    for serial, row in enumerate(rows, 1):
        set_state(row, state)
        Delivery.objects.filter(pk=row.pk).update(
            submitting_at=at, provider_ref=f"SM{serial}", attempts=1
        )
        Event.objects.create(delivery=row, batch_id=row.batch_id, state=state, at=at)
    return rows


def fetch(keeper: Keeper, **more: int) -> int:
    return billing.fetch_prices(now=timezone.now(), provider_of=lambda _name: keeper, **more)


def test_only_what_keeps_messages_is_asked() -> None:
    assert isinstance(Keeper(), Archive)
    assert not isinstance(Memory(), Archive)


# ---- Prices --------------------------------------------------------------------------------------


def test_a_price_and_its_parts_are_kept(keeper: Keeper) -> None:
    (row,) = make_sent()
    keeper.known["SM1"] = Statement("SM1", "delivered", "", 3, Decimal("0.15"), "USD")
    assert fetch(keeper) == 1
    bill = Bill.objects.get()
    assert (bill.delivery_id, bill.parts, bill.amount, bill.currency) == (
        row.pk,
        3,
        Decimal("0.15"),
        "USD",
    )
    assert fetch(keeper) == 0
    assert keeper.asked == ["SM1"]


def test_what_has_no_price_yet_is_asked_again_hours_later_and_then_no_more(keeper: Keeper) -> None:
    make_sent()
    assert (fetch(keeper), fetch(keeper)) == (0, 0)
    assert keeper.asked == ["SM1"]
    Bill.objects.update(at=timezone.now() - timedelta(hours=7))
    keeper.known["SM1"] = Statement("SM1", "delivered", "", 1, Decimal("0.05"), "USD")
    assert fetch(keeper) == 1
    assert Bill.objects.get().amount == Decimal("0.05")
    Bill.objects.update(amount=None, at=timezone.now() - timedelta(hours=7))
    Delivery.objects.update(submitting_at=timezone.now() - timedelta(days=4))
    assert fetch(keeper) == 0
    assert len(keeper.asked) == 2


def test_a_message_that_cannot_be_asked_about_does_not_hold_up_the_others(keeper: Keeper) -> None:
    make_sent(3)
    keeper.fails["SM2"] = Unclear("no_answer")
    fetch(keeper)
    assert keeper.asked == ["SM1", "SM2", "SM3"]
    fetch(keeper)
    assert len(keeper.asked) == 3
    Bill.objects.update(at=timezone.now() - timedelta(hours=7))
    del keeper.fails["SM2"]
    keeper.known["SM2"] = Statement("SM2", "delivered", "", 1, Decimal("0.05"), "USD")
    assert fetch(keeper) == 1


def test_a_walk_goes_on_where_it_came_to_and_misses_nobody(keeper: Keeper) -> None:
    make_sent(5)
    for _turn in range(3):
        fetch(keeper, limit=2)
    assert keeper.asked == ["SM1", "SM2", "SM3", "SM4", "SM5"]


def test_what_there_was_no_time_for_is_asked_at_the_next_turn(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sent(5)
    with monkeypatch.context() as patch:
        patch.setattr(billing, "ask_all", lambda call, refs, **_: ((r, call(r)) for r in refs[:2]))
        fetch(keeper)
    assert keeper.asked == ["SM1", "SM2"]
    fetch(keeper)
    assert keeper.asked == ["SM1", "SM2", "SM3", "SM4", "SM5"]


def test_what_is_known_to_be_sent_only_later_is_met_by_its_later_event(keeper: Keeper) -> None:
    (row,) = make_sent(state=State.UNKNOWN)
    fetch(keeper)
    assert keeper.asked == []
    set_state(row, State.DELIVERED)
    at = timezone.now() - timedelta(hours=1, minutes=1)
    Event.objects.create(delivery=row, batch_id=row.batch_id, state=State.DELIVERED, at=at)
    fetch(keeper)
    assert keeper.asked == ["SM1"]


def test_with_nothing_new_no_delivery_is_read(keeper: Keeper) -> None:
    make_sent(20)
    fetch(keeper)
    with CaptureQueriesContext(connection) as asked:
        fetch(keeper)
    assert not [q for q in asked if 'FROM "messaging_delivery"' in q["sql"]]


@pytest.mark.parametrize("state", [State.UNKNOWN, State.SUBMITTING, State.PLANNED])
def test_what_was_not_taken_has_no_price(keeper: Keeper, state: State) -> None:
    make_sent(state=state)
    fetch(keeper)
    assert keeper.asked == []


def test_a_price_told_by_an_event_is_kept_and_the_later_word_counts() -> None:
    (row,) = make_sent()
    first, later = (billing.Charge(1, Decimal(amount), "USD") for amount in ("0.01", "0.02"))
    billing.note_bill(row.pk, first, now=timezone.now())
    billing.note_bill(row.pk, later, now=timezone.now())
    assert Bill.objects.get().amount == Decimal("0.02")
    billing.note_bill(row.pk + 1, later, now=timezone.now())
    assert Bill.objects.count() == 1


# ---- The nightly sample --------------------------------------------------------------------------


def sample(keeper: Keeper) -> sampling.Sampled:
    return sampling.sample_silent(now=timezone.now(), provider_of=lambda _name: keeper)


def test_what_the_provider_knows_more_of_is_taken_as_a_receipt(keeper: Keeper) -> None:
    make_sent(state=State.ACCEPTED, hours=25)
    keeper.known["SM1"] = Statement("SM1", "delivered")
    assert sample(keeper) == sampling.Sampled(1, 1)
    receipts.fold_waiting(now=timezone.now())
    assert states() == ["delivered"]
    assert not Alarm.objects.exists()


def test_too_many_lost_receipts_are_an_alarm(keeper: Keeper) -> None:
    make_sent(4, state=State.ACCEPTED, hours=25)
    for serial in range(1, 4):
        keeper.known[f"SM{serial}"] = Statement(f"SM{serial}", "sent")
    assert sample(keeper).differing == 3
    assert Alarm.objects.get().kind == Alarm.Kind.LOST


def test_without_news_a_message_stays_accepted(keeper: Keeper) -> None:
    make_sent(2, state=State.ACCEPTED, hours=25)
    keeper.known["SM1"] = Statement("SM1", None)
    assert sample(keeper) == sampling.Sampled(2, 0)
    receipts.fold_waiting(now=timezone.now())
    assert states() == ["accepted", "accepted"]


def test_the_sample_is_taken_once_a_day(keeper: Keeper) -> None:
    now = timezone.now()
    done = [
        sampling.sample_nightly(now=now, provider_of=lambda _name: keeper) is None for _ in range(3)
    ]
    assert done == [False, True, True]


# ---- Texts at the provider -----------------------------------------------------------------------


def redact(keeper: Keeper, **more: int) -> int:
    return redacting.redact_old(now=timezone.now(), provider_of=lambda _name: keeper, **more)


def test_an_old_text_is_emptied_once(keeper: Keeper) -> None:
    make_sent(2, days=8)
    assert redact(keeper, limit=1) == 1
    assert redact(keeper) == 1
    assert redact(keeper) == 0
    assert keeper.redacted == ["SM1", "SM2"]


def test_a_younger_text_stays_however_short_the_setting(keeper: Keeper, settings: Settings) -> None:
    settings.TWILIO_REDACT_DAYS = 0
    make_sent(hours=80)
    assert redact(keeper) == 0


def test_nothing_is_emptied_while_anything_to_that_person_is_unknown(keeper: Keeper) -> None:
    make_sent(days=8)
    make_batch("broadcast:2")
    other = Delivery.objects.exclude(provider_ref="SM1").get()
    set_state(other, State.UNKNOWN)
    assert redact(keeper) == 0
    Delivery.objects.filter(pk=other.pk).update(settled_at=timezone.now())
    assert redact(keeper) == 1


def test_what_is_gone_there_counts_as_done_and_what_failed_is_tried_again(keeper: Keeper) -> None:
    make_sent(3, days=8)
    keeper.fails = {
        "SM1": AccountProblem(SENDER, word="20404"),
        "SM2": Unclear("no_answer"),
        "SM3": Refused("content_refused"),
    }
    assert redact(keeper) == 2
    assert list(
        Delivery.objects.filter(redacted_at=None).values_list("provider_ref", flat=True)
    ) == ["SM2"]
    keeper.fails = {"SM2": NotAccepted("provider_busy")}
    assert redact(keeper) == 0
    keeper.fails = {}
    assert redact(keeper) == 1


# ---- Messages that no callback told of -----------------------------------------------------------


def came(body: str, *, ref: str = "SM0000009", serial: int = 1) -> Inbound:
    return Inbound(ref, "sms", "+9990000001", number_of(serial), body)


def sweep_all(keeper: Keeper) -> sweeping.Swept:
    return sweeping.sweep_inbound(now=timezone.now(), provider_of=lambda _name: keeper)


def sweep(keeper: Keeper) -> int:
    return sweep_all(keeper).taken


def test_a_stop_that_was_never_told_is_found_and_kept(keeper: Keeper) -> None:
    make_batch(people=1)
    keeper.received = [came("STOP")]
    assert sweep(keeper) == 1
    assert states() == ["suppressed"]
    assert Suppression.objects.count() == 1
    assert Alarm.objects.filter(kind=Alarm.Kind.LOST).exists()


def test_what_was_told_changes_nothing_when_it_is_found_again(keeper: Keeper) -> None:
    make_batch(people=1)
    keeper.received = [came("STOP")]
    sweep(keeper)
    before = list(InboundMessage.objects.values())
    assert sweep(keeper) == 0
    assert list(InboundMessage.objects.values()) == before


def test_an_old_start_that_is_found_brings_nobody_back(keeper: Keeper) -> None:
    make_batch(people=1)
    stop(1)
    keeper.received = [came("START")]
    sweep(keeper)
    assert states() == ["suppressed"]
    assert Suppression.objects.count() == 1


def test_a_list_that_cannot_be_read_holds_up_no_other(keeper: Keeper) -> None:
    make_batch(people=1)
    keeper.fails = {"+9990000002": Unclear("no_answer")}
    keeper.received = [came("hello")]
    assert sweep(keeper) == 1
    assert the_delivery().state == "planned"


def test_who_could_not_be_read_is_named(keeper: Keeper) -> None:
    make_batch(people=1)
    assert sweep_all(keeper) == sweeping.Swept(0, ())
    keeper.fails = {"+9990000002": Unclear("no_answer")}
    whatsapp = Sender.objects.get(channel="whatsapp")
    assert sweep_all(keeper).unread == (whatsapp.pk,)


def test_of_too_long_a_list_the_last_hours_are_read(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_batch(people=1)
    keeper.received = [came("STOP")]
    read = keeper.list_received

    def read_a_little(ours: str, *, channel: str, since: datetime) -> list[Inbound]:
        if since < timezone.now() - timedelta(hours=3):
            raise Unclear("bad_answer", word="list too long")
        return read(ours, channel=channel, since=since)

    monkeypatch.setattr(keeper, "list_received", read_a_little)
    swept = sweep_all(keeper)
    assert (swept.taken, len(swept.unread)) == (1, 2)
    assert states() == ["suppressed"]


def test_where_too_much_came_in_the_last_hours_what_was_read_is_heeded_and_a_person_told(
    keeper: Keeper,
) -> None:
    make_batch(people=1)
    keeper.fails = {"+9990000001": PartlyRead("bad_answer", read=(came("STOP"),))}
    swept = sweep_all(keeper)
    assert (swept.taken, len(swept.unread)) == (1, 1)
    assert states() == ["suppressed"]
    Alarm.objects.update(closed_at=timezone.now())
    assert sweep_all(keeper).taken == 0
    assert Alarm.objects.filter(kind=Alarm.Kind.LOST, closed_at__isnull=True).exists()


def test_a_long_list_of_which_the_last_hours_are_read_alarms_nobody(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_batch(people=1)

    def read_a_little(ours: str, *, channel: str, since: datetime) -> list[Inbound]:
        if since < timezone.now() - timedelta(hours=3):
            raise PartlyRead("bad_answer", read=())
        return []

    monkeypatch.setattr(keeper, "list_received", read_a_little)
    assert len(sweep_all(keeper).unread) == 2
    assert not Alarm.objects.exists()
