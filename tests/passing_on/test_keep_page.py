"""The page on which a route is kept and passed on, and the list of what belongs to it."""

import gzip
import hashlib
import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.test import Client

from cms.budgets import FIRST_PAINT
from cms.models import Fact, RoutePage, StoredAnswer
from cms.models.changes import update_content
from cms.passing_on import leaflets, sharing, views
from cms.passing_on.sharing import Address
from cms.publishing.making import make
from cms.reader import tracing
from cms.reader.tracing import Kind

pytestmark = pytest.mark.usefixtures("starter")
HOSTILE = """</title><script>alert(1)</script>"' onload=x&text=Hacked&#39;"""


def read_list(asked: HttpRequest, language: str = "en", slug: str = "cmed") -> dict[str, Any]:
    listed: dict[str, Any] = json.loads(views.kept_list(asked, language, slug).content)
    return listed


def read_page(asked: HttpRequest, language: str = "en", slug: str = "cmed") -> str:
    return views.keep(asked, language, slug).content.decode()


def links_of(page: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'href="([^"]+)"', page)]


def test_list_holds_the_route_with_its_parts_and_no_sound_or_picture(asked: HttpRequest) -> None:
    paths = [path for path, _size, _digest in read_list(asked)["files"]]
    parts = [f"/en/cmed/{part}/" for part in ("risks", "ways", "claims", "help")]
    assert {"/en/cmed/", "/en/cmed/keep/", "/reader.js", *parts} <= set(paths)
    assert len(paths) == len(set(paths))
    allowed = r"/en/cmed/([a-z]+/)?|/en/(help|story|alert)/[^/]+/|/reader\.js"
    assert all(re.fullmatch(allowed, path) for path in paths), paths


def test_everything_on_the_list_can_be_fetched_and_is_no_larger_than_said(
    asked: HttpRequest,
) -> None:
    for path, size, _digest in read_list(asked, "ar")["files"]:
        response = Client(headers={"accept-encoding": "gzip"}).get(path)
        assert response.status_code == 200, path
        # The address of the keep page's own answer may be a few bytes longer or shorter.
        assert len(response.content) <= size + 64, path
        assert len(gzip.decompress(response.content)) > size, path


def test_size_stands_before_the_button_and_is_that_of_the_list(asked: HttpRequest) -> None:
    page, listed = read_page(asked), read_list(asked)
    pages = sum(path != "/reader.js" for path, *_rest in listed["files"])
    said = f"{pages} pages, <bdi>{filesizeformat(listed['size'])}</bdi>"
    assert said in page
    assert page.index(said) < page.index("<button")


def test_buttons_are_hidden_until_a_script_finds_that_they_work(asked: HttpRequest) -> None:
    page = read_page(asked)
    buttons = re.findall(r"<button[^>]*>", page)
    assert len(buttons) == 3
    assert all(" hidden" in button for button in buttons)
    assert "This browser cannot keep pages by itself. Save the one file instead." in page
    assert "Whoever sees this phone can see that you kept it." in page


def test_digest_changes_with_a_correction_and_with_nothing_else(asked: HttpRequest) -> None:
    before = {path: digest for path, _size, digest in read_list(asked)["files"]}
    assert before == {path: digest for path, _size, digest in read_list(asked)["files"]}
    update_content(Fact.objects.filter(key="CM-R1"), statement="Corrected.")
    after = {path: digest for path, _size, digest in read_list(asked)["files"]}
    assert after["/en/cmed/risks/"] != before["/en/cmed/risks/"]
    assert after["/en/cmed/claims/"] == before["/en/cmed/claims/"]
    assert after["/reader.js"] == before["/reader.js"]


def test_page_and_list_are_made_anew_when_anything_in_them_changes(asked: HttpRequest) -> None:
    fact = Fact.objects.get(key="CM-R1", locale__language_code="en")
    page = RoutePage.objects.get(slug="cmed", locale__language_code="en")
    wanted = {f"text:{fact.translation_key}", f"text:{page.translation_key}"}
    for view, kind in ((views.keep, Kind.KEEP), (views.kept_list, Kind.KEPT_LIST)):
        with tracing.trace() as trace:
            view(asked, "en", "cmed")
        assert wanted <= trace.used
        assert (trace.kind, trace.language) == (kind, "en")
        assert trace.until is not None
        assert trace.until.isoformat() == read_list(asked)["until"]


def test_message_to_somebody_carries_a_neutral_word_and_the_address_only(
    asked: HttpRequest,
) -> None:
    page = RoutePage.objects.get(slug="cmed", locale__language_code="en")
    text = f"Information: {settings.PUBLIC_URL}/r/{page.code}"
    links = links_of(read_page(asked))
    whatsapp = next(link for link in links if link.startswith("https://wa.me/"))
    sms = next(link for link in links if link.startswith("sms:"))
    assert parse_qs(urlsplit(whatsapp).query) == {"text": [text]}
    assert parse_qs(sms.partition("?")[2].lstrip("&")) == {"body": [text]}


def test_share_links_escape_whatever_they_are_given() -> None:
    text = sharing.write_share_text(HOSTILE, Address("https://a.example/r/x?y=1&z#f"))
    query = urlsplit(sharing.link_to_whatsapp(text)).query
    assert parse_qs(query) == {"text": [text]}
    assert re.fullmatch(r"sms:\?&body=[A-Za-z0-9%._~-]+", sharing.link_to_sms(text))


def test_page_is_light_neutral_and_watches_nobody(client: Client) -> None:
    response = Client(headers={"accept-encoding": "gzip"}).get("/ar/cmed/keep/")
    assert len(response.content) < FIRST_PAINT
    assert not response.cookies
    assert response["Referrer-Policy"] == "no-referrer"
    page = gzip.decompress(response.content).decode()
    assert "<title>معلومات</title>" in page
    assert '<html lang="ar" dir="rtl">' in page
    assert re.findall(r'<(?:script|img|link)\b[^>]* src="(?!/reader\.js|data:)', page) == []


def test_hostile_title_stays_a_title(asked: HttpRequest) -> None:
    RoutePage.objects.filter(slug="cmed").update(title=HOSTILE)
    page = read_page(asked)
    assert "<script>alert" not in page
    assert html.escape(HOSTILE) in page
    assert read_list(asked)["title"] == HOSTILE


def test_route_that_is_not_in_a_language_yet_is_kept_in_the_nearest_under_the_asked_address(
    asked: HttpRequest,
) -> None:
    RoutePage.objects.get(slug="cmed", locale__language_code="ti").unpublish()
    listed = read_list(asked, "ti")
    assert listed["page"] == "/ti/cmed/"
    assert listed["language"] == "en"
    assert all(path.startswith("/ti/") for path, *_rest in listed["files"] if path != "/reader.js")
    assert "This page is not in ትግርኛ yet. It is shown in English." in read_page(asked, "ti")


@pytest.mark.parametrize("what", ["keep/", "kept.json", "information.html", "leaflet.pdf"])
@pytest.mark.parametrize("where", ["xx/cmed", "en/nowhere", "en/%00", "en/..%2fcmed"])
def test_unknown_language_or_route_is_a_404(client: Client, where: str, what: str) -> None:
    assert client.get(f"/{where}/{what}").status_code == 404


def test_leaflet_is_offered_only_where_it_can_be_printed(
    asked: HttpRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaflets, "is_possible", lambda: False)
    assert "leaflet.pdf" not in read_page(asked)
    monkeypatch.setattr(leaflets, "is_possible", lambda: True)
    assert 'href="/en/cmed/leaflet.pdf"' in read_page(asked)


# ---- Each page is made once ----------------------------------------------------------------------


def made_at() -> dict[str, Any]:
    return dict(StoredAnswer.objects.values_list("path", "made_at"))


def test_what_stands_ready_is_not_made_again_for_the_page_and_its_list() -> None:
    phone = Client(headers={"accept-encoding": "gzip"})
    phone.get("/en/cmed/risks/")
    first = made_at()
    phone.get("/en/cmed/keep/")
    second = made_at()
    assert {"/en/cmed/", "/en/cmed/help/", "/reader.js", "/en/cmed/keep/"} <= set(second)
    phone.get("/en/cmed/kept.json")
    third = made_at()
    assert first["/en/cmed/risks/"] == third["/en/cmed/risks/"]
    assert {path: third[path] for path in second} == second
    assert set(third) - set(second) == {"/en/cmed/kept.json"}


def test_list_is_made_anew_after_a_correction_of_a_page_that_was_only_looked_up() -> None:
    phone = Client(headers={"accept-encoding": ""})
    phone.get("/en/cmed/risks/")
    before = {
        path: digest for path, _size, digest in phone.get("/en/cmed/kept.json").json()["files"]
    }
    update_content(Fact.objects.filter(key="CM-R1"), statement="Corrected.")
    stale = set(StoredAnswer.objects.filter(is_stale=True).values_list("path", flat=True))
    assert {"/en/cmed/kept.json", "/en/cmed/keep/", "/en/cmed/risks/"} <= stale
    after = {
        path: digest for path, _size, digest in phone.get("/en/cmed/kept.json").json()["files"]
    }
    assert after["/en/cmed/risks/"] != before["/en/cmed/risks/"]
    assert after["/en/cmed/claims/"] == before["/en/cmed/claims/"]


def test_list_names_exactly_what_is_sent() -> None:
    phone = Client(headers={"accept-encoding": ""})
    for path, _size, digest in phone.get("/ar/cmed/kept.json").json()["files"]:
        sent = phone.get(path).content
        assert hashlib.sha256(sent).hexdigest()[:12] == digest, path


def test_nothing_is_stored_for_a_list_that_is_not_to_be_kept() -> None:
    assert make("/en/cmed/kept.json", keep=False).status == 200
    assert not StoredAnswer.objects.exists()
