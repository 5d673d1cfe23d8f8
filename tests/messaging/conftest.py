"""What tests of messaging share: a provider in this process, with a ledger of its own."""

import pytest

from messaging.providers.memory import Memory
from messaging.receiving import codes
from tests.messaging.moments import Moment, note_moments


@pytest.fixture
def memory() -> Memory:
    """Return a provider that keeps what it was given."""
    return Memory()


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> list[Moment]:
    """Return when each call of this test may go, and when it went."""
    return note_moments(monkeypatch)


@pytest.fixture(autouse=True)
def _codes_unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test know which codes another one heard of in this process."""
    monkeypatch.setattr(codes, "_memory", codes._Memory())
