"""What hangs on a text: a recording with its words, a picture with what it shows."""

from dataclasses import dataclass
from typing import Any

from cms.models import (
    ConsentScope,
    MessagePage,
    PlainPage,
    Recording,
    Story,
    TranslationState,
)
from cms.reader import tracing
from cms.reader.showing import Phrase
from locales.languages import Language, get_language


@dataclass(frozen=True, slots=True)
class Sound:
    """One recording as a reader is offered it; `size` in bytes."""

    address: str
    minutes: int
    seconds: int
    size: int
    language: Language
    transcript: Phrase


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture, and in words what it shows."""

    image: Any
    alt: Phrase


def sound_of(row: Any, original: Any) -> Sound | None:
    """Return the recording of a text: its own, or else its original's; none without a yes."""
    recording: Recording | None = row.recording or original.recording
    tracing.use(*(f"recording:{held.pk}" for held in (row.recording, original.recording) if held))
    if recording is None or not recording.voice_agreed:
        return None
    if isinstance(original, Story) and not original.consent.covers(ConsentScope.AUDIO):
        return None
    return Sound(
        address=recording.file.url,
        minutes=recording.seconds // 60,
        seconds=recording.seconds % 60,
        size=recording.size,
        language=get_language(recording.language),
        transcript=Phrase(recording.transcript, recording.language),
    )


def picture_of(message: MessagePage) -> Picture | None:
    """Return the picture of a message, with what it shows in the nearest language."""
    source = message.source
    image = message.picture or source.picture
    if image is None:
        return None
    tracing.use(f"image:{image.pk}")
    chosen = message if message.picture_alt else source
    return Picture(image, Phrase(chosen.picture_alt, chosen.locale.language_code))


def read_body(page: PlainPage) -> tuple[Any, Language]:
    """Return the text of a plain page, its own or else its original's, and its language."""
    chosen = page
    if not page.body:
        originals = PlainPage.objects.live().filter(
            translation_key=page.translation_key, translation_state=TranslationState.ORIGINAL
        )
        chosen = originals.first() or page
    return chosen.body, get_language(chosen.locale.language_code)
