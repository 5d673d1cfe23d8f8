"""What the desk's tests share: a team, an audience, and a provider that lives in this process."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from messaging.notifying import templates
from messaging.providers.memory import Memory
from tests.campaigns import factories
from tests.campaigns.factories import Team


@pytest.fixture(autouse=True)
def one_approves(settings: Any) -> None:
    """Let one person approve whatever broadcast; `test_quorum` is about those that need two."""
    settings.TWO_APPROVERS = ()


@pytest.fixture
def memory_provider(monkeypatch: pytest.MonkeyPatch) -> Memory:
    """Let WhatsApp's wordings be approved by a provider that lives in this process."""
    memory = Memory()
    monkeypatch.setattr(templates, "provider_named", lambda _name: memory)
    return memory


@pytest.fixture
def team(page_root: None, memory_provider: Memory) -> Team:
    """Return a partner with its people, a route, senders, and twelve subscribers."""
    factories.make_route()
    factories.make_senders()
    factories.make_price()
    factories.subscribe(12)
    return factories.make_team()


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    """Return a maker of browsers in which somebody is signed in."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make
