"""The first steps: a planner is led from her draft to its arrival, and then left alone."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns.drafting.first_steps import list_first_steps
from campaigns.models import Broadcast
from tests.campaigns import factories
from tests.campaigns.factories import Team

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
State = Broadcast.State


def follow(team: Team) -> tuple[int, str]:
    """Return how many steps are done, and where the next one is."""
    steps = list_first_steps(team.scheduler)
    (following,) = [step.address for step in steps if step.address]
    return sum(step.done for step in steps), following


def test_each_step_leads_to_the_next(team: Team) -> None:
    assert follow(team) == (0, reverse("desk_prepare"))
    broadcast = factories.make_broadcast(team)
    page = reverse("desk_broadcast", args=[broadcast.code])
    for done, state in (
        (1, State.DRAFT),
        (2, State.ASKED),
        (1, State.RETURNED),
        (3, State.APPROVED),
    ):
        Broadcast.objects.update(state=state)
        assert follow(team) == (done, page)
    Broadcast.objects.update(state=State.LAUNCHED)
    assert list_first_steps(team.scheduler) == []


def test_what_others_did_is_not_hers(team: Team) -> None:
    factories.make_broadcast(team, author=team.second, state=State.LAUNCHED)
    assert follow(team) == (0, reverse("desk_prepare"))


def test_steps_stand_on_a_planners_list_and_say_that_it_is_a_rehearsal(
    team: Team, sign_in: SignIn
) -> None:
    page = sign_in(team.scheduler).get(reverse("desk")).content.decode()
    assert page.count("Prepare the first broadcast") == 1
    assert "nothing reaches a real phone" in page
    analyst = sign_in(team.analyst).get(reverse("desk")).content.decode()
    assert "This is how it goes" in analyst
    assert "Prepare the first broadcast" not in analyst
    factories.make_broadcast(team, state=State.LAUNCHED)
    assert "step by step" not in sign_in(team.scheduler).get(reverse("desk")).content.decode()
