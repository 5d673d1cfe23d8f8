"""A provider that lives in this process, for tests: it takes, refuses and loses messages on cue.

It keeps its own append-only ledger, so a test can count what was really accepted.
"""

import hashlib
import hmac
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from messaging.providers.base import Form, refuse_doubled_fields
from messaging.wire import (
    NO_ANSWER,
    Accepted,
    BadSignature,
    Found,
    Inbound,
    Outgoing,
    Receipt,
    SendError,
    TemplateWord,
    Unclear,
    digest_text,
)

# Anyone can read it here; what it signs never leaves a test.
KEY = b"public"
# In a script: the message is accepted, and the answer lost as by a cut connection.
ANSWER_LOST = Unclear(NO_ANSWER)
STATES = ("accepted", "sent", "delivered", "read", "failed")


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one line of the ledger: a message that was accepted."""

    ref: str
    created_at: datetime
    outgoing: Outgoing = field(repr=False)


def _read_clock() -> datetime:
    return datetime.now(UTC)


class Memory:
    """Take messages into a list; `script` says what happens to the next ones for a number."""

    lists = True
    templates = True

    def __init__(self, clock: Callable[[], datetime] = _read_clock) -> None:
        self.ledger: list[Entry] = []
        self._clock = clock
        self._scripts: dict[str, deque[SendError | None]] = {}
        self._templates: dict[str, tuple[str, str, str, str]] = {}
        self._lock = threading.Lock()

    def script(self, to: str, *outcomes: SendError | None) -> None:
        """Make the next sendings to a number end so; None accepts, and so does a finished script."""
        with self._lock:
            self._scripts.setdefault(to, deque()).extend(outcomes)

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Hand over one message, once; raise a SendError otherwise."""
        with self._lock:
            script = self._scripts.get(outgoing.to)
            outcome = script.popleft() if script else None
            if outcome is not None and outcome is not ANSWER_LOST:
                raise outcome
            entry = Entry(f"MEM{len(self.ledger):08d}", self._clock(), outgoing)
            self.ledger.append(entry)
        if outcome is ANSWER_LOST:
            raise Unclear(NO_ANSWER)
        return Accepted(entry.ref)

    def list_sent(self, to: str, *, channel: str, since: datetime | None = None) -> list[Found]:
        """Return what was accepted for this number, newest first."""
        with self._lock:
            entries = [
                entry
                for entry in reversed(self.ledger)
                if (entry.outgoing.to, entry.outgoing.channel) == (to, channel)
                and (since is None or entry.created_at >= since)
            ]
        return [
            Found(
                ref=entry.ref,
                sender=entry.outgoing.sender,
                body_digest=digest_text(entry.outgoing.body),
                created_at=entry.created_at,
                state="accepted",
            )
            for entry in entries
        ]

    def register_template(self, *, name: str, language: str, category: str, body: str) -> str:
        """Approve a wording at once and return its id."""
        with self._lock:
            ref = f"MEMT{len(self._templates):08d}"
            self._templates[ref] = (name, language, category, body)
        return ref

    def read_template(self, ref: str) -> TemplateWord:
        """Return `approved` for a wording it knows."""
        known = self._templates.get(ref)
        return TemplateWord("approved", category=known[2]) if known else TemplateWord("unsubmitted")

    def sign(self, url: str, form: Form) -> str:
        """Return the signature that `verify` accepts."""
        signed = "\n".join([url, *(f"{name}={form[name]}" for name in sorted(form))])
        return hmac.new(KEY, signed.encode(), hashlib.sha256).hexdigest()

    def verify(self, url: str, form: Form, signature: str, *, scheme: str = "") -> None:  # noqa: ARG002
        """Raise BadSignature unless `sign` made this signature."""
        refuse_doubled_fields(form)
        if not signature.isascii() or not hmac.compare_digest(self.sign(url, form), signature):
            raise BadSignature("not signed by this memory")

    def read_receipt(self, form: Form) -> Receipt:
        """Return the receipt in the fields `ref`, `word` and `reason`."""
        word = form.get("word", "")
        state = word if word in STATES else None
        return Receipt(form.get("ref", ""), state, form.get("reason", ""), word)

    def read_inbound(self, form: Form) -> Inbound:
        """Return the message in the fields `ref`, `channel`, `sender`, `number` and `body`."""
        names = ("ref", "channel", "sender", "number", "body")
        ref, channel, sender, number, body = (form.get(name, "") for name in names)
        return Inbound(ref=ref, channel=channel, sender=sender, number=number, body=body)

    def reply(self, text: str) -> tuple[str, str]:
        """Return the text as it is."""
        return "text/plain; charset=utf-8", text
