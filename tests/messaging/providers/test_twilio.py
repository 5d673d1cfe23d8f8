"""What the Twilio adapter writes and reads: requests, signatures, webhooks, TwiML."""

import base64
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from messaging.providers.loop import wait_for
from messaging.providers.twilio import Twilio
from messaging.wire import SMS, WHATSAPP, BadSignature, Outgoing
from tests.messaging.providers import wires
from tests.messaging.sandbox.stage import OURS, PHONE, Stage

ACCOUNT = "AC" + "1" * 32
URL = "https://example.org/hooks/twilio/status/a-token/"
FORM = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": PHONE, "From": OURS}
TWILIO = Twilio(ACCOUNT, ("the new token", "the old token"), "http://127.0.0.1", "http://127.0.0.1")


def sign(url: str, form: dict[str, str], token: str) -> str:
    """Sign as Twilio's documentation says, without Twilio's library."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()


def request_of(outgoing: Outgoing) -> tuple[str, dict[str, str]]:
    """Return the head and the form of what goes over the wire."""
    with wires.bad_server(wires.answer("201 Created", b'{"sid": "SM00000001"}')) as server:
        wait_for(
            Twilio(ACCOUNT, ("the new token", "the old"), server.url, server.url).send(outgoing)
        )
    head, _, body = server.seen[0].decode("latin-1").rpartition("\r\n\r\n")
    fields = parse_qs(body, keep_blank_values=True, encoding="utf-8")
    return head, {name: values[0] for name, values in fields.items()}


def read_xml(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text.encode())  # noqa: S314  # our own


def outgoing(**changes: Any) -> Outgoing:
    given = {"channel": SMS, "sender": OURS, "to": PHONE, "body": "سلام & peace", "callback": URL}
    return Outgoing(**(given | changes))


def test_sms_goes_out_with_its_callback_and_validity() -> None:
    head, form = request_of(outgoing(validity=3600))

    assert head.startswith(f"POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json ")
    assert form == {
        "To": PHONE,
        "From": OURS,
        "Body": "سلام & peace",
        "StatusCallback": URL,
        "ValidityPeriod": "3600",
    }


def test_first_token_signs_in() -> None:
    head, _ = request_of(outgoing())
    pair = base64.b64encode(f"{ACCOUNT}:the new token".encode()).decode()

    assert f"authorization: basic {pair}".lower() in head.lower()


def test_whatsapp_addresses_carry_their_prefix() -> None:
    _, form = request_of(outgoing(channel=WHATSAPP))

    assert (form["To"], form["From"]) == (f"whatsapp:{PHONE}", f"whatsapp:{OURS}")


def test_template_goes_without_a_body() -> None:
    changes = {"template": "HX" + "1" * 32, "variables": (("1", "بحر"), ("2", "x"))}
    _, form = request_of(outgoing(channel=WHATSAPP, **changes))

    assert "Body" not in form
    assert form["ContentSid"] == "HX" + "1" * 32
    assert json.loads(form["ContentVariables"]) == {"1": "بحر", "2": "x"}


def test_messaging_service_takes_the_place_of_a_number() -> None:
    service = "MG" + "1" * 32
    _, form = request_of(outgoing(sender=service))

    assert form["MessagingServiceSid"] == service
    assert "From" not in form


@pytest.mark.parametrize(
    ("asked", "sent"), [(-5, "1"), (0, "1"), (14400, "14400"), (10**6, "36000")]
)
def test_validity_is_kept_within_what_twilio_takes(asked: int, sent: str) -> None:
    _, form = request_of(outgoing(validity=asked))

    assert form["ValidityPeriod"] == sent


@pytest.mark.parametrize("token", ["the new token", "the old token"])
def test_each_of_our_tokens_may_have_signed(token: str) -> None:
    TWILIO.verify(URL, FORM, sign(URL, FORM, token))


def test_token_of_another_account_is_refused() -> None:
    with pytest.raises(BadSignature):
        TWILIO.verify(URL, FORM, sign(URL, FORM, "somebody else's"))


def test_moved_boundary_between_name_and_value_changes_no_field_we_read() -> None:
    moved = {"MessageSid": "SM1", "MessageStatu": "sdelivered", "To": PHONE, "From": OURS}

    TWILIO.verify(URL, moved, sign(URL, FORM, "the new token"))
    assert TWILIO.read_receipt(moved).state is None


def test_doubled_field_is_refused_though_its_signature_fits() -> None:
    doubled = MultiDict([*FORM.items(), ("MessageStatus", "delivered")])

    with pytest.raises(BadSignature, match="twice"):
        TWILIO.verify(URL, doubled, sign(URL, FORM, "the new token"))


def test_signature_of_a_json_body_is_refused_on_a_form() -> None:
    url = f"{URL}?bodySHA256=0"

    with pytest.raises(BadSignature, match="JSON"):
        TWILIO.verify(url, FORM, sign(url, FORM, "the new token"))


def test_value_that_cannot_be_encoded_is_refused() -> None:
    with pytest.raises(BadSignature):
        TWILIO.verify(URL, FORM | {"Body": "\udc80"}, "a" * 28)


def test_receipt_of_a_failure_tells_reason_and_code() -> None:
    form = FORM | {"MessageStatus": "undelivered", "ErrorCode": "30005"}

    receipt = TWILIO.read_receipt(form)

    assert (receipt.state, receipt.reason) == ("failed", "number_unusable")
    assert receipt.word == "undelivered 30005"


def test_opt_out_told_by_a_receipt_is_recognised() -> None:
    form = FORM | {"MessageStatus": "failed", "ErrorCode": "21610"}

    assert TWILIO.read_receipt(form).reason == "opted_out"


def test_inbound_message_leaves_names_and_places_behind() -> None:
    form = {
        "MessageSid": "SM1",
        "From": f"whatsapp:{PHONE}",
        "To": f"whatsapp:{OURS}",
        "Body": "hello",
        "ProfileName": "A Name",
        "WaId": "1",
        "Latitude": "1.0",
        "FromCity": "A City",
        "MediaUrl0": "https://example.org/picture",
    }

    inbound = TWILIO.read_inbound(form)

    assert (inbound.number, inbound.sender, inbound.body) == (PHONE, OURS, "hello")
    kept = {getattr(inbound, name) for name in inbound.__slots__}
    assert not kept & {"A Name", "A City", "1.0", "https://example.org/picture"}


def test_stop_that_only_twilio_understood_is_a_stop() -> None:
    form = {"MessageSid": "SM1", "From": PHONE, "To": OURS, "Body": "ENOUGH"}

    assert TWILIO.read_inbound(form | {"OptOutType": "STOP"}).body == "STOP"
    assert TWILIO.read_inbound(form | {"OptOutType": "START"}).body == "ENOUGH"


def test_pressed_button_says_its_payload() -> None:
    form = {"MessageSid": "SM1", "From": PHONE, "To": OURS, "Body": "لا أريد"}

    assert TWILIO.read_inbound(form | {"ButtonPayload": "STOP"}).body == "STOP"


def test_answer_in_twiml_cannot_be_broken_out_of() -> None:
    text = "</Message><Redirect>http://x</Redirect> & <b>"

    root = read_xml(TWILIO.reply(text)[1])

    assert [child.tag for child in root] == ["Message"]
    assert root[0].text == text


def test_no_answer_is_an_empty_response() -> None:
    assert list(read_xml(TWILIO.reply("")[1])) == []


@given(st.text())
def test_any_text_makes_well_formed_twiml(text: str) -> None:
    root = read_xml(TWILIO.reply(text)[1])

    assert len(root) <= 1


@given(st.dictionaries(st.text(), st.text()), st.text())
def test_no_form_is_verified_without_our_tokens(form: dict[str, str], signature: str) -> None:
    with pytest.raises(BadSignature):
        TWILIO.verify(URL, form, signature)


@given(
    st.dictionaries(
        st.sampled_from(["MessageSid", "MessageStatus", "ErrorCode", "From", "Body"]), st.text()
    )
)
def test_any_verified_form_can_be_read(form: dict[str, str]) -> None:
    TWILIO.read_receipt(form)
    TWILIO.read_inbound(form)


def test_one_adapter_serves_many_threads(stage: Stage) -> None:
    provider = stage.provider
    numbers = [f"+999221{n:05}42" for n in range(200)]

    with ThreadPoolExecutor(32) as threads:
        sent = threads.map(
            lambda number: wait_for(provider.send(stage.outgoing(to=number))).ref, numbers
        )

    rows = stage.ledger()["messages"]
    assert sorted(row["number"] for row in rows) == numbers
    assert {row["sid"] for row in rows} == set(sent)
