"""What is listed hangs together: whatever a page leads to is listed as well, in every state of a site."""

import re
from datetime import date
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.test import Client
from wagtail.models import Locale

from cms.models import HomePage, PlainPage, RoutePage
from cms.publishing.references import read_references
from cms.reader.addresses import Listed
from cms.reader.listing import list_addresses
from cms.reader.standing_files import write_sitemap
from cms.reader.tracing import Kind
from locales.languages import LANGUAGES
from tests.cms.finding import find_message
from tests.cms.reading import read

pytestmark = pytest.mark.usefixtures("starter")
UNREAD = {Kind.LEAFLET, Kind.KEPT_LIST, Kind.MACHINE}


@pytest.fixture(autouse=True)
def on_the_day_of_the_pack(monkeypatch: pytest.MonkeyPatch, today: date) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_args, **_kwargs: today)


def page_in(language: str, model: Any = RoutePage, slug: str = "cmed") -> Any:
    return model.objects.get(slug=slug, locale__language_code=language)


def rename(page: Any, slug: str) -> None:
    page.slug = slug
    page.save()


def close(language: str) -> None:
    """Take the first page of a language down, and with it the language from the site."""
    HomePage.objects.get(locale__language_code=language).unpublish()


def open_in(language: str) -> None:
    """Add a language to the site in which nothing but the first page is written."""
    locale, _is_new = Locale.objects.get_or_create(language_code=language)
    original = HomePage.objects.get(locale__language_code="en")
    copy = original.copy_for_translation(locale)
    copy.title = "Information"
    copy.save_revision().publish()


def dead_links(reader: Client, wanted: list[Listed], today: date) -> dict[str, set[str]]:
    """Return, by page, the addresses of this site that it leads to and that are not listed."""
    known = {one.path for one in list_addresses(today=today)}
    # Our server answers these, and no file.
    known |= {
        path.format(language=code)
        for path in (settings.CMS_JOIN_PATH, settings.CMS_STOP_PATH)
        for code in LANGUAGES
    }
    dead = {}
    for one in wanted:
        body = read(reader, one.path).encode()
        found = read_references(body, "text/html", path=one.path, home=settings.PUBLIC_URL)
        missing = {unquote(path) for path, _anchor in found.inside} - known
        if missing:
            dead[one.path] = missing
    return dead


def one_of_each_kind(language: str, today: date) -> list[Listed]:
    listed = reversed(list_addresses(today=today))
    kinds = {one.kind: one for one in listed if one.language == language}
    return [one for one in kinds.values() if one.kind not in UNREAD]


# ---- Every link leads to what is listed --------------------------------------------------------


def test_short_link_into_a_language_that_is_not_on_the_site_leads_nowhere_dead(
    reader: Client, today: date
) -> None:
    close("fr")
    pages = (page_in("fr"), find_message("MSG-GEN-1", "fr"))
    short = [Listed(f"/r/{page.code}", Kind.SHORT, "fr") for page in pages]
    assert set(short) <= set(list_addresses(today=today))
    assert dead_links(reader, short, today) == {}


def test_short_link_into_a_language_that_is_not_on_the_site_is_served_in_the_nearest(
    reader: Client,
) -> None:
    code = page_in("fr").code
    assert '<html lang="fr"' in read(reader, f"/r/{code}")
    close("fr")
    text = read(reader, f"/r/{code}")
    assert '<html lang="en"' in text
    assert 'href="/fr/' not in text


def test_plain_page_in_a_language_that_is_not_on_the_site_is_not_led_to(
    reader: Client, today: date
) -> None:
    close("fr")
    open_in("wo")
    assert dead_links(reader, [Listed("/wo/", Kind.HOME, "wo")], today) == {}


def test_names_that_pages_have_in_each_language_break_no_link(reader: Client, today: date) -> None:
    open_in("wo")
    rename(page_in("fr"), "mediterranee")
    rename(page_in("fr", PlainPage, "privacy"), "vie-privee")
    rename(page_in("am"), "bahir")
    assert dead_links(reader, one_of_each_kind("wo", today), today) == {}


def test_page_that_is_shown_in_another_language_leads_on_in_the_one_asked_for(
    reader: Client,
) -> None:
    page_in("ti").unpublish()
    footer = read(reader, "/ti/cmed/").partition("<footer>")[2]
    links = re.findall(r'href="([^"]+)"', footer)
    assert links[:3] == ["/ti/", "/ti/help/", "/ti/search/"]
    assert "/ti/privacy/" in links
    assert not [link for link in links if link.startswith("/en/")]


# ---- The sitemap -------------------------------------------------------------------------------


def alternates_of(path: str, today: date) -> dict[str, str]:
    home = re.escape(settings.PUBLIC_URL)
    lines = write_sitemap(list_addresses(today=today))
    (line,) = [line for line in lines if f"<loc>{settings.PUBLIC_URL}{path}</loc>" in line]
    return dict(re.findall(rf'hreflang="([^"]+)" href="{home}([^"]+)"', line))


@pytest.mark.parametrize("rest", ["", "risks/", "help/"])
def test_page_with_a_name_of_its_own_keeps_its_other_languages(today: date, rest: str) -> None:
    rename(page_in("fr"), "mediterranee")
    others = alternates_of(f"/fr/mediterranee/{rest}", today)
    assert others["fr"] == f"/fr/mediterranee/{rest}"
    assert others["ar"] == f"/ar/cmed/{rest}"
    assert others["x-default"] == f"/en/cmed/{rest}"
    assert alternates_of(f"/en/cmed/{rest}", today) == others


def test_page_with_the_name_of_another_does_not_pass_for_it(today: date) -> None:
    rename(page_in("fr"), "mediterranee")
    rename(page_in("fr", slug="eland"), "cmed")
    assert alternates_of("/fr/cmed/", today)["en"] == "/en/eland/"
    assert alternates_of("/en/cmed/", today)["fr"] == "/fr/mediterranee/"
