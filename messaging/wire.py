"""The frozen values that cross the border to a provider, and the errors that say what may follow.

Nothing here knows a database, a framework or a particular provider. Numbers and texts are kept
out of every repr and every error, because both end up in logs (promise 6).
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

SMS = "sms"
WHATSAPP = "whatsapp"

# Why a message failed or was not taken, in our words; the provider's own stand beside it in `word`.
OPTED_OUT = "opted_out"
UNUSABLE = "number_unusable"
SENDER = "sender_refused"
CONTENT = "content_refused"
FILTERED = "filtered"
BUSY = "provider_busy"
TEMPORARY = "temporary"
EXPIRED = "expired_at_provider"
LIMITED = "limit_reached"
UNRECOGNISED = "unrecognised"
NO_CONNECTION = "no_connection"
NO_ANSWER = "no_answer"
BAD_ANSWER = "bad_answer"


def digest_text(text: str) -> str:
    """Return the digest by which a provider's copy of a text is compared with ours."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Hold one message on its way to a provider."""

    channel: str
    sender: str
    to: str = field(repr=False)
    body: str = field(repr=False)
    callback: str = field(repr=False)
    template: str = ""
    variables: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    validity: int = 14400
    # Ours, for this one attempt: comes back in what the provider tells of the message.
    token: str = field(default="", repr=False)
    # The most that the message may cost, in US dollars, where a provider heeds it.
    max_price: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Hold the provider's own id of a message it has taken."""

    ref: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Hold the provider's word on one message; `state` is None for a word we do not know."""

    ref: str
    state: str | None
    reason: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """Hold one message from a phone: `sender` is our address, `number` the phone's.

    `number` is E.164, or the user id where WhatsApp shows no number; `user_id` is that id, if known.
    """

    ref: str
    channel: str
    sender: str
    number: str = field(repr=False)
    body: str = field(repr=False)
    user_id: str = field(default="", repr=False)
    # Where it comes late, from a list: what was written long ago opens no window on WhatsApp.
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TemplateWord:
    """Hold what WhatsApp says of a wording: its word for the state, why, and as what it is billed."""

    word: str
    reason: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Hold one line of the provider's own list of what was sent, its text as a digest."""

    ref: str
    sender: str
    body_digest: str
    created_at: datetime
    state: str | None
    reason: str = ""
    # The provider's id of a pool it was sent by; `sender` is then whom the provider chose.
    service: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """Hold what a provider says of one message when it is asked; no amount while it has no price."""

    ref: str
    state: str | None
    reason: str = ""
    parts: int = 0
    amount: Decimal | None = None
    currency: str = ""


class SendError(Exception):
    """Say why there is no id from the provider; the class says what may be done next."""

    def __init__(self, reason: str, *, word: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.word = word


class Refused(SendError):
    """Say that the provider refused this message: it has failed."""


class OptedOut(Refused):
    """Say that the provider holds an opt-out for this number: it has failed, and is recorded."""


class Unusable(Refused):
    """Say that this number cannot receive: this message has failed; the next batch tries it again."""


class NotAccepted(SendError):
    """Say that the provider provably has not got the message: it may be planned again."""

    def __init__(self, reason: str, *, word: str = "", retry_after: float | None = None) -> None:
        super().__init__(reason, word=word)
        self.retry_after = retry_after


class AccountProblem(NotAccepted):
    """Say that our account or sender was refused, not the message: the breaker opens."""


# Only for a refusal in the answer to our call; in a receipt the message had been accepted.
_REFUSALS: dict[str, type[SendError]] = {
    OPTED_OUT: OptedOut,
    UNUSABLE: Unusable,
    SENDER: AccountProblem,
    BUSY: NotAccepted,
}


def make_refusal(
    reason: str, *, status: int, word: str, retry_after: float | None = None
) -> SendError:
    """Return the error that says what may follow a refusal, by our reason and the HTTP status."""
    if reason == UNRECOGNISED and status in (401, 403):
        # Whatever it is called, we may not.
        reason = SENDER
    kind = _REFUSALS.get(reason, Refused)
    if kind is NotAccepted:
        return NotAccepted(reason, word=word, retry_after=retry_after)
    return kind(reason, word=word)


class Unclear(SendError):
    """Say that nobody knows whether the provider has the message: reconcile, never resend."""


class PartlyRead(Unclear):
    """Say that what came in could not be read to its end; `read` is the newest of it, the oldest first."""

    def __init__(self, reason: str, *, word: str = "", read: tuple[Inbound, ...]) -> None:
        super().__init__(reason, word=word)
        self.read = read


class CannotList(SendError):
    """Say that this provider has no list of what it took: only what it tells us itself is known."""

    def __init__(self) -> None:
        super().__init__("no_list")


class BadSignature(Exception):
    """Say that a callback was not signed with a secret of ours."""
