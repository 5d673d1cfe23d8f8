"""The values at the border: frozen, equal by content, silent about numbers and texts."""

import dataclasses
from datetime import UTC, datetime

import pytest

from messaging.wire import (
    SMS,
    AccountProblem,
    Found,
    Inbound,
    NotAccepted,
    OptedOut,
    Outgoing,
    Receipt,
    Refused,
    SendError,
    Unclear,
    Unusable,
    digest_text,
)

CANARY_NUMBER, CANARY_TEXT = "+9992210000042", "the boat leaves at night"
OUTGOING = Outgoing(
    channel=SMS,
    sender="+9990000001",
    to=CANARY_NUMBER,
    body=CANARY_TEXT,
    callback=f"http://127.0.0.1/{CANARY_TEXT}",
    variables=(("1", CANARY_TEXT),),
)
INBOUND = Inbound("SM1", SMS, "+9990000001", CANARY_NUMBER, CANARY_TEXT)


@pytest.mark.parametrize("value", [OUTGOING, INBOUND], ids=lambda value: type(value).__name__)
def test_repr_of_a_value_holds_neither_number_nor_text(value: object) -> None:
    assert CANARY_NUMBER not in repr(value)
    assert CANARY_TEXT not in repr(value)


@pytest.mark.parametrize(
    "value",
    [
        OUTGOING,
        INBOUND,
        Receipt("SM1", "sent"),
        Found("SM1", "+9990000001", "d", datetime(2026, 1, 1, tzinfo=UTC), "sent"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_cannot_be_changed(value: object) -> None:
    name = dataclasses.fields(value)[0].name  # type: ignore[arg-type]

    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, "other")


@pytest.mark.parametrize(
    ("error", "policy"),
    [
        (OptedOut, Refused),
        (Unusable, Refused),
        (AccountProblem, NotAccepted),
    ],
)
def test_a_special_error_follows_the_policy_of_its_kind(
    error: type[SendError], policy: type[SendError]
) -> None:
    assert issubclass(error, policy)


@pytest.mark.parametrize("policy", [Refused, NotAccepted, Unclear])
def test_policies_are_told_apart(policy: type[SendError]) -> None:
    others = {Refused, NotAccepted, Unclear} - {policy}

    assert not any(issubclass(policy, other) for other in others)


def test_an_error_says_its_reason_and_the_word_of_the_provider() -> None:
    error = NotAccepted("provider_busy", word="20429", retry_after=1.5)

    assert (str(error), error.reason, error.word) == ("provider_busy", "provider_busy", "20429")
    assert error.retry_after == 1.5


def test_digest_of_a_text_is_the_same_for_the_same_text_only() -> None:
    assert digest_text("سلام") == digest_text("سلام")
    assert digest_text("سلام") != digest_text("سلام ")
