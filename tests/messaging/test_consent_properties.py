"""Whatever is said in whatever order: the latest word decides, and a stop is never lost.

A machine says things for two identities on two channels, at moments that only move on, and after each
step holds every row against the whole ledger.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from messaging.consenting import consent
from messaging.consenting.consent import Joining, SuppressedError
from messaging.consenting.projecting import COLUMNS, as_columns, judge_ledger
from messaging.models import ConsentEntry, Subscriber, Suppression
from messaging.sealing.crypto import hashes_of
from messaging.sending.eligibility import Audience, find_eligible
from messaging.upkeep import lapsing, retention
from tests.messaging.factories import TOPIC, make_joining, number_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PEOPLE = st.sampled_from([1, 2])
CHANNELS = st.sampled_from(["sms", "whatsapp"])
PURPOSES = st.sampled_from(
    [("messages",), ("messages", "survey"), ("survey",), ("messages", "survey", "urgent")]
)
# Before this machine's own beginning: the last gate and eligibility read the database's clock.
START = datetime(2020, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Undo(Exception):
    """Roll back what one example did."""


class Dialogue(RuleBasedStateMachine):
    """Say yes and no for two identities, and remember only who stopped when."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.begun: list[tuple[Joining, datetime]] = []
        # By identity: whether her last word was a stop that no later sign-up has lifted.
        self.stopped: dict[int, datetime] = {}
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self) -> None:
        self.atomic.__exit__(Undo, Undo(), None)

    def pass_time(self, by: timedelta = HOUR) -> None:
        self.now += by

    @rule(person=PEOPLE, channel=CHANNELS, purposes=PURPOSES, days=st.sampled_from([None, 2, 400]))
    def say_yes(
        self, person: int, channel: str, purposes: tuple[str, ...], days: int | None
    ) -> None:
        self.pass_time()
        until = None if days is None else self.now + days * DAY
        joining = make_joining(person, channel=channel, purposes=purposes, until=until)
        consent.record_yes(joining, now=self.now)
        self.begun.append((joining, self.now))

    @precondition(lambda self: self.begun)
    @rule(data=st.data())
    def confirm_any_sign_up_however_old(self, data: Any) -> None:
        self.pass_time()
        joining, begun_at = data.draw(st.sampled_from(self.begun))
        person = next(n for n in (1, 2) if number_of(n) == joining.number)
        stopped_at = self.stopped.get(person)
        if stopped_at is not None and begun_at <= stopped_at:
            with pytest.raises(SuppressedError):
                consent.confirm(joining, begun_at=begun_at, now=self.now)
        else:
            consent.confirm(joining, begun_at=begun_at, now=self.now)
            self.stopped.pop(person, None)

    @rule(person=PEOPLE, channel=CHANNELS, purposes=PURPOSES)
    def say_no_to_a_purpose(self, person: int, channel: str, purposes: tuple[str, ...]) -> None:
        self.pass_time()
        joining = make_joining(person, channel=channel, purposes=purposes)
        consent.refuse(joining, now=self.now)

    @rule(
        person=PEOPLE,
        channel=CHANNELS,
        method=st.sampled_from(["keyword", "stop_page", "provider"]),
    )
    def stop(self, person: int, channel: str, method: str) -> None:
        self.pass_time()
        hashes = hashes_of(number_of(person))
        consent.withdraw(hashes, method=method, wording="x", now=self.now, channel=channel)
        self.stopped[person] = self.now

    @rule(person=PEOPLE, channel=CHANNELS)
    def grant_as_an_import_of_a_rehearsal_does(self, person: int, channel: str) -> None:
        self.pass_time()
        listed = Suppression.objects.filter(number_hash__in=hashes_of(number_of(person)))
        joining = make_joining(person, channel=channel)
        if listed.exists():
            with pytest.raises(SuppressedError):
                consent.grant(joining, now=self.now)
        else:
            consent.grant(joining, now=self.now)

    @rule()
    def ask_all_and_let_them_lapse(self) -> None:
        self.pass_time()
        ids = list(Subscriber.objects.values_list("pk", flat=True))
        lapsing.ask(ids, self.now)
        self.pass_time()
        consent.lapse(ids, wording="no answer", now=self.now)

    @rule()
    def ask_all_and_let_them_answer(self) -> None:
        self.pass_time()
        lapsing.ask(list(Subscriber.objects.values_list("pk", flat=True)), self.now)
        self.pass_time()
        for person in Subscriber.objects.all():
            consent.stay(person.pk, method="keyword", wording="yes", now=self.now)

    @rule()
    def erase_who_left(self) -> None:
        self.pass_time()
        retention.run(now=self.now)

    @rule(days=st.sampled_from([3, 30, 500, 2000]))
    def let_time_pass(self, days: int) -> None:
        self.pass_time(days * DAY)
        retention.run(now=self.now)
        kept = timedelta(days=1826)
        # After five years the stop list forgets, and only then.
        self.stopped = {n: at for n, at in self.stopped.items() if at + kept > self.now}

    @invariant()
    def every_row_says_what_its_ledger_says(self) -> None:
        for row in Subscriber.objects.all():
            told = judge_ledger([bytes(row.number_hash)], row.channel, now=self.now)
            columns = as_columns(told)
            # On the row an end that has passed stands until the next run; it says until when.
            for flag, until in COLUMNS.values():
                ended = getattr(row, until)
                live = getattr(row, flag) and (ended is None or ended > self.now)
                assert live == columns[flag], (flag, told)
                if live:
                    assert ended == columns[until]
            if columns["state"] == Subscriber.State.SUBSCRIBED:
                assert row.state in {Subscriber.State.SUBSCRIBED, Subscriber.State.ASKED}

    @invariant()
    def a_stop_is_never_lost(self) -> None:
        for person in self.stopped:
            hashes = hashes_of(number_of(person))
            listed = Suppression.objects.filter(number_hash__in=hashes)
            assert listed.exists()
            rows = Subscriber.objects.filter(number_hash__in=hashes)
            assert not rows.exclude(state=Subscriber.State.STOPPED).exists()

    @invariant()
    def nobody_who_stopped_is_eligible(self) -> None:
        barred = {found for n in self.stopped for found in hashes_of(number_of(n))}
        for purpose in COLUMNS:
            people = find_eligible(Audience(topics=(TOPIC,), purpose=purpose))
            assert not barred & {bytes(row.number_hash) for row in people}

    @invariant()
    def whoever_is_eligible_has_confirmed_and_nothing_since(self) -> None:
        for row in find_eligible(Audience(topics=(TOPIC,))):
            entries = ConsentEntry.objects.filter(
                number_hash=row.number_hash, channel=row.channel, purpose="messages"
            )
            last = entries.exclude(verdict="granted").order_by("-pk")[0]
            assert last.verdict == ConsentEntry.Verdict.CONFIRMED


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> type[Dialogue]:
    """Return the machine; the tables of campaigns have no part in it."""
    monkeypatch.setattr("django.conf.settings.MESSAGING_RETENTION_RULES", [], raising=False)
    return Dialogue


def test_no_order_of_words_loses_a_stop_or_lets_a_row_drift(
    machine: type[Dialogue],
) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            # Each is a whole dialogue. The search is SQLite's; PostgreSQL is asked whether it agrees.
            max_examples=25 if connection.vendor == "sqlite" else 8,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
