"""The tables: Twilio's statuses and codes in our words."""

import pytest

from messaging.providers.twilio_words import (
    CODES_BY_REASON,
    REASONS,
    STATES,
    read_reason,
    read_state,
)
from messaging.wire import UNRECOGNISED

# The whole enumeration of Twilio's API description.
OUTBOUND = (
    *("queued", "sending", "sent", "failed", "delivered", "undelivered", "accepted"),
    *("scheduled", "read", "partially_delivered", "canceled"),
)
OUR_STATES = {"accepted", "sent", "delivered", "read", "failed"}


def test_every_outbound_status_has_a_state() -> None:
    assert set(STATES) == set(OUTBOUND)
    assert set(STATES.values()) <= OUR_STATES


@pytest.mark.parametrize("word", ["receiving", "received", "", "DELIVERED", "teleported"])
def test_status_outside_the_table_has_no_state(word: str) -> None:
    assert read_state(word) is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("21610", "opted_out"),
        ("21612", "filtered"),
        ("30003", "temporary"),
        ("30005", "number_unusable"),
        ("30007", "filtered"),
        ("30034", "sender_refused"),
        ("30036", "expired_at_provider"),
        ("63016", "content_refused"),
        ("63018", "limit_reached"),
        ("63024", "number_unusable"),
        ("63049", "limit_reached"),
    ],
)
def test_code_has_its_reason(code: str, reason: str) -> None:
    assert read_reason(code) == reason


@pytest.mark.parametrize("code", ["99999", "abc", "-1"])
def test_unknown_code_is_unrecognised(code: str) -> None:
    assert read_reason(code) == UNRECOGNISED


@pytest.mark.parametrize("code", ["", "0"])
def test_no_code_is_no_reason(code: str) -> None:
    assert not read_reason(code)


def test_no_code_stands_under_two_reasons() -> None:
    assert len(REASONS) == sum(len(codes) for codes in CODES_BY_REASON.values())
