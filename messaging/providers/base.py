"""What every provider can do, in Waymark's words.

A provider makes one attempt, with a time-out, and tells what it saw: an `Accepted`, or a
`SendError` whose class says what may follow. It never retries, waits, stores or chooses.
`send` runs on the loop of the process and never blocks; the rest waits in the caller's thread.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from messaging.wire import (
    Accepted,
    BadSignature,
    Found,
    Inbound,
    Outgoing,
    Receipt,
    Statement,
    TemplateWord,
)

Form = Mapping[str, str]


class Provider(Protocol):
    """Send messages and read callbacks."""

    # Whether it can list what it took, and whether wordings are submitted through it.
    lists: bool
    templates: bool

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Hand over one message, once; raise a SendError otherwise."""
        ...

    def list_sent(self, to: str, *, channel: str, since: datetime | None = None) -> list[Found]:
        """Return what the provider says it took for this number; raise CannotList where it has no list.

        All of it since `since`; without that, the newest. Any other failure is a SendError as well, and so
        is a list that cannot be read back as far as that.
        """
        ...

    def register_template(self, *, name: str, language: str, category: str, body: str) -> str:
        """Submit a wording for approval and return the provider's id of it."""
        ...

    def read_template(self, ref: str) -> TemplateWord:
        """Return what WhatsApp says of a submitted wording: `approved` among others, why, its category."""
        ...

    def verify(self, url: str, form: Form, signature: str, *, scheme: str = "") -> None:
        """Raise BadSignature unless this form was signed for this address with a secret of ours.

        `scheme` is what a header of the provider's says of how it signed.
        """
        ...

    def read_receipt(self, form: Form) -> Receipt:
        """Return the receipt that a verified form holds."""
        ...

    def read_inbound(self, form: Form) -> Inbound:
        """Return the message that a verified form holds, and nothing else of it."""
        ...

    def reply(self, text: str) -> tuple[str, str]:
        """Return the content type and body that answer an inbound message with this text."""
        ...


@runtime_checkable
class Archive(Protocol):
    """Keep what was sent and received, to be asked about later: not every provider does."""

    def look_up(self, ref: str) -> Statement:
        """Return what is known of one message today; raise a SendError otherwise."""
        ...

    def redact(self, ref: str) -> None:
        """Take the text out of what is kept of one message; raise a SendError otherwise."""
        ...

    def list_received(self, ours: str, *, channel: str, since: datetime) -> list[Inbound]:
        """Return what came to an address of ours since then, the oldest first.

        Raise PartlyRead where a part was read, and any other SendError where nothing was.
        """
        ...


def refuse_doubled_fields(form: Form) -> None:
    """Raise BadSignature if a field stands twice: a signature may sort and drop such values."""
    values_of = getattr(form, "getlist", None) or getattr(form, "getall", None)
    if values_of is not None and any(len(values_of(name)) > 1 for name in form):
        raise BadSignature("a field stands twice")
