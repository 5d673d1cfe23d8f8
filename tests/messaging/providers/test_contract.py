"""The one suite: over the memory, Twilio's adapter with the sandbox behind it, and three of AWS's.

AWS's services are a stand-in that reads every request by their models and checks who signed it.
"""

from collections.abc import Iterator

import pytest
from twilio.request_validator import RequestValidator

from messaging.providers.aws_signing import Place, Service
from messaging.providers.aws_sms import AwsSms, Ways
from messaging.providers.aws_sns import AwsSns
from messaging.providers.aws_whatsapp import Account, AwsWhatsApp
from messaging.providers.base import Form, Provider
from messaging.providers.memory import ANSWER_LOST, Memory
from messaging.providers.twilio import Twilio
from messaging.wire import (
    BAD_ANSWER,
    BUSY,
    OPTED_OUT,
    SENDER,
    SMS,
    UNUSABLE,
    WHATSAPP,
    AccountProblem,
    NotAccepted,
    OptedOut,
    SendError,
    Unclear,
    Unusable,
)
from tests.messaging.providers.aws_stand_in import StandIn, keys_for_tests, stand_in
from tests.messaging.providers.cases import (
    EVERYTHING,
    OURS,
    Bench,
    FormBench,
    FormCases,
    ListCases,
    NoFormCases,
    NoListCases,
    SendCases,
    TemplateCases,
)
from tests.messaging.providers.modelled import REGION
from tests.messaging.sandbox.stage import TOKEN, Stage

SCRIPTS: dict[str, SendError] = {
    "has_opted_out": OptedOut(OPTED_OUT),
    "is_unusable": Unusable(UNUSABLE),
    "is_busy": NotAccepted(BUSY),
    "is_account": AccountProblem(SENDER),
    "breaks": Unclear(BAD_ANSWER),
}
LAST_DIGITS = {
    "accepts": "42",
    "is_unusable": "92",
    "has_opted_out": "93",
    "loses_the_answer": "94",
    "breaks": "95",
    "is_busy": "96",
    "is_account": "97",
}
PHONE_NUMBER_ID = "phone-number-id-0123456789abcdef0123456789abcdef"


class MemoryBench:
    """A memory whose script is set by outcome."""

    channel, ours, tells = SMS, OURS, EVERYTHING

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
    """Twilio's adapter; the sandbox behaves by the last two digits, and has no bad account."""

    channel, ours, tells = SMS, OURS, EVERYTHING - {"is_account"}

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


class AwsBench:
    """One of AWS's adapters; the stand-in behaves by the last two digits."""

    channel, ours, tells = SMS, OURS, EVERYTHING

    def __init__(self, held: StandIn) -> None:
        self.held = held
        self.provider = self.make()

    def make(self) -> Provider:
        service = self.open("pinpoint-sms-voice-v2")
        return AwsSms(service, Ways(configuration_set="receipts"))

    def open(self, name: str) -> Service:
        return Service(name, Place(REGION, self.held.url), keys_for_tests())

    def number_that(self, outcome: str) -> str:
        return f"+99922100000{LAST_DIGITS[outcome]}"

    def callback(self) -> str:
        return "http://127.0.0.1/callback/"

    def count_accepted(self, number: str) -> int:
        return self.held.count(number)


class AwsWhatsAppBench(AwsBench):
    """WhatsApp by AWS: of a person it tells only later."""

    channel, ours, tells = WHATSAPP, PHONE_NUMBER_ID, frozenset(("is_busy", "is_account"))

    def make(self) -> Provider:
        return AwsWhatsApp(self.open("socialmessaging"), Account("waba-0123456789"))


class AwsSnsBench(AwsBench):
    """The plain fallback."""

    def make(self) -> Provider:
        return AwsSns(self.open("sns"))


@pytest.fixture
def aws() -> Iterator[StandIn]:
    with stand_in() as held:
        yield held


class TestMemory(SendCases, ListCases, TemplateCases, FormCases):
    """The contract over the memory."""

    @pytest.fixture
    def bench(self) -> FormBench:
        return MemoryBench()


class TestTwilio(SendCases, ListCases, TemplateCases, FormCases):
    """The contract over Twilio's adapter."""

    @pytest.fixture
    def bench(self, stage: Stage) -> FormBench:
        return TwilioBench(stage)


class TestAwsSms(SendCases, NoListCases, NoFormCases):
    """The contract over AWS End User Messaging SMS."""

    @pytest.fixture
    def bench(self, aws: StandIn) -> Bench:
        return AwsBench(aws)


class TestAwsWhatsApp(SendCases, NoListCases, TemplateCases, NoFormCases):
    """The contract over AWS End User Messaging Social."""

    @pytest.fixture
    def bench(self, aws: StandIn) -> Bench:
        return AwsWhatsAppBench(aws)


class TestAwsSns(SendCases, NoListCases, NoFormCases):
    """The contract over SNS."""

    @pytest.fixture
    def bench(self, aws: StandIn) -> Bench:
        return AwsSnsBench(aws)
