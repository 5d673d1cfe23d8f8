"""Consent wordings: short, in every language of the readers, published once and never changed."""

import hashlib
import logging

import pytest
from django.core.management import call_command

from locales.languages import READER_LANGUAGES
from messaging.consenting import wordings
from messaging.consenting.wordings import MOST_WORDS, Draft, current, ensure_wordings, read_drafts
from messaging.models import Wording
from messaging.models.subscribers import Purpose

DRAFTS = pytest.mark.parametrize("draft", read_drafts(), ids=lambda draft: draft.reference)
# The first version as it was published. A change of these words needs a new version, not a new digest.
FIRST_VERSION = "7fe5307a1b4d8af7f17ebaeaa8b7161fdaf6f17e277eb047485b3c40c2a950be"


@DRAFTS
def test_wording_is_at_most_sixty_words(draft: Draft) -> None:
    assert 20 <= len(draft.words.split()) <= MOST_WORDS


@DRAFTS
def test_wording_says_for_whom_it_is_and_how_to_stop(draft: Draft) -> None:
    assert "Waymark" in draft.words
    assert "{" not in draft.words
    assert "18" in draft.text
    assert "STOP" in draft.text


@DRAFTS
def test_reference_fits_its_column(draft: Draft) -> None:
    assert len(draft.reference) <= 40


def test_every_purpose_is_there_in_every_language_of_the_readers() -> None:
    there = {(draft.purpose, draft.language) for draft in read_drafts()}
    assert there == {(p, code) for p in Purpose.values for code in READER_LANGUAGES}


def test_only_the_source_counts_as_read_by_a_person() -> None:
    assert {draft.language for draft in read_drafts() if draft.reviewed} == {"en"}


def test_words_of_the_first_version_never_change() -> None:
    first = sorted(f"{d.reference} {d.text}" for d in read_drafts() if d.version == 1)
    assert hashlib.sha256("\n".join(first).encode()).hexdigest() == FIRST_VERSION


def test_wordings_are_there_after_a_migration(db: None) -> None:
    assert Wording.objects.count() == len(read_drafts())
    Wording.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert Wording.objects.count() == len(read_drafts())


def test_publishing_again_adds_nothing(db: None) -> None:
    before = list(Wording.objects.order_by("pk").values())
    ensure_wordings()
    assert list(Wording.objects.order_by("pk").values()) == before


def test_published_wording_keeps_its_words_when_the_data_changes(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kept = current("messages", "en").text
    changed = Draft("messages", 1, "en", "Other words.", reviewed=True)
    monkeypatch.setattr(wordings, "read_drafts", lambda: (changed,))
    with caplog.at_level(logging.WARNING, logger="waymark.messaging"):
        ensure_wordings()
    assert current("messages", "en").text == kept
    assert "messages-1.en" in caplog.text


def test_review_is_noted_without_touching_the_words(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current("survey", "fr")
    read = Draft("survey", 1, "fr", before.text, reviewed=True)
    monkeypatch.setattr(wordings, "read_drafts", lambda: (read,))
    ensure_wordings()
    after = current("survey", "fr")
    assert (after.text, before.reviewed, after.reviewed) == (before.text, False, True)


def test_newest_version_is_current_and_the_older_stays(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = Draft("messages", 2, "en", "Newer words.", reviewed=True)
    monkeypatch.setattr(wordings, "read_drafts", lambda: (newer,))
    ensure_wordings()
    assert current("messages", "en").reference == "messages-2.en"
    assert wordings.is_published("messages-1.en", "messages")


@pytest.mark.parametrize(
    ("asked", "given"), [("ar", "ar"), ("wo", "fr"), ("om", "am"), ("bn", "en")]
)
def test_language_without_a_wording_gets_the_nearest(db: None, asked: str, given: str) -> None:
    assert current("messages", asked).language == given


def test_reference_is_published_for_its_own_purpose_only(db: None) -> None:
    assert wordings.is_published("messages-1.ar", "messages")
    assert not wordings.is_published("messages-1.ar", "survey")
    assert not wordings.is_published("messages-9.ar", "messages")
