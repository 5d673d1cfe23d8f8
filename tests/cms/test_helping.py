"""Help near her: by the country that she chooses, with whoever answers from anywhere."""

import html
import re
from datetime import date, timedelta

import pytest
from django.test import Client, RequestFactory

from cms.models import ContactPoint
from cms.models.changes import update_content
from cms.reader.helping import help_in_country, list_countries
from cms.reader.tracing import Kind, trace
from tests.cms.reading import read

pytestmark = pytest.mark.usefixtures("starter")


@pytest.fixture(autouse=True)
def on_the_day_of_the_pack(monkeypatch: pytest.MonkeyPatch, today: date) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_moment, **_zone: today)


def contacts(*reach_from: str, language: str = "en") -> list[ContactPoint]:
    found = ContactPoint.objects.filter(locale__language_code=language, has_expired=False)
    return [contact for contact in found if contact.reach_from == list(reach_from)]


@pytest.mark.parametrize(
    ("language", "first", "last"), [("en", "Djibouti", "Yemen"), ("ar", "إثيوبيا", "موريتانيا")]
)
def test_countries_are_listed_by_their_names_in_the_language(
    reader: Client, language: str, first: str, last: str
) -> None:
    text = read(reader, f"/{language}/help/")
    listed = re.findall(rf'<li><a href="/{language}/help/([a-z]{{2}})/">([^<]+)</a>', text)
    names = [html.unescape(name) for _code, name in listed]
    assert names == sorted(names)
    assert {first, last} <= set(names)
    assert ("ly", "Libya" if language == "en" else "ليبيا") in listed
    assert "td" not in {code for code, _name in listed}


def test_country_shows_who_answers_there_and_who_answers_anywhere(reader: Client) -> None:
    text = html.unescape(read(reader, "/en/help/ly/"))
    near, anywhere, elsewhere = contacts("LY"), contacts(), contacts("IT")
    assert all((near, anywhere, elsewhere))
    for contact in (*near, *anywhere):
        assert contact.name in text
    for contact in elsewhere:
        assert contact.name not in text
    assert text.index(near[0].name) < text.index("<h2>From anywhere</h2>")


def test_country_without_anybody_still_shows_who_answers_anywhere(reader: Client) -> None:
    text = html.unescape(read(reader, "/en/help/td/"))
    assert "Nothing has been written about this country yet." in text
    assert contacts()[0].name in text


@pytest.mark.parametrize("path", ["/en/help/", "/en/help/ly/"])
def test_page_of_numbers_says_that_they_explain_by_voice(reader: Client, path: str) -> None:
    text = read(reader, path)
    assert text.count("There is no recording of this page.") == 1
    assert "The people at the numbers on this page can explain it by voice." in text


def test_number_is_isolated_and_can_be_tapped(reader: Client) -> None:
    text = read(reader, "/ar/help/ly/")
    numbers = re.findall(r'href="tel:(\+?\d+)"><bdi dir="ltr">([^<]+)</bdi>', text)
    assert numbers
    for dialled, shown in numbers:
        assert dialled == re.sub(r"[^\d+]", "", shown)
    assert text.count('href="tel:') == len(numbers)


def test_contact_that_expires_is_gone_and_its_country_with_it(reader: Client, today: date) -> None:
    (only,) = contacts("NE")
    assert only.name in html.unescape(read(reader, "/en/help/ne/"))
    update_content(ContactPoint.objects.filter(key=only.key), expires=today)
    assert only.name not in html.unescape(read(reader, "/en/help/ne/"))
    assert "/en/help/ne/" not in read(reader, "/en/help/")


@pytest.mark.parametrize(
    "path", ["/en/help/zz/", "/en/help/LY/", "/en/help/libya/", "/xx/help/ly/"]
)
def test_unknown_country_is_not_found(reader: Client, path: str) -> None:
    assert reader.get("/en/help/ly/").status_code == 200
    assert reader.get(path).status_code == 404


def test_language_without_a_first_page_gets_the_nearest(reader: Client) -> None:
    text = read(reader, "/wo/help/ly/")
    assert '<html lang="fr" dir="ltr">' in text
    assert 'class="note"' in text
    assert 'href="/ar/help/ly/"' in text


def test_country_notes_what_it_is_made_from(today: date) -> None:
    day = today + timedelta(days=2)
    update_content(ContactPoint.objects.filter(key=contacts("LY")[0].key), expires=day)
    with trace() as noted:
        help_in_country(RequestFactory().get("/"), "ar", "ly")
    texts = {f"text:{contact.translation_key}" for contact in (*contacts("LY"), *contacts())}
    assert texts | {"country:LY", "country:"} <= noted.used
    assert f"text:{contacts('IT')[0].translation_key}" not in noted.used
    assert (noted.kind, noted.language, noted.until) == (Kind.COUNTRY, "ar", day)


def test_list_of_countries_notes_every_contact() -> None:
    with trace() as noted:
        list_countries(RequestFactory().get("/"), "en")
    assert "kind:contactpoint" in noted.used
    assert {f"text:{contact.translation_key}" for contact in contacts("IT")} <= noted.used
