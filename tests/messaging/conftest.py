"""What tests of messaging share: a provider in this process, with a ledger of its own."""

import pytest

from messaging.providers.memory import Memory


@pytest.fixture
def memory() -> Memory:
    """Return a provider that keeps what it was given."""
    return Memory()
