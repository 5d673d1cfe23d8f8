"""A notice goes out once or not at all; when it is settled nothing of it is left to read."""

import time
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.models import (
    Alarm,
    ConsentEntry,
    Fence,
    Notice,
    Sender,
    SenderCountry,
    SenderHour,
    Subscriber,
    Suppression,
    Template,
)
from messaging.notifying import notices
from messaging.providers.memory import ANSWER_LOST, Memory
from messaging.senders import breaker, pacing
from messaging.sending import flight
from messaging.wire import (
    NO_CONNECTION,
    Accepted,
    AccountProblem,
    NotAccepted,
    OptedOut,
    Outgoing,
    Refused,
    SendError,
    Unclear,
)
from tests.messaging.factories import make_sender, make_subscriber, number_of, stop
from tests.messaging.joining import send_notices

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = timezone.now()


@pytest.fixture(autouse=True)
def senders() -> None:
    make_sender("sms")
    make_sender("whatsapp")


def queue(serial: int = 1, **more: Any) -> bool:
    given: dict[str, Any] = {
        "kind": "confirm",
        "channel": "sms",
        "number": number_of(serial),
        "country": "SN",
        "language": "fr",
        "body": "Code: 123456.",
        "gap": "123456",
        "parts": 1,
        "due_at": NOW,
        "expires_at": NOW + timedelta(hours=24),
    }
    return notices.queue(notices.Letter(**(given | more)))


def the_notice() -> Notice:
    return Notice.objects.get()


def is_wiped(row: Notice) -> bool:
    return not bytes(row.number_sealed) and not bytes(row.body_sealed)


def end(memory: Memory, outcome: SendError, *, now: datetime = NOW) -> Notice:
    memory.script(number_of(1), outcome)
    queue()
    send_notices(memory, now=now)
    return the_notice()


def test_it_is_sent_once_and_wiped(memory: Memory) -> None:
    queue()
    assert (send_notices(memory, now=NOW), send_notices(memory, now=NOW)) == (1, 0)
    row = the_notice()
    assert (row.state, row.provider_ref, row.attempts) == ("accepted", "MEM00000000", 1)
    assert is_wiped(row)
    outgoing = memory.ledger[0].outgoing
    assert (outgoing.to, outgoing.body, outgoing.callback) == (number_of(1), "Code: 123456.", "")


def test_what_waits_is_sealed() -> None:
    queue()
    row = the_notice()
    assert number_of(1)[1:].encode() not in bytes(row.number_sealed)
    assert b"123456" not in bytes(row.body_sealed)
    assert row.key_id > 0


def test_it_waits_until_it_is_due_and_expires(memory: Memory) -> None:
    queue(due_at=NOW + timedelta(hours=1), expires_at=NOW + timedelta(hours=2))
    assert send_notices(memory, now=NOW) == 0
    assert send_notices(memory, now=NOW + timedelta(hours=2)) == 0
    assert the_notice().state == "expired"
    assert is_wiped(the_notice())


def test_nothing_goes_out_behind_a_closed_fence(memory: Memory) -> None:
    queue()
    Fence.objects.update(send_enabled=False)
    assert send_notices(memory, now=NOW) == 0
    assert the_notice().state == "planned"


@pytest.mark.parametrize("error", [ANSWER_LOST, Unclear("bad_answer")])
def test_what_nobody_knows_is_unknown_and_never_sent_again(
    memory: Memory, error: SendError
) -> None:
    row = end(memory, error)
    assert row.state == "unknown"
    assert is_wiped(row)
    assert send_notices(memory, now=NOW + timedelta(hours=1)) == 0


def test_an_error_nobody_foresaw_is_unknown(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Memory):
        async def send(self, outgoing: Outgoing) -> Accepted:
            raise RuntimeError(outgoing.to)

    queue()
    send_notices(Broken(), now=NOW)
    assert the_notice().state == "unknown"
    assert the_notice().reason == "RuntimeError"
    assert number_of(1) not in caplog.text


def test_a_refusal_is_a_failure(memory: Memory) -> None:
    row = end(memory, Refused("content_refused"))
    assert (row.state, row.reason, is_wiped(row)) == ("failed", "content_refused", True)
    assert not Suppression.objects.exists()


def test_what_was_not_taken_is_tried_again_later(memory: Memory) -> None:
    row = end(memory, NotAccepted("provider_busy"))
    assert row.state == "planned"
    assert row.due_at > NOW
    assert send_notices(memory, now=NOW) == 0
    assert send_notices(memory, now=row.due_at) == 1
    assert (the_notice().state, the_notice().attempts) == ("accepted", 2)


def test_notices_of_one_sender_keep_its_pace() -> None:
    Sender.objects.filter(channel="sms").update(parts_per_second=4)
    for serial in (1, 2, 3):
        queue(serial)
    began = time.monotonic()
    first, second, third = (call.starts_at for call in notices.claim(limit=8, now=NOW))
    # What is read of the pace is as old as a busy machine lets it become.
    took = time.monotonic() - began
    assert second - first == pytest.approx(0.25, abs=took)
    assert third - second == pytest.approx(0.25, abs=took)


def test_a_notice_beyond_the_pace_of_its_sender_waits_for_its_turn(memory: Memory) -> None:
    Sender.objects.filter(channel="sms").update(parts_per_second=1)
    queue(1, parts=9)
    queue(2)
    assert send_notices(memory, now=NOW) == 1
    waiting = Notice.objects.get(state="planned")
    assert (waiting.attempts, waiting.due_at) == (0, NOW + timedelta(seconds=1))


def test_a_refused_account_lets_its_sender_rest(memory: Memory) -> None:
    row = end(memory, AccountProblem("sender_refused"))
    resting = Sender.objects.get(channel="sms").resting_until
    assert resting is not None
    queue(2)
    assert send_notices(memory, now=NOW) == 0
    assert not memory.ledger
    assert Notice.objects.exclude(pk=row.pk).get().due_at == resting


def test_a_notice_that_arrives_says_that_the_way_of_a_halted_sender_is_free(memory: Memory) -> None:
    sender = make_sender()
    breaker.halt(sender.pk, reason=breaker.TRANSPORT, now=NOW - timedelta(minutes=5))
    queue()
    assert send_notices(memory, now=NOW) == 1
    sender.refresh_from_db()
    assert (the_notice().state, sender.halted_reason) == ("accepted", breaker.FREE)
    queue(2)
    assert send_notices(memory, now=NOW + timedelta(minutes=5)) == 0


def test_notices_that_find_no_way_halt_their_sender(memory: Memory) -> None:
    for serial in range(1, breaker.MOST_IN_ROW + 1):
        memory.script(number_of(serial), NotAccepted(NO_CONNECTION))
        queue(serial)
    send_notices(memory, now=NOW)
    assert Sender.objects.get(channel="sms").halted_reason == breaker.TRANSPORT
    assert Sender.objects.get(channel="whatsapp").halted_at is None


def test_senders_are_locked_in_one_order_whatever_is_due_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second = Sender.objects.create(
        name="Second sms",
        channel="sms",
        provider="memory",
        address="+9990000009",
        parts_per_second=100,
    )
    locked, reserve = [], pacing.reserve_reply

    def note(sender: int, parts: int) -> float | None:
        locked.append(sender)
        return reserve(sender, parts)

    monkeypatch.setattr(pacing, "reserve_reply", note)
    for serial, address in enumerate((second.address, make_sender().address) * 2, 1):
        queue(serial, kind="answer", answers_for=address)
    assert len(notices.claim(limit=8, now=NOW)) == 4
    assert locked == sorted(locked)
    assert len(set(locked)) == 2


def test_where_nothing_waits_nothing_is_written(memory: Memory) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert send_notices(memory, now=NOW) == 0
    told = [query["sql"] for query in captured.captured_queries]
    assert told
    assert [sql for sql in told if not sql.startswith("SELECT")] == []


def test_a_notice_counts_in_its_senders_day(memory: Memory) -> None:
    queue(parts=2)
    send_notices(memory, now=NOW)
    assert list(SenderHour.objects.values_list("sender", "messages", "parts")) == [
        (make_sender().pk, 1, 2)
    ]


def test_the_provider_hears_what_a_notice_may_cost_at_most(memory: Memory) -> None:
    SenderCountry.objects.create(sender=make_sender(), country="SN", state="active", cost="0.05")
    queue(parts=2)
    send_notices(memory, now=NOW)
    assert Decimal(memory.ledger[0].outgoing.max_price) == Decimal("0.2")


def test_an_opt_out_that_only_the_provider_knew_of_is_a_withdrawal(memory: Memory) -> None:
    make_subscriber(1, channel="whatsapp")
    row = end(memory, OptedOut("opted_out"))
    assert (row.state, row.reason) == ("failed", "opted_out")
    assert Suppression.objects.get().source == "provider"
    assert Subscriber.objects.get().state == "stopped"
    assert ConsentEntry.objects.filter(verdict="withdrawn", method="provider").exists()


def test_a_stop_lets_what_is_planned_expire(memory: Memory) -> None:
    queue()
    stop(1)
    assert send_notices(memory, now=NOW) == 0
    assert the_notice().state == "expired"
    assert is_wiped(the_notice())


def test_without_a_sender_it_waits(memory: Memory) -> None:
    Sender.objects.update(active=False)
    queue()
    assert send_notices(memory, now=NOW) == 0
    assert the_notice().state == "planned"
    Sender.objects.update(active=True)
    assert send_notices(memory, now=NOW + timedelta(seconds=61)) == 1


class TestCrash:
    def test_what_a_crash_left_on_the_wire_is_unknown_and_stays_unsent(
        self, memory: Memory
    ) -> None:
        queue()
        assert len(notices.claim(limit=8, now=NOW)) == 1
        assert send_notices(memory, now=NOW + timedelta(seconds=59)) == 0
        assert the_notice().state == "submitting"
        assert send_notices(memory, now=NOW + timedelta(seconds=61)) == 0
        assert the_notice().state == "unknown"
        assert not memory.ledger

    def test_who_was_given_up_may_still_have_been_heard(self, memory: Memory) -> None:
        queue()
        (call,) = notices.claim(limit=8, now=NOW)
        outcome = notices.make_call(call, lambda _name: memory)
        notices.settle_left(now=NOW + timedelta(seconds=61))
        notices.record(outcome, now=NOW + timedelta(seconds=62))
        assert the_notice().state == "accepted"

    def test_what_was_given_up_is_not_planned_again_by_a_late_refusal(self, memory: Memory) -> None:
        queue()
        memory.script(number_of(1), NotAccepted("provider_busy"))
        (call,) = notices.claim(limit=8, now=NOW)
        outcome = notices.make_call(call, lambda _name: memory)
        notices.settle_left(now=NOW + timedelta(seconds=61))
        notices.record(outcome, now=NOW + timedelta(seconds=62))
        assert the_notice().state == "unknown"

    def test_what_is_refused_after_a_stop_does_not_go_again(self, memory: Memory) -> None:
        queue()
        memory.script(number_of(1), NotAccepted("provider_busy"))
        (call,) = notices.claim(limit=8, now=NOW)
        outcome = notices.make_call(call, lambda _name: memory)
        stop(1)
        notices.record(outcome, now=NOW + timedelta(seconds=1))
        later = timezone.now() + timedelta(hours=1)
        assert send_notices(memory, now=later) == 0
        assert not memory.ledger
        notices.settle_left(now=later)
        assert the_notice().state == "expired"

    def test_a_process_that_slept_after_its_commit_sends_nothing(
        self, memory: Memory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        queue()
        (call,) = notices.claim(limit=8, now=NOW)
        monkeypatch.setattr(flight, "LONGEST_PAUSE", -1.0)
        notices.record(notices.make_call(call, lambda _name: memory), now=NOW)
        assert not memory.ledger
        assert (the_notice().state, the_notice().reason) == ("planned", "paused_too_long")

    def test_sealed_bytes_that_cannot_be_opened_fail_alone_and_raise_an_alarm(
        self, memory: Memory
    ) -> None:
        queue(1)
        queue(2)
        Notice.objects.filter(pk=Notice.objects.earliest("pk").pk).update(number_sealed=bytes(60))
        assert send_notices(memory, now=NOW) == 2
        assert list(Notice.objects.order_by("pk").values_list("state", flat=True)) == [
            "failed",
            "accepted",
        ]
        assert Alarm.objects.get().kind == "seals"


def make_template(sender: Sender, *, state: str = "approved") -> None:
    """Let a provider know the wording that carries a code."""
    Template.objects.create(
        sender=sender,
        name="waymark_confirm",
        language="fr",
        category="UTILITY",
        body="Code {{1}}",
        digest="x",
        ref="HX" + "1" * 32,
        state=state,
    )


class TestWhatsApp:
    def test_without_a_template_there_is_no_push(self) -> None:
        assert not queue(channel="whatsapp")
        assert not Notice.objects.exists()

    @pytest.mark.parametrize("state", ["pending", "approved"])
    def test_an_approved_template_carries_the_code(self, memory: Memory, state: str) -> None:
        make_template(make_sender("whatsapp"), state=state)
        assert queue(channel="whatsapp") is (state == "approved")
        if state == "approved":
            send_notices(memory, now=NOW)
            outgoing = memory.ledger[0].outgoing
            assert (outgoing.template, outgoing.variables) == (
                "HX" + "1" * 32,
                (("1", "123456"),),
            )

    def test_a_template_goes_by_the_provider_that_knows_it(self, memory: Memory) -> None:
        knowing = make_sender("whatsapp")
        Sender.objects.create(
            name="First", channel="whatsapp", provider="twilio", address="+9990000009", priority=-1
        )
        make_template(knowing)
        assert queue(channel="whatsapp")
        assert send_notices(memory, now=NOW) == 1
        assert the_notice().sender == knowing
        queue(2, channel="whatsapp")
        Sender.objects.filter(pk=knowing.pk).update(active=False)
        assert send_notices(memory, now=NOW) == 0
        assert Notice.objects.filter(state="planned").count() == 1
