"""What people tell for statistics: once for each slip, in totals of a month, tied to nobody."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import signing

from campaigns.reading import volunteering
from campaigns.reading.volunteering import Told, count_told, read_told, write_slip
from messaging.models import VolunteeredCount
from tests.campaigns.reading_site import make_site, reader

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SAID = Told("female", "18-24")


@pytest.mark.database
def test_what_was_told_is_added_to_a_total_of_the_month(db: None) -> None:
    for _person in range(2):
        assert count_told(write_slip("SN"), SAID, now=NOW)
    row = VolunteeredCount.objects.get()
    assert (row.country, row.sex, row.age_band, row.people) == ("SN", "female", "18-24", 2)
    assert row.month.isoformat() == "2026-11-01"


def test_slip_is_good_once(db: None) -> None:
    slip = write_slip("SN")
    assert count_told(slip, SAID, now=NOW)
    assert not count_told(slip, Told("male"), now=NOW)
    assert VolunteeredCount.objects.get().people == 1


def test_slip_of_another_hour_counts_nobody(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    slip = write_slip("SN")
    monkeypatch.setattr(volunteering, "_GOOD_FOR_SECONDS", -1)
    assert not count_told(slip, SAID, now=NOW)


def test_forged_slip_counts_nobody(db: None) -> None:
    for slip in ("", "x", "a:b:c", signing.dumps(["SN", "x"], salt="other")):
        assert not count_told(slip, SAID, now=NOW), slip
    assert not VolunteeredCount.objects.exists()


def test_nothing_told_is_nothing_counted(db: None) -> None:
    assert not count_told(write_slip("SN"), Told(), now=NOW)
    assert not VolunteeredCount.objects.exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("female", ""), Told("female", "")),
        (("", "50+"), Told("", "50+")),
        (("x", "19"), Told()),
    ],
)
def test_only_the_choices_count(given: tuple[str, str], told: Told) -> None:
    assert read_told(*given) == told


def test_page_says_thank_you_whether_or_not_it_counted(page_root: None) -> None:
    make_site()
    answers: list[Any] = [
        reader().post("/en/join/told/", {"slip": slip, "sex": "female", "age": "18-24"})
        for slip in (write_slip("SN"), "forged")
    ]
    assert answers[0].content == answers[1].content
    assert VolunteeredCount.objects.get().people == 1
