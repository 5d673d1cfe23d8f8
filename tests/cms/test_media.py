"""What is served of the uploads: recordings and small pictures, while something live shows them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from cms.models import MessagePage, Recording
from tests.cms.finding import find_message
from tests.cms.samples import PDF, make_opus, make_picture, upload
from tests.cms.telling import tell_story

pytestmark = pytest.mark.usefixtures("starter")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def recording() -> Recording:
    made = Recording(title="x", language="en", transcript="Every word.", voice_agreed=True)
    made.file = upload(make_opus(), "a.opus")
    made.full_clean()
    made.save()
    return made


@pytest.fixture
def picture() -> Any:
    return get_image_model().objects.create(
        title="x", file=ContentFile(make_picture(), name="a.jpg")
    )


def show(**fields: Any) -> MessagePage:
    page = find_message("MSG-CM-1")
    MessagePage.objects.filter(pk=page.pk).update(**fields)
    return page


def test_recording_of_a_live_message_is_served_as_what_it_is(
    reader: Client, recording: Recording
) -> None:
    show(recording=recording)
    answer = reader.get(recording.file.url)
    assert answer.status_code == 200
    assert len(answer.content) == recording.size
    assert answer["Content-Type"] == "audio/ogg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert "Cookie" not in answer.get("Vary", "")


@pytest.mark.parametrize(
    ("wanted", "status", "stretch"),
    [
        ("bytes=0-99", 206, slice(0, 100)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-50", 206, slice(-50, None)),
        ("bytes=0-99999999", 206, slice(None)),
        ("bytes=99999999-", 416, slice(0, 0)),
        ("bytes=-", 200, slice(None)),
        ("bytes=0-1,5-6", 200, slice(None)),
    ],
)
def test_phone_gets_the_stretch_it_asks_for(
    reader: Client, recording: Recording, wanted: str, status: int, stretch: slice
) -> None:
    show(recording=recording)
    with recording.file.open() as file:
        whole = file.read()
    answer = reader.get(recording.file.url, headers={"range": wanted})
    assert answer.status_code == status
    assert answer.content == whole[stretch]
    assert answer["Accept-Ranges"] == "bytes"


def test_what_a_phone_has_kept_is_not_sent_again(reader: Client, recording: Recording) -> None:
    show(recording=recording)
    tag = reader.get(recording.file.url)["ETag"]
    answer = reader.get(recording.file.url, headers={"if-none-match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_recording_that_nothing_live_uses_is_for_staff_alone(
    reader: Client, admin_client: Client, recording: Recording
) -> None:
    assert reader.get(recording.file.url).status_code == 404
    kept = admin_client.get(recording.file.url)
    assert kept.status_code == 200
    assert kept["Cache-Control"] == "private, no-store"
    page = show(recording=recording)
    page.refresh_from_db()
    page.unpublish()
    assert reader.get(recording.file.url).status_code == 404


def test_recording_without_a_yes_is_not_served(reader: Client, recording: Recording) -> None:
    show(recording=recording)
    Recording.objects.update(voice_agreed=False)
    assert reader.get(recording.file.url).status_code == 404


def test_voice_of_a_story_is_served_while_the_person_agrees(
    reader: Client, recording: Recording, today: Any
) -> None:
    story = tell_story(today=today, recording=recording)
    assert reader.get(recording.file.url).status_code == 200
    story.consent.scope = ["web"]
    story.consent.save()
    assert reader.get(recording.file.url).status_code == 404


def test_small_picture_of_a_live_message_is_served_and_the_original_never(
    reader: Client, admin_client: Client, picture: Any
) -> None:
    small = picture.get_rendition("max-360x480|format-webp")
    assert reader.get(small.url).status_code == 404
    show(picture=picture)
    answer = reader.get(small.url)
    assert answer["Content-Type"] == "image/webp"
    assert answer.content[8:12] == b"WEBP"
    for client in (reader, admin_client):
        assert client.get(picture.file.url).status_code == 404


def test_document_is_served_to_nobody(reader: Client, admin_client: Client) -> None:
    paper = get_document_model().objects.create(title="x", file=ContentFile(PDF, name="a.pdf"))
    for client in (reader, admin_client):
        assert client.get(paper.file.url).status_code == 404
        assert client.get(paper.url).status_code == 404


@pytest.mark.parametrize(
    "name", ["x.mp3", "recordings/../../etc/passwd.mp3", "recordings/%2e%2e/waymark.sqlite3"]
)
def test_no_other_path_leads_to_a_file(reader: Client, name: str) -> None:
    assert reader.get(f"/media/{name}").status_code == 404


# ---- On the page -------------------------------------------------------------------------------


def test_message_offers_its_recording_with_length_size_and_words(
    reader: Client, recording: Recording, today: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = show(recording=recording, expires=today + timedelta(days=999))
    text = reader.get(f"/en/m/{page.code}", headers={"accept-encoding": ""}).content.decode()
    assert f'<audio controls preload="none" src="{recording.file.url}">' in text
    assert "Listen: 0 min 5 s · 1 KB" in text.replace("<bdi>", "").replace("</bdi>", "").replace(
        "<b>", ""
    )
    assert "<summary>Read the words of the recording</summary>" in text
    assert "Every word." in text


def test_message_shows_its_picture_small_late_and_in_words(reader: Client, picture: Any) -> None:
    page = show(picture=picture, picture_alt="A road by night")
    MessagePage.objects.filter(translation_key=page.translation_key).update(expires="2099-01-01")
    for language in ("en", "ar"):
        answer = reader.get(f"/{language}/m/{page.code}", headers={"accept-encoding": ""})
        text = answer.content.decode()
        assert text.count("<img ") == 1
        assert 'alt="A road by night"' in text
        assert 'lang="en"' in text
        assert 'loading="lazy"' in text
        assert 'height="480"' in text
        assert 'width="360"' in text
        assert ".format-webp.webp" in text
