"""An approved list asks everybody once, over as many days as it takes, and brings nobody back."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from messaging.consenting.wordings import ensure_wordings
from messaging.joining import importing, signups, taking
from messaging.joining.taking import Asking
from messaging.models import (
    Clearance,
    ConsentEntry,
    Notice,
    Sheet,
    SheetRow,
    SignUp,
    Subscriber,
    Suppression,
)
from messaging.numbers import make_fiction
from messaging.sealing.crypto import hash_number, hashes_of
from messaging.upkeep import retention
from tests.messaging.factories import make_sender, make_subscriber, number_of, stop
from tests.messaging.lists import (
    OWNER,
    as_csv,
    check_file,
    make_cells,
    open_country,
    people,
    yesterday,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SHEET = "sheet:test"
ASKING = Asking(OWNER)


@pytest.fixture(autouse=True)
def senegal() -> None:
    open_country("SN")
    make_sender("sms")
    ensure_wordings()


def approve(*rows: list[str]) -> None:
    """Check a list and let it be taken, as two people do."""
    check_file(as_csv(*rows))
    taking.take(SHEET, now=timezone.now())


def carry_on() -> int:
    """Do what the clock does."""
    return taking.carry_on(lambda _reference: ASKING, clock=timezone.now, seconds=60)


def test_nobody_is_asked_before_a_list_is_approved() -> None:
    check_file(as_csv(*people(2)))
    assert carry_on() == 0
    assert not SignUp.objects.exists()


def test_everybody_new_is_asked_once_and_nobody_joins() -> None:
    approve(*people(3))
    assert carry_on() == 3
    assert carry_on() == 0
    assert SignUp.objects.count() == Notice.objects.count() == 3
    assert not Subscriber.objects.exists()
    entries = ConsentEntry.objects.order_by("evidence").values_list("verdict", "method", "evidence")
    assert list(entries) == [
        ("granted", "import", f"{SHEET}:{line} {yesterday()} spoken") for line in (3, 4, 5)
    ]


def test_number_is_gone_once_she_is_asked() -> None:
    approve(*people(2))
    carry_on()
    assert not SheetRow.objects.exclude(number_sealed=b"").exists()
    assert taking.find_waiting(now=timezone.now()) == []


def test_interrupted_list_carries_on_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    approve(*people(4))
    begin, calls = signups.begin, []

    def fail_at_third(request: signups.Request, *, now: object) -> object:
        calls.append(request.number)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return begin(request, now=now)  # type: ignore[arg-type]

    monkeypatch.setattr(signups, "begin", fail_at_third)
    with pytest.raises(KeyboardInterrupt):
        carry_on()
    assert SignUp.objects.count() == 2
    assert carry_on() == 2
    assert SignUp.objects.count() == Notice.objects.count() == 4


def test_limit_of_a_day_holds_back_the_rest_until_the_next(settings: Settings) -> None:
    settings.IMPORT_ASKED_DAY = 2
    approve(*people(3))
    assert carry_on() == 2
    assert carry_on() == 0
    outcome = taking.count_outcome(SHEET)
    assert (outcome.asked, outcome.waiting) == (2, 1)
    tomorrow = timezone.now() + timedelta(days=1)
    assert taking.ask_page(SHEET, ASKING, now=tomorrow) == 1
    assert taking.count_outcome(SHEET).waiting == 0


def test_limit_for_all_partners_holds_too(settings: Settings) -> None:
    settings.SIGN_UP_LIMITS = settings.SIGN_UP_LIMITS | {"all_day": 1}
    approve(*people(3))
    assert carry_on() == 1


def test_who_said_stop_after_the_dry_run_is_not_asked() -> None:
    approve(*people(2))
    make_subscriber(1)
    stop(1)
    make_subscriber(2)
    assert carry_on() == 0
    assert not SignUp.objects.exists()
    rows = SheetRow.objects.order_by("line").values_list("verdict", "number_sealed")
    assert [(verdict, bytes(sealed)) for verdict, sealed in rows] == [
        ("stopped", b""),
        ("here", b""),
    ]


def test_stop_that_commits_while_she_is_asked_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    approve(*people(1))
    begin = signups.begin

    def stop_meanwhile(request: signups.Request, *, now: object) -> object:
        uid = begin(request, now=now)  # type: ignore[arg-type]
        Suppression.objects.create(
            number_hash=hash_number(number_of(1)), source="keyword", at=timezone.now()
        )
        return uid

    monkeypatch.setattr(signups, "begin", stop_meanwhile)
    assert carry_on() == 0
    assert not SignUp.objects.exists()
    assert not Notice.objects.exists()
    assert SheetRow.objects.get().verdict == "stopped"


def test_list_never_brings_back_who_left_but_she_herself_may_come() -> None:
    make_subscriber(1)
    stop(1)
    check_file(as_csv(*people(1)))
    taking.take(SHEET, now=timezone.now())
    assert carry_on() == 0
    assert Suppression.objects.filter(number_hash__in=hashes_of(number_of(1))).exists()


def test_only_her_answer_makes_it_live_and_it_is_counted() -> None:
    approve(*people(3))
    carry_on()
    assert taking.count_outcome(SHEET).confirmed == 0
    row = SignUp.objects.get(number_hash=hash_number(number_of(1)))
    assert signups.make_live(row, evidence="code", now=timezone.now())
    outcome = taking.count_outcome(SHEET)
    assert (outcome.asked, outcome.confirmed) == (3, 1)
    assert Subscriber.objects.get().state == "subscribed"
    # Another list's people are not counted here.
    check_file(as_csv(*people(1, first=9)), reference="sheet:other")
    assert taking.count_outcome("sheet:other").confirmed == 0


def test_whatsapp_waits_for_a_wording_that_is_approved() -> None:
    make_sender("whatsapp")
    approve(make_cells(number_of(1), channel="whatsapp"), make_cells(number_of(2)))
    assert carry_on() == 1
    assert taking.count_outcome(SHEET).waiting == 1


def test_list_that_waited_too_long_is_not_taken() -> None:
    check_file(as_csv(*people(1)))
    later = importing.find_end(timezone.now())
    with pytest.raises(taking.TakingError):
        taking.take(SHEET, now=later)
    assert Sheet.objects.get().state == Sheet.State.CHECKED


def test_what_no_limit_let_through_in_time_is_wiped(settings: Settings) -> None:
    settings.IMPORT_ASKED_DAY = 0
    approve(*people(2))
    assert carry_on() == 0
    assert importing.end_expired(now=importing.find_end(timezone.now())) == 2
    outcome = taking.count_outcome(SHEET)
    assert (outcome.asked, outcome.waiting, outcome.gone) == (0, 0, 2)


def is_kept() -> bool:
    """Say whether each line still waits with its number, and nothing was sent or recorded."""
    numbers = [bytes(row.number_sealed) for row in SheetRow.objects.all()]
    nothing = not (SignUp.objects.exists() or Notice.objects.exists())
    return all(numbers) and nothing and not ConsentEntry.objects.exists()


def test_who_lives_where_nobody_may_join_any_more_waits_unasked() -> None:
    approve(*people(2))
    Clearance.objects.update(closed_at=timezone.now())
    assert taking.ask_page(SHEET, ASKING, now=timezone.now()) == 0
    assert carry_on() == 0
    assert is_kept()
    outcome = taking.count_outcome(SHEET)
    assert (outcome.asked, outcome.waiting) == (0, 2)
    Clearance.objects.update(closed_at=None)
    assert carry_on() == 2


def test_whose_number_is_of_a_closed_country_waits_in_nobodys_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(taking, "_PAGE", 2)
    open_country("ML")
    foreign = [make_cells(make_fiction("223", serial)) for serial in (1, 2, 3)]
    approve(*foreign, *people(1))
    Clearance.objects.filter(country="ML").update(closed_at=timezone.now())
    assert carry_on() == 1
    assert SignUp.objects.get().number_hash == hash_number(number_of(1))
    assert taking.count_outcome(SHEET).waiting == 3


def test_whose_address_has_had_its_code_for_today_waits_until_tomorrow(settings: Settings) -> None:
    settings.SIGN_UP_LIMITS = settings.SIGN_UP_LIMITS | {"address_day": 0}
    approve(*people(1))
    assert carry_on() == 0
    assert is_kept()
    settings.SIGN_UP_LIMITS = settings.SIGN_UP_LIMITS | {"address_day": 1}
    assert carry_on() == 1


def test_what_proves_a_consent_stays_when_the_list_is_gone() -> None:
    approve(*people(1))
    carry_on()
    assert signups.make_live(SignUp.objects.get(), evidence="code", now=timezone.now())
    assert taking.count_outcome(SHEET).confirmed == 1
    retention.run(now=timezone.now() + timedelta(days=15))
    assert not SheetRow.objects.exists()
    granted = ConsentEntry.objects.get(verdict="granted")
    assert granted.evidence.endswith(f" {yesterday()} spoken")
