"""Reconciling: the provider's own list settles what nobody knew; nothing is ever sent again."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from messaging.guarding.restoring import RESTORED
from messaging.models import Absence, Alarm, BatchText, Delivery, Event, Sender, Suppression
from messaging.providers.memory import ANSWER_LOST, Memory
from messaging.receiving.deciding import find_absent
from messaging.receiving.reconcile import ABSENT, reconcile_unknown
from messaging.states import State
from messaging.wire import OPTED_OUT, Found, NotAccepted, Unclear
from tests.messaging.factories import (
    drain_all,
    make_batch,
    make_subscriber,
    number_of,
    states,
    the_delivery,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class Listing(Memory):
    """Change what the provider's list says."""

    def __init__(self) -> None:
        super().__init__()
        self.more: list[Found] = []
        self.state: str | None = None
        self.reason = ""
        self.asked: list[str] = []

    def list_sent(self, to: str, *, channel: str, since: datetime | None = None) -> list[Found]:
        self.asked.append(to)
        listed = super().list_sent(to, channel=channel, since=since) + self.more
        return [
            replace(found, state=self.state or found.state, reason=self.reason) for found in listed
        ]


@pytest.fixture
def listing() -> Listing:
    """Return a provider that took one message whose answer was lost."""
    listing = Listing()
    make_batch(people=1)
    listing.script(number_of(1), ANSWER_LOST)
    drain_all(listing)
    assert states() == ["unknown"]
    return listing


def ask(
    provider: Memory, *, minutes: int = 0, limit: int = 100, later: timedelta = timedelta()
) -> int:
    return reconcile_unknown(
        now=timezone.now() + timedelta(seconds=1) + later,
        older_than=timedelta(minutes=minutes),
        limit=limit,
        provider_of=lambda _name: provider,
    )


def grow_old(**age: int) -> None:
    Delivery.objects.update(submitting_at=timezone.now() - timedelta(**age))


def test_one_match_proves_that_the_message_was_accepted(listing: Listing) -> None:
    assert ask(listing) == 1
    delivery = the_delivery()
    assert (delivery.state, delivery.rank) == (State.ACCEPTED, 40)
    assert delivery.provider_ref == listing.ledger[0].ref
    assert sorted(Event.objects.values_list("state", flat=True)) == ["accepted", "unknown"]
    assert len(listing.ledger) == 1


@pytest.mark.parametrize("state", ["sent", "delivered", "read", "failed"])
def test_the_list_may_know_more_than_acceptance(listing: Listing, state: str) -> None:
    listing.state = state
    assert ask(listing) == 1
    assert states() == [state]
    assert Event.objects.filter(state=state).exists()


def test_a_word_in_the_list_that_nobody_knows_still_proves_acceptance(listing: Listing) -> None:
    (found,) = listing.list_sent(number_of(1), channel="sms")
    listing.ledger.clear()
    listing.more = [Found("SM1", found.sender, found.body_digest, found.created_at, None)]
    assert ask(listing) == 1
    assert states() == ["accepted"]


def test_one_look_without_a_match_proves_nothing_and_nothing_is_sent(listing: Listing) -> None:
    listing.ledger.clear()
    assert ask(listing) == 0
    assert states() == ["unknown"]
    assert Absence.objects.get().proven_at is None
    assert drain_all(listing) == 0
    assert listing.ledger == []


def test_second_look_too_soon_is_not_taken(listing: Listing) -> None:
    listing.ledger.clear()
    ask(listing)
    ask(listing)
    assert len(listing.asked) == 1


def test_two_looks_ten_minutes_apart_prove_that_it_is_absent(listing: Listing) -> None:
    listing.ledger.clear()
    ask(listing)
    ask(listing, later=timedelta(minutes=11))
    row = the_delivery()
    assert (row.state, row.reason) == ("unknown", ABSENT)
    assert Absence.objects.get().proven_at is not None
    later = timezone.now() + timedelta(minutes=11)
    assert list(find_absent(now=later)) == [row]
    assert drain_all(listing) == 0


def test_proof_is_renewed_and_falls_when_the_list_shows_it_after_all(listing: Listing) -> None:
    found = listing.list_sent(number_of(1), channel="sms")
    listing.ledger.clear()
    ask(listing)
    ask(listing, later=timedelta(minutes=11))
    assert ask(listing, later=timedelta(minutes=30)) == 0
    assert len(listing.asked) == 4
    listing.more = found
    assert ask(listing, later=timedelta(hours=2)) == 1
    assert states() == ["accepted"]


def test_what_a_restore_has_lost_is_looked_for_until_now_at_every_look(listing: Listing) -> None:
    (sent,) = listing.list_sent(number_of(1), channel="sms")
    listing.ledger.clear()
    grow_old(hours=1)
    Delivery.objects.update(reason=RESTORED)
    ask(listing)
    ask(listing, later=timedelta(minutes=11))
    assert Absence.objects.get().proven_at
    assert the_delivery().reason == RESTORED
    # It went out half an hour after the backup was taken.
    listing.more = [replace(sent, created_at=timezone.now() - timedelta(minutes=30))]
    assert ask(listing, later=timedelta(minutes=22)) == 1
    assert states() == ["accepted"]


def test_something_unexplained_beside_it_is_no_proof_of_absence(listing: Listing) -> None:
    (found,) = listing.list_sent(number_of(1), channel="sms")
    listing.ledger.clear()
    listing.more = [replace(found, body_digest="of another text")]
    ask(listing)
    assert not Absence.objects.exists()


def test_a_pool_is_known_by_its_own_id(listing: Listing) -> None:
    (found,) = listing.list_sent(number_of(1), channel="sms")
    listing.ledger.clear()
    pool = "MG" + "1" * 32
    Sender.objects.update(address=pool)
    listing.more = [replace(found, sender="+9990000077", service=pool)]
    assert ask(listing) == 1


@pytest.mark.parametrize(("alone", "found"), [(True, 1), (False, 0)])
def test_a_template_is_known_by_sender_and_time_only_while_nothing_else_is_there(
    listing: Listing, alone: bool, found: int
) -> None:
    (mine,) = listing.list_sent(number_of(1), channel="sms")
    listing.ledger.clear()
    BatchText.objects.update(template_ref="HX1")
    listing.more = [replace(mine, body_digest="filled"), replace(mine, ref="SM2", body_digest="x")]
    listing.more = listing.more[:1] if alone else listing.more
    assert ask(listing) == found
    assert not Alarm.objects.exists()


def test_a_provider_without_a_list_is_not_asked(listing: Listing) -> None:
    listing.lists = False
    assert ask(listing) == 0
    assert listing.asked == []
    assert not Absence.objects.exists()


def test_those_of_a_provider_without_a_list_take_nobodys_place(listing: Listing) -> None:
    for serial in range(2, 30):
        make_subscriber(serial)
    make_batch("broadcast:2")
    silent = Sender.objects.create(
        name="Silent", channel="sms", provider="silent", address="+9990000009"
    )
    others = Delivery.objects.filter(batch__reference="broadcast:2")
    others.update(sender=silent, state=State.UNKNOWN, rank=30, submitting_at=timezone.now())
    nowhere = Memory()
    nowhere.lists = False
    found = reconcile_unknown(
        now=timezone.now() + timedelta(seconds=1),
        older_than=timedelta(0),
        limit=1,
        provider_of=lambda name: nowhere if name == "silent" else listing,
    )
    assert found == 1


@pytest.mark.parametrize(
    "change",
    [
        {"sender": "+9990000009"},
        {"body_digest": "of another text"},
        {"created_at": timedelta(seconds=-30)},
        {"created_at": timedelta(seconds=90)},
    ],
)
def test_a_line_of_the_list_about_something_else_is_no_match(
    listing: Listing, change: dict[str, object]
) -> None:
    (found,) = listing.list_sent(number_of(1), channel="sms")
    listing.ledger.clear()
    apart = change.get("created_at", timedelta(0))
    assert isinstance(apart, timedelta)
    listing.more = [
        Found(
            ref="SM1",
            sender=str(change.get("sender", found.sender)),
            body_digest=str(change.get("body_digest", found.body_digest)),
            created_at=found.created_at + apart,
            state="sent",
        )
    ]
    assert ask(listing) == 0
    assert states() == ["unknown"]


def test_two_matches_are_reported_and_settle_nothing(
    listing: Listing, caplog: pytest.LogCaptureFixture
) -> None:
    (found,) = listing.list_sent(number_of(1), channel="sms")
    listing.more = [Found("SM2", found.sender, found.body_digest, found.created_at, "sent")]
    assert ask(listing) == 0
    assert states() == ["unknown"]
    assert [line.levelname for line in caplog.records] == ["ERROR", "WARNING"]
    assert Alarm.objects.get().kind == Alarm.Kind.DOUBLED


def test_a_line_that_belongs_to_another_broadcast_is_not_taken_for_ours(listing: Listing) -> None:
    listing.ledger.clear()
    make_batch("broadcast:2")
    drain_all(listing)
    assert states() == ["unknown", "accepted"]
    assert ask(listing) == 0
    assert states() == ["unknown", "accepted"]


def test_the_same_text_twice_to_one_number_is_told_apart(listing: Listing) -> None:
    listing.script(number_of(1), None)
    make_batch("broadcast:2")
    drain_all(listing)
    assert ask(listing) == 1
    assert states() == ["accepted", "accepted"]
    assert Delivery.objects.values("provider_ref").distinct().count() == 2


def test_only_what_has_been_unknown_for_long_enough_is_asked_about(listing: Listing) -> None:
    assert ask(listing, minutes=15) == 0
    assert listing.asked == []


def test_after_three_days_nobody_asks_any_more(listing: Listing) -> None:
    grow_old(hours=73)
    assert ask(listing) == 0
    assert listing.asked == []
    row = the_delivery()
    assert (row.state, row.settled_at is not None) == ("unknown", True)
    assert not find_absent(now=timezone.now()).exists()


@pytest.mark.parametrize("error", [Unclear("no_answer"), NotAccepted("no_connection")])
def test_a_provider_that_cannot_be_asked_leaves_the_message_unknown(
    listing: Listing, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*args: object, **kwargs: object) -> list[Found]:
        raise error

    monkeypatch.setattr(listing, "list_sent", fail)
    assert ask(listing) == 0
    assert states() == ["unknown"]


def test_a_number_that_cannot_be_opened_does_not_hold_up_the_others(listing: Listing) -> None:
    spoiled = the_delivery().subscriber
    spoiled.number_sealed = b"\x01" * 43
    spoiled.save()
    make_subscriber(2)
    make_batch("broadcast:2", audience={"languages": ("fr",)})
    listing.script(number_of(2), ANSWER_LOST)
    drain_all(listing)
    assert ask(listing) == 1
    assert sorted(states()) == ["accepted", "failed", "unknown"]


def test_what_never_finds_an_answer_does_not_starve_the_rest(listing: Listing) -> None:
    listing.ledger.clear()
    make_subscriber(2)
    make_batch("broadcast:2", audience={"channels": ("sms",)})
    listing.script(number_of(2), ANSWER_LOST)
    drain_all(listing)
    asked = sum(ask(listing, limit=1) for _ in range(64))
    assert asked == 1


def test_a_receipt_that_came_meanwhile_is_kept(
    listing: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = listing.list_sent

    def deliver_first(to: str, *, channel: str, since: datetime | None = None) -> list[Found]:
        Delivery.objects.update(state=State.DELIVERED, rank=70)
        return original(to, channel=channel, since=since)

    monkeypatch.setattr(listing, "list_sent", deliver_first)
    ask(listing)
    assert states() == ["delivered"]


def test_an_opt_out_told_by_the_list_is_taken_over(listing: Listing) -> None:
    make_batch("broadcast:2")
    listing.state, listing.reason = "failed", OPTED_OUT
    assert ask(listing) == 1
    assert states() == ["failed", "suppressed"]
    assert Suppression.objects.count() == 1
