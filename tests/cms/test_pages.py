"""What a reader gets: light, in her language and direction, with nothing that watches her."""

import gzip
import html
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from cms.budgets import FIRST_PAINT
from cms.models import (
    Claim,
    ContactPoint,
    Fact,
    MessagePage,
    Pathway,
    RoutePage,
    StoredAnswer,
    Story,
)
from cms.models.changes import update_content
from locales.languages import READER_LANGUAGES, get_language
from tests.cms.finding import find_message

LANGUAGES = [(code, get_language(code).direction) for code in READER_LANGUAGES]
OVER = "MSG-CM-X1"
DRAFT = 'data-note="draft"'
DEMO = 'data-note="demo"'

pytestmark = pytest.mark.usefixtures("starter")


@pytest.fixture(autouse=True)
def on_the_day_of_the_pack(monkeypatch: pytest.MonkeyPatch, today: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_moment, **_zone: today)


def read(reader: Client, path: str, *, status: int = 200) -> str:
    response = reader.get(path)
    assert response.status_code == status
    return gzip.decompress(response.content).decode()


def address(key: str, language: str = "en") -> str:
    """Return where a starter message stands in one language."""
    return f"/{language}/{find_message(key, language).slug}/"


def paths(language: str) -> list[str]:
    messages = MessagePage.objects.filter(locale__language_code=language, live=True)
    routes = RoutePage.objects.filter(locale__language_code=language, live=True)
    return [
        f"/{language}/",
        *(f"/{language}/{page.slug}/" for page in routes),
        *(f"/{language}/{page.slug}/" for page in messages if page.key != OVER),
    ]


@pytest.mark.parametrize(("language", "direction"), LANGUAGES)
def test_page_names_its_language_and_direction(
    reader: Client, language: str, direction: str
) -> None:
    message = address("MSG-CM-1", language)
    for path in (f"/{language}/", f"/{language}/cmed/", message):
        assert f'<html lang="{language}" dir="{direction}">' in read(reader, path)


@pytest.mark.parametrize(("language", "_direction"), LANGUAGES)
def test_every_page_fits_the_first_packets_without_cookie_or_session(
    reader: Client, language: str, _direction: str
) -> None:
    everything = paths(language)
    assert len(everything) == 1 + 13 + 8
    for path in everything:
        response = reader.get(path)
        assert len(response.content) < FIRST_PAINT, path
        assert not response.cookies, path
        assert "Cookie" not in response.get("Vary", ""), path
        assert response["Cache-Control"] == "public, max-age=300", path
        assert response["Referrer-Policy"] == "no-referrer", path
    assert "sessionid" not in reader.cookies


def test_page_loads_nothing_but_the_one_script(reader: Client) -> None:
    text = read(reader, "/ar/cmed/")
    assert re.findall(r"<script[^>]*>[^<]*", text) == ['<script src="/reader.js" defer>']
    assert "style=" not in text
    assert not re.findall(r"<(?:img|iframe|video|audio|source|object)\b|@import|url\(", text)


@pytest.mark.parametrize("language", [code for code in READER_LANGUAGES if code != "en"])
def test_unreviewed_translation_says_so_in_its_language_and_leads_to_the_original(
    reader: Client, language: str
) -> None:
    with translation.override(language):
        words = translation.gettext("This translation is a draft and nobody has checked it yet.")
    for path, original in (
        (f"/{language}/", "/en/"),
        (f"/{language}/wafr-atl/", "/en/wafr-atl/"),
        (f"/{language}/wafr-atl/risks/", "/en/wafr-atl/risks/"),
        (address("MSG-WA-1", language), address("MSG-WA-1")),
    ):
        text = html.unescape(read(reader, path))
        assert DRAFT in text
        assert words in text
        assert f'<a href="{original}" hreflang="en">' in text


def test_original_is_no_draft_but_a_demonstration(reader: Client) -> None:
    for path in ("/en/", "/en/cmed/", address("MSG-GEN-1")):
        text = read(reader, path)
        assert DRAFT not in text
        assert DEMO in text


def test_numbers_are_isolated_and_can_be_tapped(reader: Client) -> None:
    text = read(reader, "/ar/cmed/help/")
    contact = ContactPoint.objects.get(key="CM-K3", locale__language_code="en")
    assert "".join(contact.number.split()) in re.findall(r'href="tel:(\+?\d+)"', text)
    assert f'<bdi dir="ltr">{contact.number}</bdi>' in text
    assert text.count('<bdi dir="ltr">') == text.count('href="tel:')


def test_number_within_a_sentence_keeps_its_order_from_right_to_left(reader: Client) -> None:
    words = {
        "en": "Call +999 55 01 20 30, 26,328 did.",
        "ar": "اتصل +999 55 01 20 30، و26,328 فعلوا.",
    }
    for language, text in words.items():
        rows = Fact.objects.filter(key="CM-R1", locale__language_code=language)
        update_content(rows, statement=text)
    assert words["en"] in read(reader, "/en/cmed/risks/")
    text = read(reader, "/ar/cmed/risks/")
    assert 'اتصل <bdi dir="ltr">+999 55 01 20 30</bdi>، و26,328 فعلوا.' in text


def test_source_says_when_somebody_last_opened_it(reader: Client, today: Any) -> None:
    source = Fact.objects.get(key="CM-R1", locale__language_code="en").sources.all()[0]
    assert "checked on" not in read(reader, "/en/cmed/risks/")
    source.checked_on = date(2026, 11, 3)
    source.save()
    text = read(reader, "/en/cmed/risks/")
    assert f"<bdi>{html.escape(source.publisher)}</bdi></a> (checked on 3 November 2026)" in text


def test_contact_point_that_nobody_tested_says_so(reader: Client) -> None:
    assert "Last tested: never tested." in read(reader, "/en/cmed/help/")


def test_expired_contact_point_is_not_shown(reader: Client) -> None:
    expired = ContactPoint.objects.get(key="CM-X1", locale__language_code="en")
    assert expired.has_expired
    for language, _direction in LANGUAGES:
        own = ContactPoint.objects.get(key="CM-X1", locale__language_code=language)
        assert html.escape(own.name) not in read(reader, f"/{language}/cmed/help/")


def test_stale_fact_is_shown_with_a_warning(reader: Client, today: Any) -> None:
    path = "/en/cmed/risks/"
    assert "May be out of date." not in read(reader, path)
    update_content(Fact.objects.filter(key="CM-R1"), review_by=today)
    assert read(reader, path).count("May be out of date.") == 1


def test_what_nobody_knows_is_said_and_never_guessed(reader: Client) -> None:
    text = read(reader, "/en/cmed/ways/")
    assert "<dt>Cost</dt><dd>not known yet</dd>" in text
    assert "<dd></dd>" not in text


def test_text_missing_in_a_translation_is_shown_in_english_and_marked(reader: Client) -> None:
    Fact.objects.filter(key="CM-R1", locale__language_code="ar").update(statement="")
    english = Fact.objects.get(key="CM-R1", locale__language_code="en").statement
    assert f'<span lang="en" dir="ltr">{html.escape(english)}</span>' in read(
        reader, "/ar/cmed/risks/"
    )


def test_wording_that_can_endanger_a_partner_is_softened_for_all(reader: Client) -> None:
    fact = Fact.objects.filter(partner_safety=True, routes__code="cmed").exclude(
        softer_statement=""
    )
    chosen = fact.get(key="CM-R2", locale__language_code="en")
    text = html.unescape(read(reader, "/en/cmed/risks/"))
    assert chosen.softer_statement in text
    assert chosen.statement not in text


@pytest.mark.parametrize(("asked", "given"), [("wo", "fr"), ("bn", "en")])
def test_page_missing_in_a_language_is_shown_in_the_nearest_and_says_so(
    reader: Client, asked: str, given: str
) -> None:
    text = read(reader, f"/{asked}/{find_message('MSG-GEN-1', given).slug}/")
    assert f'<html lang="{given}"' in text
    assert text.count('class="note"') == 3 - (given == "en")


def test_message_unpublished_everywhere_is_not_found(reader: Client) -> None:
    path = address("MSG-GEN-1")
    for language, _direction in LANGUAGES:
        find_message("MSG-GEN-1", language).unpublish()
    assert reader.get(path).status_code == 404


@pytest.mark.parametrize(("language", "_direction"), LANGUAGES)
def test_expired_message_is_gone_with_its_texts(
    reader: Client, language: str, _direction: str
) -> None:
    page = find_message(OVER, language)
    text = html.unescape(read(reader, f"/{language}/{page.slug}/", status=410))
    assert page.title not in text
    assert DEMO not in text


def test_nudge_leads_on_to_its_routes(reader: Client) -> None:
    text = read(reader, address("MSG-GEN-1", "ar"))
    for slug in ("cmed", "wafr-atl", "hoa-east"):
        assert f'href="/ar/{slug}/"' in text


def test_title_betrays_nothing(reader: Client) -> None:
    for path in ("/en/", "/en/cmed/", address("MSG-CM-1")):
        assert "<title>Information</title>" in read(reader, path)


def test_queries_of_a_page_do_not_grow_with_its_content(
    reader: Client, django_assert_max_num_queries: Any
) -> None:
    reader.get("/ar/cmed/")
    update_content(Fact.objects.filter(key="CM-R1"), confidence="A")
    with django_assert_max_num_queries(45):
        reader.get("/ar/cmed/")


def test_home_page_speaks_of_demonstration_only_where_such_content_is_shown(
    reader: Client,
) -> None:
    for model in (Fact, Pathway, Claim, Story, ContactPoint):
        update_content(model.objects.all(), status="checked")
    update_content(Fact.objects.filter(key="CM-R1"), status="demo", live=False)
    assert DEMO not in read(reader, "/en/")
    update_content(Fact.objects.filter(key="CM-R1"), live=True)
    StoredAnswer.objects.all().delete()
    assert DEMO in read(reader, "/en/")
