"""Twilio's Messages and Content resources as the sandbox answers them."""

import json
from typing import Any

import pytest
import urllib3

from messaging.providers.loop import wait_for
from messaging.wire import WHATSAPP
from tests.harness.waiting import wait_until
from tests.messaging.sandbox.stage import ACCOUNT, OURS, PHONE, Stage

MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def test_taken_message_is_answered_as_twilio_does(stage: Stage) -> None:
    status, answer = stage.create(Body="سلام")

    assert status == 201
    assert answer["sid"].startswith("SM")
    assert len(answer["sid"]) == 34
    assert (answer["status"], answer["direction"]) == ("queued", "outbound-api")
    assert (answer["to"], answer["from"], answer["body"]) == (PHONE, OURS, "سلام")
    assert answer["num_segments"] == "1"
    assert answer["date_created"].endswith("+0000")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"To": ""}, 400, 21604),
        ({"To": "not a number"}, 400, 21211),
        ({"To": "+0123456789"}, 400, 21211),
        ({"From": ""}, 400, 21603),
        ({"From": "ALongSenderName"}, 400, 21212),
        ({"To": f"whatsapp:{PHONE}"}, 400, 63007),
        ({"Body": ""}, 400, 21602),
        ({"Body": "  \n"}, 400, 21602),
        ({"Body": "x" * 1601}, 400, 21617),
        ({"Body": "ب" * 1601}, 400, 21617),
        ({"ContentSid": "HX" + "0" * 32}, 400, 21655),
        ({"ContentSid": "HX" + "0" * 32, "ContentVariables": "{"}, 400, 21656),
        ({"ContentSid": "HX" + "0" * 32, "ContentVariables": '{"1": 2}'}, 400, 21656),
        ({"StatusCallback": "http://example.org/"}, 400, 21609),
        ({"StatusCallback": "file:///etc/passwd"}, 400, 21609),
        ({"StatusCallback": "http://[half"}, 400, 21609),
        ({"To": "+15005550001"}, 400, 21211),
        ({"To": "+15005550002"}, 400, 21612),
        ({"To": "+15005550003"}, 400, 21408),
        ({"To": "+15005550004"}, 400, 21610),
        ({"To": "+15005550009"}, 400, 21614),
        ({"From": "+15005550001"}, 400, 21212),
        ({"From": "+15005550007"}, 400, 21606),
        ({"From": "+15005550008"}, 400, 21611),
        ({"To": "+9992210000092"}, 400, 21614),
        ({"To": "+9992210000093"}, 400, 21610),
        ({"To": "+9992210000095"}, 500, 20500),
    ],
)
def test_refused_message_names_twilios_code_and_is_not_kept(
    stage: Stage, fields: dict[str, str], status: int, code: int
) -> None:
    answered, content = stage.create(**fields)

    assert (answered, content["code"]) == (status, code)
    assert content["status"] == status
    assert stage.ledger()["messages"] == []
    assert stage.ledger()["tallies"][f"refused {code}"] == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"Body": "x" * 1600},
        {"From": "+15005550006"},
        {"From": "Waymark"},
        {"From": "12345"},
        {"From": "", "MessagingServiceSid": "MG" + "0" * 32},
        {"To": f"whatsapp:{PHONE}", "From": f"whatsapp:{OURS}"},
        {"To": "whatsapp:SN.12345678", "From": f"whatsapp:{OURS}"},
    ],
)
def test_message_within_the_rules_is_taken(stage: Stage, fields: dict[str, str]) -> None:
    assert stage.create(**fields)[0] == 201


@pytest.mark.parametrize("headers", [{}, urllib3.make_headers(basic_auth=f"{ACCOUNT}:wrong")])
def test_caller_without_our_token_is_refused(stage: Stage, headers: dict[str, str]) -> None:
    answer = stage.ask("GET", MESSAGES, headers=headers)

    assert (answer.status, answer.json()["code"]) == (401, 20003)


@pytest.mark.parametrize("header", ["Basic", "Basic %%%", "Bearer x", "Basic " + "ü"])
def test_garbled_credentials_are_refused(stage: Stage, header: str) -> None:
    answer = stage.ask("GET", MESSAGES, headers={"Authorization": header.encode("utf-8")})

    assert answer.status == 401


@pytest.mark.parametrize(
    "path",
    [
        MESSAGES.replace("AC0", "AC1"),
        MESSAGES.replace(".json", "/SM0.json"),
        "/v1/Content/HX0/ApprovalRequests",
    ],
)
def test_what_is_not_there_is_not_found(stage: Stage, path: str) -> None:
    answer = stage.ask("GET", path)

    assert (answer.status, answer.json()["code"]) == (404, 20404)


def test_message_can_be_fetched(stage: Stage) -> None:
    _, made = stage.create()

    answer = stage.ask("GET", made["uri"])

    assert answer.json()["sid"] == made["sid"]


def test_list_is_newest_first_and_paged(stage: Stage) -> None:
    sids = [stage.create(Body=str(n))[1]["sid"] for n in range(5)]

    first = stage.messages("PageSize=3")
    second = stage.ask("GET", first["next_page_uri"]).json()

    assert [row["sid"] for row in first["messages"] + second["messages"]] == sids[::-1]
    assert second["next_page_uri"] is None


@pytest.mark.parametrize("query", ["PageSize=x", "PageSize=-1", "PageSize=0", "Page=x"])
def test_odd_page_is_the_default_one(stage: Stage, query: str) -> None:
    stage.create()

    assert len(stage.messages(query)["messages"]) == 1


def test_list_is_filtered_by_both_ends(stage: Stage) -> None:
    stage.create(From="+9990000002")
    stage.create(To="+9992210000043")
    stage.create(Body="to the phone")
    stage.ask("POST", f"/phones/{PHONE}/reply", fields={"body": "from the phone"})

    to_phone = stage.messages(f"To=%2B{PHONE[1:]}&From=%2B{OURS[1:]}")["messages"]
    to_us = stage.messages(f"To=%2B{OURS[1:]}")["messages"]

    assert [row["body"] for row in to_phone] == ["to the phone"]
    assert [(row["body"], row["direction"]) for row in to_us] == [("from the phone", "inbound")]


def template_of(stage: Stage, body: str) -> str:
    return stage.provider.register_template(
        name="boat_warning", language="en", category="MARKETING", body=body
    )


def send_whatsapp(stage: Stage, **changes: Any) -> dict[str, Any]:
    """Send on WhatsApp, wait for the last word, and return the ledger's line."""
    wait_for(stage.provider.send(stage.outgoing(channel=WHATSAPP, **changes)))
    wait_until(stage.has_settled)
    return dict(stage.ledger()["messages"][-1])


def test_template_is_filled_on_the_phone(stage: Stage) -> None:
    ref = template_of(stage, "Boats: {{1}} of {{2}}, {{1}}")

    line = send_whatsapp(stage, template=ref, variables=(("1", "two"), ("2", "nine")))

    assert line["body"] == "Boats: two of nine, two"
    assert line["status"] in ("delivered", "read")


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ((), "63028"),
        ((("1", ""),), "63013"),
        ((("1", "a\nb"),), "63013"),
        ((("1", "a     b"),), "63013"),
        ((("1", "x" * 1024),), "63021"),
    ],
)
def test_template_filled_badly_fails(
    stage: Stage, variables: tuple[tuple[str, str], ...], code: str
) -> None:
    ref = template_of(stage, "Boats: {{1}}")

    line = send_whatsapp(stage, template=ref, variables=variables)

    assert (line["status"], line["code"]) == ("failed", code)


def test_template_that_was_not_submitted_fails(stage: Stage) -> None:
    content = json.dumps({"types": {"twilio/text": {"body": "Boats"}}})
    ref = stage.ask("POST", "/v1/Content", body=content).json()["sid"]

    assert stage.provider.read_template(ref).word == "unsubmitted"
    assert send_whatsapp(stage, template=ref)["code"] == "63027"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"types": {}}', '{"types": {"a": "b"}}'])
def test_template_without_a_text_is_refused(stage: Stage, content: str) -> None:
    answer = stage.ask("POST", "/v1/Content", body=content)

    assert (answer.status, answer.json()["code"]) == (400, 21655)


def test_free_whatsapp_text_needs_an_open_window(stage: Stage) -> None:
    assert send_whatsapp(stage)["code"] == "63016"

    given = {"body": "hello", "channel": WHATSAPP, "to": OURS}
    stage.ask("POST", f"/phones/{PHONE}/reply", fields=given)

    assert send_whatsapp(stage)["status"] in ("delivered", "read")


def test_window_of_one_sender_opens_no_other(stage: Stage) -> None:
    given = {"body": "hello", "channel": WHATSAPP, "to": OURS}
    stage.ask("POST", f"/phones/{PHONE}/reply", fields=given)

    assert send_whatsapp(stage, sender="+9990000002")["code"] == "63016"
