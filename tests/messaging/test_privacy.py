"""A number and a text are seen by nobody: a canary run through everything that could tell."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings as deployed
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from twilio.request_validator import RequestValidator

from messaging.joining import signups
from messaging.models import Delivery, Subscriber
from messaging.notifying import notices
from messaging.numbers import NumberError, make_fiction
from messaging.providers.memory import ANSWER_LOST, Memory
from messaging.receiving.reconcile import reconcile_unknown
from messaging.sealing.tokens import make_token
from messaging.sending import dispatch
from messaging.sending.planning import FrozenText
from messaging.sending.repair import repair_leases
from messaging.wire import (
    Accepted,
    AccountProblem,
    NotAccepted,
    OptedOut,
    Outgoing,
    Refused,
    SendError,
)
from messaging.work import fold_receipts
from tests.messaging.factories import (
    drain_all,
    end_leases,
    make_batch,
    make_sender,
    make_subscriber,
)
from tests.messaging.joining import make_request, open_country

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SERIALS = range(7_310_551, 7_310_560)
CANARIES = [make_fiction("221", serial) for serial in SERIALS]
TEXT = "zebra-canary-text"
WRITTEN = "quagga-canary-text"
# Who asks: new ones, and one that WhatsApp shows by a user id.
ASKING = [make_fiction("221", serial) for serial in range(7_420_551, 7_420_560)]
USER_ID = "ZZ.okapicanaryid"
SECRETS = (
    *(number[1:] for number in (*CANARIES, *ASKING)),
    USER_ID.removeprefix("ZZ."),
    TEXT,
    WRITTEN,
)


class Leaky(Memory):
    """Raise errors that repeat all they know, as a careless library does."""

    async def send(self, outgoing: Outgoing) -> Accepted:
        if outgoing.to in {CANARIES[0], ASKING[0]}:
            raise RuntimeError(f"{outgoing.to} {outgoing.body}")
        return await super().send(outgoing)


@pytest.fixture
def leaky() -> Leaky:
    """Return a provider that ends each canary's message in another way."""
    leaky = Leaky()
    errors: list[SendError] = [
        ANSWER_LOST,
        Refused("content_refused"),
        OptedOut("opted_out"),
        NotAccepted("provider_busy"),
        AccountProblem("sender_refused"),
    ]
    for numbers in (CANARIES, ASKING):
        for number, error in zip(numbers[1:], errors, strict=False):
            leaky.script(number, error)
    return leaky


def find_secrets(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text or quote(secret) in text]


def plan_canaries() -> None:
    for number in CANARIES:
        make_subscriber(number=number)
    make_batch(texts=(FrozenText(channel="sms", language="fr", body=TEXT, parts=1),))


def call_back(path: str, form: dict[str, str]) -> None:
    address = f"{deployed.PUBLIC_URL}{path}"
    validator = RequestValidator(deployed.TWILIO_AUTH_TOKENS[0])
    for signature in (validator.compute_signature(address, form), "forged"):
        Client(raise_request_exception=False).post(
            path,
            urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )


def ask_and_leave(provider: Memory) -> None:
    """Let people sign up, be sent codes, talk and leave; each kind of trouble among them."""
    open_country("SN", two_way="yes")
    now = timezone.now()
    for number in ASKING:
        signups.begin(make_request(number=number, network="192.0.2.0/24"), now=now)
        with suppress(NumberError):
            signups.begin(make_request(number=f"{number}x"), now=now)
    notices.send_due(clock=timezone.now, seconds=5, provider_of=lambda _name: provider)
    notices.settle_left(now=now + timedelta(days=2))
    for address, said in (
        (ASKING[6], ("000000", "1", "what do you know about me?", "STOP", "START")),
        (ASKING[7], ("teranga", "9", "1", WRITTEN, "no")),
        (f"whatsapp:{ASKING[8]}", ("teranga", "1", "yes", WRITTEN, "HELP")),
        (f"whatsapp:{USER_ID}", ("teranga", "1", "yes", WRITTEN, "STOP")),
    ):
        for place, body in enumerate(said):
            form = {"MessageSid": f"SM{address[-4:]}{place}", "From": address, "Body": body}
            form |= {"To": "+9990000001", "ExternalUserId": f"whatsapp:{USER_ID}"}
            call_back("/hooks/twilio/inbound/", form)


def run_everything(provider: Memory) -> None:
    ask_and_leave(provider)
    drain_all(provider)
    delivery = Delivery.objects.order_by("pk")[6]
    for word in ("sent", "delivered", "teleported"):
        for token in (make_token(delivery.pk, 1), make_token(99_999, 1), "1.1.forged"):
            form = {"MessageSid": f"SM{word}", "MessageStatus": word, "To": CANARIES[6]}
            call_back(f"/hooks/twilio/status/{token}/", form)
    for ref, body in enumerate((WRITTEN, "STOP", "HELP", f"{WRITTEN} {CANARIES[7]}")):
        form = {"MessageSid": f"SM{ref}", "From": CANARIES[7], "To": "+9990000001", "Body": body}
        call_back("/hooks/twilio/inbound/", form)
    fold_receipts(clock=timezone.now, seconds=5)
    end_leases()
    repair_leases(now=timezone.now())
    reconcile_unknown(
        now=timezone.now(), older_than=-timedelta(days=1), provider_of=lambda _name: provider
    )


class Unfiltered(logging.Handler):
    """Keep our own lines as they were written, before any filter tidied them."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.exc_info!r}")


@pytest.fixture
def own_lines() -> Iterator[list[str]]:
    """Catch every line of our own, unfiltered."""
    handler, ours = Unfiltered(), logging.getLogger("waymark")
    ours.addHandler(handler)
    yield handler.lines
    ours.removeHandler(handler)


@pytest.fixture
def every_line(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Catch every line of every logger, also those that production keeps quiet."""
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.NOTSET)
    with caplog.at_level(logging.DEBUG):
        yield caplog
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.mark.parametrize("answers", [True, False], ids=["handler answers", "handler fails"])
def test_a_whole_run_tells_no_log_a_number_or_a_text(
    every_line: pytest.LogCaptureFixture,
    own_lines: list[str],
    leaky: Leaky,
    settings: Settings,
    capfd: pytest.CaptureFixture[str],
    answers: bool,
) -> None:
    handler = "echo" if answers else "fail"
    settings.MESSAGING_INBOUND_HANDLER = f"tests.messaging.factories.{handler}"
    settings.MESSAGING_JOIN_WORDS = "tests.messaging.test_dialogue.find_word"
    plan_canaries()
    run_everything(leaky)
    assert len(own_lines) > 3, "the run must log something, or this proves nothing"
    assert not find_secrets("\n".join(own_lines))
    for record in every_line.records:
        held = f"{record.getMessage()} {record.__dict__!r} {record.exc_text or ''}"
        assert not find_secrets(held), record.name
    printed = capfd.readouterr()
    assert not find_secrets(printed.out + printed.err)


def test_no_table_holds_a_number_or_what_somebody_wrote(leaky: Leaky, settings: Settings) -> None:
    settings.MESSAGING_INBOUND_HANDLER = "tests.messaging.factories.echo"
    settings.MESSAGING_JOIN_WORDS = "tests.messaging.test_dialogue.find_word"
    plan_canaries()
    run_everything(leaky)
    assert Subscriber.objects.filter(channel="whatsapp").exists(), "somebody must have joined"
    allowed = {"messaging_batchtext"}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = [
                bytes(cell) if isinstance(cell, memoryview) else cell
                for row in cursor
                for cell in row
            ]
            assert table in allowed or not find_secrets(str(rows)), table


def test_no_value_on_the_way_shows_a_number_or_a_text(leaky: Leaky) -> None:
    plan_canaries()
    ids = dispatch.claim_due(make_sender(), "worker", limit=24)
    calls = dispatch.submit(ids, "worker", now=timezone.now())
    outcomes = [dispatch.make_call(call, make_sender(), leaky) for call in calls]
    assert len(outcomes) == len(CANARIES)
    for value in (*calls, *outcomes, *leaky.ledger, *Delivery.objects.all()):
        assert not find_secrets(f"{value!r} {value!s}")
    for error in filter(None, (outcome.error for outcome in outcomes)):
        assert not find_secrets(f"{error!r} {error.args} {vars(error)}")
        assert not find_secrets("".join(traceback.format_exception(error)))


def test_the_outcome_of_an_unforeseen_error_keeps_its_type_only(leaky: Leaky) -> None:
    plan_canaries()
    ids = dispatch.claim_due(make_sender(), "worker", limit=24)
    calls = dispatch.submit(ids, "worker", now=timezone.now())
    outcomes = [dispatch.make_call(call, make_sender(), leaky) for call in calls]
    (error,) = (one.error for one in outcomes if one.error and one.error.reason == "RuntimeError")
    assert error.__context__ is None
