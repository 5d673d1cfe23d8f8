"""What every provider must do: one suite, run over each of them by `test_contract`.

A bench hides how a provider is made to behave: by a script, or by the last digits of a number. Every
provider sends (`SendCases`); the other cases are for those that can, and for those that cannot.
"""

import contextlib
import traceback
from typing import Protocol

import pytest

from messaging.providers.base import Form, Provider
from messaging.providers.loop import wait_for
from messaging.wire import (
    SMS,
    WHATSAPP,
    AccountProblem,
    BadSignature,
    CannotList,
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
TOKEN = "17.1.0123456789abcdef01234567"
EVERYTHING = frozenset(("has_opted_out", "is_unusable", "is_busy", "is_account"))


class Bench(Protocol):
    """A provider, and the other side of it."""

    # The channel it sends on, what it sends from, and which outcomes its answer to a call can tell;
    # of the others it tells later, by a receipt.
    channel: str
    ours: str
    tells: frozenset[str]

    @property
    def provider(self) -> Provider: ...

    def number_that(self, outcome: str) -> str: ...
    def callback(self) -> str: ...
    def count_accepted(self, number: str) -> int: ...


class FormBench(Bench, Protocol):
    """A provider that calls back with signed forms."""

    def sign(self, url: str, form: Form) -> str: ...
    def receipt_form(self, ref: str, word: str) -> dict[str, str]: ...
    def inbound_form(self, channel: str, number: str, body: str) -> dict[str, str]: ...


def outgoing_to(bench: Bench, number: str, **changes: str) -> Outgoing:
    given = {
        "channel": bench.channel,
        "sender": bench.ours,
        "body": "hello",
        "callback": bench.callback(),
        "token": TOKEN,
    }
    return Outgoing(to=number, **(given | changes))  # type: ignore[arg-type]


def everything_said(error: BaseException) -> str:
    """Return all that a log, a report or a debugger's page would print of an error."""
    said = "".join(traceback.format_exception(error))
    chain: BaseException | None = error
    while chain:
        said += f"{chain!r} {chain} {chain.args} {vars(chain)}"
        chain = chain.__cause__ or chain.__context__
    return said


class SendCases:
    """What all of them do; a subclass names its bench as a fixture."""

    def test_accepted_message_has_an_id_of_its_own(self, bench: Bench) -> None:
        number = bench.number_that("accepts")

        refs = {wait_for(bench.provider.send(outgoing_to(bench, number))).ref for _ in range(3)}

        assert len(refs) == 3
        assert all(refs)

    @pytest.mark.parametrize(
        ("outcome", "error"),
        [
            ("has_opted_out", OptedOut),
            ("is_unusable", Unusable),
            ("is_busy", NotAccepted),
            ("is_account", AccountProblem),
            ("loses_the_answer", Unclear),
            ("breaks", Unclear),
        ],
    )
    def test_an_error_says_what_may_follow(
        self, bench: Bench, outcome: str, error: type[SendError]
    ) -> None:
        message = outgoing_to(bench, bench.number_that(outcome))
        if outcome in EVERYTHING - bench.tells:
            # What is not told at once is told by a receipt: until then it was accepted.
            assert wait_for(bench.provider.send(message)).ref
            return
        with pytest.raises(SendError) as caught:
            wait_for(bench.provider.send(message))

        assert type(caught.value) is error

    @pytest.mark.parametrize(
        ("outcome", "count"),
        [
            ("accepts", 1),
            ("loses_the_answer", 1),
            ("has_opted_out", 0),
            ("is_busy", 0),
            ("is_account", 0),
        ],
    )
    def test_one_call_sends_at_most_once(self, bench: Bench, outcome: str, count: int) -> None:
        if outcome in EVERYTHING - bench.tells:
            count = 1
        number = bench.number_that(outcome)

        with contextlib.suppress(SendError):
            wait_for(bench.provider.send(outgoing_to(bench, number)))

        assert bench.count_accepted(number) == count

    def test_what_was_not_accepted_may_be_sent_again(self, bench: Bench) -> None:
        number = bench.number_that("is_busy")
        with pytest.raises(NotAccepted):
            wait_for(bench.provider.send(outgoing_to(bench, number)))

        wait_for(bench.provider.send(outgoing_to(bench, number)))

        assert bench.count_accepted(number) == 1

    def test_repr_and_errors_hold_no_number_and_no_text(self, bench: Bench) -> None:
        number = bench.number_that("breaks")
        with pytest.raises(SendError) as caught:
            wait_for(bench.provider.send(outgoing_to(bench, number, body="the canary")))

        said = (
            f"{bench.provider!r} {caught.value!r} {vars(caught.value)} {caught.value.__context__!r}"
        )
        assert number.removeprefix("+") not in said
        assert "canary" not in said


class ListCases:
    """For those that can list what they took."""

    def test_it_says_that_it_lists(self, bench: Bench) -> None:
        assert bench.provider.lists

    def test_lost_message_is_found_in_the_list(self, bench: Bench) -> None:
        number = bench.number_that("loses_the_answer")
        with pytest.raises(Unclear):
            wait_for(bench.provider.send(outgoing_to(bench, number, body="the lost one")))

        found = bench.provider.list_sent(number, channel=SMS)

        assert [(one.sender, one.body_digest) for one in found] == [
            (OURS, digest_text("the lost one"))
        ]
        assert found[0].ref
        assert found[0].created_at.tzinfo is not None

    def test_list_holds_one_number_and_channel_only(self, bench: Bench) -> None:
        number = bench.number_that("accepts")
        wait_for(bench.provider.send(outgoing_to(bench, number)))
        wait_for(bench.provider.send(outgoing_to(bench, number[:-1] + "4")))

        assert len(bench.provider.list_sent(number, channel=SMS)) == 1
        assert bench.provider.list_sent(number, channel=WHATSAPP) == []


class NoListCases:
    """For those that cannot: what is unknown is learned from what they tell, or never."""

    def test_it_says_that_it_has_no_list(self, bench: Bench) -> None:
        assert not bench.provider.lists
        with pytest.raises(CannotList):
            bench.provider.list_sent(bench.number_that("accepts"), channel=bench.channel)


class TemplateCases:
    """For those that have wordings approved."""

    def test_it_says_that_it_takes_wordings(self, bench: Bench) -> None:
        assert bench.provider.templates

    def test_submitted_template_is_approved_in_the_end(self, bench: Bench) -> None:
        ref = bench.provider.register_template(
            name="boat_warning", language="ar", category="MARKETING", body="تحذير"
        )

        assert bench.provider.read_template(ref).word == "approved"


class NoFormCases:
    """For those that never call back with a form: none is genuine."""

    def test_no_form_is_genuine(self, bench: Bench) -> None:
        with pytest.raises(BadSignature):
            bench.provider.verify(URL, {"MessageStatus": "delivered"}, "signed")
        with pytest.raises(BadSignature):
            bench.provider.read_inbound({"From": "+9992210000042", "Body": "STOP"})

    def test_an_empty_answer_goes_back(self, bench: Bench) -> None:
        assert bench.provider.read_receipt({"MessageStatus": "delivered"}).state is None
        assert not bench.provider.reply("Welcome")[1]


class FormCases:
    """For those that call back with signed forms."""

    def test_what_was_signed_for_this_address_is_verified(self, bench: FormBench) -> None:
        form = bench.receipt_form("REF1", "delivered")

        bench.provider.verify(URL, form, bench.sign(URL, form))

    def test_changed_form_is_refused(self, bench: FormBench) -> None:
        form = bench.receipt_form("REF1", "delivered")
        signature = bench.sign(URL, form)

        with pytest.raises(BadSignature):
            bench.provider.verify(URL, form | {"extra": "1"}, signature)

    def test_signature_for_another_address_is_refused(self, bench: FormBench) -> None:
        form = bench.receipt_form("REF1", "delivered")

        with pytest.raises(BadSignature):
            bench.provider.verify(URL, form, bench.sign(URL + "other", form))

    @pytest.mark.parametrize("signature", ["", "nonsense", "ü", "\udc80", "a" * 10_000])
    def test_missing_or_broken_signature_is_refused(self, bench: FormBench, signature: str) -> None:
        with pytest.raises(BadSignature):
            bench.provider.verify(URL, bench.receipt_form("REF1", "sent"), signature)

    @pytest.mark.parametrize("word", ["sent", "delivered", "read", "failed"])
    def test_receipt_tells_id_and_state(self, bench: FormBench, word: str) -> None:
        receipt = bench.provider.read_receipt(bench.receipt_form("REF1", word))

        assert (receipt.ref, receipt.state) == ("REF1", word)

    def test_unknown_word_changes_no_state_and_is_told(self, bench: FormBench) -> None:
        receipt = bench.provider.read_receipt(bench.receipt_form("REF1", "teleported"))

        assert receipt.state is None
        assert "teleported" in receipt.word

    def test_empty_receipt_is_read_without_an_error(self, bench: FormBench) -> None:
        assert bench.provider.read_receipt({}).state is None

    @pytest.mark.parametrize("channel", [SMS, WHATSAPP])
    def test_inbound_message_tells_channel_number_and_text(
        self, bench: FormBench, channel: str
    ) -> None:
        number = bench.number_that("accepts")

        inbound = bench.provider.read_inbound(bench.inbound_form(channel, number, "ابدأ"))

        assert inbound.channel == channel
        assert inbound.number == number
        assert inbound.sender == OURS
        assert inbound.body == "ابدأ"
        assert inbound.ref

    def test_answer_to_an_inbound_message_holds_the_text(self, bench: FormBench) -> None:
        content_type, body = bench.provider.reply("Welcome")

        assert content_type.startswith("text/")
        assert "Welcome" in body
