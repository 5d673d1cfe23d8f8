"""Recordings: which audio is taken, how long it is, and a copy of it without its tags.

What is in a file counts, never its name. Tags can hold the place and the name of whoever spoke.
"""

from dataclasses import dataclass
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from tinytag import TinyTag, TinyTagException

from cms.audio_tags import BrokenAudio, NotOnlySound, clear_mp4, clear_ogg, cut_mp3
from cms.budgets import AUDIO_BITS_PER_SECOND, AUDIO_TOLERANCE
from cms.file_kinds import mime_of, name_kind

LIMIT = 2 * 1024 * 1024
LONGEST_SECONDS = 3600
OPUS, VORBIS = b"OpusHead", b"\x01vorbis"
# Beginnings of MPEG-4 files that hold sound; video is looked for in the tracks.
MP4_BRANDS = (b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"iso5", b"iso6", b"dash")


@dataclass(frozen=True, slots=True)
class Audio:
    """One recording as it is kept: `suffix` says what it is, `content` has no tags."""

    suffix: str
    seconds: int
    content: bytes


def read_audio(file: "File[bytes]") -> Audio:
    """Read an upload; raise ValidationError that says what it is and what to upload instead."""
    if (file.size or 0) > LIMIT:
        words = _("This file has %(size)s; a recording has %(limit)s at most. Save it as Opus or MP3"
                  " with 24 kbit/s, or cut it into two.")  # fmt: skip
        sizes = {"size": filesizeformat(file.size), "limit": filesizeformat(LIMIT)}
        raise ValidationError(words % sizes)
    file.seek(0)
    content = file.read()
    try:
        suffix, cleared = _clear(content)
        seconds = _measure(cleared)
    except (BrokenAudio, TinyTagException) as error:
        words = _("This recording can not be read to its end. Save it again as Opus, MP3 or M4A.")
        raise ValidationError(words) from error
    except NotOnlySound as error:
        words = _(
            "This is a video, or it has no sound. Upload the sound alone, as Opus, MP3 or M4A."
        )
        raise ValidationError(words) from error
    if not 0 < seconds <= LONGEST_SECONDS:
        raise ValidationError(_("This recording has no length that could be read. Save it again."))
    return Audio(suffix, max(1, round(seconds)), cleared)


def refuse_heavy(audio: Audio) -> None:
    """Raise ValidationError for a recording that is not Opus, or has more than a voice needs."""
    rate = len(audio.content) * 8 / audio.seconds
    if audio.suffix == "opus" and rate <= AUDIO_BITS_PER_SECOND * AUDIO_TOLERANCE:
        return
    words = _(
        "This recording is %(kind)s with %(rate)d kbit/s. Whoever listens pays for every second:"
        " save it as Opus with %(limit)d kbit/s at most."
    )
    values = {"kind": audio.suffix, "rate": rate / 1000, "limit": AUDIO_BITS_PER_SECOND / 1000}
    raise ValidationError(words % values)


def _clear(content: bytes) -> tuple[str, bytes]:
    if content.startswith(b"OggS") and OPUS in content[:64]:
        return "opus", clear_ogg(content)
    if content.startswith(b"OggS") and VORBIS in content[:64]:
        return "ogg", clear_ogg(content)
    if content[4:8] == b"ftyp" and content[8:12] in MP4_BRANDS:
        return "m4a", clear_mp4(content)
    bare = cut_mp3(content)
    if _begins_with_frames(bare):
        return "mp3", bare
    if mime_of(bare) == "audio/mpeg":
        raise BrokenAudio("the frames do not follow each other")
    words = _("This is %(found)s. Upload the recording as Opus, MP3 or M4A.")
    raise ValidationError(words % {"found": name_kind(bare)})


def _measure(content: bytes) -> float:
    # Without the tags: they are gone, and reading them is where parsers have been led into loops.
    return TinyTag.get(file_obj=BytesIO(content), tags=False).duration or 0.0


# ---- MP3 has no signature: what follows one frame must be the next -----------------------------

_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_KILOBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KILOBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def _begins_with_frames(content: bytes, *, wanted: int = 3) -> bool:
    at = 0
    for _frame in range(wanted):
        length = _frame_length(content[at : at + 4])
        if not length:
            return False
        at += length
    return True


def _frame_length(header: bytes) -> int:
    """Return how long the frame of layer III with this header is; 0 where it is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, rate, bits = header[1] >> 3 & 3, header[2] >> 2 & 3, header[2] >> 4
    if version not in _RATES or rate == 3 or bits in {0, 15}:
        return 0
    kilobits = (_KILOBITS_1 if version == 3 else _KILOBITS_2)[bits]
    samples = 144 if version == 3 else 72
    return samples * kilobits * 1000 // _RATES[version][rate] + (header[2] >> 1 & 1)
