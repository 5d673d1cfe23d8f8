"""Launching: what was approved is what is sent, and nothing stale goes out."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from wagtail.models import Locale

from campaigns.approval import approving
from campaigns.going_out import launching, scheduling
from campaigns.models import Broadcast, Edition, Occurrence, Price
from cms.models import ChangeKind, ContactPoint, MessagePage
from messaging.consenting import consent
from messaging.models import (
    Batch,
    ConsentEntry,
    Delivery,
    Fence,
    Sender,
    Subscriber,
    Template,
)
from messaging.providers.memory import Memory
from messaging.sending.dispatch import drain
from messaging.states import State as Delivered
from tests.campaigns import factories
from tests.campaigns.factories import Team

State = Broadcast.State


def approve_with_contact(team: Team, **changes: Any) -> Broadcast:
    """Return an approved broadcast of a message that names a contact."""
    message = factories.make_message()
    factories.publish_again(message, contact_points=[factories.make_contact()])
    broadcast = factories.make_broadcast(team, message=message, **changes)
    factories.approve(team, broadcast, at=factories.now())
    broadcast.refresh_from_db()
    return broadcast


@pytest.fixture
def approved(team: Team) -> Broadcast:
    """Return such a broadcast, due in an hour."""
    return approve_with_contact(team, at_once=False, send_at=factories.now() + timedelta(hours=1))


def expire_contact() -> None:
    ContactPoint.objects.update(has_expired=True)


def end(broadcast: Broadcast) -> tuple[str, str]:
    """Let its time come and return the state and the note it ends in."""
    factories.tick(broadcast.send_at)
    broadcast.refresh_from_db()
    return broadcast.state, broadcast.note


def assert_nothing_planned() -> None:
    assert not Batch.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.database
def test_approved_texts_go_to_the_approved_audience_once(approved: Broadcast) -> None:
    assert end(approved) == (State.LAUNCHED, "")
    batch = Batch.objects.get(reference=approved.reference)
    assert batch.size == Delivery.objects.count() == 12
    frozen = set(approved.editions.values_list("channel", "language", "text"))
    assert set(batch.texts.values_list("channel", "language", "body")) == frozen
    assert batch.audience == approved.segment.as_data()


# ---- Held at send --------------------------------------------------------------------------------


def test_contact_that_expires_after_approval_holds_the_launch(approved: Broadcast) -> None:
    expire_contact()
    state, note = end(approved)
    assert state == State.HELD
    assert note == "K-1: contact_point_expired"
    assert_nothing_planned()


def test_contact_that_goes_stale_with_the_days_holds_the_launch(approved: Broadcast) -> None:
    ContactPoint.objects.update(review_by=approved.send_at.date())
    assert end(approved)[0] == State.HELD
    assert_nothing_planned()


def test_message_taken_down_after_approval_holds_the_launch(approved: Broadcast) -> None:
    MessagePage.objects.get(pk=approved.message_id).unpublish()
    state, note = end(approved)
    assert state == State.HELD
    assert "not_published" in note
    assert_nothing_planned()


def test_wording_that_whatsapp_takes_back_holds_the_launch(approved: Broadcast) -> None:
    Template.objects.update(state=Template.State.REJECTED)
    assert end(approved)[0] == State.HELD
    assert_nothing_planned()


@pytest.mark.database
def test_contact_that_expires_on_the_way_holds_the_rest(
    team: Team, memory_provider: Memory
) -> None:
    Fence.objects.get_or_create(pk=1, defaults={"send_enabled": True})
    Sender.objects.update(parts_per_second=5)
    sender = Sender.objects.get(channel="sms")
    approve_with_contact(team)
    factories.tick(factories.now())
    drain(sender, "first", provider=memory_provider, now=factories.now())
    sent = len(memory_provider.ledger)
    assert 0 < sent < 12  # what may start within a second

    assert launching.hold_stale(now=factories.now()) == 0
    expire_contact()
    assert launching.hold_stale(now=factories.now()) == 1
    for _step in range(3):
        drain(sender, "second", provider=memory_provider, now=factories.now())

    assert len(memory_provider.ledger) == sent
    states = list(Delivery.objects.values_list("state", flat=True))
    assert states.count(Delivered.HELD) == 12 - sent
    assert states.count(Delivered.ACCEPTED) == sent


def test_paused_broadcast_that_goes_stale_sends_nothing_when_it_is_resumed(
    team: Team, memory_provider: Memory
) -> None:
    Fence.objects.get_or_create(pk=1, defaults={"send_enabled": True})
    broadcast = factories.make_broadcast(team)
    factories.approve(team, broadcast, at=factories.now())
    factories.tick(factories.now())
    scheduling.pause(broadcast, now=factories.now())
    MessagePage.objects.update(expires=factories.now().date())
    launching.hold_stale(now=factories.now())
    scheduling.resume(broadcast, now=factories.now())
    sender = Sender.objects.get(channel="sms")
    for _step in range(3):
        drain(sender, "worker", provider=memory_provider, now=factories.now())
    assert memory_provider.ledger == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivered.HELD}


@pytest.fixture
def running(team: Team) -> Broadcast:
    """Return a broadcast that is on its way."""
    return run(team, factories.make_message())


def run(team: Team, message: MessagePage) -> Broadcast:
    broadcast = factories.make_broadcast(team, message=message)
    factories.approve(team, broadcast, at=factories.now())
    assert factories.tick(factories.now()) == 1
    assert launching.hold_stale(now=factories.now()) == 0
    return broadcast


def is_held() -> bool:
    """Say whether the gate holds back what is left."""
    return Batch.objects.get().text_valid_until <= factories.now()


def test_message_corrected_on_the_way_holds_the_rest(running: Broadcast) -> None:
    factories.publish_again(running.message, sms_text="Another number: {link}")
    assert launching.hold_stale(now=factories.now()) == 1
    assert is_held()
    # Held once, it is not judged again at every tick.
    assert launching.hold_stale(now=factories.now()) == 0


@pytest.fixture
def french() -> MessagePage:
    """Return the French of a message that is live in English too."""
    message = factories.make_message()
    page = message.copy_for_translation(Locale.objects.get_or_create(language_code="fr")[0], True)
    page.sms_text = "Les nouvelles : {link}"
    page.save_revision().publish()
    published: MessagePage = MessagePage.objects.get(pk=page.pk)
    return published


def test_language_taken_down_on_the_way_holds_the_rest(team: Team, french: MessagePage) -> None:
    broadcast = run(team, french.source)
    assert broadcast.editions.filter(language="fr").exists()
    french.unpublish()
    assert launching.hold_stale(now=factories.now()) == 1
    assert is_held()


@pytest.mark.database
@pytest.mark.parametrize(("kind", "held"), [(ChangeKind.MAJOR, 1), (ChangeKind.MINOR, 0)])
def test_translation_corrected_alone_on_the_way_holds_the_rest(
    team: Team, french: MessagePage, kind: str, held: int
) -> None:
    run(team, french.source)
    factories.publish_again(french, sms_text="Un autre numéro : {link}", change_kind=kind)
    assert launching.hold_stale(now=factories.now()) == held
    assert is_held() == bool(held)


def test_translation_published_anew_with_the_same_words_holds_nothing(
    team: Team, french: MessagePage
) -> None:
    run(team, french.source)
    factories.publish_again(french, change_kind=ChangeKind.MAJOR)
    assert launching.hold_stale(now=factories.now()) == 0


def test_minor_change_on_the_way_holds_nothing(running: Broadcast) -> None:
    factories.publish_again(
        running.message, sms_text="The news you asked for: {link}", change_kind=ChangeKind.MINOR
    )
    assert launching.hold_stale(now=factories.now()) == 0
    assert not is_held()


def test_one_that_cannot_be_judged_does_not_let_the_others_go_on(
    team: Team, running: Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = run(team, factories.make_message())
    MessagePage.objects.update(has_expired=True)
    truth = approving.hold_truth

    def fail_for_one(broadcast: Broadcast, *, now: datetime) -> object:
        if broadcast == running:
            raise RuntimeError("poison")
        return truth(broadcast, now=now)

    monkeypatch.setattr(launching, "hold_truth", fail_for_one)
    assert launching.hold_stale(now=factories.now()) == 1
    held = Batch.objects.get(text_valid_until__lte=factories.now())
    assert held.reference == other.reference


def test_text_is_true_until_the_first_day_on_which_something_ends(approved: Broadcast) -> None:
    first_over = (factories.now() + timedelta(days=3)).date()
    ContactPoint.objects.update(review_by=first_over)
    end(approved)
    expected = datetime.combine(first_over, time.min, tzinfo=UTC)
    assert Batch.objects.get().text_valid_until == expected


# ---- Void ----------------------------------------------------------------------------------------


def test_message_published_anew_voids(approved: Broadcast) -> None:
    factories.publish_again(approved.message, sms_text="Other news: {link}")
    assert end(approved)[0] == State.VOID
    assert_nothing_planned()


def test_change_of_the_rule_or_of_a_frozen_text_voids(approved: Broadcast) -> None:
    Edition.objects.filter(broadcast=approved, channel="sms").update(text="Other words.")
    assert end(approved)[0] == State.VOID
    assert_nothing_planned()


def test_approval_that_is_missing_voids(approved: Broadcast) -> None:
    approved.approvals.all().delete()
    assert end(approved)[0] == State.VOID
    assert_nothing_planned()


@pytest.mark.parametrize(("joining", "state"), [(1, State.LAUNCHED), (2, State.VOID)])
def test_audience_may_grow_by_five_percent_at_most(team: Team, joining: int, state: State) -> None:
    factories.subscribe(8)
    broadcast = factories.make_broadcast(team)
    factories.approve(team, broadcast, at=factories.now())
    broadcast.refresh_from_db()
    factories.subscribe(joining)  # to 20 people
    assert end(broadcast)[0] == state
    assert Delivery.objects.count() == (21 if state == State.LAUNCHED else 0)


def test_growth_before_and_after_the_approval_does_not_add_up(team: Team) -> None:
    factories.subscribe(8)
    broadcast = factories.make_broadcast(team)
    now = factories.now()
    shown = approving.ask_approval(broadcast, now=now).shown  # 20 people
    factories.subscribe(1)
    approving.approve(broadcast, team.approver, shown=shown, now=now)
    broadcast.refresh_from_db()
    factories.subscribe(1)
    assert end(broadcast)[0] == State.VOID
    assert_nothing_planned()


@pytest.mark.parametrize(("amount", "state"), [("0.1050", State.LAUNCHED), ("0.1060", State.VOID)])
def test_price_may_rise_by_five_percent_at_most(
    approved: Broadcast, amount: str, state: State
) -> None:
    Price.objects.update(amount=amount)
    assert end(approved)[0] == state


def test_price_in_another_currency_voids(approved: Broadcast) -> None:
    Price.objects.update(currency="EUR")
    assert end(approved)[0] == State.VOID


def test_people_who_stop_void_nothing(approved: Broadcast) -> None:
    for subscriber in Subscriber.objects.all()[:6]:
        consent.withdraw(
            [bytes(subscriber.number_hash)],
            method=ConsentEntry.Method.KEYWORD,
            wording="STOP",
            now=factories.now(),
        )
    assert end(approved)[0] == State.LAUNCHED
    assert Delivery.objects.count() == 6


# ---- What a person has to mend -------------------------------------------------------------------


def test_missing_sender_holds_and_says_so(approved: Broadcast) -> None:
    Sender.objects.filter(channel="sms").update(active=False)
    state, note = end(approved)
    assert state == State.HELD
    assert "No active sender serves sms" in note
    assert_nothing_planned()


def test_reader_of_a_channel_without_a_text_holds_and_says_so(team: Team) -> None:
    message = factories.make_message(whatsapp_text="")
    segment = factories.make_segment(team.partner)
    factories.subscribe(28)
    broadcast = factories.make_broadcast(team, message=message, segment=segment)
    factories.approve(team, broadcast, at=factories.now())
    broadcast.refresh_from_db()
    factories.subscribe(1, channel="whatsapp")
    state, note = end(broadcast)
    assert state == State.HELD
    assert "no whatsapp text" in note
    assert_nothing_planned()


def test_failing_launch_does_not_stop_the_others(
    team: Team, approved: Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.make_broadcast(team)
    factories.approve(team, other, at=factories.now())
    judge = launching._judge

    def fail_for_one(broadcast: Broadcast, occurrence: Occurrence, *, now: datetime) -> object:
        if broadcast == approved:
            raise RuntimeError("poison")
        return judge(broadcast, occurrence, now=now)

    monkeypatch.setattr(launching, "_judge", fail_for_one)
    Broadcast.objects.filter(pk=approved.pk).update(send_at=other.send_at - timedelta(minutes=1))
    assert factories.tick(factories.now()) == 1
    other.refresh_from_db()
    assert other.state == State.LAUNCHED
    # It is looked at again by the next tick, and repaired without a person.
    monkeypatch.undo()
    assert Occurrence.objects.filter(launched_at__isnull=True).count() == 1
