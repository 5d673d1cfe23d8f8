"""The phones: what a page shows, and what happens when a phone writes."""

import logging
import re
from xml.sax.saxutils import escape

import pytest
import urllib3

from messaging.sandbox.behaviours import BEHAVIOURS
from messaging.sandbox.pages import country_of, link_addresses
from messaging.sandbox.signing import SiteAnswer
from messaging.sandbox.writing import read_twiml
from messaging.wire import SMS, WHATSAPP
from tests.harness.waiting import wait_until
from tests.messaging.sandbox.stage import OURS, PHONE, Stage

JSON = {"Accept": "application/json"}


def page(stage: Stage, path: str = "/") -> str:
    answer = stage.ask("GET", path, headers={})
    assert answer.status == 200
    return answer.data.decode()


def write(stage: Stage, number: str = PHONE, **fields: str) -> urllib3.BaseHTTPResponse:
    return stage.ask("POST", f"/phones/{number}/reply", fields=fields, headers=JSON)


def answer_with(stage: Stage, *texts: str) -> None:
    messages = "".join(f"<Message>{escape(text)}</Message>" for text in texts)
    stage.site.twiml = f'<?xml version="1.0" encoding="UTF-8"?><Response>{messages}</Response>'


def test_empty_sandbox_says_how_to_fill_it(stage: Stage) -> None:
    assert "Send a broadcast from the desk" in page(stage)
    assert "has received nothing yet" in page(stage, f"/phones/{PHONE}")


def test_every_page_says_that_nothing_is_real(stage: Stage) -> None:
    for path in ("/", f"/phones/{PHONE}"):
        assert "fictional phones. Nothing here reaches a real network" in page(stage, path)


def test_legend_names_every_behaviour(stage: Stage) -> None:
    html = page(stage)

    assert all(f"…{digits}" in html for digits in BEHAVIOURS)
    assert "own handling of STOP is not imitated" in html


def test_phones_are_listed_newest_first(stage: Stage) -> None:
    for digits in ("41", "42", "43"):
        stage.create(To=f"+99922100000{digits}")
    stage.create(To="+9992210000041")

    listed = re.findall(r'<b dir="ltr">(\S+)</b>', page(stage))

    assert [number[-2:] for number in listed] == ["41", "43", "42"]


def test_list_is_paged_and_searched(stage: Stage) -> None:
    for n in range(30):
        stage.create(To=f"+999221{n:05}42", Body=f"text {n} 100%")

    assert "1–25 of 30 phones" in page(stage)
    assert "26–30 of 30 phones" in page(stage, "/?page=1")
    assert "1–1 of 1 phones" in page(stage, "/?q=0001742")
    assert "1–1 of 1 phones" in page(stage, "/?q=TEXT+17+100%25")
    assert "No phone has this" in page(stage, "/?q=%25%25")


def test_phone_shows_each_text_isolated_in_its_own_direction(stage: Stage) -> None:
    stage.create(Body="طريق البحر")
    stage.create(Body="የባህር መንገድ")

    html = page(stage, f"/phones/{PHONE}")

    assert '<p class="text" dir="auto">طريق البحر</p>' in html
    assert '<p class="text" dir="auto">የባህር መንገድ</p>' in html
    assert "unicode-bidi: isolate" in html


def test_phone_shows_how_each_message_ended(stage: Stage) -> None:
    stage.create(To="+9992210000090")
    wait_until(lambda: stage.ledger()["tallies"]["callbacks waiting"] == 0)

    assert "undelivered 30003" in page(stage, "/phones/+9992210000090")


def test_text_cannot_become_markup(stage: Stage) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x>"
    stage.create(Body=evil)
    write(stage, body=evil)

    for path in ("/", f"/phones/{PHONE}", f"/?q={evil[:8]}", "/?part=live"):
        html = page(stage, path)
        assert "<script>alert" not in html
        assert "<img" not in html


def test_policy_lets_nothing_in_but_the_page_itself(stage: Stage) -> None:
    policy = stage.ask("GET", "/", headers={}).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert len(re.findall(r"'sha256-[A-Za-z0-9+/]{43}='", policy)) == 2


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://example.org/a?b=1&c=2.", "https://example.org/a?b=1&c=2"),
        ("اقرأ http://127.0.0.1:8000/ar/m/ab2cd/، شكرا", "http://127.0.0.1:8000/ar/m/ab2cd/"),
        ("(http://example.org/x)", "http://example.org/x"),
    ],
)
def test_web_address_is_a_link_without_the_punctuation_after_it(text: str, address: str) -> None:
    html = link_addresses(text)

    assert f'href="{escape(address)}"' in html
    assert re.sub("<[^>]*>", "", html) == escape(text)


def test_script_address_is_no_link() -> None:
    assert "<a" not in link_addresses("javascript:alert(1) data:text/html,x")


@pytest.mark.parametrize(
    ("number", "country"),
    [("+9992210000042", "Senegal"), ("+9992510000042", "Ethiopia"), ("+15005550006", "")],
)
def test_fictional_number_stands_for_a_country(number: str, country: str) -> None:
    assert country_of(number) == country


def test_reply_reaches_the_site_signed(stage: Stage) -> None:
    stage.create()
    answer = write(stage, body="STOP")

    heard = next(one for one in stage.site.heard if one.path == "/inbound/")
    stage.provider.verify(f"{stage.site.url}/inbound/", heard.form, heard.signature)
    inbound = stage.provider.read_inbound(heard.form)
    assert (inbound.number, inbound.sender, inbound.body) == (PHONE, OURS, "STOP")
    assert answer.json() == {"sid": inbound.ref, "status": 200, "replies": []}


def test_reply_goes_out_on_the_line_that_wrote_last(stage: Stage) -> None:
    stage.create()
    stage.create(To=f"whatsapp:{PHONE}", From="whatsapp:+9990000002", Body="by WhatsApp")

    write(stage, body="1")
    write(stage, body="1", line=f"sms {OURS}")

    heard = [one.form for one in stage.site.heard if one.path == "/inbound/"]
    assert [(form["From"], form["To"]) for form in heard] == [
        (f"whatsapp:{PHONE}", "whatsapp:+9990000002"),
        (PHONE, OURS),
    ]


def test_twiml_answer_comes_to_the_phone(stage: Stage) -> None:
    stage.create()
    answer_with(stage, "لن نكتب إليك <بعد> الآن & شكرا", "a second")

    answer = write(stage, body="STOP")

    assert answer.json()["replies"] == ["لن نكتب إليك <بعد> الآن & شكرا", "a second"]
    assert "لن نكتب إليك &lt;بعد&gt; الآن &amp; شكرا" in page(stage, f"/phones/{PHONE}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text",
        "<Response><Message>half",
        "<Response><Message></Message></Response>",
        '<!DOCTYPE x [<!ENTITY a "boom">]><Response><Message>&a;</Message></Response>',
    ],
)
def test_answer_that_is_no_twiml_shows_nothing(text: str) -> None:
    assert read_twiml(SiteAnswer(200, text)) == []


def test_message_in_a_body_element_is_read() -> None:
    text = "<Response><Message><Body>hello</Body></Message></Response>"

    assert read_twiml(SiteAnswer(200, text)) == ["hello"]


@pytest.mark.parametrize(
    ("status", "said"), [(500, "the site answered 500"), (403, "answered 403")]
)
def test_message_that_the_site_refused_says_so(stage: Stage, status: int, said: str) -> None:
    stage.create()
    stage.site.status = status
    write(stage, body="HELP")

    assert said in page(stage, f"/phones/{PHONE}")


def test_message_that_found_no_site_says_so(stage: Stage) -> None:
    stage.create()
    stage.close_site()

    assert write(stage, body="HELP").json()["status"] == 0
    assert "the site did not answer" in page(stage, f"/phones/{PHONE}")


def test_form_of_the_page_leads_back_to_the_phone(stage: Stage) -> None:
    stage.create()

    answer = stage.ask("POST", f"/phones/{PHONE}/reply", fields={"body": "", "quick": "0"})

    assert answer.status == 303
    assert answer.headers["Location"] == f"/phones/%2B{PHONE[1:]}"
    assert stage.ledger()["messages"][-1]["body"] == "0"


@pytest.mark.parametrize("channel", [SMS, WHATSAPP])
def test_phone_that_nobody_wrote_to_can_write_first(stage: Stage, channel: str) -> None:
    given = {"number": "+9992510000001", "channel": channel, "to": OURS, "body": "JOIN"}

    answer = stage.ask("POST", "/phones", fields=given, headers=JSON)

    assert answer.json()["status"] == 200
    assert stage.ledger()["phones"] == 1


def test_phone_that_nobody_wrote_to_must_name_whom_it_writes_to(stage: Stage) -> None:
    answer = write(stage, body="JOIN")

    assert answer.status == 400
    assert "name a channel" in answer.data.decode()


@pytest.mark.parametrize("number", ["abc", "+1", "0221000042", "%2B"])
def test_what_is_no_number_is_no_phone(stage: Stage, number: str) -> None:
    assert stage.ask("GET", f"/phones/{number}", headers={}).status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "elsewhere.example"},
    ],
)
def test_page_of_another_site_cannot_make_a_phone_write(
    stage: Stage, headers: dict[str, str]
) -> None:
    stage.create()

    answer = stage.ask("POST", f"/phones/{PHONE}/reply", fields={"body": "x"}, headers=headers)

    assert answer.status == 403
    assert len(stage.ledger()["messages"]) == 1


def test_name_that_leads_here_from_elsewhere_is_refused(stage: Stage) -> None:
    assert stage.ask("GET", "/ledger.json", headers={"Host": "elsewhere.example"}).status == 403


def test_ledger_goes_on_after_a_row(stage: Stage) -> None:
    stage.create(Body="one")
    stage.create(Body="two")

    rows = stage.ask("GET", "/ledger.json?since=1").json()["messages"]

    assert [row["body"] for row in rows] == ["two"]


def test_log_holds_no_number_and_no_text(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    canary = "the boat leaves at night"

    async def break_down(*_: object, **__: object) -> None:
        raise RuntimeError(f"{PHONE} {canary}")

    stage.create(Body=canary)
    stage.create(Body=canary, To="+9992210000092")
    stage.site.status = 500
    write(stage, body=canary)
    monkeypatch.setattr("messaging.sandbox.writing.Writer.write", break_down)
    assert write(stage, body=canary).status == 500
    wait_until(stage.has_settled)

    ours = [record for record in caplog.records if not record.name.startswith("urllib3")]
    said = " ".join(f"{record.getMessage()} {record.exc_text}" for record in ours)
    assert "a request failed: RuntimeError" in said
    assert PHONE[1:] not in said
    assert canary not in said
