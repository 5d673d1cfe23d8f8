"""Joining on the web: the form, the code, and that nobody learns from it who gets messages."""

import re
from typing import Any

import pytest
from django.test import Client

from campaigns.reading import joining
from cms.budgets import FIRST_PAINT
from messaging.consenting.wordings import current
from messaging.models import (
    ConsentEntry,
    InboundMessage,
    Notice,
    SignUp,
    StoredReceipt,
    Subscriber,
)
from messaging.numbers import make_fiction
from tests.campaigns.reading_site import (
    NUMBER,
    make_sender,
    make_site,
    open_country,
    reader,
    subscribe,
    typed,
)


@pytest.fixture
def site(page_root: None) -> Client:
    make_site("ar", "fr")
    open_country("SN")
    make_sender()
    return reader()


def text_of(response: Any) -> str:
    return str(response.content.decode())


def uid_in(response: Any) -> str:
    found = re.search(r'name="uid" value="([0-9a-f]{32})"', text_of(response))
    assert found
    return found[1]


def without_uid(response: Any) -> str:
    return text_of(response).replace(uid_in(response), "")


def errors_in(response: Any) -> str:
    return " ".join(re.findall(r'class="late"[^>]*>([^<]*)', text_of(response)))


def known_code(monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the next code be one that the test knows."""
    monkeypatch.setattr("messaging.joining.signups.secrets.randbelow", lambda _most: 123456)
    return "123456"


# ---- The form ----------------------------------------------------------------------------------


def test_form_offers_what_is_there_and_open(site: Client) -> None:
    open_country("TN")
    text = text_of(site.get("/en/join/"))
    assert '<option value="SN">Senegal</option>' in text
    assert '<option value="TN">Tunisia</option>' in text
    assert '<option value="LY">' not in text
    assert 'name="routes" value="cmed"' in text
    assert "The phone company can read it" in text
    assert "Meta, which owns WhatsApp" in text


def test_form_shows_the_words_in_the_page_s_language(site: Client) -> None:
    text = text_of(site.get("/ar/join/"))
    assert '<html lang="ar" dir="rtl">' in text
    assert current("messages", "ar").text in text
    assert 'value="messages-1.ar"' in text
    assert '<option value="ar" lang="ar" selected>' in text


def test_form_is_light_sets_nothing_and_asks_no_name(site: Client) -> None:
    response = site.get("/ar/join/")
    assert not response.cookies
    assert len(response.content) < FIRST_PAINT
    names = set(re.findall(r'<(?:input|select)[^>]* name="([a-z_]+)"', text_of(response)))
    assert names == {
        *("messages_in", "country", "routes", "channel", "number", "age", "wording"),
        *("survey", "urgent"),
    }
    assert "csrf" not in text_of(response)
    assert response["Referrer-Policy"] == "no-referrer"
    assert "form-action 'self'" in response["Content-Security-Policy"]


def test_without_an_open_country_the_form_says_so(page_root: None) -> None:
    make_site()
    response = reader().get("/en/join/")
    assert response.status_code == 200
    assert "not open in any country" in text_of(response)
    assert "<form" not in text_of(response)


def test_empty_form_says_beside_each_field_what_is_missing(site: Client) -> None:
    response = site.post("/en/join/", {"wording": "messages-1.en", "messages_in": "en"})
    assert response.status_code == 422
    assert response["Cache-Control"] == "no-store"
    for words in ("the country you are in", "at least one", "how the messages come", "the number"):
        assert words in errors_in(response)
    assert "18 or older" in errors_in(response)


def test_what_was_typed_is_kept_in_the_page_alone(site: Client) -> None:
    response = site.post("/en/join/", typed(age="", number="+999 221 00"))
    assert 'value="+999 221 00"' in text_of(response)
    assert 'value="cmed" checked' in text_of(response)
    assert '<option value="SN" selected>' in text_of(response)
    assert "+999" not in str(response.headers)
    assert not SignUp.objects.exists()


@pytest.mark.parametrize(
    "number",
    [NUMBER, "٠٠٩٩٩ ٢٢١ ٧٠٠٠٠٤٢", "00999 221-700 00 42", "7000042", "+999 (221) 7000042"],
)
def test_number_is_taken_as_people_write_it(site: Client, number: str) -> None:
    assert site.post("/en/join/", typed(number=number)).status_code == 200
    assert SignUp.objects.count() == 1


@pytest.mark.parametrize("number", ["1", "abc", "+15551234567", "=1+1", "+99922", "x" * 61])
def test_what_is_no_number_is_said_in_plain_words(site: Client, number: str) -> None:
    response = site.post("/en/join/", typed(number=number))
    assert response.status_code == 422
    assert errors_in(response)
    assert number not in errors_in(response)
    assert not SignUp.objects.exists()


def test_number_of_no_mobile_phone_is_refused_by_its_plan_alone(site: Client) -> None:
    response = site.post("/en/join/", typed(number=make_fiction("221", 8_000_000)))
    assert "mobile phones only" in errors_in(response)


def test_closed_country_cannot_be_forged(site: Client) -> None:
    assert site.post("/en/join/", typed(country="LY")).status_code == 422
    assert not SignUp.objects.exists()


@pytest.mark.parametrize("forged", ["messages-9.en", "survey-1.en", "", "x" * 500])
def test_yes_counts_only_for_the_words_that_were_shown(site: Client, forged: str) -> None:
    response = site.post("/en/join/", typed(wording=forged))
    assert response.status_code == 422
    assert "Read them, and then say yes again" in errors_in(response)
    assert not SignUp.objects.exists()


def test_other_language_shows_its_words_before_the_yes_counts(site: Client) -> None:
    response = site.post("/en/join/", typed(messages_in="ar"))
    assert response.status_code == 422
    assert "العربية" in errors_in(response)
    assert current("messages", "ar").text in text_of(response)
    assert 'lang="ar" dir="rtl"' in text_of(response)
    again = site.post("/en/join/", typed(messages_in="ar", wording="messages-1.ar"))
    assert again.status_code == 200
    assert SignUp.objects.get().language == "ar"


def test_extra_yes_is_taken_only_where_it_was_given(site: Client) -> None:
    site.post("/en/join/", typed(urgent="urgent-1.en"))
    assert SignUp.objects.get().purposes == ["messages", "urgent"]
    said = dict(ConsentEntry.objects.values_list("purpose", "wording"))
    assert said == {"messages": "messages-1.en", "urgent": "urgent-1.en"}


def test_somebody_younger_gets_help_and_nothing_is_kept(site: Client) -> None:
    response = site.post("/en/join/", typed(age="minor"))
    text = text_of(response)
    assert "for people of 18 and over" in text
    assert 'href="/en/help/sn/"' in text
    assert NUMBER not in text
    assert not any(m.objects.exists() for m in (SignUp, Notice, ConsentEntry, Subscriber))


# ---- After the form ----------------------------------------------------------------------------


def test_sign_up_holds_what_was_asked_for_and_nothing_more(site: Client) -> None:
    response = site.post("/en/join/", typed())
    row = SignUp.objects.get()
    assert uid_in(response) == row.uid.hex
    assert (row.channel, row.language, row.country, row.topics) == (
        *("sms", "en", "SN"),
        ["route:cmed"],
    )
    assert (row.method, row.wording, row.purposes) == ("web", "messages-1.en", ["messages"])
    assert not Subscriber.objects.exists()
    assert NUMBER not in text_of(response)
    assert row.uid.hex not in str(response.headers)


def test_page_after_the_form_is_the_same_for_new_subscribed_and_stopped(site: Client) -> None:
    here, gone = make_fiction("221", 1), make_fiction("221", 2)
    subscribe(here)
    site.post("/en/stop/", {"number": gone})
    answers = [site.post("/en/join/", typed(number=n)) for n in (NUMBER, here, gone)]
    assert len({without_uid(answer) for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {200}
    twice = site.post("/en/join/", typed())
    assert without_uid(twice) == without_uid(answers[0])


def test_code_makes_it_live(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    code = known_code(monkeypatch)
    uid = uid_in(site.post("/en/join/", typed(survey="survey-1.en")))
    response = site.post("/en/join/code/", {"uid": uid, "code": "١٢٣ ٤٥٦" if code else ""})
    assert "You will get messages" in text_of(response)
    person = Subscriber.objects.get()
    assert (person.state, person.country, person.survey) == ("subscribed", "SN", True)
    assert not person.urgent


def test_wrong_code_is_said_and_the_way_stays_open(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = known_code(monkeypatch)
    uid = uid_in(site.post("/en/join/", typed()))
    wrong = site.post("/en/join/code/", {"uid": uid, "code": "000000"})
    assert wrong.status_code == 422
    assert "does not fit" in text_of(wrong)
    assert uid_in(wrong) == uid
    assert not Subscriber.objects.exists()
    assert site.post("/en/join/code/", {"uid": uid, "code": code}).status_code == 200
    assert Subscriber.objects.exists()


def test_wrong_code_says_the_same_for_an_id_that_stands_for_nothing(site: Client) -> None:
    real = uid_in(site.post("/en/join/", typed()))
    pages = [
        text_of(site.post("/en/join/code/", {"uid": uid, "code": "1"})).replace(uid, "")
        for uid in (real, "0" * 32)
    ]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("number", [NUMBER, "7000042"])
def test_code_can_be_typed_with_the_number_by_who_comes_from_the_message(
    site: Client, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    code = known_code(monkeypatch)
    site.post("/en/join/", typed())
    assert 'name="number"' in text_of(site.get("/en/join/code/"))
    told = {"number": number, "code": code, "country": "" if number == NUMBER else "SN"}
    assert "You will get messages" in text_of(site.post("/en/join/code/", told))
    assert Subscriber.objects.count() == 1


def test_number_without_country_code_asks_for_the_country(site: Client) -> None:
    response = site.post("/en/join/code/", {"number": "7000042", "code": "1"})
    assert response.status_code == 422
    assert '<select id="country"' in text_of(response)


def test_codes_are_limited_by_network(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "_CODES_OF_A_NETWORK", 1)
    site.post("/en/join/code/", {"uid": "0" * 32, "code": "1"})
    response = site.post("/en/join/code/", {"uid": "0" * 32, "code": "1"})
    assert response.status_code == 429


def test_on_whatsapp_she_is_told_where_to_write_first(site: Client) -> None:
    make_sender("whatsapp")
    response = site.post("/en/join/", typed(channel="whatsapp"))
    assert "On WhatsApp you write first" in text_of(response)
    assert '<bdi dir="ltr">+9990000001</bdi>' in text_of(response)


@pytest.mark.parametrize("path", ["/en/join/", "/en/join/code/", "/en/join/told/"])
def test_junk_never_breaks_a_page(site: Client, path: str) -> None:
    for body in ({}, {"number": "\0", "uid": "\0", "code": "\0", "slip": "\0", "age": "\0"}):
        assert site.post(path, body).status_code in {200, 422}
    assert not InboundMessage.objects.exists()
    assert not StoredReceipt.objects.exists()


def test_unknown_language_is_not_there(site: Client) -> None:
    assert site.get("/xx/join/").status_code == 404
    assert site.post("/xx/stop/", {"number": NUMBER}).status_code == 404
