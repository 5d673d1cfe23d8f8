"""The stop page: at once, the same for everybody, limited by network, watched for mass use."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.reading import stopping
from cms.budgets import FIRST_PAINT
from messaging.models import Alarm, Allowance, ConsentEntry, Delivery, Subscriber, Suppression
from messaging.numbers import make_fiction
from tests.campaigns.reading_site import NUMBER, make_site, reader, subscribe

SUBSCRIBED, STOPPED, UNKNOWN = (make_fiction("221", serial) for serial in (1, 2, 3))


@pytest.fixture
def site(page_root: None) -> Client:
    make_site("ar", "fr")
    return reader()


def stop(site: Client, number: str, **more: str) -> Any:
    return site.post("/en/stop/", {"number": number, **more})


def errors_in(response: Any) -> str:
    return " ".join(re.findall(r'class="late"[^>]*>([^<]*)', response.content.decode()))


@pytest.mark.database
def test_stop_holds_at_once_on_every_channel(site: Client) -> None:
    subscribe(NUMBER, channel="sms")
    subscribe(NUMBER, channel="whatsapp")
    response = stop(site, NUMBER)
    assert response.status_code == 200
    assert set(Subscriber.objects.values_list("state", flat=True)) == {"stopped"}
    assert Suppression.objects.count() == 1
    said = ConsentEntry.objects.filter(verdict="withdrawn", method="stop_page")
    assert set(said.values_list("channel", flat=True)) == {"sms", "whatsapp"}


def test_answer_is_the_same_byte_for_byte(site: Client) -> None:
    subscribe(SUBSCRIBED)
    stop(site, STOPPED)
    answers = [stop(site, number) for number in (SUBSCRIBED, STOPPED, UNKNOWN)]
    assert len({answer.content for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {200}
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
    assert b"99" not in answers[0].content.partition(b"<main")[2]


@pytest.mark.database
def test_database_is_asked_the_same_for_everybody(site: Client) -> None:
    subscribe(SUBSCRIBED)
    stop(site, STOPPED)
    asked = []
    for number in (SUBSCRIBED, STOPPED, UNKNOWN):
        with CaptureQueriesContext(connection) as queries:
            stop(site, number)
        asked.append([re.sub(r"\W.*", "", query["sql"]) for query in queries])
    assert asked[0] == asked[1] == asked[2]


def test_unknown_number_is_kept_from_being_brought_by_any_list(site: Client) -> None:
    stop(site, UNKNOWN)
    assert Suppression.objects.filter(source="stop_page").count() == 1
    assert not Subscriber.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "number", ["٠٠٩٩٩ ٢٢١ ٧٠٠٠٠٤٢", "00 999 221 700 0042", " +999-221-7000042 "]
)
def test_number_is_taken_as_people_write_it(site: Client, number: str) -> None:
    subscribe(NUMBER)
    assert stop(site, number).status_code == 200
    assert Subscriber.objects.get().state == "stopped"


def test_number_without_country_code_asks_for_the_country_and_then_stops(site: Client) -> None:
    subscribe(NUMBER)
    asked = stop(site, "7000042")
    assert asked.status_code == 422
    assert "Choose its country below" in errors_in(asked)
    assert b'<select id="country"' in asked.content
    assert b'value="7000042"' in asked.content
    assert Subscriber.objects.get().state == "subscribed"
    assert stop(site, "7000042", country="SN").status_code == 200
    assert Subscriber.objects.get().state == "stopped"


@pytest.mark.parametrize("number", ["", "x", "+1", "\0", "=1", "9" * 61])
def test_what_is_no_number_stops_nothing_and_is_said(site: Client, number: str) -> None:
    response = stop(site, number)
    assert response.status_code == 422
    assert errors_in(response)
    assert not Suppression.objects.exists()
    assert response["Cache-Control"] == "no-store"


def test_mass_use_from_one_network_is_held_back_and_raises_an_alarm(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "MOST_OF_A_NETWORK", 2)
    subscribe(SUBSCRIBED)
    stop(site, STOPPED)
    stop(site, UNKNOWN)
    assert not Alarm.objects.filter(kind="stop_page").exists()
    refused = [stop(site, number) for number in (SUBSCRIBED, UNKNOWN, "nonsense")]
    assert {answer.status_code for answer in refused} == {429}
    assert len({answer.content for answer in refused}) == 1
    assert b"STOP" in refused[0].content
    assert Alarm.objects.get(kind="stop_page").times == 3
    assert Subscriber.objects.get().state == "subscribed"
    elsewhere = reader(REMOTE_ADDR="198.51.100.7")
    assert stop(elsewhere, SUBSCRIBED).status_code == 200


def test_many_in_all_raise_an_alarm_and_still_stop(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "MANY_IN_ALL", 1)
    subscribe(SUBSCRIBED)
    stop(site, UNKNOWN)
    assert stop(site, SUBSCRIBED).status_code == 200
    assert Subscriber.objects.get().state == "stopped"
    assert Alarm.objects.filter(kind="stop_page").exists()


def test_no_address_of_a_reader_is_kept(site: Client) -> None:
    stop(reader(REMOTE_ADDR="198.51.100.7"), UNKNOWN)
    kept = str([list(map(str, row)) for row in Allowance.objects.values_list()])
    assert "198.51" not in kept
    assert Allowance.objects.exists()


@pytest.mark.parametrize(
    ("wish", "language"), [("ar", "ar"), ("fr-SN,fr;q=0.9", "fr"), ("wo", "fr"), ("", "en")]
)
def test_short_address_is_the_page_in_the_nearest_language(
    site: Client, wish: str, language: str
) -> None:
    response = site.get("/stop", headers={"accept-language": wish})
    assert response.status_code == 200
    assert f'<html lang="{language}"'.encode() in response.content
    assert f'action="/{language}/stop/"'.encode() in response.content
    assert "Accept-Language" in response["Vary"]


def test_page_is_light_and_sets_nothing(site: Client) -> None:
    response = site.get("/ar/stop/")
    assert not response.cookies
    assert len(response.content) < FIRST_PAINT
    assert b'dir="rtl"' in response.content


def test_first_page_leads_to_joining_and_every_page_to_stopping(site: Client) -> None:
    first = site.get("/en/").content
    assert b'href="/en/join/"' in first
    for path in ("/en/", "/en/a-way/", "/en/help/", "/en/search/", "/en/nothing/"):
        assert b'href="/en/stop/"' in site.get(path).content
    assert b'href="/en/join/"' in site.get("/en/a-way/").content
