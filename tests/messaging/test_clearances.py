"""A country opens with its papers and a person's name, and closes at once."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from messaging.consenting import clearances
from messaging.consenting.clearances import ClearanceError
from messaging.models import Batch, Clearance
from messaging.sending.planning import PlanningError
from tests.messaging.factories import make_batch
from tests.messaging.lists import open_country

pytestmark = pytest.mark.django_db

PAPERS = {
    "assessed_on": date(2026, 1, 1),
    "hosting": "here",
    "agreement": "A-1",
    "incident_contact": "the officer",
}


@pytest.fixture
def officer() -> int:
    return User.objects.create_user("officer").pk


@pytest.mark.parametrize("missing", PAPERS)
def test_country_does_not_open_while_a_paper_is_missing(officer: int, missing: str) -> None:
    kept = {name: paper for name, paper in PAPERS.items() if name != missing}
    row = Clearance.objects.create(country="SN", **kept)
    with pytest.raises(ClearanceError):
        clearances.open_country(row, by=officer, now=timezone.now())
    assert clearances.open_countries() == frozenset()


def test_country_opens_closes_and_opens_again(officer: int) -> None:
    row = Clearance.objects.create(country="SN", **PAPERS)
    assert not clearances.is_open("SN")
    for _turn in range(2):
        clearances.open_country(row, by=officer, now=timezone.now())
        assert clearances.is_open("SN")
        assert clearances.open_countries() == {"SN"}
        assert clearances.close_country(row, now=timezone.now())
        assert not clearances.close_country(row, now=timezone.now())
        assert not clearances.is_open("SN")
    assert Clearance.objects.get().cleared_by_id == officer


def test_paper_that_is_taken_away_shuts_the_country() -> None:
    open_country("SN")
    Clearance.objects.update(agreement="")
    assert not clearances.is_open("SN")
    assert clearances.open_countries() == frozenset()


def test_nothing_is_planned_for_a_country_that_was_closed_again() -> None:
    open_country("SN")
    clearances.close_country(Clearance.objects.get(), now=timezone.now())
    with pytest.raises(PlanningError, match="SN"):
        make_batch(people=1)
    assert not Batch.objects.exists()
    Clearance.objects.update(closed_at=None)
    assert make_batch(people=1).size == 1


def test_live_deployment_sends_nowhere_that_was_never_opened(settings: Settings) -> None:
    assert clearances.find_closed(["SN", "TN"]) == []
    settings.REHEARSAL = False
    open_country("TN")
    assert clearances.find_closed(["SN", "TN"]) == ["SN"]
