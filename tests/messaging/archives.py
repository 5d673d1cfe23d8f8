"""A provider that keeps what it was given and can be asked about it, for tests."""

from datetime import datetime

from messaging.providers.memory import Memory
from messaging.wire import Inbound, SendError, Statement


class Keeper(Memory):
    """Answer from what a test puts in; `fails` says for which references it does not."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, Statement] = {}
        self.received: list[Inbound] = []
        self.fails: dict[str, SendError] = {}
        self.asked: list[str] = []
        self.redacted: list[str] = []

    def look_up(self, ref: str) -> Statement:
        self.asked.append(ref)
        if ref in self.fails:
            raise self.fails[ref]
        return self.known.get(ref, Statement(ref, "accepted"))

    def redact(self, ref: str) -> None:
        self.asked.append(ref)
        if ref in self.fails:
            raise self.fails[ref]
        self.redacted.append(ref)

    def list_received(self, ours: str, *, channel: str, since: datetime) -> list[Inbound]:
        if ours in self.fails:
            raise self.fails[ours]
        return [one for one in self.received if (one.sender, one.channel) == (ours, channel)]
