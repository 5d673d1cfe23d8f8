"""Lists at the desk: a dry run shows lines and never a number; two people; what became of it."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from campaigns.field import importing
from campaigns.field.importing import StepError
from campaigns.models import Campaign, SheetImport
from messaging.joining import taking
from messaging.joining.sheets.values import SheetError
from messaging.models import Notice, Sheet, SheetRow, SignUp
from messaging.numbers import make_fiction
from tests.campaigns import factories
from tests.campaigns.factories import Team
from tests.campaigns.listing import FIRST, bring, make_list, prepare_country, upload
from tests.messaging.lists import as_csv, make_cells

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
State = SheetImport.State


def address(name: str, sheet: SheetImport) -> str:
    return reverse(name, args=[sheet.code])


def read(client: Client, sheet: SheetImport, query: str = "") -> str:
    return client.get(address("desk_import", sheet) + query).content.decode()


def carry_on() -> int:
    return importing.carry_on(clock=factories.now, seconds=60)


def test_upload_leads_to_the_dry_run_of_its_lines(team: Team, sign_in: SignIn) -> None:
    prepare_country()
    client = sign_in(team.scheduler)
    answer: Any = upload(client, team.partner, make_list(team.partner, 3))
    sheet = SheetImport.objects.get()
    assert answer["Location"] == address("desk_import", sheet)
    assert (sheet.counts, sheet.author, sheet.state) == ({"new": 3}, team.scheduler, State.CHECKED)
    page = client.get(answer["Location"]).content.decode()
    assert "UTF-8" in page
    assert "she will be asked to confirm" in page
    assert "Ask for approval" in page
    assert not SignUp.objects.exists()


def test_routes_go_by_code_and_by_name(team: Team) -> None:
    line = make_cells(make_fiction("216", FIRST), country="TN", language="en")
    owner = importing.owner_of(team.partner)
    lines = [[*line], [*line], [*line]]
    for cells, name, serial in zip(lines, ("CMED", "cmed", "moon"), range(3), strict=True):
        cells[0], cells[4] = make_fiction("216", FIRST + serial), name
    assert bring(team, as_csv(*lines, owner=owner)).counts == {"new": 2, "no_choice": 1}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.4\x00", "no CSV or XLSX"),
        (b"just,a,list\n1,2,3\n", "Download an empty sheet"),
        (b"", "The file is empty"),
        (b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
    ],
)
def test_file_that_is_none_is_refused_on_the_form(
    team: Team, sign_in: SignIn, data: bytes, said: str
) -> None:
    answer: Any = upload(sign_in(team.scheduler), team.partner, data)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Sheet.objects.exists()


def test_sheet_of_another_partner_is_refused_by_name_of_the_reason(
    team: Team, sign_in: SignIn
) -> None:
    prepare_country()
    theirs = make_list(factories.make_team("Another").partner)
    answer: Any = upload(sign_in(team.scheduler), team.partner, theirs)
    assert "made for another partner" in answer.content.decode()
    assert not SheetImport.objects.exists()


def test_same_file_twice_leads_to_the_first(team: Team, sign_in: SignIn) -> None:
    sheet = bring(team)
    client = sign_in(team.scheduler)
    answer: Any = upload(client, team.partner, make_list(team.partner))
    assert answer["Location"] == address("desk_import", sheet)
    assert "has been checked before" in read(client, sheet)
    assert SheetImport.objects.count() == 1


def test_partner_has_so_many_lines_checked_in_a_day(team: Team, settings: Settings) -> None:
    settings.IMPORT_ROWS_DAY = 3
    bring(team, count=2)
    with pytest.raises(SheetError, match="only 1 more"):
        bring(team, count=2, first=FIRST + 10)
    assert bring(factories.make_team("Another"), count=2, first=FIRST + 20).counts == {"new": 2}
    tomorrow = factories.now() + timedelta(hours=25)
    assert importing.count_left(team.partner, now=tomorrow) == 3


def test_empty_sheet_comes_marked_and_goes_back_in(team: Team, sign_in: SignIn) -> None:
    client = sign_in(team.scheduler)
    for form in ("csv", "xlsx"):
        answer = client.get(reverse("desk_sheet", args=[team.partner.pk, form]))
        assert answer["Content-Disposition"] == f'attachment; filename="waymark-sheet.{form}"'
        back: Any = upload(client, team.partner, answer.content, f"a.{form}")
        assert "Nobody stands on the sheet yet" in back.content.decode()
    assert client.get(reverse("desk_sheet", args=[team.partner.pk, "exe"])).status_code == 404


# ---- Two people --------------------------------------------------------------------------------


def test_list_goes_from_dry_run_to_confirmations(team: Team, sign_in: SignIn) -> None:
    sheet = bring(team)
    sign_in(team.scheduler).post(address("desk_import_ask", sheet))
    approver = sign_in(team.approver)
    assert sheet.code in approver.get(reverse("desk_imports")).content.decode()
    assert "What became of it" not in read(approver, sheet)
    approver.post(address("desk_import_approve", sheet))
    sheet.refresh_from_db()
    assert (sheet.state, sheet.decided_by) == (State.TAKEN, team.approver)
    assert carry_on() == 2
    assert SignUp.objects.count() == Notice.objects.count() == 2
    page = read(approver, sheet)
    assert "What became of it" in page
    # Two people are too few to be told.
    assert page.count("fewer than 10") == 1


def test_nobody_approves_her_own_list(team: Team, sign_in: SignIn) -> None:
    factories.join(team.scheduler, team.partner, factories.Role.APPROVER)
    sheet = bring(team)
    importing.ask(sheet, team.scheduler, now=factories.now())
    client = sign_in(team.scheduler)
    assert client.post(address("desk_import_approve", sheet)).status_code == 403
    with pytest.raises(StepError):
        importing.approve(sheet, team.scheduler, now=factories.now())
    assert "you cannot approve it" in read(client, sheet)
    assert "Waits for you" in client.get(reverse("desk_imports")).content.decode()
    assert Sheet.objects.get().state == Sheet.State.CHECKED


@pytest.mark.database
def test_database_refuses_one_person_for_both(team: Team) -> None:
    sheet = bring(team)
    with pytest.raises(IntegrityError), transaction.atomic():
        SheetImport.objects.filter(pk=sheet.pk).update(decided_by=team.scheduler)


def test_list_is_refused_with_a_reason_and_its_numbers_go(team: Team, sign_in: SignIn) -> None:
    sheet = bring(team)
    importing.ask(sheet, team.scheduler, now=factories.now())
    client = sign_in(team.approver)
    client.post(address("desk_import_refuse", sheet), {"reason": " "})
    assert SheetImport.objects.get().state == State.ASKED
    client.post(address("desk_import_refuse", sheet), {"reason": "No forms were kept."})
    assert "No forms were kept." in read(client, sheet)
    assert not SheetRow.objects.exclude(number_sealed=b"").exists()
    assert carry_on() == 0


def test_what_nobody_decided_can_be_discarded_and_brought_again(
    team: Team, sign_in: SignIn
) -> None:
    sheet = bring(team)
    client = sign_in(team.scheduler)
    client.post(address("desk_import_discard", sheet))
    assert "discarded before anybody decided" in read(client, sheet)
    assert not SheetRow.objects.exclude(number_sealed=b"").exists()
    assert bring(team).code != sheet.code


def test_list_without_anybody_new_is_not_asked_for(team: Team, sign_in: SignIn) -> None:
    lines = as_csv(make_cells("123"), owner=importing.owner_of(team.partner))
    sheet = bring(team, lines)
    client = sign_in(team.scheduler)
    assert "Nobody on it would be asked" in read(client, sheet)
    client.post(address("desk_import_ask", sheet))
    assert SheetImport.objects.get().state == State.CHECKED


@pytest.mark.database
def test_two_decisions_at_once_are_one(team: Team) -> None:
    sheet = bring(team)
    importing.ask(sheet, team.scheduler, now=factories.now())
    seen_before = SheetImport.objects.get()
    importing.refuse(sheet, team.approver, reason="no", now=factories.now())
    with pytest.raises(StepError, match="decided"):
        importing.approve(seen_before, team.approver, now=factories.now())
    assert SheetImport.objects.get().state == State.REFUSED


def test_list_that_nobody_decided_on_lapses(team: Team) -> None:
    sheet = bring(team)
    importing.ask(sheet, team.scheduler, now=factories.now())
    assert importing.lapse(now=factories.now()) == 0
    later = factories.now() + timedelta(days=15)
    assert importing.lapse(now=later) == 1
    assert SheetImport.objects.get().state == State.LAPSED
    assert not SheetRow.objects.exclude(number_sealed=b"").exists()
    with pytest.raises(StepError):
        importing.approve(sheet, team.approver, now=later)


def test_people_of_a_campaign_stay_until_90_days_after_its_end(team: Team) -> None:
    today = factories.now().date()
    campaign = Campaign.objects.create(
        partner=team.partner, name="Autumn", routes=["cmed"], starts_on=today, ends_on=today
    )
    sheet = bring(team, count=1)
    SheetImport.objects.update(campaign=campaign)
    importing.ask(sheet, team.scheduler, now=factories.now())
    importing.approve(sheet, team.approver, now=factories.now())
    carry_on()
    until = SignUp.objects.get().until
    assert until is not None
    assert until.date() == today + timedelta(days=90)


# ---- What is shown -----------------------------------------------------------------------------


def test_lines_can_be_seen_by_what_they_are(team: Team, sign_in: SignIn) -> None:
    owner = importing.owner_of(team.partner)
    good = make_cells(make_fiction("216", FIRST), country="TN", language="en", routes="cmed")
    bad = [make_cells("123") for _line in range(120)]
    sheet = bring(team, as_csv(good, *bad, owner=owner))
    client = sign_in(team.analyst)
    new = client.get(address("desk_import", sheet) + "?verdict=new").context
    assert [row.line for row, _kind in new["lines"]] == [3]
    second = client.get(address("desk_import", sheet) + "?verdict=no_code&page=2")
    assert len(second.context["lines"]) == 20
    assert "?verdict=no_code&amp;page=1" in second.content.decode()
    assert (
        len(client.get(address("desk_import", sheet) + "?verdict=x&page=y").context["lines"]) == 100
    )


@pytest.fixture
def own_lines() -> Any:
    """Catch every line of our own, before any filter tidies it."""
    lines: list[str] = []

    class Catcher(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.getMessage()} {record.exc_info!r} {record.args!r}")

    handler, root = Catcher(logging.DEBUG), logging.getLogger()
    root.addHandler(handler)
    yield lines
    root.removeHandler(handler)


def test_no_answer_and_no_log_holds_a_number_of_a_list(
    team: Team, sign_in: SignIn, own_lines: list[str], settings: Settings
) -> None:
    settings.IMPORT_ASKED_DAY = 5
    serials = range(FIRST, FIRST + 1_000)
    numbers = [make_fiction("216", serial) for serial in serials]
    planner, approver = sign_in(team.scheduler), sign_in(team.approver)
    prepare_country()
    broken = make_list(team.partner, 1_000).replace(b"spoken", b"guessed", 900)
    answers = [
        upload(planner, team.partner, data) for data in (broken, broken, broken[:-40], broken[40:])
    ]
    sheet = SheetImport.objects.order_by("pk").first()
    assert sheet is not None
    paths = [reverse("desk_imports"), reverse("desk_import_new"), address("desk_import", sheet)]
    paths += [address("desk_import", sheet) + f"?page={page}" for page in range(1, 11)]
    steps = ("ask", "approve", "refuse", "discard")
    for step in steps:
        path = address(f"desk_import_{step}", sheet)
        answers += [client.post(path, {"reason": "no"}) for client in (planner, approver)]
        carry_on()
    answers += [client.get(path) for path in paths for client in (planner, approver)]
    assert taking.count_outcome(sheet.reference).asked == 5
    shown = "".join(
        f"{answer.content.decode(errors='replace')} {answer.headers!r}"  # type: ignore[attr-defined]
        for answer in answers
    )
    logged = "\n".join(own_lines)
    digits = "".join(char if char.isdigit() else " " for char in shown + logged)
    # The last seven digits of each tell one from all others, however the rest is written.
    assert not [number for number in numbers if number[-7:] in digits]
