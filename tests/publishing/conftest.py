"""The small site of `addresses`, with nothing said and nothing asked yet."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from tests.publishing import addresses


@pytest.fixture
def site(settings: Any, db: None) -> Iterator[Any]:
    settings.ROOT_URLCONF = "tests.publishing.addresses"
    before = dict(addresses.said)
    addresses.asked.clear()
    yield addresses
    addresses.said.clear()
    addresses.said.update(before)


@pytest.fixture
def today() -> date:
    return timezone.localdate()
