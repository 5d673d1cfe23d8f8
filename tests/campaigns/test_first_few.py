"""The first few of a large broadcast: alone at first, watched, and then the others or nobody."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from campaigns.going_out import canaries, canary_rules, scheduling
from campaigns.going_out.canary_rules import Fared, bound_below, count_first, find_trouble
from campaigns.models import AuditEntry, Broadcast, Canary
from messaging.consenting import consent
from messaging.guarding import restoring
from messaging.models import Batch, ConsentEntry, Delivery, Sender, Subscriber
from messaging.sending import batches
from messaging.states import State
from tests.campaigns import factories
from tests.campaigns.factories import Team

STATES = Canary.State
PAUSE = timedelta(seconds=60)


# ---- The rule ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "first"),
    [(0, 0), (1_000, 0), (1_001, 50), (5_000, 50), (5_001, 51), (20_000, 200), (90_000, 500)],
)
def test_one_percent_goes_first_at_least_fifty_and_at_most_five_hundred(
    people: int, first: int
) -> None:
    assert count_first(people) == first


@pytest.mark.parametrize(
    ("fared", "trouble"),
    [
        (Fared(50, 0, 0), []),
        (Fared(50, 8, 0), []),
        (Fared(50, 9, 0), ["failing"]),
        (Fared(50, 0, 3), []),
        (Fared(50, 0, 4), ["stops"]),
        (Fared(500, 58, 21), ["failing", "stops"]),
        (Fared(0, 0, 0), []),
    ],
)
def test_what_is_bad_beyond_chance_is_trouble(fared: Fared, trouble: list[str]) -> None:
    assert find_trouble(fared) == trouble


@given(whole=st.integers(1, 500), part=st.integers(0, 500))
def test_the_bound_lies_below_the_share_and_grows_with_it(whole: int, part: int) -> None:
    part = min(part, whole)
    bound = bound_below(part, whole)
    assert 0 <= bound <= part / whole
    if part < whole:
        assert bound <= bound_below(part + 1, whole)


# ---- The way -------------------------------------------------------------------------------------


@pytest.fixture
def launched(team: Team, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Broadcast:
    """Launch to twelve people, of whom four go first."""
    settings.CANARY_OVER = 10
    settings.CANARY_SECONDS = PAUSE.total_seconds()
    monkeypatch.setattr(canary_rules, "FEWEST", 4)
    broadcast = factories.make_broadcast(team)
    factories.approve(team, broadcast, at=factories.now())
    assert factories.tick(factories.now()) == 1
    broadcast.refresh_from_db()
    return broadcast


def canary_of(broadcast: Broadcast) -> Canary:
    return Canary.objects.get(broadcast=broadcast)


def send_first(state: State = State.DELIVERED, *, number: int = 4) -> None:
    """Let so many of the first ones come to a state, as the provider said."""
    ids = Delivery.objects.order_by("pk").values_list("pk", flat=True)[:number]
    now = factories.now()
    Delivery.objects.filter(pk__in=list(ids)).update(state=state, submitting_at=now)


def say_stop(*people: Subscriber) -> None:
    for person in people:
        consent.withdraw(
            [bytes(person.number_hash)],
            method=ConsentEntry.Method.KEYWORD,
            wording="STOP",
            now=factories.now(),
        )


def watch_through(broadcast: Broadcast) -> datetime:
    """Watch until after the pause; return that moment."""
    sent = factories.now()
    canaries.watch(now=sent)
    canaries.watch(now=sent + PAUSE)
    return sent + PAUSE


def batch_of(broadcast: Broadcast) -> Batch:
    return Batch.objects.get(reference=broadcast.reference)


@pytest.mark.django_db
@pytest.mark.database
def test_first_few_go_alone_and_the_others_follow(launched: Broadcast) -> None:
    assert Delivery.objects.count() == 4
    now = factories.now()
    assert canaries.watch(now=now + PAUSE) == 0
    assert canary_of(launched).state == STATES.SENDING
    send_first()
    assert canaries.watch(now=now) == 0
    assert canary_of(launched).state == STATES.WATCHED
    assert canaries.watch(now=now + PAUSE / 2) == 0
    assert Delivery.objects.count() == 4
    assert canaries.watch(now=now + PAUSE) == 1
    assert Delivery.objects.count() == 12
    assert Delivery.objects.values("person").distinct().count() == 12
    canary = canary_of(launched)
    assert (canary.state, canary.figures["tried"]) == (STATES.PASSED, 4)
    assert canaries.watch(now=now + 2 * PAUSE) == 0
    entry = AuditEntry.objects.get(verb="canary_passed")
    assert entry.details == {"tried": 4, "failed": 0, "stopped": 0, "people": 8}
    assert entry.actor_id is None


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize(("state", "why"), [(State.FAILED, "failing"), (State.DELIVERED, "stops")])
def test_bad_news_stops_before_the_pause_is_over(
    launched: Broadcast, state: State, why: str
) -> None:
    send_first(state)
    if why == "stops":
        say_stop(*Subscriber.objects.filter(deliveries__isnull=False))
    canaries.watch(now=factories.now())
    canary, batch = canary_of(launched), batch_of(launched)
    assert (canary.state, canary.reasons) == (STATES.STOPPED, [why])
    assert (batch.state, batch.paused_reason) == (Batch.State.PAUSED, canaries.PAUSED_REASON)
    watch_through(launched)
    assert Delivery.objects.count() == 4
    assert AuditEntry.objects.get(verb="canary_stopped").details["why"] == why


@pytest.mark.django_db
def test_stop_of_somebody_who_had_not_got_it_yet_counts_for_nothing(launched: Broadcast) -> None:
    say_stop(*Subscriber.objects.filter(deliveries__isnull=False))
    assert batches.count_stops(launched.reference, since=launched.created_at) == 0


@pytest.mark.django_db
def test_those_who_wait_for_a_morning_hold_up_nobody(launched: Broadcast) -> None:
    send_first(number=2)
    later = factories.now() + timedelta(hours=8)
    Delivery.objects.filter(state=State.PLANNED).update(not_before=later)
    watch_through(launched)
    assert canary_of(launched).state == STATES.PASSED
    assert Delivery.objects.count() == 12


@pytest.mark.django_db
def test_if_all_wait_for_a_morning_nobody_is_judged(launched: Broadcast) -> None:
    later = factories.now() + timedelta(hours=8)
    Delivery.objects.update(not_before=later)
    watch_through(launched)
    assert canary_of(launched).state == STATES.SENDING


@pytest.mark.django_db
def test_paused_one_waits_and_goes_on(launched: Broadcast) -> None:
    send_first()
    scheduling.pause(launched, now=factories.now())
    now = watch_through(launched)
    assert Delivery.objects.count() == 4
    scheduling.resume(launched, now=now)
    watch_through(launched)
    assert Delivery.objects.count() == 12


@pytest.mark.django_db
def test_ended_one_is_never_followed(launched: Broadcast) -> None:
    send_first()
    assert scheduling.cancel(launched, now=factories.now()) == 8
    assert scheduling.cancel(launched, now=factories.now()) == 0
    assert AuditEntry.objects.get(verb="cancelled").details == {"unsent": 8}
    watch_through(launched)
    assert (canary_of(launched).state, canary_of(launched).reasons) == (STATES.STOPPED, ["ended"])
    assert Delivery.objects.count() == 4


def make_text_newer(broadcast: Broadcast) -> None:
    factories.publish_again(broadcast.message, sms_text="Other news: {link}")


def unpublish(broadcast: Broadcast) -> None:
    broadcast.message.unpublish()


def restore(_broadcast: Broadcast) -> None:
    restoring.declare(since=factories.now() - timedelta(hours=1), now=factories.now())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("happening", "why"), [(make_text_newer, "changed"), (unpublish, "held"), (restore, "restored")]
)
def test_others_follow_only_while_what_was_approved_holds(
    launched: Broadcast, happening: Callable[[Broadcast], None], why: str
) -> None:
    send_first()
    happening(launched)
    Batch.objects.update(state=Batch.State.RUNNING)
    watch_through(launched)
    assert why in canary_of(launched).reasons
    assert not canaries.is_releasable(canary_of(launched))
    assert Delivery.objects.count() == 4


@pytest.mark.django_db
def test_others_who_cannot_be_planned_stop_it(launched: Broadcast) -> None:
    send_first()
    Sender.objects.update(active=False)
    watch_through(launched)
    assert canary_of(launched).reasons == ["unplanned"]
    assert batch_of(launched).first == Delivery.objects.count() == 4


# ---- A person decides ----------------------------------------------------------------------------


@pytest.fixture
def stopped(launched: Broadcast) -> Broadcast:
    send_first(State.FAILED)
    canaries.watch(now=factories.now())
    return launched


@pytest.mark.django_db
@pytest.mark.database
def test_an_approver_lets_the_others_follow_once(team: Team, stopped: Broadcast) -> None:
    with pytest.raises(canaries.CanaryError):
        canaries.release(stopped, team.scheduler, now=factories.now())
    assert canaries.release(stopped, team.approver, now=factories.now()) == 8
    with pytest.raises(canaries.CanaryError, match="Nothing waits"):
        canaries.release(stopped, team.approver, now=factories.now())
    canary = canary_of(stopped)
    assert (canary.state, canary.released_by, canary.reasons) == (
        STATES.PASSED,
        team.approver,
        ["failing"],
    )
    assert batch_of(stopped).state == Batch.State.RUNNING
    assert AuditEntry.objects.get(verb="released").details == {"people": 8, "despite": "failing"}


@pytest.mark.django_db
def test_resuming_does_not_get_round_the_decision(team: Team, stopped: Broadcast) -> None:
    with pytest.raises(scheduling.StandstillError):
        scheduling.resume(stopped, now=factories.now())
    assert batch_of(stopped).state == Batch.State.PAUSED


@pytest.mark.django_db
def test_nor_does_resuming_at_the_moment_at_which_it_stops(
    stopped: Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As somebody saw it who asked a moment before.
    monkeypatch.setattr(canaries, "is_stopped", lambda _broadcast: False)
    assert not scheduling.resume(stopped, now=factories.now())
    assert batch_of(stopped).state == Batch.State.PAUSED


@pytest.mark.django_db
def test_stopped_one_can_be_ended(team: Team, stopped: Broadcast) -> None:
    scheduling.cancel(stopped, now=factories.now())
    assert batch_of(stopped).state == Batch.State.CANCELLED
    with pytest.raises(canaries.CanaryError):
        canaries.release(stopped, team.approver, now=factories.now())


@pytest.mark.django_db
def test_the_page_says_why_and_offers_the_way(
    team: Team, stopped: Broadcast, sign_in: Callable[[User], Client]
) -> None:
    address = f"/desk/broadcasts/{stopped.code}/"
    scheduler = sign_in(team.scheduler)
    page = scheduler.get(address).content.decode()
    assert "It stopped after the first 4 people." in page
    assert "4 of 4 messages failed" in page
    assert "Let the others follow" not in page
    assert scheduler.post(f"{address}release/").status_code == 403
    approver = sign_in(team.approver)
    page = approver.get(address).content.decode()
    assert "Let the others follow" in page
    assert f"{address}resume/" not in page
    approver.post(f"{address}release/")
    assert Delivery.objects.count() == 12
    assert "somebody let the others follow" in approver.get(address).content.decode()


@pytest.mark.django_db
def test_the_page_says_that_the_first_few_are_watched(
    team: Team, launched: Broadcast, sign_in: Callable[[User], Client]
) -> None:
    states = f"/desk/broadcasts/{launched.code}/states/"
    client = sign_in(team.scheduler)
    assert "The first 4 people go alone." in client.get(states).content.decode()
    send_first()
    canaries.watch(now=factories.now())
    assert "are watched" in client.get(states).content.decode()
    watch_through(launched)
    assert "fared well" in client.get(states).content.decode()
