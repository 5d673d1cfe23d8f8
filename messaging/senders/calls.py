"""One call to a provider and what it taught, as frozen values."""

import uuid
from dataclasses import dataclass, field

from messaging.wire import Accepted, NotAccepted, Refused, SendError


@dataclass(frozen=True, slots=True)
class Call:
    """Hold one committed delivery, ready for its one call."""

    delivery: int
    batch: int
    attempt: int
    # Whoever committed it: only this owner may say later that it was not sent after all.
    owner: str
    channel: str
    country: str
    subscriber_uid: uuid.UUID
    sealed: bytes = field(repr=False)
    body: str = field(repr=False)
    template: str
    parts: int
    # Seconds until it must not arrive any more.
    validity: int
    # Read from a clock that runs on while the machine sleeps, before the commit of `submitting`.
    committed: float
    # Seconds after that when the sender's pace lets it go, and for how long it then holds others back.
    start: float = 0.0
    hold: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what one call taught: the provider's id, or the error that says what may follow."""

    call: Call
    accepted: Accepted | None = None
    error: SendError | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Count what one drain did: the deliveries it claimed, and the parts it put on the wire."""

    claimed: int
    parts: int


class Undecipherable(Refused):
    """Say that a number could not be opened: nothing was sent, and trying again cannot help."""


class Spoilt(NotAccepted):
    """Say that a call could not be prepared, for no foreseen reason: nothing was sent, one strike."""
