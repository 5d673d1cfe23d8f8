"""A partner's list is judged line by line, and nothing of it is half done."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from messaging.joining import importing
from messaging.joining.importing import PLACE, SameSheetError
from messaging.joining.sheets.values import SheetError
from messaging.models import Sheet, SheetRow
from messaging.numbers import make_fiction
from messaging.sealing.crypto import open_sealed
from tests.messaging.factories import make_subscriber, number_of, stop
from tests.messaging.lists import (
    as_csv,
    as_xlsx,
    check_file,
    make_cells,
    open_country,
    people,
    verdicts,
    yesterday,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]

GOOD = number_of(77)
VERDICTS: list[tuple[str, dict[str, Any]]] = [
    ("new", {}),
    ("new", {"channel": ""}),
    ("new", {"channel": "WhatsApp"}),
    ("new", {"language": "Français", "country": "Sénégal", "routes": "West Africa"}),
    ("new", {"country": "", "routes": "wafr-atl، cmed"}),
    ("new", {"number": "\u202a+٩٩٩ ٢٢١ ٠٠٠ ٠٠٧٧\u202c"}),
    ("new", {"number": "00" + GOOD[1:]}),
    ("new", {"number": "'" + GOOD}),
    ("new", {"consent_date": yesterday().replace("-", "/"), "consent_method": "Written"}),
    ("no_code", {"number": GOOD[1:]}),
    ("no_code", {"number": "77 123 45 67"}),
    ("no_code", {"number": "1.23E+11"}),
    ("no_code", {"number": "9,9922E+12"}),
    ("invalid", {"number": ""}),
    ("invalid", {"number": "call me"}),
    ("invalid", {"number": "+999"}),
    ("invalid", {"number": "+221771234567"}),
    ("not_mobile", {"number": make_fiction("221", 8_000_001)}),
    ("premium", {"number": make_fiction("221", 9_000_001)}),
    ("country", {"country": "TN"}),
    ("country", {"country": "Atlantis"}),
    ("country", {"number": make_fiction("216", 1)}),
    ("no_choice", {"language": ""}),
    ("no_choice", {"language": "Klingon"}),
    ("no_choice", {"routes": ""}),
    ("no_choice", {"routes": "wafr-atl, moon"}),
    ("no_choice", {"channel": "pigeon"}),
    ("no_evidence", {"consent_date": ""}),
    ("no_evidence", {"consent_date": "31/10/2026"}),
    ("no_evidence", {"consent_date": "2026-02-31"}),
    ("no_evidence", {"consent_date": "2999-01-01"}),
    ("no_evidence", {"consent_date": "2019-01-01"}),
    ("no_evidence", {"consent_method": ""}),
    ("no_evidence", {"consent_method": "guessed"}),
    ("no_evidence", {"consent_evidence": ""}),
    ("formula", {"number": f'="{GOOD}"'}),
    ("formula", {"consent_evidence": "=HYPERLINK(1)"}),
    ("formula", {"language": "@fr"}),
    ("formula", {"consent_evidence": "-cmd"}),
]


@pytest.fixture(autouse=True)
def senegal() -> None:
    open_country("SN")


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_every_line_gets_its_verdict(write: Any) -> None:
    numbered = [
        {"number": number_of(1000 + place)} | changes
        for place, (_verdict, changes) in enumerate(VERDICTS)
    ]
    checked = check_file(write(*[make_cells(**cells) for cells in numbered]))
    expected = {place + 3: verdict for place, (verdict, _changes) in enumerate(VERDICTS)}
    # Three ways to write one number: the first of them counts.
    doubles = [place + 3 for place, (v, c) in enumerate(VERDICTS) if v == "new" and "number" in c]
    expected |= dict.fromkeys(doubles[1:], "twice")
    assert verdicts() == expected
    assert checked.lines == len(VERDICTS)


def test_figure_of_a_workbook_has_lost_its_country_code() -> None:
    check_file(as_xlsx(make_cells(int(GOOD[1:])), make_cells(1.23e11)))
    assert set(verdicts().values()) == {"no_code"}


def test_formula_cell_of_a_workbook_is_not_calculated() -> None:
    check_file(as_xlsx(make_cells(GOOD, consent_evidence="=1+1"), make_cells("=A1")))
    assert set(verdicts().values()) == {"formula"}


def test_dates_and_figures_of_a_workbook_are_read() -> None:
    day = timezone.now() - timedelta(days=3)
    moment = day.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    check_file(
        as_xlsx(
            make_cells(GOOD, consent_date=moment, consent_evidence=4711),
            make_cells(number_of(78), consent_date=day.date()),
        )
    )
    assert set(verdicts().values()) == {"new"}


def test_people_who_are_here_or_said_stop_are_told_apart() -> None:
    make_subscriber(1)
    make_subscriber(2)
    stop(2)
    make_subscriber(3, channel="whatsapp")
    check_file(as_csv(*people(4)))
    assert list(verdicts().values()) == ["here", "stopped", "new", "new"]


def test_stop_counts_on_every_channel() -> None:
    make_subscriber(2)
    stop(2)
    check_file(as_csv(make_cells(number_of(2), channel="whatsapp")))
    assert list(verdicts().values()) == ["stopped"]


def test_line_without_proof_learns_nothing_about_anybody() -> None:
    make_subscriber(1)
    stop(1)
    check_file(as_csv(make_cells(number_of(1), consent_evidence="")))
    assert list(verdicts().values()) == ["no_evidence"]


def test_only_new_lines_keep_a_number_and_it_is_sealed() -> None:
    make_subscriber(1)
    check_file(as_csv(*people(2), make_cells("1234")))
    kept = {row.verdict: row for row in SheetRow.objects.all()}
    assert [bool(kept[name].number_sealed) for name in ("new", "here", "no_code")] == [
        True,
        False,
        False,
    ]
    new = kept["new"]
    assert open_sealed(bytes(new.number_sealed), place=PLACE, row=new.uid) == number_of(2)
    assert new.evidence == f"{yesterday()} spoken"
    assert (kept["here"].language, kept["here"].topics) == ("", [])


def test_no_line_has_a_query_of_its_own() -> None:
    counts = []
    for count, reference in ((5, "sheet:a"), (400, "sheet:b")):
        data = as_csv(*people(count))
        with CaptureQueriesContext(connection) as seen:
            check_file(data, reference=reference)
        counts.append(len(seen))
    # SQLite takes so many values at a time and no more.
    assert counts[0] < 12
    assert counts[1] < 20


def test_same_file_twice_says_where_it_is() -> None:
    data = as_csv(*people(1))
    check_file(data)
    with pytest.raises(SameSheetError) as caught:
        check_file(data, reference="sheet:other")
    assert caught.value.reference == "sheet:test"
    importing.drop(["sheet:test"])
    check_file(data, reference="sheet:other")


def test_more_lines_than_are_left_today_are_refused_whole() -> None:
    upload = importing.Upload("sheet:x", "p1", as_csv(*people(3)), {})
    with pytest.raises(SheetError, match="only 2 more"):
        importing.check(upload, most=2, now=timezone.now())
    assert not Sheet.objects.exists()


def test_more_lines_than_a_sheet_may_have_are_refused_whole(settings: Settings) -> None:
    settings.IMPORT_ROWS = 2
    for data in (as_csv(*people(3)), as_xlsx(*people(3))):
        with pytest.raises(SheetError, match="more than 2 lines"):
            check_file(data)
    assert not SheetRow.objects.exists()


def test_line_that_cannot_be_written_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_more: object) -> bytes:
        raise RuntimeError("no key")

    monkeypatch.setattr(importing, "seal", fail)
    with pytest.raises(RuntimeError):
        check_file(as_csv(*people(2)))
    assert not Sheet.objects.exists()


def test_dropped_and_expired_sheets_lose_their_numbers() -> None:
    check_file(as_csv(*people(2)))
    assert importing.find_expired(now=timezone.now()) == []
    later = importing.find_end(timezone.now()) + timedelta(minutes=1)
    assert importing.find_expired(now=later) == ["sheet:test"]
    assert importing.end_expired(now=later) == 2
    assert Sheet.objects.get().state == Sheet.State.DROPPED
    assert not SheetRow.objects.exclude(number_sealed=b"").exists()
    assert importing.find_expired(now=later) == []
