"""What a reader gets: light, in her language and direction, with nothing that watches her."""

import base64
import gzip
import hashlib
import html
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from cms.models import ContactPoint, Fact, MessagePage, RoutePage
from cms.styles import STYLE, STYLE_HASH
from cms.views import short_link
from locales.languages import READER_LANGUAGES, get_language
from tests.cms.finding import find_message

LANGUAGES = [(code, get_language(code).direction) for code in READER_LANGUAGES]
FIRST_PACKETS = 14 * 1024
DRAFT = 'data-note="draft"'
DEMO = 'data-note="demo"'

pytestmark = pytest.mark.usefixtures("starter")


@pytest.fixture(autouse=True)
def on_the_day_of_the_pack(monkeypatch: pytest.MonkeyPatch, today: Any) -> None:
    for reader_of_the_clock in ("cms.views.timezone", "cms.templatetags.reading.timezone"):
        monkeypatch.setattr(f"{reader_of_the_clock}.localdate", lambda: today)


def read(reader: Client, path: str, *, status: int = 200) -> str:
    response = reader.get(path)
    assert response.status_code == status
    return gzip.decompress(response.content).decode()


def paths(language: str) -> list[str]:
    messages = MessagePage.objects.filter(locale__language_code=language, live=True)
    routes = RoutePage.objects.filter(locale__language_code=language, live=True)
    return [
        f"/{language}/",
        *(f"/{language}/{page.slug}/" for page in routes),
        *(f"/{language}/m/{page.code}" for page in messages),
    ]


@pytest.mark.parametrize(("language", "direction"), LANGUAGES)
def test_page_names_its_language_and_direction(
    reader: Client, language: str, direction: str
) -> None:
    code = find_message("MSG-CM-1").code
    for path in (f"/{language}/", f"/{language}/cmed/", f"/{language}/m/{code}"):
        assert f'<html lang="{language}" dir="{direction}">' in read(reader, path)


@pytest.mark.parametrize(("language", "_direction"), LANGUAGES)
def test_every_page_fits_the_first_packets_without_cookie_or_session(
    reader: Client, language: str, _direction: str
) -> None:
    everything = paths(language)
    assert len(everything) == 1 + 13 + 9
    for path in everything:
        response = reader.get(path)
        assert len(response.content) < FIRST_PACKETS, path
        assert not response.cookies, path
        assert "Cookie" not in response.get("Vary", ""), path
        assert response["Cache-Control"] == "public, max-age=300", path
        assert response["Referrer-Policy"] == "no-referrer", path
    assert "sessionid" not in reader.cookies


def test_page_brings_no_script_and_loads_nothing(reader: Client) -> None:
    text = read(reader, "/ar/cmed/")
    assert "<script" not in text
    assert "style=" not in text
    assert not re.findall(r"<(?:img|iframe|video|audio|source|object)\b|@import|url\(", text)
    assert re.findall(r"<link\b[^>]*>", text) == ['<link rel="icon" href="data:,">']


def test_style_in_the_page_is_the_one_the_policy_knows(reader: Client) -> None:
    found = re.search(r"<style>(.*?)</style>", read(reader, "/en/cmed/"), re.DOTALL)
    assert found is not None
    digest = hashlib.sha256(found[1].encode()).digest()
    assert f"'sha256-{base64.b64encode(digest).decode()}'" == STYLE_HASH


def test_style_mirrors_by_itself() -> None:
    assert not re.findall(
        r"(?:margin|padding|border)-(?:left|right)|text-align:(?:left|right)", STYLE
    )


@pytest.mark.parametrize("language", [code for code in READER_LANGUAGES if code != "en"])
def test_unreviewed_translation_says_so_in_its_language_and_leads_to_the_original(
    reader: Client, language: str
) -> None:
    with translation.override(language):
        words = translation.gettext("This translation is a draft and nobody has checked it yet.")
    code = find_message("MSG-WA-1").code
    for path, original in (
        (f"/{language}/", "/en/"),
        (f"/{language}/wafr-atl/", "/en/wafr-atl/"),
        (f"/{language}/m/{code}", f"/en/m/{code}"),
    ):
        text = html.unescape(read(reader, path))
        assert DRAFT in text
        assert words in text
        assert f'<a href="{original}" hreflang="en">' in text


def test_original_is_no_draft_but_a_demonstration(reader: Client) -> None:
    for path in ("/en/", "/en/cmed/", f"/en/m/{find_message('MSG-GEN-1').code}"):
        text = read(reader, path)
        assert DRAFT not in text
        assert DEMO in text


def test_numbers_are_isolated_and_can_be_tapped(reader: Client) -> None:
    text = read(reader, "/ar/cmed/")
    contact = ContactPoint.objects.get(key="CM-K3", locale__language_code="en")
    assert "".join(contact.number.split()) in re.findall(r'href="tel:(\+?\d+)"', text)
    assert f'<bdi dir="ltr">{contact.number}</bdi>' in text
    assert text.count('<bdi dir="ltr">') == text.count('href="tel:')


def test_contact_point_that_nobody_tested_says_so(reader: Client) -> None:
    assert "Last tested: never tested." in read(reader, "/en/cmed/")


def test_expired_contact_point_is_not_shown(reader: Client) -> None:
    expired = ContactPoint.objects.get(key="CM-X1", locale__language_code="en")
    assert expired.has_expired
    for language, _direction in LANGUAGES:
        own = ContactPoint.objects.get(key="CM-X1", locale__language_code=language)
        assert html.escape(own.name) not in read(reader, f"/{language}/cmed/")


def test_stale_fact_is_shown_with_a_warning(reader: Client, today: Any) -> None:
    assert "May be out of date." not in read(reader, "/en/cmed/")
    Fact.objects.filter(key="CM-R1").update(review_by=today)
    assert read(reader, "/en/cmed/").count("May be out of date.") == 1


def test_what_nobody_knows_is_said_and_never_guessed(reader: Client) -> None:
    text = read(reader, "/en/cmed/")
    assert "<dt>Cost</dt><dd>not known yet</dd>" in text
    assert "<dd></dd>" not in text


def test_text_missing_in_a_translation_is_shown_in_english_and_marked(reader: Client) -> None:
    Fact.objects.filter(key="CM-R1", locale__language_code="ar").update(statement="")
    english = Fact.objects.get(key="CM-R1", locale__language_code="en").statement
    assert f'<span lang="en" dir="ltr">{html.escape(english)}</span>' in read(reader, "/ar/cmed/")


def test_wording_that_can_endanger_a_partner_is_softened_for_all(reader: Client) -> None:
    fact = Fact.objects.filter(partner_safety=True, routes__code="cmed").exclude(
        softer_statement=""
    )
    chosen = fact.get(key="CM-R2", locale__language_code="en")
    text = html.unescape(read(reader, "/en/cmed/"))
    assert chosen.softer_statement in text
    assert chosen.statement not in text


def test_language_switch_stays_on_the_same_page(reader: Client) -> None:
    code = find_message("MSG-CM-1").code
    assert 'href="/ar/cmed/"' in read(reader, "/fr/cmed/")
    assert f'href="/ar/m/{code}"' in read(reader, f"/fr/m/{code}")


def test_language_that_a_page_lacks_is_no_link(reader: Client) -> None:
    RoutePage.objects.get(slug="cmed", locale__language_code="fr").unpublish()
    text = read(reader, "/en/cmed/")
    assert 'href="/fr/cmed/"' not in text
    assert "(not yet)" in text


@pytest.mark.parametrize(("asked", "given"), [("wo", "fr"), ("bn", "en"), ("arz", "ar")])
def test_message_missing_in_a_language_is_shown_in_the_nearest_and_says_so(
    reader: Client, asked: str, given: str
) -> None:
    text = read(reader, f"/{asked}/m/{find_message('MSG-GEN-1').code}")
    assert f'<html lang="{given}"' in text
    assert text.count('class="note"') == 3 - (given == "en")


def test_unpublished_translation_falls_back_too(reader: Client) -> None:
    page = find_message("MSG-GEN-1", "fr")
    page.unpublish()
    assert '<html lang="en"' in read(reader, f"/fr/m/{page.code}")


@pytest.mark.parametrize("path", ["/en/m/zzzzz", "/xx/m/{code}", "/en/m/{code}x"])
def test_unknown_code_or_language_is_not_found(reader: Client, path: str) -> None:
    path = path.format(code=find_message("MSG-GEN-1").code)
    # Where the first part is no language of the site, Django tries the path below one that is.
    assert reader.get(path, follow=True).status_code == 404


def test_message_unpublished_everywhere_is_not_found(reader: Client) -> None:
    code = find_message("MSG-GEN-1").code
    for language, _direction in LANGUAGES:
        find_message("MSG-GEN-1", language).unpublish()
    assert reader.get(f"/en/m/{code}").status_code == 404


@pytest.mark.parametrize(("language", "_direction"), LANGUAGES)
def test_expired_message_is_gone_with_its_texts(
    reader: Client, language: str, _direction: str
) -> None:
    page = find_message("MSG-CM-X1", language)
    text = html.unescape(read(reader, f"/{language}/m/{page.code}", status=410))
    assert page.title not in text
    assert DEMO not in text
    assert page.url is not None
    assert reader.get(page.url).status_code == 410


def test_nudge_leads_on_to_its_routes(reader: Client) -> None:
    text = read(reader, f"/ar/m/{find_message('MSG-GEN-1').code}")
    for slug in ("cmed", "wafr-atl", "hoa-east"):
        assert f'href="/ar/{slug}/"' in text


def test_title_betrays_nothing(reader: Client) -> None:
    for path in ("/en/", "/en/cmed/", f"/en/m/{find_message('MSG-CM-1').code}"):
        assert "<title>Information</title>" in read(reader, path)


def test_quick_exit_is_a_plain_link_on_every_page(reader: Client) -> None:
    for path in paths("en"):
        text = reader.get(path, headers={"accept-encoding": ""}).content.decode()
        assert '<a class="leave" href="https://' in text, path


def test_short_link_touches_no_session(rf: Any) -> None:
    class Untouchable:
        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(f"the session was asked for {name}")

    request = rf.get("/en/m/x")
    request.session = Untouchable()
    response = short_link(request, language="en", code=find_message("MSG-CM-1").code)
    assert response.status_code == 200


def test_queries_of_a_page_do_not_grow_with_its_content(
    reader: Client, django_assert_max_num_queries: Any
) -> None:
    reader.get("/ar/cmed/")
    with django_assert_max_num_queries(30):
        reader.get("/ar/cmed/")


def test_policy_allows_the_style(reader: Client) -> None:
    assert STYLE_HASH in reader.get("/en/cmed/")["Content-Security-Policy"]
    assert settings.MODE == "rehearsal"
