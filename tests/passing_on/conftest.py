"""What tests of passing on share: the starter pack, on the day on which it was true."""

from datetime import date

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from tests.conftest import PACK_DAY


@pytest.fixture
def today() -> date:
    return PACK_DAY


@pytest.fixture(autouse=True)
def _on_the_day_of_the_pack(monkeypatch: pytest.MonkeyPatch, today: date) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_moment, **_zone: today)


@pytest.fixture
def asked() -> HttpRequest:
    """Return a request of somebody on the site."""
    return RequestFactory().get("/")
