"""The list of broadcasts: no audience is counted for it, small ones stay hidden, and it can be narrowed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.calendar import items
from campaigns.models import Broadcast, Membership
from messaging.models import Batch
from tests.campaigns import factories
from tests.campaigns.factories import Team

SignIn = Callable[[User], Client]
State = Broadcast.State


def read(client: Client, **asked: str) -> str:
    return client.get(reverse("desk"), asked).content.decode()


def test_no_audience_is_counted_for_the_list(team: Team, sign_in: SignIn) -> None:
    factories.make_broadcast(team)
    client = sign_in(team.scheduler)
    with CaptureQueriesContext(connection) as queries:
        read(client)
    assert not [query for query in queries if "messaging_subscriber" in query["sql"]]


@pytest.mark.database
def test_list_of_many_rules_costs_as_many_queries_as_of_one(team: Team, sign_in: SignIn) -> None:
    client, message = sign_in(team.approver), factories.make_message()
    counts = []
    for number in (1, 12):
        for _one in range(number):
            factories.make_broadcast(team, message=message)
        with CaptureQueriesContext(connection) as queries:
            read(client)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 25


def launch_two(team: Team) -> None:
    """Launch one to seven people, and one to 1,234."""
    now = factories.now()
    for size in (7, 1_234):
        broadcast = factories.make_broadcast(team, state=State.LAUNCHED)
        Batch.objects.create(
            reference=broadcast.reference,
            audience={},
            size=size,
            text_valid_until=now,
            created_at=now,
        )


def test_people_of_a_launch_are_rounded_and_few_are_hidden(team: Team, sign_in: SignIn) -> None:
    launch_two(team)
    page = read(sign_in(team.analyst))
    assert "fewer than 10 people" in page
    assert "about 1,230 people" in page
    assert "1,234" not in page


def test_people_of_an_approval_stand_in_the_list(team: Team, sign_in: SignIn) -> None:
    broadcast = factories.make_broadcast(team)
    assert [item.people for item in items.make_items([broadcast])] == [None]
    factories.approve(team, broadcast, at=factories.now())
    assert [item.people for item in items.make_items([broadcast])] == [12]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"words": "APPLES"}, {"Apples"}),
        ({"standing": "approved"}, {"Pears"}),
        ({"standing": "prepared"}, {"Apples"}),
        ({"since": "2030-01-02", "until": "2030-01-02"}, {"Pears"}),
        ({"words": "plums"}, set()),
        ({"standing": "nonsense", "since": "yesterday"}, {"Apples", "Pears"}),
    ],
)
def test_list_can_be_narrowed(
    team: Team, sign_in: SignIn, asked: dict[str, str], shown: set[str]
) -> None:
    day = factories.now().replace(year=2030, month=1, day=1)
    for title, number, state in (("Apples", 0, State.DRAFT), ("Pears", 1, State.APPROVED)):
        message = factories.make_message(title=title)
        send_at = day + timedelta(days=number)
        factories.make_broadcast(team, message=message, state=state, at_once=False, send_at=send_at)
    answer: Any = sign_in(team.analyst).get(reverse("desk"), asked)
    titles = {item.broadcast.message.title for item in answer.context["items"]}
    assert titles == shown


def test_only_her_own_partners_can_be_asked_for(team: Team, sign_in: SignIn) -> None:
    second, third = factories.make_team("Second"), factories.make_team("Third")
    factories.join(team.analyst, second.partner, Membership.Role.ANALYST)
    factories.make_broadcast(second)
    page: Any = sign_in(team.analyst).get(reverse("desk"), {"partner": str(second.partner.pk)})
    assert [item.broadcast.partner for item in page.context["items"]] == [second.partner]
    assert "Third" not in page.content.decode()
    other: Any = sign_in(team.analyst).get(reverse("desk"), {"partner": str(third.partner.pk)})
    assert [item.broadcast.partner for item in other.context["items"]] == [second.partner]


def test_what_waits_is_cut_short_with_a_way_to_all_of_it(team: Team, sign_in: SignIn) -> None:
    message = factories.make_message()
    client = sign_in(team.approver)
    for number in range(9):
        assert "See all that waits for approval" not in read(client), number
        factories.make_broadcast(team, message=message, state=State.ASKED)
    page = read(client)
    assert "See all that waits for approval" in page
    answer: Any = client.get(reverse("desk"), {"standing": "asked"})
    assert len(answer.context["items"]) == 9
