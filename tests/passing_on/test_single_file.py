"""A route as one file: whole in itself, dated, small, and without anything that calls home."""

import html
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from django.http import HttpRequest
from django.test import Client

from cms.budgets import SINGLE_FILE
from cms.models import ContactPoint, Fact, RoutePage
from cms.passing_on import filing, views
from cms.passing_on.fitting import shorten
from cms.reader import tracing
from cms.reader.showing import Content, show_route
from cms.reader.tracing import Kind
from locales.languages import READER_LANGUAGES, get_language

pytestmark = pytest.mark.usefixtures("starter")
FETCHING = r"<(?:script|img|link|iframe|object|embed|audio|video|source|form|base)\b|@import|url\("
HOSTILE = """</title><script>alert(1)</script><img src=//evil.example>"'&"""


def read_file(asked: HttpRequest, language: str = "en", slug: str = "cmed") -> str:
    return views.single_file(asked, language, slug).content.decode()


def content_today(today: date, slug: str = "cmed") -> Content:
    return show_route(RoutePage.objects.get(slug=slug, locale__language_code="en"), today=today)


@pytest.mark.parametrize("language", READER_LANGUAGES)
def test_file_is_small_and_asks_nobody_for_anything(asked: HttpRequest, language: str) -> None:
    text = read_file(asked, language)
    assert len(text.encode()) <= SINGLE_FILE
    assert re.findall(FETCHING, text) == []
    assert f'<html lang="{language}" dir="{get_language(language).direction}">' in text
    policy = "default-src &#x27;none&#x27;; style-src &#x27;unsafe-inline&#x27;"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in text


def test_file_has_a_neutral_name_and_is_saved_and_not_opened(client: Client) -> None:
    response = client.get("/ar/cmed/information.html")
    assert response["Content-Disposition"] == 'attachment; filename="information-ar.html"'
    assert response["Content-Security-Policy"].startswith(filing.POLICY)
    assert not response.cookies


def test_file_says_when_it_was_made_until_when_it_holds_and_where_the_newest_is(
    asked: HttpRequest,
) -> None:
    page = RoutePage.objects.get(slug="cmed", locale__language_code="en")
    text = read_file(asked)
    assert "Made on 21 November 2026." in text
    assert re.search(r"Do not rely on it after \d+ \w+ 202\d\.", text)
    assert f"/r/{page.code}</bdi>" in text
    assert "To remove it, delete this file." in text
    assert 'id="leave"' not in text


def test_file_holds_all_that_the_pages_say_except_stories(asked: HttpRequest, today: date) -> None:
    text, content = html.unescape(read_file(asked)), content_today(today)
    for item in (*content.risks, *content.rules, *content.pathways):
        assert item.texts["statement"].text in text
    for claim in content.claims:
        assert claim.texts["answer"].text in text
    numbers = [item.dialled for place in content.places for item in place.contacts if item.dialled]
    assert numbers
    assert re.findall(r'href="tel:([^"]+)"', text) == numbers
    assert "lived through" not in text


def test_every_link_leads_within_the_file_or_says_in_full_where_it_goes(
    asked: HttpRequest,
) -> None:
    text = read_file(asked)
    names = set(re.findall(r'\bid="([^"]+)"', text))
    for link in re.findall(r'href="([^"]+)"', text):
        inside = link.startswith("#")
        assert link[1:] in names if inside else re.match(r"https?://|tel:", link), link


def test_what_an_editor_types_cannot_break_the_file(asked: HttpRequest) -> None:
    RoutePage.objects.filter(slug="cmed").update(title=HOSTILE)
    Fact.objects.filter(key="CM-R1").update(statement=HOSTILE)
    ContactPoint.objects.filter(key="CM-K3").update(
        name=HOSTILE, number='1"><script>', other=HOSTILE
    )
    text = read_file(asked)
    assert re.findall(FETCHING, text) == []
    assert_balanced(text)


def assert_balanced(text: str) -> None:
    """Fail unless every element that was opened is closed, in order."""
    opened: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag != "meta":
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

    Reader().feed(text)
    assert opened == []


def test_file_that_would_be_too_large_leaves_out_the_least_needed_and_says_so(
    asked: HttpRequest, today: date
) -> None:
    Fact.objects.filter(locale__language_code="en").update(statement="x" * 30_000)
    text = read_file(asked)
    assert len(text.encode()) <= SINGLE_FILE
    assert "Not everything fits into this file." in text
    assert len(re.findall('href="tel:', text)) == sum(
        bool(item.dialled) for place in content_today(today).places for item in place.contacts
    )


def test_file_never_leaves_out_whom_to_call(today: date) -> None:
    content = content_today(today)
    for less in shorten(replace(content, stories=content.risks)):
        assert less.places == content.places
        assert less.alerts == content.alerts
        assert less.stories == ()
    with pytest.raises(filing.DoesNotFit):
        filing.write_file(content, write=lambda _less: "x" * (SINGLE_FILE + 1))


def test_file_is_made_anew_when_what_it_says_changes(asked: HttpRequest) -> None:
    fact = Fact.objects.get(key="CM-R1", locale__language_code="en")
    with tracing.trace() as trace:
        read_file(asked)
    assert f"text:{fact.translation_key}" in trace.used
    assert (trace.kind, trace.language) == (Kind.FILE, "en")
    assert trace.until is not None
