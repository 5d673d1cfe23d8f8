"""The starter pack, loaded once into the test database, for every test that reads real content."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from cms.starter.loading import load_pack
from cms.starter.reading import Pack, read_pack

# The day the starter pack was written, so that no test grows stale with its dates.
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="session")
def pack() -> Pack:
    return read_pack()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, pack: Pack) -> None:
    """Load the starter pack below every test of this folder; each test rolls back to it."""
    with django_db_blocker.unblock():
        load_pack(pack, say=lambda _line: None)


@pytest.fixture
def starter(db: None, pack: Pack) -> Pack:
    """Give a test the loaded starter pack."""
    return pack


@pytest.fixture
def today() -> date:
    return TODAY


@pytest.fixture
def reader() -> Client:
    """Return a browser that takes compressed pages, as every phone does."""
    return Client(headers={"accept-encoding": "gzip"})
