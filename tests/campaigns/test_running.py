"""How a running broadcast fares: by country and language, what it cost, and what went wrong."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from campaigns.going_out.progress import ask_again_after, read_progress
from campaigns.going_out.running import Running, read_running
from campaigns.models import Broadcast
from messaging import wire
from messaging.models import Batch, Delivery, Sender
from messaging.states import State
from tests.campaigns import factories
from tests.campaigns.factories import Team

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def launched(team: Team) -> Broadcast:
    """Return a broadcast on its way to twelve people in Tunisia and three in Libya."""
    now = factories.now()
    factories.subscribe(3, country="LY", language="ar")
    broadcast = factories.make_broadcast(team)
    factories.approve(team, broadcast, at=now)
    assert factories.tick(now) == 1
    broadcast.refresh_from_db()
    return broadcast


def look(broadcast: Broadcast) -> Running:
    cache.clear()
    running = read_running(broadcast, now=factories.now())
    assert running is not None
    return running


def move(number: int, state: State, *, country: str = "TN", reason: str = "") -> None:
    waiting = Delivery.objects.filter(state=State.PLANNED, country=country)
    some = list(waiting.values_list("pk", flat=True)[:number])
    Delivery.objects.filter(pk__in=some).update(state=state, reason=reason)


def test_groups_of_few_people_are_left_out_and_said_to_be_there(
    team: Team, sign_in: SignIn, launched: Broadcast
) -> None:
    move(3, State.DELIVERED, country="LY")
    running = look(launched)
    assert [(one.name, one.people) for one in running.countries] == [("TN", 12)]
    assert [one.name for one in running.languages] == ["en"]
    assert running.more_countries
    page = sign_in(team.analyst).get(reverse("desk_broadcast", args=[launched.code]))
    text = page.content.decode()
    assert "Groups of fewer than 10 people are not shown." in text
    assert "Libya" not in text.partition("By country")[2].partition("What people get")[0]


def test_a_group_counts_who_waits_who_has_it_and_who_failed(
    team: Team, launched: Broadcast
) -> None:
    move(4, State.DELIVERED)
    move(2, State.SENT)
    move(1, State.FAILED, reason=wire.UNUSABLE)
    (group,) = look(launched).countries
    assert (group.waiting, group.handed, group.arrived, group.failed) == (5, 7, 4, 1)


def test_cost_so_far_stands_beside_what_was_expected(team: Team, launched: Broadcast) -> None:
    assert look(launched).spent == 0
    move(5, State.SENT)
    running = look(launched)
    assert running.spent == Decimal("0.5000")
    # Libya has no price.
    assert running.expected == Decimal("1.2000")


def test_what_went_wrong_is_said_in_words_with_what_to_do(
    team: Team, sign_in: SignIn, launched: Broadcast
) -> None:
    move(1, State.FAILED, reason=wire.FILTERED)
    move(2, State.FAILED, reason="a code that nobody knows")
    page = sign_in(team.analyst).get(reverse("desk_states", args=[launched.code]))
    text = page.content.decode()
    assert "took the message for spam" in text
    assert "tell a programme lead" in text
    assert "nobody has explained why yet" in text
    assert "a code that nobody knows" not in text


def test_who_reached_the_limit_of_a_week_is_not_told_of_an_untrue_message(
    launched: Broadcast,
) -> None:
    move(3, State.HELD, reason="too_many")
    move(2, State.HELD, reason="text_expired")
    said = {one.people: f"{one.what} {one.remedy}" for one in look(launched).troubles}
    assert "as many messages as are allowed in a week" in said[3]
    assert "not true any more" in said[2]


def test_a_sender_that_stands_still_is_said(
    team: Team, sign_in: SignIn, launched: Broadcast
) -> None:
    assert not look(launched).halted
    Sender.objects.update(halted_at=factories.now())
    assert look(launched).halted


def test_pausing_is_seen_at_once_although_counts_are_kept(team: Team, launched: Broadcast) -> None:
    now = factories.now()
    before = read_running(launched, now=now)
    move(4, State.DELIVERED)
    assert read_running(launched, now=now) == before
    Batch.objects.update(state=Batch.State.PAUSED)
    assert read_running(launched, now=now) != before


def test_how_fewer_than_ten_people_fare_is_not_shown(team: Team, sign_in: SignIn) -> None:
    now = factories.now()
    few = factories.make_segment(team.partner, countries=["LY"])
    factories.subscribe(4, country="LY")
    broadcast = factories.make_broadcast(team, segment=few)
    factories.approve(team, broadcast, at=now)
    factories.tick(now)
    move(1, State.DELIVERED, country="LY")
    assert read_running(broadcast, now=now) is None
    text = sign_in(team.analyst).get(reverse("desk_states", args=[broadcast.code])).content.decode()
    assert "fewer than 10 people" in text
    assert "<table" not in text
    assert "4 in the audience" not in text


def again(broadcast: Broadcast, *, later: timedelta = timedelta()) -> float:
    now = factories.now() + later
    return ask_again_after(broadcast, read_progress(broadcast, now=now), now=now).total_seconds()


def test_a_page_asks_seldom_for_what_is_far_off_or_long_over(
    team: Team, launched: Broadcast
) -> None:
    now = factories.now()
    far = factories.make_broadcast(
        team, at_once=False, send_at=now + timedelta(days=6), state=Broadcast.State.APPROVED
    )
    assert again(far) == 60
    assert again(far, later=timedelta(days=6, seconds=-30)) < 4
    assert again(launched) == 2
    # One of which nobody will ever know.
    move(12, State.UNKNOWN)
    move(3, State.DELIVERED, country="LY")
    Batch.objects.update(state=Batch.State.FINISHED, finished_at=now)
    assert again(launched) == 6
    assert again(launched, later=timedelta(hours=1)) == 60
    assert again(launched, later=timedelta(days=8)) == 0
