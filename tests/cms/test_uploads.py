"""An upload is what its name says, or it is refused with words that name what it is."""

import re
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from cms.audio import LIMIT, Audio, read_audio, refuse_heavy
from cms.models import Recording
from cms.uploads import check_pdf, redraw
from cms.uploads import refuse_heavy as refuse_heavy_picture
from tests.cms.samples import (
    NAME,
    PAGE,
    PDF,
    PLACE,
    SVG,
    ZIP_END,
    check_sum,
    make_m4a,
    make_mp3,
    make_opus,
    make_picture,
    upload,
)


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


# ---- Recordings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "suffix", "seconds"),
    [(make_opus(), "opus", 5), (make_m4a(), "m4a", 7), (make_mp3(), "mp3", 3)],
)
def test_recording_is_recognised_by_its_content_and_measured(
    content: bytes, suffix: str, seconds: int
) -> None:
    audio = read_audio(upload(content, "voice.exe"))
    assert (audio.suffix, audio.seconds) == (suffix, seconds)


@pytest.mark.parametrize(
    "content", [make_opus(), make_opus(comment=NAME * 60), make_m4a(), make_mp3()]
)
def test_tags_of_a_recording_are_gone_and_it_can_still_be_read(content: bytes) -> None:
    assert NAME.encode() in content or PLACE in content
    kept = read_audio(upload(content, "voice.bin"))
    assert NAME.encode() not in kept.content
    assert PLACE not in kept.content
    assert read_audio(upload(kept.content, "voice.bin")) == kept


def test_pages_of_a_cleared_ogg_file_add_up() -> None:
    kept = read_audio(upload(make_opus(comment=NAME * 60), "a.opus")).content
    starts = [found.start() for found in re.finditer(b"OggS", kept)]
    for begin, end in zip(starts, [*starts[1:], len(kept)], strict=True):
        page = kept[begin:end]
        assert int.from_bytes(page[22:26], "little") == check_sum(page[:22] + bytes(4) + page[26:])


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (SVG, "an SVG drawing"),
        (PAGE, "a web page (HTML)"),
        (PDF, "a PDF"),
        (make_picture(), "of the kind JPG"),
        (b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), "of the kind WAV"),
        (b"\xff\xfe" + "no sound".encode("utf-16-le") * 9, "that we do not know"),
        (make_mp3(frames=1), "can not be read to its end"),
        (b"ID3\x03\0\0\0\0\0\0" + PAGE, "a web page (HTML)"),
        (make_m4a(handler=b"vide"), "a video"),
        (make_opus()[:-3], "can not be read to its end"),
    ],
)
def test_what_is_no_recording_is_refused_by_what_it_is(content: bytes, found: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(found)) as caught:
        read_audio(upload(content, "voice.mp3"))
    assert "MP3" in caught.value.messages[0]


def test_recording_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(ValidationError) as caught:
        read_audio(upload(make_mp3() + bytes(LIMIT + 90_000), "long.mp3"))
    assert "2.1\xa0MB; a recording has 2.0\xa0MB at most" in caught.value.messages[0]


def is_taken(content: bytes) -> bool:
    """Tell whether a recording is taken; anything but a refusal in words is an error of ours."""
    with suppress(ValidationError):
        return read_audio(upload(content, "voice.mp3")).seconds > 0
    return False


@given(st.binary(max_size=400), st.sampled_from([b"", b"OggS", b"ID3", b"\0\0\0\x18ftypM4A "]))
def test_any_bytes_are_refused_in_words(content: bytes, start: bytes) -> None:
    assert not is_taken(start + content)


@given(st.data())
def test_damaged_recording_is_taken_or_refused_in_words(data: Any) -> None:
    content = bytearray(data.draw(st.sampled_from([make_opus(), make_m4a(), make_mp3(frames=4)])))
    for _change in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    is_taken(bytes(content))


def test_editor_uploads_a_recording_whose_name_is_not_kept(
    admin_client: Client, media: Path
) -> None:
    fields = {"title": "Welcome", "language": "wo", "transcript": "Asalaam.", "voice_agreed": "on"}
    address = reverse("wagtailsnippets_cms_recording:add")
    answer = admin_client.post(address, {**fields, "file": upload(make_opus(), f"{NAME}.mp3")})
    assert answer.status_code == 302
    recording = Recording.objects.get()
    name = str(recording.file.name)
    assert re.fullmatch(r"recordings/[\w-]{16}\.opus", name)
    assert (recording.seconds, recording.size) == (5, (media / name).stat().st_size)


def test_editor_reads_why_her_recording_is_refused(admin_client: Client) -> None:
    address = reverse("wagtailsnippets_cms_recording:add")
    answer = admin_client.post(
        address, {"title": "x", "language": "en", "transcript": "x", "file": upload(SVG, "a.mp3")}
    )
    assert "This is an SVG drawing, which can carry a program." in answer.content.decode()
    assert not Recording.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("content", [make_mp3(), make_m4a()])
def test_recording_is_opus_and_no_heavier_than_a_voice(content: bytes) -> None:
    recording = Recording(title="x", language="en", transcript="x")
    recording.file = upload(content, "a.bin")

    with pytest.raises(ValidationError, match="save it as Opus"):
        recording.full_clean()


def test_heavy_opus_is_refused_with_what_to_save_instead() -> None:
    refuse_heavy(Audio("opus", 10, bytes(30_000)))

    with pytest.raises(ValidationError, match=r"opus with 32 kbit/s.* Opus with 24 kbit/s at most"):
        refuse_heavy(Audio("opus", 10, bytes(40_000)))


def test_picture_that_stays_heavy_on_a_phone_is_refused() -> None:
    noise = Pillow.effect_noise((360, 480), 120).convert("RGB")

    with pytest.raises(ValidationError, match="fewer details"):
        refuse_heavy_picture(noise)


@pytest.mark.django_db
def test_file_of_a_recording_goes_with_it(
    media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    recording = Recording(title="x", language="en", transcript="x")
    for content in (make_opus(seconds=4), make_opus()):
        recording.file = upload(content, "a.bin")
        recording.full_clean()
        with django_capture_on_commit_callbacks(execute=True):
            recording.save()
        assert [path.name for path in (media / "recordings").iterdir()] == [
            recording.file.name.removeprefix("recordings/")
        ]
    with django_capture_on_commit_callbacks(execute=True):
        recording.delete()
    assert not list((media / "recordings").iterdir())


# ---- Pictures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "suffix"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_picture_is_kept_upright_and_without_what_hangs_on_it(
    admin_client: Client, kind: str, suffix: str
) -> None:
    given_ = make_picture(kind)
    assert NAME.encode() in given_
    address = reverse("wagtailimages:add")
    fields = {"title": "A road", "file": upload(given_, f"{NAME}.{suffix}")}
    assert admin_client.post(address, fields).status_code == 302
    image = get_image_model().objects.get()
    with image.file.open() as file:
        kept = file.read()
    assert NAME.encode() not in kept
    with Pillow.open(BytesIO(kept)) as opened:
        assert opened.size == (image.width, image.height) == (480, 640)
        assert not opened.getexif()
        assert "xmp" not in opened.info
    assert re.fullmatch(rf"original_images/[\w-]{{16}}\.{suffix}", image.file.name)
    assert image.file_size == len(kept)


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (SVG, "road.svg", "an SVG drawing"),
        (SVG, "road.png", "an SVG drawing"),
        (PAGE, "road.jpg", "a web page (HTML)"),
        (make_picture("PNG"), "road.jpg", "of the kind PNG"),
        (make_picture("PNG")[:200], "road.png", "can not be read to its end"),
        (b"GIF89a" + bytes(40), "road.gif", "of the kind GIF"),
        (make_picture(size=(6000, 4500)), "road.jpg", "too many pixels"),
    ],
)
def test_what_is_no_picture_is_refused_by_what_it_is(
    admin_client: Client, content: bytes, name: str, found: str
) -> None:
    address = reverse("wagtailimages:add")
    answer = admin_client.post(address, {"title": "x", "file": upload(content, name)})
    assert found in answer.content.decode()
    assert not get_image_model().objects.exists()


def test_uploading_many_at_once_checks_each(admin_client: Client) -> None:
    address = reverse("wagtailimages:add_multiple")
    answer = admin_client.post(address, {"title": "x", "files[]": upload(PAGE, "a.jpg")})
    assert answer.json()["success"] is False
    assert "a web page (HTML)" in answer.json()["error_message"]
    assert not get_image_model().objects.exists()


def test_picture_with_a_file_behind_it_loses_that_file() -> None:
    kept = redraw(upload(make_picture("PNG") + PAGE + ZIP_END, "a.png")).read()
    assert b"<script>" not in kept
    assert b"PK\x05\x06" not in kept


# ---- Documents ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (PAGE, "a web page (HTML)"),
        (SVG, "an SVG drawing"),
        (b"PK\x03\x04" + bytes(60), "of the kind ZIP"),
        (b"\n" + PDF, "something else with a PDF behind it"),
        (b"%PDF-1.7\n" + PAGE + b"%%EOF", "begins like a web page"),
        (PDF + ZIP_END, "another file hangs behind it"),
        (PDF + bytes(2000), "another file hangs behind it"),
        (PDF.replace(b"%%EOF", b""), "cut off"),
    ],
)
def test_what_only_calls_itself_a_pdf_is_refused(
    admin_client: Client, content: bytes, found: str
) -> None:
    address = reverse("wagtaildocs:add")
    answer = admin_client.post(address, {"title": "x", "file": upload(content, "paper.pdf")})
    assert found in answer.content.decode()
    assert not get_document_model().objects.exists()


def test_only_a_pdf_is_taken_and_its_name_is_not_kept(admin_client: Client) -> None:
    address = reverse("wagtaildocs:add")
    answer = admin_client.post(address, {"title": "x", "file": upload(PDF, "paper.html")})
    assert "Let the name end with .pdf." in answer.content.decode()
    assert not get_document_model().objects.exists()
    answer = admin_client.post(address, {"title": "x", "file": upload(PDF, f"{NAME}.pdf")})
    assert answer.status_code == 302
    assert re.fullmatch(r"documents/[\w-]{16}\.pdf", get_document_model().objects.get().file.name)


@given(st.binary(max_size=300))
def test_nothing_that_a_browser_takes_for_a_page_passes_as_a_pdf(content: bytes) -> None:
    for page in (b"<script", b"<svg", b"<html"):
        with pytest.raises(ValidationError):
            check_pdf(b"%PDF-1.7\n" + content + page + content + b"\n%%EOF")
