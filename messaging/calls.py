"""One call to a provider and what it taught, as frozen values."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from messaging.wire import Accepted, Refused, SendError


@dataclass(frozen=True, slots=True)
class Call:
    """Hold one committed delivery, ready for its one call."""

    delivery: int
    batch: int
    attempt: int
    channel: str
    subscriber_uid: uuid.UUID
    sealed: bytes = field(repr=False)
    body: str = field(repr=False)
    template: str
    parts: int
    send_before: datetime
    # Read from a clock that runs on while the machine sleeps, before the commit of `submitting`.
    committed: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what one call taught: the provider's id, or the error that says what may follow."""

    call: Call
    accepted: Accepted | None = None
    error: SendError | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Count what one drain did: the deliveries it claimed, the parts it put on the wire, and when."""

    claimed: int
    parts: int
    # Of `time.monotonic`.
    called_at: float


class Undecipherable(Refused):
    """Say that a number could not be opened: nothing was sent, and trying again cannot help."""
