"""What is heard and seen: recordings where they come first, words for those who cannot."""

from collections.abc import Iterator
from datetime import date

from cms.linting.values import DraftMessage, Spot
from locales.languages import LANGUAGES


def find_missing_audio(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Say that a language which is heard before it is read has no recording."""
    if draft.audio_first and not draft.media.has_recording:
        known = LANGUAGES.get(draft.language)
        yield Spot("recording", known.endonym if known else draft.language)


def find_missing_transcript(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Say that a recording has no transcript."""
    if draft.media.has_recording and not draft.media.has_transcript:
        yield Spot("recording")


def find_missing_agreement(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Say that a speaker has not agreed."""
    if draft.media.has_recording and not draft.media.voice_agreed:
        yield Spot("recording")


def find_missing_alt(draft: DraftMessage, _today: date) -> Iterator[Spot]:
    """Say that nobody has described the picture."""
    if draft.media.has_picture and not draft.media.picture_alt.strip():
        yield Spot("picture_alt")
