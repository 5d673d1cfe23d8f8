"""What tests of the CMS share: a reader, and the day on which the starter pack was true."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cms.rights import Role
from cms.starter.reading import Pack
from tests.cms.people import make_person
from tests.conftest import PACK_DAY as TODAY


@pytest.fixture
def today() -> date:
    return TODAY


@pytest.fixture
def reader() -> Client:
    """Return a browser that takes compressed pages, as every phone does."""
    return Client(headers={"accept-encoding": "gzip"})


@pytest.fixture
def author(starter: Pack) -> User:
    """Return somebody who writes, beside the starter pack."""
    return make_person("author", Role.EDITORS)


@pytest.fixture
def reviewer(starter: Pack) -> User:
    """Return somebody who reads what others have written, beside the starter pack."""
    return make_person("reviewer", Role.REVIEWERS)
