"""A route on paper: A5, in its own script and direction, with the way to the newest."""

import json
import re
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client

from cms.models import Fact, RoutePage
from cms.passing_on import leaflets, views
from cms.reader import tracing
from cms.reader.tracing import Kind

pytestmark = pytest.mark.usefixtures("starter")
# What the printing process ends with; its module is not imported, for that would need Pango.
NO_LETTERS, TOO_LONG = 3, 4
A5 = (419.53, 595.28)  # points
PAGE = "<!doctype html><html lang=en><title>x</title><style>@page{{size:A5}}</style>{}</html>"

printed_here = pytest.mark.skipif(
    not leaflets.is_possible(),
    reason="needs Pango: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
)


def print_pages(*sheets: str, most_pages: int = 4) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "cms.passing_on.printing"],
        input=json.dumps({"sheets": sheets, "most_pages": most_pages}).encode(),
        capture_output=True,
        check=False,
    )


def objects_of(pdf: bytes) -> str:
    """Return the dictionaries of a PDF, those in compressed streams too."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    unpacked = []
    for stream in streams:
        try:
            unpacked.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join([pdf, *unpacked]).decode("latin-1")


def sizes_of(pdf: bytes) -> list[tuple[float, ...]]:
    boxes = re.findall(r"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", objects_of(pdf))
    return [tuple(round(float(side), 2) for side in box) for box in boxes]


def html_of(asked: HttpRequest, monkeypatch: pytest.MonkeyPatch, language: str = "en") -> str:
    """Return what would be printed, all of it."""
    written: list[str] = []

    def take(content: Any, *, write: Any) -> bytes:
        written.append(write(content))
        return b"%PDF"

    monkeypatch.setattr(leaflets, "print_leaflet", take)
    views.leaflet(asked, language, "cmed")
    return written[0]


@printed_here
@pytest.mark.parametrize("language", ["en", "ar", "am"])
def test_leaflet_is_a_few_a5_pages_in_its_language(asked: HttpRequest, language: str) -> None:
    response = views.leaflet(asked, language, "cmed")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'inline; filename="information-{language}.pdf"'
    sizes = sizes_of(response.content)
    assert 2 <= len(sizes) <= leaflets.MOST_PAGES
    assert set(sizes) == {A5}
    everything = objects_of(response.content)
    assert f"/Lang ({language})" in everything
    assert "/Marked true" in everything
    assert 'pdfuaid:part="1"' in everything
    font = {"en": "Noto-Sans", "ar": "Noto-Sans-Arabic", "am": "Noto-Sans-Ethiopic"}[language]
    assert font in everything


@printed_here
def test_same_leaflet_is_the_same_bytes(asked: HttpRequest) -> None:
    first, second = (views.leaflet(asked, "ar", "cmed").content for _time in range(2))
    assert first == second


def test_leaflet_begins_with_whom_to_call_and_ends_with_the_way_to_the_newest(
    asked: HttpRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = RoutePage.objects.get(slug="cmed", locale__language_code="ar")
    sheet = html_of(asked, monkeypatch, "ar")
    assert '<html lang="ar" dir="rtl">' in sheet
    assert sheet.index('class="number"') < sheet.index("<h2>", sheet.index("<h2>") + 1)
    assert sheet.index("<svg") > sheet.rindex("<h2>")
    assert f"/r/{page.code}</bdi>" in sheet
    numbers = re.findall(r'<bdi class="number" dir="(\w+)">', sheet)
    assert numbers
    assert set(numbers) == {"ltr"}


def test_everything_printed_is_on_the_pages_too(
    asked: HttpRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = html_of(asked, monkeypatch)
    pages = "".join(
        Client().get(f"/en/cmed/{part}").content.decode()
        for part in ("", "risks/", "ways/", "claims/", "help/")
    )
    printed = re.findall(r'<div class="card(?: now)?">(?:<h3>.*?</h3>)?<p>([^<]{30,})', sheet)
    assert len(printed) > 10
    for text in printed:
        assert text.strip() in pages


def test_hostile_text_is_printed_as_text(
    asked: HttpRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = "</style><img src='file:///etc/passwd'><link href='http://127.0.0.1/x'>"
    RoutePage.objects.filter(slug="cmed").update(title=hostile)
    Fact.objects.filter(key="CM-R1").update(statement=hostile)
    sheet = html_of(asked, monkeypatch)
    assert re.findall(r"<(?:img|link|script|object)\b|url\(|@import", sheet) == []


@printed_here
def test_printing_fetches_nothing_from_anywhere(tmp_path: Path) -> None:
    bait = tmp_path / "bait.css"
    bait.write_text("@page{size:A3}")
    done = print_pages(PAGE.format(f"<link rel=stylesheet href='{bait.as_uri()}'><p>text"))
    assert done.returncode != 0 or set(sizes_of(done.stdout)) == {A5}


@printed_here
def test_first_text_that_fits_is_printed_and_none_where_none_does() -> None:
    long, short = (PAGE.format("<p>word" * count) for count in (2000, 2))
    assert len(sizes_of(print_pages(long, short, most_pages=1).stdout)) == 1
    assert print_pages(long, most_pages=1).returncode == TOO_LONG


@printed_here
def test_letter_that_no_font_has_is_refused_and_never_printed_as_a_box() -> None:
    done = print_pages(PAGE.format("<p>\U000f1234"))
    assert done.returncode == NO_LETTERS
    assert done.stdout == b""
    assert b"U+F1234" in done.stderr


@pytest.mark.parametrize("why", ["no library", "no font"])
def test_where_no_leaflet_can_be_printed_a_page_says_where_else_all_of_it_is(
    client: Client, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    if why == "no library":
        leaflets.is_possible.cache_clear()
        monkeypatch.setattr(leaflets, "LIBRARIES", ("libnowhere.so.0",))
    else:
        monkeypatch.setattr(leaflets, "is_possible", lambda: True)
        refused = subprocess.CompletedProcess([], NO_LETTERS, b"", b"no font has U+0627\n")
        monkeypatch.setattr("subprocess.run", lambda *_words, **_how: refused)
    response = client.get("/en/cmed/leaflet.pdf")
    if why == "no library":
        leaflets.is_possible.cache_clear()
    assert response.status_code == 404
    text = response.content.decode()
    assert "There is no leaflet here" in text
    assert 'href="/en/cmed/"' in text
    assert 'href="/en/cmed/information.html"' in text


def test_leaflet_is_made_anew_when_what_it_says_changes(
    asked: HttpRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    fact = Fact.objects.get(key="CM-R1", locale__language_code="en")
    with tracing.trace() as trace:
        html_of(asked, monkeypatch)
    assert f"text:{fact.translation_key}" in trace.used
    assert (trace.kind, trace.language) == (Kind.LEAFLET, "en")


def test_readers_are_served_by_a_process_that_never_loads_what_prints() -> None:
    code = (
        "import django, sys; django.setup(); import cms.urls; sys.exit('weasyprint' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
