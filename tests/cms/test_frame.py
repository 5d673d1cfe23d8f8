"""The frame of every reader's page: its look, the way out, and what stands where nothing is."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from cms.budgets import FIRST_PAINT
from cms.models import HomePage
from cms.reader import lost, standing_files
from cms.reader.addresses import Listed
from cms.reader.tracing import Kind, trace
from config import errors
from locales.languages import LANGUAGES, READER_LANGUAGES, get_language

GIVEN_AWAY = "Amina-Diallo"
XHTML = "{http://www.w3.org/1999/xhtml}link"
PLACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"

HOSTILE = {
    "upwards": "/../../etc/passwd",
    "upwards below a language": "/en/../../cms/",
    "nothing": "/\0",
    "nothing in a name": "/en/\0/",
    "nothing in a file": "/media/recordings/\0.opus",
    "other slashes": "/\\evil.example\\",
    "another host": "//evil.example/",
    "another host without an end": "//evil.example",
    "another host below a language": "/en//evil.example/",
    "another host with a language": "//en/cmed",
    "a line of its own": "/en/\r\nSet-Cookie: a=b\r\n/",
    "what is no text": "/en/\xff\xfe/",
    "ten thousand letters": "/en/" + "a" * 10_000 + "/",
    "ten thousand steps": "/en" + "/a" * 5_000 + "/",
    "a script": "/en/<script>alert(1)</script>/",
}


@pytest.fixture
def plain() -> Client:
    """Return a browser that takes nothing compressed, so that answers can be read."""
    return Client(headers={"accept-encoding": "identity"})


def parse(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - what we have written ourselves


def get_raw(client: Client, path: str, **extra: Any) -> Any:
    """Ask for a path exactly as it is, as a server hands it to us."""
    return client.get("/", **({"PATH_INFO": path} | extra))


# ---- Every page --------------------------------------------------------------------------------


@pytest.fixture
def frame() -> str:
    context = {"language": get_language("ar"), "home": "/ar/", "is_broken": False}
    with translation.override("ar"):
        return render_to_string(lost.TEMPLATE, context)


def test_way_out_comes_right_after_the_skip_link_and_needs_no_script(frame: str) -> None:
    links = re.findall(r"<a\b[^>]*>", frame)
    assert links[0] == '<a class="skip" href="#main">'
    assert 'id="leave"' in links[1]
    assert 'href="https://www.google.com/"' in links[1]
    assert 'rel="noreferrer"' in links[1]


def test_head_of_a_page_gives_nothing_away(frame: str) -> None:
    head = frame.partition("</head>")[0]
    assert '<html lang="ar" dir="rtl">' in head
    assert re.findall(r"<title>(.*?)</title>", head) == ["معلومات"]
    names = set(re.findall(r'<meta (?:name|property)="([^"]+)"', head))
    assert names == {"viewport", "referrer", "robots"}
    assert '<meta name="robots" content="noarchive">' in head


def test_page_brings_one_script_of_ours_and_none_inside(frame: str) -> None:
    assert re.findall(r"<script\b.*?</script>", frame) == [
        '<script src="/reader.js" defer></script>'
    ]
    assert not re.findall(r"\son\w+=|javascript:|style=", frame)


def test_page_asks_for_nothing_before_it_is_painted(frame: str) -> None:
    assert not re.findall(r"<(?:img|iframe|object)\b|@import|url\(", frame)
    links = re.findall(r"<link\b[^>]*>", frame)
    assert links == [
        '<link rel="icon" href="data:,">',
        '<link rel="manifest" href="/site.webmanifest">',
    ]


# ---- Nothing there, or nothing working ---------------------------------------------------------


@pytest.mark.parametrize("language", READER_LANGUAGES)
def test_unknown_address_is_a_light_404_in_its_language(
    plain: Client, db: None, language: str
) -> None:
    response = plain.get(f"/{language}/{GIVEN_AWAY}/not/here/")
    text = response.content.decode()
    assert response.status_code == 404
    assert f'<html lang="{language}" dir="{get_language(language).direction}">' in text
    assert len(response.content) < FIRST_PAINT
    for way in (f"/{language}/", f"/{language}/search/", f"/{language}/help/", "/"):
        assert f'href="{way}"' in text
    assert GIVEN_AWAY not in text
    assert not response.cookies
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "Accept-Language" not in response.get("Vary", "")


@pytest.mark.parametrize(
    ("path", "accepted", "spoken"),
    [
        ("/wo/nothing/", "ar", "fr"),
        ("/arz/nothing/", "en", "ar"),
        ("/fr-SN/nothing/", "en", "fr"),
        ("/AR/nothing/", "en", "ar"),
        ("/xx/nothing/", "ti-ER,en;q=0.5", "ti"),
        ("/nothing", "wo", "fr"),
        ("/nothing", "xx", "en"),
        ("/nothing", "", "en"),
        ("/r/zzzzz", "am", "am"),
    ],
)
def test_404_is_in_the_nearest_language(
    plain: Client, db: None, path: str, accepted: str, spoken: str
) -> None:
    response = plain.get(path, headers={"accept-language": accepted})
    assert response.status_code == 404
    assert f'<html lang="{spoken}"' in response.content.decode()


def test_language_of_a_404_never_comes_from_a_cookie(plain: Client, db: None) -> None:
    plain.cookies["django_language"] = "ar"
    response = plain.get("/nothing/")
    assert '<html lang="en"' in response.content.decode()
    assert "Accept-Language" in response["Vary"]
    assert "Cookie" not in response["Vary"]


@pytest.mark.database
@pytest.mark.parametrize("path", HOSTILE.values(), ids=HOSTILE)
def test_hostile_address_is_answered_lightly_and_leads_nowhere(
    plain: Client, db: None, path: str
) -> None:
    response = get_raw(plain, path, QUERY_STRING="next=//evil.example/&" + "q" * 10_000)
    assert response.status_code in {301, 400, 404}
    # The slash that ends an address may be added, and nothing else.
    assert re.match(r"$|/(?![/\\])", response.get("Location", ""))
    assert len(response.content) < FIRST_PAINT
    assert b"evil.example" not in response.content
    assert not response.cookies


def test_host_that_is_not_ours_is_refused_lightly(plain: Client, db: None) -> None:
    response = plain.get("/en/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert 'id="leave"' in response.content.decode()
    assert "evil" not in response.content.decode()


@pytest.mark.parametrize("path", ["/desk/nothing/", "/reach/nothing/x/", "/accounts/x/", "/api/x"])
def test_staff_and_programs_keep_their_own_404(plain: Client, db: None, path: str) -> None:
    response = plain.get(path)
    assert response.status_code == 404
    assert 'id="leave"' not in response.content.decode()


@pytest.mark.parametrize("language", ["en", "ar", "am"])
def test_500_asks_no_database_and_is_in_the_language_of_the_address(
    rf: RequestFactory, language: str
) -> None:
    # Without the fixture `db` a query would fail the test.
    response = errors.server_error(rf.get(f"/{language}/cmed/"))
    text = response.content.decode()
    assert response.status_code == 500
    assert f'<html lang="{language}"' in text
    assert 'id="leave"' in text
    assert f'href="/{language}/help/"' in text


def test_500_is_answered_even_when_the_frame_is_broken(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> str:
        raise OSError

    monkeypatch.setattr(lost, "render_to_string", fail)
    response = errors.server_error(rf.get("/en/"))
    assert response.status_code == 500
    assert b"Information" in response.content


def test_fault_of_ours_is_shown_as_one(
    plain: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Any:
        raise OSError

    monkeypatch.setattr(standing_files, "homes_by_language", fail)
    plain.raise_request_exception = False
    response = plain.get("/", headers={"accept-language": "fr"})
    assert response.status_code == 500
    assert '<html lang="fr"' in response.content.decode()


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Collect what the house's own handlers would write."""
    written: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    collector = Collector()
    for shared in logging.getLogger().handlers:
        for kept in shared.filters:
            collector.addFilter(kept)
    logging.getLogger().addHandler(collector)
    yield written
    logging.getLogger().removeHandler(collector)


def test_nothing_that_was_asked_for_is_logged(
    plain: Client, db: None, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError

    monkeypatch.setattr("config.errors.lost.answer_bad_request", fail)
    monkeypatch.setattr("cms.reader.media._is_ours", fail)
    plain.raise_request_exception = False
    plain.get(f"/en/{GIVEN_AWAY}/?who={GIVEN_AWAY}", REMOTE_ADDR="203.0.113.9")
    assert not lines
    answer = plain.get(f"/media/{GIVEN_AWAY}.webp?who={GIVEN_AWAY}", REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 500
    assert any("/media/<path:name>" in line for line in lines)
    assert not [line for line in lines if GIVEN_AWAY in line or "203.0.113.9" in line]


# ---- The chooser, and what programs ask for ----------------------------------------------------


def test_chooser_names_every_language_of_the_site_for_itself(plain: Client, starter: Any) -> None:
    response = plain.get("/")
    text = response.content.decode()
    found = re.findall(r'<a lang="(\w+)" dir="(\w+)" hreflang="(\w+)" href="/(\w+)/">', text)
    live = set(HomePage.objects.live().values_list("locale__language_code", flat=True))
    expected = [code for code in LANGUAGES if code in live]
    assert len(expected) > 1
    assert found == [(code, get_language(code).direction, code, code) for code in expected]
    for code in expected:
        assert f">{get_language(code).endonym}" in text


def test_chooser_leaves_out_a_language_that_is_not_live(plain: Client, starter: Any) -> None:
    HomePage.objects.get(locale__language_code="fr").unpublish()
    assert 'href="/fr/"' not in plain.get("/").content.decode()


@pytest.mark.parametrize(
    "path", ["/", "/robots.txt", "/sitemap.xml", "/site.webmanifest", "/icon.svg"]
)
def test_standing_file_is_one_for_all_and_can_be_stored(
    plain: Client, starter: Any, path: str
) -> None:
    response = plain.get(path, headers={"accept-language": "ar"})
    assert response.status_code == 200
    assert not response.cookies
    assert "Language" not in response.get("Vary", "")
    assert "Cookie" not in response.get("Vary", "")
    assert plain.post(path).status_code == 405


@pytest.mark.parametrize(
    ("view", "kind", "mime"),
    [
        ("choose_language", Kind.CHOOSER, "text/html; charset=utf-8"),
        ("robots", Kind.MACHINE, "text/plain; charset=utf-8"),
        ("sitemap", Kind.MACHINE, "application/xml; charset=utf-8"),
        ("manifest", Kind.MACHINE, "application/manifest+json"),
        ("icon", Kind.MACHINE, "image/svg+xml"),
    ],
)
def test_standing_file_says_what_it_is(
    rf: RequestFactory, starter: Any, view: str, kind: Kind, mime: str
) -> None:
    with trace() as noted:
        response = getattr(standing_files, view)(rf.get("/"))
    assert noted.kind == kind
    assert response["Content-Type"] == mime
    assert ("kind:homepage" in noted.used) == (view in {"choose_language", "sitemap"})


def test_robots_may_read_and_may_not_come_near_the_staff(plain: Client, db: None) -> None:
    text = plain.get("/robots.txt").content.decode()
    assert "Disallow: /\n" not in text
    for closed in ("/cms/", "/desk/", "/reach/", "/accounts/", "/hooks/", "/i18n/"):
        assert f"Disallow: {closed}\n" in text
    assert re.search(r"^Sitemap: https?://[^/]+/sitemap\.xml$", text, re.MULTILINE)


def test_manifest_and_icon_betray_nothing(plain: Client, db: None) -> None:
    held = json.loads(plain.get("/site.webmanifest").content)
    assert held["name"] == held["short_name"] == "Information"
    # With another one a phone would offer to install it, in the middle of a page.
    assert held["display"] == "browser"
    (icon,) = held["icons"]
    drawn = plain.get(icon["src"]).content
    assert len(drawn) < 1024
    assert parse(drawn.decode()).tag.endswith("svg")
    assert b"text" not in drawn


def test_sitemap_names_each_page_with_its_other_languages_and_no_date() -> None:
    listed = [
        Listed("/", Kind.CHOOSER),
        *(Listed(f"/{code}/cmed/risks/", Kind.RISKS, code) for code in ("fr", "en")),
        Listed("/ar/a&b/", Kind.PLAIN, "ar"),
    ]
    tree = parse("".join(standing_files.write_sitemap(listed)))
    assert len(tree) == 4
    by_path = {
        str(url.findtext(f"{PLACE}loc")).partition("//")[2].partition("/")[2]: {
            link.get("hreflang"): link.get("href") for link in url.iter(XHTML)
        }
        for url in tree
    }
    assert by_path[""] == {}
    assert set(by_path["fr/cmed/risks/"]) == {"fr", "en", "x-default"}
    assert by_path["fr/cmed/risks/"] == by_path["en/cmed/risks/"]
    assert str(by_path["fr/cmed/risks/"]["x-default"]).endswith("/en/cmed/risks/")
    assert "ar/a&b/" in by_path
    assert not list(tree.iter(f"{PLACE}lastmod"))


def test_sitemap_lists_what_is_there_to_be_read(plain: Client, starter: Any) -> None:
    text = plain.get("/sitemap.xml").content.decode()
    tree = parse(text)
    paths = [re.sub(r"^https?://[^/]+", "", str(url.findtext(f"{PLACE}loc"))) for url in tree]
    assert len(paths) == len(set(paths))
    assert {"/", "/en/", "/ar/cmed/", "/am/cmed/risks/"} <= set(paths)
    for closed in ("/search/", "/keep/", "kept.json", "leaflet.pdf", "information.html", "/r/"):
        assert not [path for path in paths if closed in path]
