"""The pages of the spreadsheet: what an editor sees, and what nobody else gets at."""

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from wagtail.users.models import UserProfile

from cms.models import Fact, Translator
from cms.spreadsheet import opening, waiting
from cms.spreadsheet.waiting import NotWaiting, Waiting, find_upload, keep_upload
from cms.spreadsheet.writing import XLSX
from cms.starter.reading import Pack
from tests.cms.sheets import download, edit, make_writer

pytestmark = [pytest.mark.usefixtures("starter", "data_dir")]
RISK = ("facts", "CM-R1", "en")
NOW = timezone.now()


@pytest.fixture
def writer(starter: Pack) -> Any:
    return make_writer("amina")


@pytest.fixture
def editor(writer: Any) -> Client:
    return sign_in(writer)


def sign_in(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def send(client: Client, data: bytes, *, name: str = "edited.xlsx") -> Any:
    file = SimpleUploadedFile(name, data, content_type=XLSX)
    return client.post(reverse("spreadsheet_upload"), {"file": file})


def mended() -> bytes:
    return edit(download("facts"), {RISK: {"statement": "Mended <b>."}})


def seen_in(text: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', text)
    assert found is not None
    return found[1]


def draft_of(key: str) -> str:
    fact = Fact.objects.get(key=key, locale__language_code="en")
    statement: str = fact.get_latest_revision_as_object().statement
    return statement


# ---- Download ----------------------------------------------------------------------------------


def test_editor_downloads_a_sheet_for_each_kind_with_a_help_row(editor: Client) -> None:
    response = editor.get(reverse("spreadsheet_download"))
    assert response["Content-Type"] == XLSX
    assert re.search(r'filename="waymark-\d{4}-\d\d-\d\d.xlsx"', response["Content-Disposition"])
    book = load_workbook(BytesIO(response.content))
    assert book.sheetnames == ["facts", "contact_points", "messages"]
    first, second = (
        [cell.value for cell in row] for row in book["facts"].iter_rows(max_row=2, max_col=4)
    )
    assert first == ["key", "language", "change_kind", "statement"]
    assert second[3] == "Statement"


def test_help_row_speaks_the_language_of_the_editor(writer: Any) -> None:
    UserProfile.objects.create(user=writer, preferred_language="fr")
    response = sign_in(writer).get(reverse("spreadsheet_download"))
    book = load_workbook(BytesIO(response.content))
    assert [cell.value for cell in book["facts"][1]][:2] == ["key", "language"]
    assert book["messages"]["D2"].value != "Title"


def test_download_is_filtered_by_kind_route_and_language(editor: Client) -> None:
    asked = {"kinds": "facts", "languages": ["en", "ar"], "route": "wafr-atl"}
    book = load_workbook(BytesIO(editor.get(reverse("spreadsheet_download"), asked).content))
    assert book.sheetnames == ["facts"]
    rows = list(book["facts"].iter_rows(min_row=3, max_col=2, values_only=True))
    keys = set(
        Fact.objects.filter(routes__code="wafr-atl", locale__language_code="en").values_list(
            "key", flat=True
        )
    )
    assert {key for key, _language in rows} == keys
    assert {language for _key, language in rows} == {"en", "ar"}


def test_unknown_filter_is_refused_with_a_word(editor: Client) -> None:
    response = editor.get(reverse("spreadsheet_download"), {"route": "nowhere"})
    assert "Select a valid choice." in response.content.decode()


# ---- Upload, dry run, yes ----------------------------------------------------------------------


def test_editor_uploads_looks_and_writes_drafts(editor: Client, data_dir: Path) -> None:
    response = send(editor, mended())
    assert response.status_code == 302
    text = editor.get(response.url).content.decode()
    assert "&lt;b&gt;" in text
    assert "Mended <b>." not in text
    assert "edited.xlsx" in text
    assert "Nothing has been written yet." in text
    assert draft_of("CM-R1") != "Mended <b>."

    done = editor.post(response.url, {"seen": seen_in(text)}, follow=True)
    assert "1 draft was written." in done.content.decode()
    assert draft_of("CM-R1") == "Mended <b>."
    assert list((data_dir / "spreadsheets").iterdir()) == []


def test_double_yes_writes_once(editor: Client) -> None:
    response = send(editor, mended())
    seen = seen_in(editor.get(response.url).content.decode())
    editor.post(response.url, {"seen": seen})
    again = editor.post(response.url, {"seen": seen}, follow=True)
    assert "This upload is no longer kept." in again.content.decode()
    assert Fact.objects.get(key="CM-R1", locale__language_code="en").revisions.count() <= 2


def test_yes_to_something_else_than_was_shown_shows_the_dry_run_again(editor: Client) -> None:
    response = send(editor, mended())
    seen = seen_in(editor.get(response.url).content.decode())
    Fact.objects.get(key="CM-R1", locale__language_code="en").save_revision()
    refused = editor.post(response.url, {"seen": seen}).content.decode()
    assert "Something has changed since you looked. Nothing was written" in refused
    assert "after this row was downloaded" in refused
    assert draft_of("CM-R1") != "Mended <b>."


def test_errors_are_shown_with_their_place_and_there_is_nothing_to_confirm(editor: Client) -> None:
    data = edit(download("facts"), {RISK: {"review_by": "soon", "statement": "Mended."}})
    text = editor.get(send(editor, data).url).content.decode()
    assert re.search(r"Sheet “facts”, row \d+, column [A-Z]+ \(review_by\)", text)
    assert "“soon” is no day." in text
    assert 'name="seen"' not in text


def test_file_without_a_change_says_so(editor: Client) -> None:
    text = editor.get(send(editor, download("messages")).url).content.decode()
    assert "Nothing would change: the file says what stands here." in text
    assert 'name="seen"' not in text


def test_file_that_is_no_workbook_is_refused_on_the_spot(editor: Client, data_dir: Path) -> None:
    response = send(editor, b"<svg onload=alert(1)>", name="facts.xlsx")
    assert "This is no XLSX workbook." in response.content.decode()
    assert not (data_dir / "spreadsheets").exists()


def test_file_that_breaks_further_in_is_refused_too(editor: Client) -> None:
    data = download("facts").replace(b"xl/styles.xml", b"xl/stylez.xml", 1)
    response = send(editor, data)
    url = response.url if response.status_code == 302 else reverse("spreadsheet")
    text = editor.get(url, follow=True).content.decode() + response.content.decode()
    assert "This is no XLSX workbook." in text


def test_large_file_is_refused_unread(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cms.spreadsheet.forms.MOST_BYTES", 10)
    assert opening.too_large() in send(editor, mended()).content.decode()


# ---- Who, and for how long ---------------------------------------------------------------------


def test_token_of_another_person_finds_nothing(editor: Client, writer: Any) -> None:
    url = send(editor, mended()).url
    other = sign_in(make_writer("bilal"))
    for response in (other.get(url, follow=True), other.post(url, {"seen": "x"}, follow=True)):
        assert "This upload is no longer kept." in response.content.decode()
    assert editor.get(url).status_code == 200


def test_upload_is_forgotten_after_an_hour(writer: Any) -> None:
    token = keep_upload(Waiting("a.xlsx", b"data"), owner=writer.pk, now=NOW)
    kept = find_upload(token, owner=writer.pk, now=NOW + timedelta(minutes=59))
    assert kept == Waiting("a.xlsx", b"data")
    with pytest.raises(NotWaiting):
        find_upload(token, owner=writer.pk, now=NOW + timedelta(minutes=61))


def test_old_uploads_are_deleted_by_the_next(writer: Any, data_dir: Path) -> None:
    keep_upload(Waiting("a.xlsx", b"old"), owner=writer.pk, now=NOW - timedelta(hours=2))
    for number in range(waiting.MOST_WAITING + 3):
        now = NOW + timedelta(seconds=number)
        keep_upload(Waiting("b.xlsx", b"new"), owner=writer.pk, now=now)
    assert len(list((data_dir / "spreadsheets").iterdir())) == waiting.MOST_WAITING


def test_spoiled_upload_is_not_read(writer: Any, data_dir: Path) -> None:
    token = keep_upload(Waiting("a.xlsx", b"data"), owner=writer.pk, now=NOW)
    path = data_dir / "spreadsheets" / f"{writer.pk}.{token}"
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(NotWaiting):
        find_upload(token, owner=writer.pk, now=NOW)


@pytest.mark.parametrize("token", ["", "../../etc/passwd", "x" * 31, "x" * 33, "%00" * 10])
def test_token_that_is_none_finds_nothing(writer: Any, token: str) -> None:
    with pytest.raises(NotWaiting):
        find_upload(token, owner=writer.pk, now=NOW)


def test_upload_is_readable_by_the_house_alone(writer: Any, data_dir: Path) -> None:
    token = keep_upload(Waiting("a.xlsx", b"data"), owner=writer.pk, now=NOW)
    folder = data_dir / "spreadsheets"
    assert oct(folder.stat().st_mode)[-3:] == "700"
    assert oct((folder / f"{writer.pk}.{token}").stat().st_mode)[-3:] == "600"


def test_who_may_change_nothing_sees_no_line_in_the_menu_and_no_page() -> None:
    client = sign_in(make_writer("emil", acts=["view"]))
    for name in ("spreadsheet", "spreadsheet_download"):
        assert client.get(reverse(name)).status_code == 302
    assert send(client, b"x").status_code == 302
    assert reverse("spreadsheet") not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_menu_leads_an_editor_to_the_spreadsheet(editor: Client) -> None:
    assert reverse("spreadsheet") in editor.get(reverse("wagtailadmin_home")).content.decode()
    text = editor.get(reverse("spreadsheet")).content.decode()
    assert "Look at the changes" in text


def test_translator_of_one_language_gets_no_further_in_another(writer: Any) -> None:
    Translator.objects.create(user=writer, languages=["ar"])
    text = sign_in(writer).get(send(sign_in(writer), mended()).url).content.decode()
    assert "You work in ar. Leave the rows of other languages as they are." in text


def test_nobody_gets_in_without_signing_in() -> None:
    for name in ("spreadsheet", "spreadsheet_download"):
        assert "/accounts/login/" in Client().get(reverse(name))["Location"]
