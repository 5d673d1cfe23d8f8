"""Reconciling: the provider's own list settles what nobody knew; nothing is ever sent again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import Delivery, Event, Suppression
from messaging.providers.memory import ANSWER_LOST, Memory
from messaging.reconcile import reconcile_unknown
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

    def list_sent(self, to: str, *, channel: str) -> list[Found]:
        self.asked.append(to)
        listed = super().list_sent(to, channel=channel) + self.more
        return [
            Found(f.ref, f.sender, f.body_digest, f.created_at, self.state or f.state, self.reason)
            for f in listed
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


def ask(provider: Memory, *, minutes: int = 0, limit: int = 100) -> int:
    return reconcile_unknown(
        now=timezone.now() + timedelta(seconds=1),
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


def test_no_match_proves_nothing_and_nothing_is_sent(listing: Listing) -> None:
    listing.ledger.clear()
    assert ask(listing) == 0
    assert states() == ["unknown"]
    assert drain_all(listing) == 0
    assert listing.ledger == []


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
    assert [line.levelname for line in caplog.records] == ["ERROR"]


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

    def deliver_first(to: str, *, channel: str) -> list[Found]:
        Delivery.objects.update(state=State.DELIVERED, rank=70)
        return original(to, channel=channel)

    monkeypatch.setattr(listing, "list_sent", deliver_first)
    ask(listing)
    assert states() == ["delivered"]


def test_an_opt_out_told_by_the_list_is_taken_over(listing: Listing) -> None:
    make_batch("broadcast:2")
    listing.state, listing.reason = "failed", OPTED_OUT
    assert ask(listing) == 1
    assert states() == ["failed", "suppressed"]
    assert Suppression.objects.count() == 1
