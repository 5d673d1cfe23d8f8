"""What every provider must do: one suite, run over each of them by `test_contract`.

A bench hides how a provider is made to behave: by a script, or by the last digits of a number.
"""

import contextlib
from typing import Protocol

import pytest

from messaging.providers.base import Form, Provider
from messaging.wire import (
    SMS,
    WHATSAPP,
    BadSignature,
    NotAccepted,
    OptedOut,
    Outgoing,
    SendError,
    Unclear,
    Unusable,
    digest_text,
)

URL = "https://example.org/hooks/status/token/"
OURS = "+9990000001"


class Bench(Protocol):
    """A provider, and the other side of it."""

    @property
    def provider(self) -> Provider: ...

    def number_that(self, outcome: str) -> str: ...
    def callback(self) -> str: ...
    def sign(self, url: str, form: Form) -> str: ...
    def receipt_form(self, ref: str, word: str) -> dict[str, str]: ...
    def inbound_form(self, channel: str, number: str, body: str) -> dict[str, str]: ...
    def count_accepted(self, number: str) -> int: ...


def outgoing_to(bench: Bench, number: str, **changes: str) -> Outgoing:
    given = {"channel": SMS, "sender": OURS, "body": "hello", "callback": bench.callback()}
    return Outgoing(to=number, **(given | changes))  # type: ignore[arg-type]


class ProviderCases:
    """The cases; a subclass names its bench as a fixture."""

    def test_accepted_message_has_an_id_of_its_own(self, bench: Bench) -> None:
        number = bench.number_that("accepts")

        refs = {bench.provider.send(outgoing_to(bench, number)).ref for _ in range(3)}

        assert len(refs) == 3
        assert all(refs)

    @pytest.mark.parametrize(
        ("outcome", "error"),
        [
            ("has_opted_out", OptedOut),
            ("is_unusable", Unusable),
            ("is_busy", NotAccepted),
            ("loses_the_answer", Unclear),
            ("breaks", Unclear),
        ],
    )
    def test_an_error_says_what_may_follow(
        self, bench: Bench, outcome: str, error: type[SendError]
    ) -> None:
        with pytest.raises(SendError) as caught:
            bench.provider.send(outgoing_to(bench, bench.number_that(outcome)))

        assert type(caught.value) is error

    @pytest.mark.parametrize(
        ("outcome", "count"),
        [("accepts", 1), ("loses_the_answer", 1), ("has_opted_out", 0), ("is_busy", 0)],
    )
    def test_one_call_sends_at_most_once(self, bench: Bench, outcome: str, count: int) -> None:
        number = bench.number_that(outcome)

        with contextlib.suppress(SendError):
            bench.provider.send(outgoing_to(bench, number))

        assert bench.count_accepted(number) == count

    def test_what_was_not_accepted_may_be_sent_again(self, bench: Bench) -> None:
        number = bench.number_that("is_busy")
        with pytest.raises(NotAccepted):
            bench.provider.send(outgoing_to(bench, number))

        bench.provider.send(outgoing_to(bench, number))

        assert bench.count_accepted(number) == 1

    def test_lost_message_is_found_in_the_list(self, bench: Bench) -> None:
        number = bench.number_that("loses_the_answer")
        with pytest.raises(Unclear):
            bench.provider.send(outgoing_to(bench, number, body="the lost one"))

        found = bench.provider.list_sent(number, channel=SMS)

        assert [(one.sender, one.body_digest) for one in found] == [
            (OURS, digest_text("the lost one"))
        ]
        assert found[0].ref
        assert found[0].created_at.tzinfo is not None

    def test_list_holds_one_number_and_channel_only(self, bench: Bench) -> None:
        number = bench.number_that("accepts")
        bench.provider.send(outgoing_to(bench, number))
        bench.provider.send(outgoing_to(bench, number[:-1] + "4"))

        assert len(bench.provider.list_sent(number, channel=SMS)) == 1
        assert bench.provider.list_sent(number, channel=WHATSAPP) == []

    def test_submitted_template_is_approved_in_the_end(self, bench: Bench) -> None:
        ref = bench.provider.register_template(
            name="boat_warning", language="ar", category="MARKETING", body="تحذير"
        )

        assert bench.provider.template_state(ref) == "approved"

    def test_what_was_signed_for_this_address_is_verified(self, bench: Bench) -> None:
        form = bench.receipt_form("REF1", "delivered")

        bench.provider.verify(URL, form, bench.sign(URL, form))

    def test_changed_form_is_refused(self, bench: Bench) -> None:
        form = bench.receipt_form("REF1", "delivered")
        signature = bench.sign(URL, form)

        with pytest.raises(BadSignature):
            bench.provider.verify(URL, form | {"extra": "1"}, signature)

    def test_signature_for_another_address_is_refused(self, bench: Bench) -> None:
        form = bench.receipt_form("REF1", "delivered")

        with pytest.raises(BadSignature):
            bench.provider.verify(URL, form, bench.sign(URL + "other", form))

    @pytest.mark.parametrize("signature", ["", "nonsense", "ü", "\udc80", "a" * 10_000])
    def test_missing_or_broken_signature_is_refused(self, bench: Bench, signature: str) -> None:
        with pytest.raises(BadSignature):
            bench.provider.verify(URL, bench.receipt_form("REF1", "sent"), signature)

    @pytest.mark.parametrize("word", ["sent", "delivered", "read", "failed"])
    def test_receipt_tells_id_and_state(self, bench: Bench, word: str) -> None:
        receipt = bench.provider.read_receipt(bench.receipt_form("REF1", word))

        assert (receipt.ref, receipt.state) == ("REF1", word)

    def test_unknown_word_changes_no_state_and_is_told(self, bench: Bench) -> None:
        receipt = bench.provider.read_receipt(bench.receipt_form("REF1", "teleported"))

        assert receipt.state is None
        assert "teleported" in receipt.word

    def test_empty_receipt_is_read_without_an_error(self, bench: Bench) -> None:
        assert bench.provider.read_receipt({}).state is None

    @pytest.mark.parametrize("channel", [SMS, WHATSAPP])
    def test_inbound_message_tells_channel_number_and_text(
        self, bench: Bench, channel: str
    ) -> None:
        number = bench.number_that("accepts")

        inbound = bench.provider.read_inbound(bench.inbound_form(channel, number, "ابدأ"))

        assert inbound.channel == channel
        assert inbound.number == number
        assert inbound.sender == OURS
        assert inbound.body == "ابدأ"
        assert inbound.ref

    def test_answer_to_an_inbound_message_holds_the_text(self, bench: Bench) -> None:
        content_type, body = bench.provider.reply("Welcome")

        assert content_type.startswith("text/")
        assert "Welcome" in body
