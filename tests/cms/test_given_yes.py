"""A yes once given stays as it was given, and what was heard and seen stays what was read."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.models import Locale

from cms.consents import withdraw
from cms.models import Recording, Story
from cms.rights import Role
from tests.cms.making import again, make_message, make_recording
from tests.cms.people import browser_of, make_person
from tests.cms.samples import make_opus, make_picture, upload
from tests.cms.telling import make_consent

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("page_root")]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def desk() -> Client:
    return browser_of(make_person("editor", Role.EDITORS))


def make_story(**fields: Any) -> Story:
    story: Story = Story.objects.create(
        key="T-S1",
        locale=Locale.objects.get_or_create(language_code="en")[0],
        title="The first night",
        told_as="Mariam",
        statement="I waited.",
        review_by=timezone.localdate() + timedelta(days=90),
        **fields,
    )
    return story


# ---- What a person said yes to -----------------------------------------------------------------


@pytest.mark.parametrize(
    "changes", [{"scope": ["web", "picture"]}, {"of_age": True}, {"wording": "Other words."}]
)
def test_yes_is_not_widened_afterwards(changes: dict[str, Any]) -> None:
    consent = make_consent(scope=["web"], of_age=False)
    for name, value in changes.items():
        setattr(consent, name, value)
    with pytest.raises(ValidationError, match="Record a new one"):
        consent.full_clean()


def test_yes_is_not_narrowed_in_silence_either() -> None:
    consent = make_consent(scope=["web", "messages"])
    consent.scope = ["web"]
    with pytest.raises(ValidationError, match="Record a new one"):
        consent.full_clean()


def test_reference_and_day_of_a_yes_are_mended() -> None:
    consent = make_consent()
    consent.reference, consent.given_on = "P-18", "2026-10-02"
    consent.full_clean()


# ---- A voice that was taken back ---------------------------------------------------------------


def test_withdrawn_voice_is_not_ticked_again(desk: Client) -> None:
    recording, consent = make_recording(), make_consent()
    story = make_story(consent=consent, recording=recording)
    withdraw(consent, by=None, now=timezone.now())
    fields = {"title": "x", "language": "en", "transcript": "Every word.", "voice_agreed": "on"}
    address = reverse("wagtailsnippets_cms_recording:edit", args=[recording.pk])
    answer = desk.post(address, fields)
    assert "has withdrawn" in answer.content.decode()
    assert not again(recording).voice_agreed
    Story.objects.filter(pk=story.pk).update(consent=make_consent("P-18"))
    assert desk.post(address, fields).status_code == 302
    assert again(recording).voice_agreed


# ---- What was heard and seen when it was read --------------------------------------------------


def heard_in(place: str, recording: Recording) -> None:
    if place == "message":
        make_message(recording=recording)
    else:
        make_story(consent=make_consent(), recording=recording)


@pytest.mark.parametrize("place", ["message", "story"])
def test_recording_below_something_live_is_not_exchanged(place: str) -> None:
    recording = make_recording()
    heard_in(place, recording)
    recording.transcript = "Other words."
    with pytest.raises(ValidationError, match="Upload a new"):
        recording.full_clean()
    recording = again(recording)
    recording.file = upload(make_opus(), "b.opus")
    with pytest.raises(ValidationError, match="Upload a new"):
        recording.full_clean()
    recording = again(recording)
    recording.title = "A better name"
    recording.full_clean()


def test_recording_of_nothing_live_is_exchanged() -> None:
    recording = make_recording()
    make_message(recording=recording, live=False)
    recording.transcript = "Other words."
    recording.file = upload(make_opus(), "b.opus")
    recording.full_clean()


@pytest.mark.parametrize("live", [True, False])
def test_picture_below_something_live_is_not_exchanged(admin_client: Client, live: bool) -> None:
    image = get_image_model().objects.create(
        title="x", file=ContentFile(make_picture(), name="a.jpg")
    )
    make_message(picture=image, picture_alt="A road", live=live)
    address = reverse("wagtailimages:edit", args=[image.pk])
    answer = admin_client.post(
        address, {"title": "y", "file": upload(make_picture("PNG"), "b.png")}
    )
    assert (again(image).file.name == image.file.name) == live
    if live:
        assert "Upload a new" in answer.content.decode()
    assert admin_client.post(address, {"title": "z"}).status_code == 302
    assert again(image).title == "z"
