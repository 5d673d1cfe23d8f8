"""What the linter reads and what it says: frozen values, no database."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

# The texts of a message under the names of their boxes, in the order of the form.
PHONE_FIELDS = ("nudge_text", "sms_text", "whatsapp_text")
WEB_FIELDS = ("web_title", "web_summary")
TEXT_FIELDS = (*PHONE_FIELDS, *WEB_FIELDS)

_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"


class Severity(StrEnum):
    """What a finding does: an error keeps a message from being submitted, a warning asks for a reason."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Spot:
    """One place where a rule is broken.

    `field` is the box it stands in, `what` the word, key, date or number it is about, `detail` what
    helps to find it.
    """

    field: str = ""
    what: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule; `text` is lazy and says what to do."""

    rule: str
    severity: Severity
    field: str
    what: str
    text: Any
    detail: str = ""

    def say(self) -> str:
        """Return the finding as a sentence in the language of whoever reads it now."""
        return str(self.text) % {"what": _isolate(self.what), "detail": _isolate(self.detail)}

    @property
    def fingerprint(self) -> str:
        """Return a short name of what exactly is warned of; it tells nothing of the text itself."""
        named = f"{self.rule}\n{self.field}\n{self.what.casefold()}"
        return hashlib.sha256(named.encode()).hexdigest()[:10]

    @property
    def record_as(self) -> str:
        """Return the name under which a reason for keeping it is recorded: rule and fingerprint."""
        return f"{self.rule}:{self.fingerprint}"


def _isolate(text: str) -> str:
    # A key or a date inside an Arabic sentence would otherwise drag its neighbours along.
    return f"{_ISOLATE}{text}{_END_OF_ISOLATE}" if text else ""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the editors' lists."""

    word: str
    kind: str


@dataclass(frozen=True, slots=True)
class Used:
    """One thing that a message rests on; `direct` where the message names it itself.

    `countries`: where it can be used, empty for everywhere. `wording` and `softer` are in the
    message's language where there is a translation, else in the original's.
    """

    kind: str
    key: str
    review_by: date
    direct: bool = True
    expires: date | None = None
    has_expired: bool = False
    reached_on: date | None = None
    is_dead: bool = False
    countries: tuple[str, ...] = ()
    is_risk: bool = False
    topics: tuple[str, ...] = ()
    on_request: bool = False
    missing: tuple[str, ...] = ()
    partner_safety: bool = False
    sensitive_in: tuple[str, ...] = ()
    wording: str = ""
    softer: str = ""
    consent_holds: bool = True


@dataclass(frozen=True, slots=True)
class Template:
    """The WhatsApp template of a message; `variables` are (name, example), in order."""

    needed: bool = False
    is_approved: bool = False
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Media:
    """What there is to listen to and to look at."""

    has_recording: bool = False
    has_transcript: bool = False
    voice_agreed: bool = False
    has_picture: bool = False
    picture_alt: str = ""


@dataclass(frozen=True, slots=True)
class DraftMessage:
    """One message in one language as it stands in the form, with all that the rules ask about.

    `expires` is empty while a new message has no last day yet; `link` is what {link} will be filled
    with; `hosts` are the addresses that may stand in a text; `audience` is empty for everybody on
    its routes, whose countries are `route_countries`.
    """

    language: str
    expires: date | None
    texts: Mapping[str, str]
    original: Mapping[str, str] | None = None
    pattern: str = ""
    is_push: bool = False
    has_expired: bool = False
    audience: tuple[str, ...] = ()
    route_countries: tuple[str, ...] = ()
    audio_first: bool = False
    plain_language: bool = False
    is_behind: bool = False
    link: str = ""
    hosts: frozenset[str] = frozenset()
    template: Template = field(default_factory=Template)
    media: Media = field(default_factory=Media)
    uses: tuple[Used, ...] = ()
    words: tuple[Word, ...] = ()

    @property
    def countries(self) -> tuple[str, ...]:
        """Return where its people are: its audience, or every country of its routes."""
        return self.audience or self.route_countries

    @property
    def unasked(self) -> tuple[str, ...]:
        """Return the boxes whose text can reach a phone unasked."""
        return PHONE_FIELDS if self.is_push or self.pattern == "nudge" else ("nudge_text",)

    def written(self, names: Iterable[str] = TEXT_FIELDS) -> list[tuple[str, str]]:
        """Return the boxes that hold a text, each with its text."""
        return [(name, text) for name in names if (text := self.texts.get(name, "")).strip()]
