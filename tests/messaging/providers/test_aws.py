"""What AWS's adapters write, and what refusals mean; the stand-in reads each request by the models."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from messaging.providers.aws_signing import Place, Service
from messaging.providers.aws_sms import AwsSms, Ways, write_price
from messaging.providers.aws_sns import AwsSns
from messaging.providers.aws_whatsapp import Account, AwsWhatsApp
from messaging.providers.base import Provider
from messaging.providers.http import Call, Client
from messaging.providers.loop import wait_for
from messaging.providers.registry import FACTORIES, make_provider
from messaging.wire import (
    SMS,
    WHATSAPP,
    AccountProblem,
    NotAccepted,
    OptedOut,
    Outgoing,
    Refused,
    SendError,
    Unclear,
    Unusable,
)
from tests.messaging.providers.aws_stand_in import StandIn, keys_for_tests, stand_in
from tests.messaging.providers.modelled import REGION
from tests.messaging.providers.wires import answer, bad_server

PHONE, TOKEN = "+9992210000042", "17.1.0123456789abcdef01234567"
NUMBER_ID = "phone-number-id-0123456789abcdef0123456789abcdef"


@pytest.fixture
def aws() -> Iterator[StandIn]:
    with stand_in() as held:
        yield held


def open_service(name: str, url: str, *, total: float = 3) -> Service:
    client = Client(connect=1, total=total)
    return Service(name, Place(REGION, url), keys_for_tests(), client=client)


def make_sms(url: str, **ways: str) -> AwsSms:
    return AwsSms(open_service("pinpoint-sms-voice-v2", url), Ways(**ways))


def make_whatsapp(url: str) -> AwsWhatsApp:
    return AwsWhatsApp(open_service("socialmessaging", url), Account("waba-0123456789"))


def make_sns(url: str) -> AwsSns:
    return AwsSns(open_service("sns", url), "PROMOTIONAL")


def outgoing(**changes: Any) -> Outgoing:
    given = {"channel": SMS, "sender": "pool-1", "to": PHONE, "body": "سلام", "callback": ""}
    return Outgoing(**(given | {"token": TOKEN} | changes))


def written(aws: StandIn, provider: Provider, message: Outgoing) -> dict[str, Any]:
    """Return what the service was given for one message."""
    wait_for(provider.send(message))
    return aws.asked[-1].given


def meta_message(aws: StandIn, **changes: Any) -> dict[str, Any]:
    message = outgoing(channel=WHATSAPP, sender=NUMBER_ID, **changes)
    given = written(aws, make_whatsapp(aws.url), message)
    found: dict[str, Any] = json.loads(given["message"])
    return found


# ---- What is written -----------------------------------------------------------------------------


def test_sms_names_its_sender_its_events_and_its_end(aws: StandIn) -> None:
    provider = make_sms(aws.url, configuration_set="receipts", message_type="PROMOTIONAL")

    assert written(aws, provider, outgoing(validity=3600, max_price="0.12")) == {
        "DestinationPhoneNumber": PHONE,
        "OriginationIdentity": "pool-1",
        "MessageBody": "سلام",
        "MessageType": "PROMOTIONAL",
        "ConfigurationSetName": "receipts",
        "TimeToLive": 3600,
        "MaxPrice": "0.12000",
        "Context": {"token": TOKEN},
    }


def test_what_is_not_set_is_left_out(aws: StandIn) -> None:
    given = written(aws, make_sms(aws.url), outgoing(token=""))

    assert set(given) & {"ConfigurationSetName", "MaxPrice", "Context"} == set()


@pytest.mark.parametrize(("asked", "sent"), [(-5, 5), (0, 5), (14400, 14400), (10**7, 259_200)])
def test_life_is_kept_within_what_aws_takes(aws: StandIn, asked: int, sent: int) -> None:
    assert written(aws, make_sms(aws.url), outgoing(validity=asked))["TimeToLive"] == sent


@pytest.mark.parametrize(
    ("text", "price"),
    [
        *[("0.05", "0.05000"), ("1", "1.00000"), ("99.99", "99.99000"), ("0.000001", "")],
        *[("", ""), ("free", ""), ("NaN", ""), ("-1", ""), ("100", ""), ("1e400", "")],
    ],
)
def test_price_is_written_as_aws_reads_it(text: str, price: str) -> None:
    assert write_price(text) == price


def test_text_on_whatsapp_carries_our_token_and_shows_no_preview(aws: StandIn) -> None:
    assert meta_message(aws) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": PHONE,
        "type": "text",
        "text": {"body": "سلام", "preview_url": False},
        "biz_opaque_callback_data": TOKEN,
    }


def test_template_is_filled_in_the_order_of_its_variables(aws: StandIn) -> None:
    variables = (("10", "ten"), ("2", "b"), ("1", "بحر"))
    message = meta_message(aws, template="boat_warning_1a2b:ar", variables=variables)

    assert message["type"] == "template"
    assert "text" not in message
    assert message["template"] == {
        "name": "boat_warning_1a2b",
        "language": {"code": "ar"},
        "components": [
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "text": "بحر"},
                    {"type": "text", "text": "b"},
                    {"type": "text", "text": "ten"},
                ],
            }
        ],
    }


def test_template_without_variables_has_no_components(aws: StandIn) -> None:
    assert "components" not in meta_message(aws, template="plain:fr")["template"]


def test_whoever_shows_no_number_is_written_to_by_her_user_id(aws: StandIn) -> None:
    message = meta_message(aws, to="SN.13491208655302741918")

    assert message["recipient"] == "SN.13491208655302741918"
    assert "to" not in message


def test_sender_of_sns_is_a_number_or_a_name(aws: StandIn) -> None:
    provider = make_sns(aws.url)

    by_name = written(aws, provider, outgoing(sender="Waymark", max_price="0.1"))
    by_number = written(aws, provider, outgoing(sender="+9990000001"))

    assert by_name["MessageAttributes"] == {
        "AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": "Waymark"},
        "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Promotional"},
        "AWS.SNS.SMS.MaxPrice": {"DataType": "Number", "StringValue": "0.10000"},
    }
    assert by_number["MessageAttributes"]["AWS.MM.SMS.OriginationNumber"]["StringValue"] == (
        "+9990000001"
    )


@pytest.mark.parametrize("make", [make_sms, make_whatsapp, make_sns])
def test_what_its_own_model_forbids_is_refused_before_anything_is_sent(make: Any) -> None:
    with bad_server(answer("200 OK", b"{}")) as server:
        with pytest.raises(Refused) as caught:
            wait_for(make(server.url).send(outgoing(to="", sender="", body=17, channel=WHATSAPP)))
        if make is not make_whatsapp:
            assert server.seen == []

    assert caught.value.__context__ is None


def test_half_a_character_is_refused_before_anything_is_sent() -> None:
    with bad_server(answer("200 OK", b"{}")) as server:
        with pytest.raises(Refused, match="content_refused") as caught:
            wait_for(make_whatsapp(server.url).send(outgoing(body="half \ud83d")))

        assert server.seen == []
    assert caught.value.__context__ is None


def test_moto_takes_what_the_plain_fallback_publishes() -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        # Its first answer takes its time: it reads all the models of the service.
        provider = AwsSns(open_service("sns", url, total=60))
        accepted = wait_for(provider.send(outgoing(body="a word to publish")))
        kept = Client().call(Call("GET", f"{url}/moto-api/data.json", {}, limit=10**6)).body
    finally:
        server.stop()

    assert accepted.ref
    assert b"a word to publish" in kept


# ---- What a refusal means ------------------------------------------------------------------------


def refuse(make: Any, status: str, body: dict[str, Any] | str, *headers: str) -> SendError:
    said = body if isinstance(body, str) else json.dumps(body)
    with bad_server(answer(status, said.encode(), *headers)) as server:
        with pytest.raises(SendError) as caught:
            wait_for(make(server.url).send(outgoing()))
        assert len(server.seen) == 1
    return caught.value


CONFLICT, INVALID = "ConflictException", "ValidationException"


@pytest.mark.parametrize(
    ("name", "reason", "error", "ours"),
    [
        (CONFLICT, "DESTINATION_PHONE_NUMBER_OPTED_OUT", OptedOut, "opted_out"),
        (CONFLICT, "DESTINATION_PHONE_NUMBER_NOT_VERIFIED", AccountProblem, "sender_refused"),
        (CONFLICT, "NO_ORIGINATION_IDENTITIES_FOUND", AccountProblem, "sender_refused"),
        (CONFLICT, "RESOURCE_NOT_ACTIVE", AccountProblem, "sender_refused"),
        (
            *(CONFLICT, "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION"),
            *(AccountProblem, "sender_refused"),
        ),
        (
            *(CONFLICT, "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE"),
            *(Unusable, "number_unusable"),
        ),
        ("ResourceNotFoundException", "", AccountProblem, "sender_refused"),
        (INVALID, "SENDER_ID_REQUIRES_REGISTRATION", AccountProblem, "sender_refused"),
        (INVALID, "SENDER_ID_NOT_REGISTERED", AccountProblem, "sender_refused"),
        (INVALID, "SENDER_ID_NOT_SUPPORTED", AccountProblem, "sender_refused"),
        (INVALID, "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY", AccountProblem, "sender_refused"),
        (INVALID, "COUNTRY_NOT_ENABLED", AccountProblem, "sender_refused"),
        (INVALID, "DESTINATION_COUNTRY_BLOCKED", AccountProblem, "sender_refused"),
        (INVALID, "PRICE_OVER_THRESHOLD", Refused, "limit_reached"),
        (INVALID, "FIELD_VALIDATION_FAILED", Refused, "content_refused"),
        (INVALID, "SOMETHING_NEW", Refused, "content_refused"),
        (
            *("ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"),
            *(AccountProblem, "sender_refused"),
        ),
        ("AccessDeniedException", "ACCOUNT_DISABLED", AccountProblem, "sender_refused"),
        ("AccessDeniedException", "", AccountProblem, "sender_refused"),
        ("UnrecognizedClientException", "", AccountProblem, "sender_refused"),
        ("ThrottlingException", "", NotAccepted, "provider_busy"),
        ("BrandNewException", "", Refused, "unrecognised"),
        ("RequestTimeoutException", "", Unclear, "bad_answer"),
    ],
)
def test_exception_of_the_sms_service_says_what_may_follow(
    name: str, reason: str, error: type[SendError], ours: str
) -> None:
    said = {"__type": f"com.amazonaws.sms#{name}", "Message": f"to {PHONE}", "Reason": reason}

    raised = refuse(make_sms, "400 Bad Request", said)

    assert (type(raised), raised.reason) == (error, ours)
    assert PHONE not in f"{raised!r} {raised.word}"
    if error is not Unclear:
        assert raised.word == f"{name} {reason}".strip()


@pytest.mark.parametrize(
    ("field", "error"),
    [
        ("DestinationPhoneNumber", Unusable),
        ("OriginationIdentity", AccountProblem),
        ("MessageBody", Refused),
        ("Other", Refused),
    ],
)
def test_refused_field_says_whose_fault_it_is(field: str, error: type[SendError]) -> None:
    said = {"__type": INVALID, "Reason": "INVALID_PARAMETER", "Fields": [{"Name": field}]}

    assert type(refuse(make_sms, "400 Bad Request", said)) is error


def test_server_error_is_unclear_whatever_it_is_called() -> None:
    for name in ("InternalServerException", "ThrottlingException", CONFLICT):
        assert type(refuse(make_sms, "500 Internal Server Error", {"__type": name})) is Unclear


def test_forbidden_without_a_known_word_is_our_account() -> None:
    said = {"__type": "BrandNewException"}

    assert type(refuse(make_sms, "403 Forbidden", said)) is AccountProblem


@pytest.mark.parametrize(
    ("status", "name", "error"),
    [
        ("400 Bad Request", "ValidationException", Refused),
        ("400 Bad Request", "InvalidParametersException", Refused),
        ("403 Forbidden", "AccessDeniedException", AccountProblem),
        ("403 Forbidden", "AccessDeniedByMetaException", AccountProblem),
        ("404 Not Found", "ResourceNotFoundException", AccountProblem),
        ("429 Too Many Requests", "ThrottledRequestException", NotAccepted),
        ("500 Internal Server Error", "InternalServiceException", Unclear),
        ("502 Bad Gateway", "DependencyException", Unclear),
    ],
)
def test_exception_of_the_whatsapp_service_says_what_may_follow(
    status: str, name: str, error: type[SendError]
) -> None:
    raised = refuse(make_whatsapp, status, {"message": "no"}, f"x-amzn-ErrorType: {name}:http://x")

    assert type(raised) is error


@pytest.mark.parametrize(
    ("code", "said", "error"),
    [
        ("InvalidParameter", f"Invalid parameter: PhoneNumber Reason: {PHONE}", Unusable),
        ("InvalidParameter", f"Invalid parameter: PhoneNumber {PHONE} is opted out", OptedOut),
        ("OptedOut", "", OptedOut),
        ("InvalidParameter", "Invalid parameter: AWS.SNS.SMS.SenderID", AccountProblem),
        ("InvalidParameter", "Invalid parameter: Message too long", Refused),
        ("Throttling", "Rate exceeded", NotAccepted),
        ("AuthorizationError", "not authorized", AccountProblem),
        ("InternalError", "", Unclear),
    ],
)
def test_exception_of_sns_says_what_may_follow(
    code: str, said: str, error: type[SendError]
) -> None:
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{said}</Message></Error></ErrorResponse>"

    raised = refuse(make_sns, "400 Bad Request", body)

    assert type(raised) is error
    assert PHONE not in f"{raised!r} {raised.word}"


# ---- The registry --------------------------------------------------------------------------------


class Deployment:
    """The settings that the registry reads."""

    REHEARSAL = True
    TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKENS = "AC1", ["token"]
    TWILIO_SHARED_KEYS: dict[str, str] = {}
    TWILIO_URL = TWILIO_CONTENT_URL = "http://127.0.0.1:1"
    AWS_REGION = REGION
    AWS_SMS_URL = AWS_SOCIAL_URL = AWS_SNS_URL = "http://127.0.0.1:1"
    AWS_CONFIGURATION_SET = ""
    AWS_MESSAGE_TYPE = "TRANSACTIONAL"
    AWS_OPT_OUT_LIST = "Default"
    AWS_WHATSAPP_ACCOUNT = ""
    AWS_META_VERSION = "v23.0"


@pytest.mark.parametrize("name", FACTORIES)
def test_every_provider_of_the_registry_is_made_from_the_settings(name: str) -> None:
    provider = make_provider(name, Deployment())

    assert isinstance(provider.lists, bool)
    assert isinstance(provider.templates, bool)


def test_provider_that_is_not_in_the_registry_is_not_made() -> None:
    with pytest.raises(LookupError, match="pigeon"):
        make_provider("pigeon", Deployment())


@pytest.mark.parametrize("name", ["aws-sms", "aws-whatsapp", "aws-sns"])
@pytest.mark.parametrize("url", ["", "https://sns.eu-west-1.amazonaws.com", "http://10.0.0.1"])
def test_rehearsal_makes_nothing_that_reaches_another_host(name: str, url: str) -> None:
    class Elsewhere(Deployment):
        AWS_SMS_URL = AWS_SOCIAL_URL = AWS_SNS_URL = url

    with pytest.raises(LookupError, match="rehearsal"):
        make_provider(name, Elsewhere())


def test_without_a_region_aws_is_not_made() -> None:
    class Nowhere(Deployment):
        AWS_REGION = ""

    with pytest.raises(LookupError, match="WAYMARK_AWS_REGION"):
        make_provider("aws-sms", Nowhere())
