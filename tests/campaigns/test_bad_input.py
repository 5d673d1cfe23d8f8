"""What cannot be at the desk: said on the draft's page with the way out, and refused when asked about."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from campaigns import editions
from campaigns.models import Broadcast, Budget
from messaging.models import Batch, Notice, Template
from messaging.providers.memory import Memory
from messaging.wire import TemplateWord
from tests.campaigns import factories
from tests.campaigns.factories import Team

SignIn = Callable[[User], Client]


def spend_all(team: Team, _draft: Broadcast, _memory: Memory) -> None:
    month = factories.now().date().replace(day=1)
    Budget.objects.create(
        partner=team.partner, country="TN", month=month, amount="0.01", currency="USD"
    )


def lower_limit(team: Team, _draft: Broadcast, _memory: Memory) -> None:
    team.partner.people_a_broadcast = 3
    team.partner.save()


def let_time_pass(_team: Team, draft: Broadcast, _memory: Memory) -> None:
    draft.at_once, draft.send_at = False, factories.now() - timedelta(minutes=5)
    draft.save()


def leave_nobody(_team: Team, draft: Broadcast, _memory: Memory) -> None:
    draft.segment.countries = ["SN"]
    draft.segment.save()


def pause_wording(_team: Team, _draft: Broadcast, memory: Memory) -> None:
    paused = TemplateWord("paused")
    memory.read_template = lambda _ref: paused  # type: ignore[method-assign,assignment]
    Template.objects.update(checked_at=None)


def let_message_expire(_team: Team, draft: Broadcast, _memory: Memory) -> None:
    draft.message.expires = factories.now().date() - timedelta(days=1)
    draft.message.save()


CASES: dict[str, tuple[Any, str, str]] = {
    "over budget": (spend_all, "Over budget in Tunisia", "Choose fewer people"),
    "over a limit": (lower_limit, "more people than one broadcast", "Choose a smaller audience"),
    "in the past": (let_time_pass, "Its time has passed", "a later time"),
    "nobody": (
        leave_nobody,
        "Nobody is in this audience now",
        "other routes, channels or countries",
    ),
    "wording paused since": (pause_wording, "has paused this wording", "prepare it by SMS only"),
    "message expired since": (let_message_expire, "The message has expired", "Ask an editor"),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_said_with_the_way_out_and_refused_when_asked_about(
    team: Team, sign_in: SignIn, memory_provider: Memory, case: str
) -> None:
    spoil, reason, way_out = CASES[case]
    draft = factories.make_broadcast(team)
    editions.freeze(draft, now=factories.now())
    spoil(team, draft, memory_provider)
    client, path = sign_in(team.scheduler), reverse("desk_broadcast", args=[draft.code])
    ask = reverse("desk_ask", args=[draft.code])
    # The button may be older than what stands in its way.
    refused = client.post(ask, follow=True).content.decode()
    page = client.get(path).content.decode()
    for shown in (refused, page):
        assert reason in shown
        assert way_out in shown
        assert f'action="{ask}"' not in shown
    draft.refresh_from_db()
    assert draft.state == Broadcast.State.DRAFT
    assert not Batch.objects.exists()
    assert not Notice.objects.exists()
