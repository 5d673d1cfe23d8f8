"""Races of a yes, a lapse and a plan against a stop, with real threads and connections."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from messaging.consenting import consent, identities, leaving
from messaging.consenting.projecting import as_columns, judge_ledger
from messaging.consenting.wordings import ensure_wordings
from messaging.joining import signups, taking
from messaging.models import ConsentEntry, Notice, SignUp, Subscriber, Suppression
from messaging.notifying import notices
from messaging.sealing.crypto import hash_number, hashes_of
from messaging.sending import dispatch, planning
from messaging.sending.eligibility import Audience, find_eligible
from messaging.upkeep import lapsing, retention
from tests.messaging.factories import (
    TOPIC,
    make_batch,
    make_joining,
    make_plan,
    make_sender,
    make_subscriber,
    number_of,
    states,
    stop,
)
from tests.messaging.joining import make_request, open_country
from tests.messaging.lists import OWNER, as_csv, check_file, people
from tests.messaging.test_races import Gate, beside, claim, hold, submit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
HOUR = timedelta(hours=1)


def confirm(serial: int = 1) -> Subscriber | None:
    now = timezone.now()
    try:
        return consent.confirm(make_joining(serial), begun_at=now - HOUR, now=now)
    except consent.SuppressedError:
        return None


def check_row_against_ledger() -> None:
    for row in Subscriber.objects.all():
        told = judge_ledger([bytes(row.number_hash)], row.channel, now=timezone.now())
        assert row.state == as_columns(told)["state"], told


def meet(first: Callable[[], object], gate: Gate, second: Callable[[], object]) -> None:
    """Let the first wait at its gate, holding what it holds; the second then comes and has to wait."""
    with beside(first) as one:
        assert gate.reached.wait(60)
        threading.Timer(0.3, gate.opened.set).start()
        second()
        one.result(60)


def test_a_confirmation_of_a_new_number_waits_for_its_stop_and_loses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate()
    # No row exists that could be locked: only the identity's name is.
    hold(monkeypatch, Suppression.objects, "bulk_create", gate)
    meet(lambda: stop(1), gate, lambda: confirm(1))
    assert not Subscriber.objects.exists()
    assert Suppression.objects.exists()


def test_a_stop_waits_for_a_confirmation_under_way_and_then_stops_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate()
    hold(monkeypatch, consent, "_was_withdrawn", gate)
    meet(lambda: confirm(1), gate, lambda: stop(1))
    assert Subscriber.objects.get().state == Subscriber.State.STOPPED
    assert not find_eligible(Audience(topics=(TOPIC,))).exists()
    check_row_against_ledger()


def test_a_stop_and_a_confirmation_that_holds_its_sign_up_do_not_lock_each_other_out() -> None:
    now = timezone.now()
    SignUp.objects.create(
        channel="sms", number_hash=hash_number(number_of(1)), number_sealed=b"x", country="SN",
        method="web", step=SignUp.Step.CODE, begun_at=now, expires_at=now + HOUR,
    )  # fmt: skip
    gate = Gate()

    def confirm_by_code() -> None:
        with transaction.atomic():
            SignUp.objects.select_for_update().get()
            gate.wait_here()
            confirm(1)

    meet(confirm_by_code, gate, lambda: stop(1))
    assert Subscriber.objects.get().state == Subscriber.State.STOPPED
    assert not SignUp.objects.exists()


def test_a_stop_waits_for_a_sign_up_under_way_and_ends_its_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_country("SN")
    gate = Gate()
    hold(monkeypatch, notices, "queue", gate)
    meet(lambda: signups.begin(make_request(1), now=timezone.now()), gate, lambda: stop(1))
    assert Notice.objects.get().state == Notice.State.EXPIRED
    assert not Subscriber.objects.exists()


def test_a_list_asks_nobody_who_has_just_said_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    open_country("SN")
    ensure_wordings()
    check_file(as_csv(*people(1)))
    taking.take("sheet:test", now=timezone.now())
    gate = Gate()
    # The second look is over; what is left is the commit.
    hold(monkeypatch, taking, "_begin", gate)
    meet(
        lambda: taking.ask_page("sheet:test", taking.Asking(OWNER), now=timezone.now()),
        gate,
        lambda: stop(1),
    )
    assert Notice.objects.get().state == Notice.State.EXPIRED


def test_many_stops_and_confirmations_at_once_leave_no_row_that_its_ledger_denies() -> None:
    def confirm_some() -> None:
        for serial in (1, 2, 3, 1, 2, 3):
            confirm(serial)

    def stop_some() -> None:
        for serial in (3, 2, 1, 3, 2, 1):
            stop(serial)

    with beside(confirm_some) as one, beside(stop_some) as two, beside(confirm_some) as three:
        for future in (one, two, three):
            future.result(60)
    check_row_against_ledger()
    barred = {bytes(row) for row in Suppression.objects.values_list("number_hash", flat=True)}
    people = find_eligible(Audience(topics=(TOPIC,)))
    assert not barred & {bytes(row.number_hash) for row in people}
    assert not Subscriber.objects.filter(number_hash__in=barred, state="subscribed").exists()


def test_an_answer_waits_for_a_lapse_under_way_and_comes_too_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_subscriber(1)
    ids = [Subscriber.objects.get().pk]
    lapsing.ask(ids, timezone.now())
    gate = Gate()
    hold(monkeypatch, leaving, "_forget", gate)
    meet(
        lambda: consent.lapse(ids, wording="no answer", now=timezone.now()),
        gate,
        lambda: consent.stay(ids[0], method="keyword", wording="yes", now=timezone.now()),
    )
    assert Subscriber.objects.get().state == Subscriber.State.STOPPED
    assert ConsentEntry.objects.order_by("-pk")[0].verdict == "expired"


def test_who_comes_back_while_her_old_row_goes_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    make_subscriber(1)
    stop(1)
    gate, erase = Gate(), leaving.erase_rows

    def erase_and_wait(ids: list[int]) -> int:
        removed = erase(ids)
        gate.wait_here()
        return removed

    monkeypatch.setattr(leaving, "erase_rows", erase_and_wait)
    later = timezone.now() + HOUR
    meet(
        lambda: retention.run(now=timezone.now()),
        gate,
        lambda: consent.confirm(make_joining(1), begun_at=later, now=later),
    )
    assert Subscriber.objects.get().state == Subscriber.State.SUBSCRIBED


def test_a_launch_beside_a_stop_and_the_end_of_her_row_sends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for channel in ("sms", "whatsapp"):
        make_sender(channel)
    make_subscriber(1)
    make_subscriber(2)
    gate = Gate()
    hold(monkeypatch, planning, "_insert_deliveries", gate)
    with beside(lambda: planning.plan(make_plan(), now=timezone.now())) as planned:
        assert gate.reached.wait(60)
        stop(1)
        retention.run(now=timezone.now())
        gate.opened.set()
        planned.result(60)
    assert states() == ["planned", "planned"]
    assert len(submit(claim())) == 1
    assert states() == ["suppressed", "submitting"]


def test_dispatch_waits_for_a_refusal_of_its_purpose(monkeypatch: pytest.MonkeyPatch) -> None:
    make_batch(people=1)
    ids, gate = claim(), Gate()
    hold(monkeypatch, consent, "_write", gate)
    with beside(lambda: consent.refuse(make_joining(1), now=timezone.now())) as refusing:
        assert gate.reached.wait(60)
        threading.Timer(0.3, gate.opened.set).start()
        assert dispatch.submit(ids, "worker", now=timezone.now()) == []
        refusing.result(60)
    assert states() == ["suppressed"]


def test_identities_are_locked_in_one_order_by_all() -> None:
    both = [hashes_of(number_of(1))[0], hashes_of(number_of(2))[0]]

    def lock(hashes: list[bytes]) -> None:
        for _turn in range(30):
            with transaction.atomic():
                identities.lock(hashes)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.001)")

    with beside(lambda: lock(both)) as one, beside(lambda: lock(both[::-1])) as two:
        one.result(60)
        two.result(60)
