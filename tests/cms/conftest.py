"""What tests of the CMS share: a reader, and the day on which the starter pack was true."""

from datetime import date

import pytest
from django.test import Client

from tests.conftest import PACK_DAY as TODAY


@pytest.fixture
def today() -> date:
    return TODAY


@pytest.fixture
def reader() -> Client:
    """Return a browser that takes compressed pages, as every phone does."""
    return Client(headers={"accept-encoding": "gzip"})
