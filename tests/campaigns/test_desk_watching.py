"""Watching at the desk: states that sum to the audience, and pause, resume, cancel."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.approval import approving
from campaigns.going_out import scheduling
from campaigns.models import AuditEntry, Broadcast
from messaging.models import Batch, Delivery
from messaging.states import State
from tests.campaigns import factories
from tests.campaigns.factories import Team

SignIn = Callable[[User], Client]


@pytest.fixture
def launched(team: Team) -> Broadcast:
    """Return a broadcast that is on its way to twelve people."""
    now = factories.now()
    broadcast = factories.make_broadcast(team)
    approving.ask_approval(broadcast, now=now)
    shown = approving.take_snapshot(broadcast, now=now).shown
    approving.approve(broadcast, team.approver, shown=shown, now=now)
    scheduling.fire_due(now=now)
    scheduling.launch_waiting(now=now)
    broadcast.refresh_from_db()
    return broadcast


def post(client: Client, name: str, broadcast: Broadcast) -> str:
    answer = client.post(reverse(name, args=[broadcast.code]), follow=True)
    return answer.content.decode()


def batch_state() -> str:
    return Batch.objects.get().state


def move(number: int, state: State) -> None:
    waiting = Delivery.objects.filter(state=State.PLANNED).values_list("pk", flat=True)[:number]
    Delivery.objects.filter(pk__in=list(waiting)).update(state=state)


def test_states_sum_to_the_audience(team: Team, sign_in: SignIn, launched: Broadcast) -> None:
    for number, state in ((4, State.DELIVERED), (2, State.UNKNOWN), (1, State.SUPPRESSED)):
        move(number, state)
    answer = sign_in(team.analyst).get(reverse("desk_states", args=[launched.code]))
    progress = answer.context["progress"]
    assert {row.state: row.people for row in progress.summands} == {
        State.PLANNED: 5,
        State.DELIVERED: 4,
        State.UNKNOWN: 2,
        State.SUPPRESSED: 1,
    }
    assert progress.total == 12
    page = answer.content.decode()
    assert "12 in the audience" in page
    assert "4 delivered (receipt)" in page
    assert "no-store" in answer["Cache-Control"]


def test_page_says_when_to_ask_again(team: Team, sign_in: SignIn, launched: Broadcast) -> None:
    path = reverse("desk_states", args=[launched.code])
    client = sign_in(team.scheduler)
    assert 'data-again="2"' in client.get(path).content.decode()
    move(12, State.DELIVERED)
    Batch.objects.update(state=Batch.State.FINISHED)
    assert 'data-again="0"' in client.get(path).content.decode()


def test_who_sees_how_far_it_is_is_written_down_once_and_not_by_what_polls(
    team: Team, sign_in: SignIn, launched: Broadcast
) -> None:
    looks = AuditEntry.objects.filter(verb="saw_count", object_code=launched.code)
    client = sign_in(team.analyst)
    for _poll in range(3):
        assert client.get(reverse("desk_states", args=[launched.code])).status_code == 200
    assert not looks.exists()
    client.head(reverse("desk_broadcast", args=[launched.code]))
    assert not looks.exists()
    for state in (Batch.State.RUNNING, Batch.State.FINISHED):
        Batch.objects.update(state=state)
        client.get(reverse("desk_broadcast", args=[launched.code]))
    (look,) = looks
    assert (look.kind, look.actor_id) == ("broadcast", team.analyst.pk)
    assert look.partner_id == team.partner.pk


def test_page_without_a_count_is_no_look(team: Team, sign_in: SignIn) -> None:
    left = factories.make_broadcast(team, state=Broadcast.State.LEFT)
    sign_in(team.analyst).get(reverse("desk_broadcast", args=[left.code]))
    assert not AuditEntry.objects.filter(verb="saw_count").exists()


def test_pause_and_resume(team: Team, sign_in: SignIn, launched: Broadcast) -> None:
    client = sign_in(team.scheduler)
    assert "Paused." in post(client, "desk_pause", launched)
    assert batch_state() == Batch.State.PAUSED
    assert "It goes on." in post(client, "desk_resume", launched)
    assert batch_state() == Batch.State.RUNNING
    assert "It is not paused." in post(client, "desk_resume", launched)


def test_cancel_on_the_way_ends_what_still_waits(
    team: Team, sign_in: SignIn, launched: Broadcast
) -> None:
    move(5, State.ACCEPTED)
    page = post(sign_in(team.approver), "desk_cancel", launched)
    assert "Whoever still waited does not get it" in page
    assert batch_state() == Batch.State.CANCELLED
    assert Delivery.objects.filter(state=State.CANCELLED).count() == 7
    assert "Nothing was left to cancel" in post(sign_in(team.approver), "desk_cancel", launched)


def test_cancel_before_launch_sends_nothing(team: Team, sign_in: SignIn) -> None:
    now = factories.now()
    broadcast = factories.make_broadcast(team)
    approving.ask_approval(broadcast, now=now)
    shown = approving.take_snapshot(broadcast, now=now).shown
    approving.approve(broadcast, team.approver, shown=shown, now=now)
    scheduling.fire_due(now=now)
    assert "Nothing was sent" in post(sign_in(team.scheduler), "desk_cancel", broadcast)
    scheduling.launch_waiting(now=now)
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.CANCELLED
    assert not Batch.objects.exists()


def test_list_costs_as_many_queries_for_many_as_for_few(
    team: Team, sign_in: SignIn, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    message, segment = factories.make_message(), factories.make_segment(team.partner)
    for _number in range(20):
        factories.make_broadcast(team, message=message, segment=segment)
    client = sign_in(team.approver)
    with django_assert_max_num_queries(25):  # type: ignore[attr-defined]
        client.get(reverse("desk"))


def test_no_page_shows_a_number(team: Team, sign_in: SignIn, launched: Broadcast) -> None:
    client = sign_in(team.scheduler)
    for path in (
        reverse("desk"),
        reverse("desk_broadcast", args=[launched.code]),
        reverse("desk_states", args=[launched.code]),
    ):
        assert "+999" not in client.get(path).content.decode()
