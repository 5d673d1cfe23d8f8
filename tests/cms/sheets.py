"""Spreadsheets for tests: downloaded, edited as a person would, written from nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from openpyxl import Workbook, load_workbook
from wagtail.models import GroupPagePermission, Page

from cms.spreadsheet.applying import apply_upload
from cms.spreadsheet.columns import KINDS
from cms.spreadsheet.standing import read_linked, read_standing
from cms.spreadsheet.trial import Trial, read_upload, try_out
from cms.spreadsheet.values import Standing
from cms.spreadsheet.writing import write_book

Place = tuple[str, str, str]


def read_all(kind: str) -> list[Standing]:
    """Return what stands of one kind."""
    return read_standing(KINDS[kind], read_linked())


def download(*kinds: str, languages: Sequence[str] = ()) -> bytes:
    """Return the file of some kinds, or of all, in some languages or in all."""
    rows = {
        kind: [row for row in read_all(kind) if not languages or row.language in languages]
        for kind in (kinds or KINDS)
    }
    return write_book(rows)


def edit(data: bytes, changes: Mapping[Place, Mapping[str, Any]]) -> bytes:
    """Type into cells of a file: (sheet, key, language) -> column -> what is typed."""
    book = load_workbook(BytesIO(data))
    for (title, key, language), typed in changes.items():
        sheet = book[title]
        row = next(
            cells
            for cells in sheet.iter_rows()
            if (cells[0].value, cells[1].value) == (key, language)
        )
        _type(sheet, row[0].row, typed)
    return save(book)


def add_rows(data: bytes, title: str, *rows: Mapping[str, Any]) -> bytes:
    """Type new rows below the others of a sheet."""
    book = load_workbook(BytesIO(data))
    for typed in rows:
        _type(book[title], book[title].max_row + 1, typed)
    return save(book)


def write_sheets(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """Return a workbook with these rows of cells, made by another hand than ours."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    return save(book)


def save(book: Any) -> bytes:
    """Return a workbook as a file."""
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def try_file(data: bytes, person: Any) -> Trial:
    """Return the dry run of a file."""
    return try_out(read_upload(data), person)


def apply_file(data: bytes, person: Any, *, now: datetime) -> int:
    """Write what the dry run of a file shows."""
    upload = read_upload(data)
    trial = try_out(upload, person)
    assert problems_of(trial) == []
    return apply_upload(upload, person=person, seen=trial.digest, now=now)


def problems_of(trial: Trial) -> list[tuple[str, str]]:
    """Return each problem as its place and its words."""
    found = [*trial.problems, *(p for finding in trial.findings for p in finding.problems)]
    return [(problem.place, problem.text) for problem in found]


def make_writer(name: str, *, acts: Sequence[str] = ("add", "change")) -> Any:
    """Return a person who may do these acts on facts, contact points and messages, and no more."""
    person = get_user_model().objects.create_user(name, f"{name}@example.org", "-")
    group = Group.objects.create(name=f"writers: {name}")
    names = [f"{act}_{model}" for act in acts for model in ("fact", "contactpoint")]
    group.permissions.add(
        Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"),
        *Permission.objects.filter(content_type__app_label="cms", codename__in=names),
    )
    for act in acts:
        permission = Permission.objects.get(
            content_type__app_label="wagtailcore", codename=f"{act}_page"
        )
        root = Page.get_first_root_node()
        GroupPagePermission.objects.create(group=group, page=root, permission=permission)
    person.groups.add(group)
    return person


def _type(sheet: Any, row: int, typed: Mapping[str, Any]) -> None:
    names = {cell.value: cell.column for cell in sheet[1]}
    for name, value in typed.items():
        cell = sheet.cell(row, names[name])
        cell.value = value
        if isinstance(value, str) and not value.startswith("=SUM"):
            cell.data_type = "s"
