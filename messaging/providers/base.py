"""What every provider can do, in Waymark's words.

A provider makes one attempt, with a time-out, and tells what it saw: an `Accepted`, or a
`SendError` whose class says what may follow. It never retries, waits, stores or chooses.
"""

from collections.abc import Mapping
from typing import Protocol

from messaging.wire import Accepted, BadSignature, Found, Inbound, Outgoing, Receipt

Form = Mapping[str, str]


class Provider(Protocol):
    """Send messages and read callbacks."""

    def send(self, outgoing: Outgoing) -> Accepted:
        """Hand over one message, once; raise a SendError otherwise."""
        ...

    def list_sent(self, to: str, *, channel: str) -> list[Found]:
        """Return what the provider says it took for this number; raise a SendError otherwise."""
        ...

    def register_template(self, *, name: str, language: str, category: str, body: str) -> str:
        """Submit a wording for approval and return the provider's id of it."""
        ...

    def template_state(self, ref: str) -> str:
        """Return the provider's word on a submitted wording, `approved` among others."""
        ...

    def verify(self, url: str, form: Form, signature: str) -> None:
        """Raise BadSignature unless this form was signed for this address with a secret of ours."""
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


def refuse_doubled_fields(form: Form) -> None:
    """Raise BadSignature if a field stands twice: a signature may sort and drop such values."""
    values_of = getattr(form, "getlist", None) or getattr(form, "getall", None)
    if values_of is not None and any(len(values_of(name)) > 1 for name in form):
        raise BadSignature("a field stands twice")
