"""A number and a text are seen by nobody: a canary run through everything that could tell."""

import logging
import traceback
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings as deployed
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from twilio.request_validator import RequestValidator

from messaging import dispatch
from messaging.calls import Outcome
from messaging.models import Delivery
from messaging.numbers import make_fiction
from messaging.planning import FrozenText
from messaging.providers.memory import ANSWER_LOST, Memory
from messaging.reconcile import reconcile_unknown
from messaging.repair import repair_leases
from messaging.tokens import make_token
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

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SERIALS = range(7_310_551, 7_310_560)
CANARIES = [make_fiction("221", serial) for serial in SERIALS]
TEXT = "zebra-canary-text"
WRITTEN = "quagga-canary-text"
SECRETS = (*(number[1:] for number in CANARIES), TEXT, WRITTEN)


class Leaky(Memory):
    """Raise errors that repeat all they know, as a careless library does."""

    def send(self, outgoing: Outgoing) -> Accepted:
        if outgoing.to == CANARIES[0]:
            raise RuntimeError(f"{outgoing.to} {outgoing.body}")
        return super().send(outgoing)


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
    for number, error in zip(CANARIES[1:], errors, strict=False):
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


def run_everything(provider: Memory) -> None:
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
    plan_canaries()
    run_everything(leaky)
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
    ids = dispatch.claim_due(make_sender(), "worker", limit=1)
    (call,) = dispatch.submit(ids, "worker", now=timezone.now())
    outcome = dispatch.make_call(call, make_sender(), leaky)
    assert isinstance(outcome, Outcome)
    assert outcome.error is not None
    assert outcome.error.reason == "RuntimeError"
    assert outcome.error.__context__ is None
