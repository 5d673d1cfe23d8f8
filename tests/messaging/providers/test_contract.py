"""The one suite, over the memory and over Twilio's adapter with the sandbox behind it."""

import pytest
from twilio.request_validator import RequestValidator

from messaging.providers.base import Form
from messaging.providers.memory import ANSWER_LOST, Memory
from messaging.providers.twilio import Twilio
from messaging.wire import (
    BAD_ANSWER,
    BUSY,
    OPTED_OUT,
    UNUSABLE,
    WHATSAPP,
    NotAccepted,
    OptedOut,
    SendError,
    Unclear,
    Unusable,
)
from tests.messaging.providers.cases import OURS, Bench, ProviderCases
from tests.messaging.sandbox.stage import TOKEN, Stage

SCRIPTS: dict[str, SendError] = {
    "has_opted_out": OptedOut(OPTED_OUT),
    "is_unusable": Unusable(UNUSABLE),
    "is_busy": NotAccepted(BUSY),
    "breaks": Unclear(BAD_ANSWER),
}
LAST_DIGITS = {
    "accepts": "42",
    "is_unusable": "92",
    "has_opted_out": "93",
    "loses_the_answer": "94",
    "breaks": "95",
    "is_busy": "96",
}


class MemoryBench:
    """A memory whose script is set by outcome."""

    def __init__(self) -> None:
        self.provider = Memory()

    def number_that(self, outcome: str) -> str:
        number = f"+99922100000{LAST_DIGITS[outcome]}"
        if outcome == "loses_the_answer":
            self.provider.script(number, ANSWER_LOST)
        elif outcome in SCRIPTS:
            self.provider.script(number, SCRIPTS[outcome])
        return number

    def callback(self) -> str:
        return "http://127.0.0.1/callback/"

    def sign(self, url: str, form: Form) -> str:
        return self.provider.sign(url, form)

    def receipt_form(self, ref: str, word: str) -> dict[str, str]:
        return {"ref": ref, "word": word}

    def inbound_form(self, channel: str, number: str, body: str) -> dict[str, str]:
        return {"ref": "IN", "channel": channel, "sender": OURS, "number": number, "body": body}

    def count_accepted(self, number: str) -> int:
        return sum(entry.outgoing.to == number for entry in self.provider.ledger)


class TwilioBench:
    """Twilio's adapter; the sandbox behaves by the last two digits."""

    def __init__(self, stage: Stage) -> None:
        self.provider: Twilio = stage.provider
        self._stage = stage

    def number_that(self, outcome: str) -> str:
        return f"+99922100000{LAST_DIGITS[outcome]}"

    def callback(self) -> str:
        return f"{self._stage.site.url}/status/one/"

    def sign(self, url: str, form: Form) -> str:
        return str(RequestValidator(TOKEN).compute_signature(url, form))

    def receipt_form(self, ref: str, word: str) -> dict[str, str]:
        return {"MessageSid": ref, "MessageStatus": word, "From": OURS, "To": "+9992210000042"}

    def inbound_form(self, channel: str, number: str, body: str) -> dict[str, str]:
        prefix = "whatsapp:" if channel == WHATSAPP else ""
        return {"MessageSid": "SM1", "From": prefix + number, "To": prefix + OURS, "Body": body}

    def count_accepted(self, number: str) -> int:
        return sum(row["number"] == number for row in self._stage.ledger()["messages"])


class TestMemory(ProviderCases):
    """The contract over the memory."""

    @pytest.fixture
    def bench(self) -> Bench:
        return MemoryBench()


class TestTwilio(ProviderCases):
    """The contract over Twilio's adapter."""

    @pytest.fixture
    def bench(self, stage: Stage) -> Bench:
        return TwilioBench(stage)
