"""`manage.py publish_site` on real content: the starter pack, cut down to two languages and one route."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from analytics.models import Opening
from cms.models import Fact, HomePage, MessagePage, PlainPage, RoutePage, StoredAnswer
from cms.models.changes import update_content
from cms.passing_on import leaflets
from cms.passing_on.leaflets import Printer
from cms.publishing.manifest import NAME
from cms.publishing.s3 import open_client
from cms.reader.addresses import Listed
from cms.reader.tracing import Kind
from config.management.commands import publish_site
from tests.conftest import PACK_DAY
from tests.publishing.buckets import BUCKET, KEYS, name_keys, s3_server
from tests.publishing.sites import dead_links

pytestmark = pytest.mark.usefixtures("small_site")
Publish = Callable[..., str]


@pytest.fixture
def small_site(starter: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_moment, **_zone: PACK_DAY)
    for model in (HomePage, RoutePage, MessagePage, PlainPage):
        rows = model.objects.exclude(locale__language_code__in=("en", "ar"))
        update_content(rows, live=False)
    update_content(RoutePage.objects.exclude(slug="cmed"), live=False)


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Return what runs the command and returns what it says."""
    monkeypatch.setattr(publish_site, "stop_on_signals", lambda: None)

    def run(to: object, **options: Any) -> str:
        out = io.StringIO()
        call_command("publish_site", to=str(to), stdout=out, **options)
        return out.getvalue()

    return run


@pytest.fixture
def unprinted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take any bytes for a leaflet, where nobody looks into it: printing takes half of all the time."""
    done = CompletedProcess[bytes]((), 0, b"%PDF-1.7", b"")
    monkeypatch.setattr(Printer, "ask", lambda _printer, _asked: done)


def held(root: Path) -> dict[str, bytes]:
    paths = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def test_whole_site_is_written_and_one_corrected_fact_rewrites_exactly_its_pages(
    tmp_path: Path, publish: Publish
) -> None:
    root = tmp_path / "site"
    said = publish(root)

    first = held(root)
    assert said.startswith(f"The site is there: {len(first) - 1} files. {len(first) - 1} written")
    assert dead_links(first) == []
    assert {"index.html", "ar/cmed/risks/index.html", "ar/404.html", "_headers"} < set(first)
    assert Opening.objects.count() == 0

    assert " 0 written" in publish(root)
    fact = Fact.objects.get(key="CM-R1", locale__language_code="en")
    fact.statement = "This sentence is new."
    fact.save_revision().publish()
    publish(root)

    second = held(root)
    changed = {name for name in second if second[name] != first.get(name)} - {NAME}
    messages = MessagePage.objects.filter(key="MSG-CM-1")
    pages = ("information.html", "kept.json", "leaflet.pdf", "risks/index.html")
    # The Arabic pages say now that their text is older than the original.
    # Pages for keeping name sizes, rounded, so these may stay as they were.
    sizes = {f"{language}/cmed/keep/index.html" for language in ("en", "ar")}
    assert changed - sizes == {
        *(f"{language}/cmed/{page}" for language in ("en", "ar") for page in pages),
        *(f"{row.locale.language_code}/{row.slug}/index.html" for row in messages.live()),
        *(f"r/{row.code}/index.html" for row in messages),
    }
    assert b"This sentence is new." in second["en/cmed/risks/index.html"]
    assert dead_links(second) == []


@pytest.mark.usefixtures("unprinted")
def test_withdrawn_page_goes_and_nothing_leads_to_it(tmp_path: Path, publish: Publish) -> None:
    root = tmp_path / "site"
    publish(root, verbosity=0)
    page = MessagePage.objects.get(key="MSG-CM-1", locale__language_code="en")
    short, own = f"r/{page.code}/index.html", f"en/{page.slug}/index.html"
    assert {short, own} < set(held(root))

    for edition in MessagePage.objects.filter(translation_key=page.translation_key):
        edition.unpublish()
    publish(root, verbosity=0)

    assert not {short, own} & set(held(root))
    assert dead_links(held(root)) == []


def test_leaflet_that_cannot_be_printed_is_left_out_and_holds_nothing_up(
    tmp_path: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, errors = tmp_path / "site", io.StringIO()
    monkeypatch.setattr(Printer, "ask", _print_no_arabic)
    publish(root, verbosity=0, stderr=errors)
    assert errors.getvalue().splitlines() == [
        "Left out, for it cannot be printed here: /ar/cmed/leaflet.pdf"
    ]
    assert "en/cmed/leaflet.pdf" in held(root)
    assert "ar/cmed/leaflet.pdf" not in held(root)
    # Our own server says that there is none, and where else all of it is.
    own = f'href="{settings.PUBLIC_URL}/ar/cmed/leaflet.pdf"'.encode()
    assert own in held(root)["ar/cmed/keep/index.html"]
    assert b'href="/en/cmed/leaflet.pdf"' in held(root)["en/cmed/keep/index.html"]
    assert dead_links(held(root)) == ["/ar/cmed/leaflet.pdf"]

    monkeypatch.setattr(leaflets, "is_possible", lambda: False)
    StoredAnswer.objects.all().delete()
    publish(root, verbosity=0, stderr=errors)
    assert "/en/cmed/leaflet.pdf" in errors.getvalue()
    assert "en/cmed/leaflet.pdf" not in held(root)


def _print_no_arabic(_printer: Printer, asked: bytes) -> CompletedProcess[bytes]:
    if '<html lang="ar"' in json.loads(asked)["sheets"][0]:
        return CompletedProcess((), 1, b"", b"no font has a letter of it")
    return CompletedProcess((), 0, b"%PDF-1.7", b"")


@pytest.mark.usefixtures("unprinted")
def test_link_that_was_sent_stays_a_file_while_its_translation_is_behind(
    tmp_path: Path, publish: Publish
) -> None:
    root = tmp_path / "site"
    publish(root, verbosity=0)
    arabic = MessagePage.objects.get(key="MSG-CM-1", locale__language_code="ar")
    english = MessagePage.objects.get(key="MSG-CM-1", locale__language_code="en")
    short = f"r/{arabic.code}/index.html"
    assert b'<html lang="ar"' in held(root)[short]

    english.web_summary = "This sentence is new."
    english.save_revision().publish()
    publish(root, verbosity=0)

    assert b"This sentence is new." in held(root)[short]
    assert dead_links(held(root)) == []


@pytest.mark.usefixtures("unprinted")
def test_site_on_s3_says_what_each_object_is(
    publish: Publish, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_keys(monkeypatch)
    with s3_server() as address:
        settings.S3_ENDPOINT_URL = address
        client = open_client(address, alone=True)
        client.create_bucket(Bucket=BUCKET)
        said = publish(f"s3://{BUCKET}/site", precompress=True)
        page = MessagePage.objects.get(key="MSG-CM-1", locale__language_code="ar")
        heads = {
            key: client.head_object(Bucket=BUCKET, Key=f"site/{key}")
            for key in (f"r/{page.code}", "ar/index.html", "sitemap.xml", "ar/cmed/leaflet.pdf")
        }

    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in said
    for key in (f"r/{page.code}", "ar/index.html"):
        assert heads[key]["ContentType"] == "text/html; charset=utf-8"
        assert heads[key]["ContentLanguage"] == "ar"
        assert heads[key]["ContentEncoding"] == "gzip"
        assert heads[key]["CacheControl"] == "public, max-age=300"
    assert heads["sitemap.xml"]["ContentType"].startswith("application/xml")
    assert heads["ar/cmed/leaflet.pdf"]["ContentType"] == "application/pdf"
    assert "ContentEncoding" not in heads["ar/cmed/leaflet.pdf"]


def test_site_with_something_wrong_is_not_written(
    tmp_path: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [Listed("/en/", Kind.HOME, "en"), Listed("/en/nothing/", Kind.PLAIN, "en")]
    monkeypatch.setattr(publish_site, "list_addresses", lambda **_: listed)

    with pytest.raises(CommandError) as caught:
        publish(tmp_path / "site", verbosity=0)

    assert str(caught.value).startswith("Nothing was written. What is wrong with the site:\n")
    assert "  /en/nothing/ answers 404.\n" in str(caught.value)
    assert "leads to /" in str(caught.value) or "lead to /" in str(caught.value)
    assert held(tmp_path) == {}


def test_page_over_its_budget_stops_the_site_unless_that_is_allowed(
    tmp_path: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish_site, "list_addresses", lambda **_: [])
    monkeypatch.setattr(publish_site, "find_problems", lambda _site: [])
    monkeypatch.setattr(publish_site, "find_heavy", lambda _site: ["/en/ weighs 15.0 KB."])
    errors = io.StringIO()

    with pytest.raises(CommandError, match=r"/en/ weighs 15\.0 KB\."):
        publish(tmp_path / "site", verbosity=0)
    publish(tmp_path / "site", verbosity=0, allow_heavy=True, stderr=errors)

    assert (tmp_path / "site/404.html").exists()
    assert "/en/ weighs 15.0 KB." in errors.getvalue()


def test_addresses_elsewhere_can_be_listed_without_writing(
    publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [Listed("/en/cmed/risks/", Kind.RISKS, "en")]
    monkeypatch.setattr(publish_site, "list_addresses", lambda **_: listed)

    said = publish("", list_links=True, verbosity=0).splitlines()

    assert said
    assert all(line.startswith("https://") for line in said)


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("", "Say where to"),
        ("s3://readers", "it reaches no other host"),
        ("ftp://readers", "no other kind of address"),
    ],
)
def test_place_that_cannot_be_is_refused_before_anything_is_made(
    publish: Publish, to: str, said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        publish(to)
