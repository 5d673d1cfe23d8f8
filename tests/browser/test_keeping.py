"""Keeping a route on the phone: asked for, whole, without a network, and gone with one tap."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.keeping import (
    KEEP,
    age_of_an_hour,
    names_behind,
    open_page,
    tap_keep,
    wait_for_news,
)
from tests.harness.house import House, house_on_copy
from tests.harness.wire import Wire, wire_to

# What the text is corrected to; its module is for another process, on the house's own data.
NEW_TEXT = "This was corrected after you kept it."
TAKE_DOWN = """
from cms.models import RoutePage
for page in RoutePage.objects.filter(slug="cmed"): page.unpublish()
"""
EXIT = "https://www.google.com/"
PARTS = ("/en/cmed/", "/en/cmed/risks/", "/en/cmed/ways/", "/en/cmed/claims/", "/en/cmed/help/")
OLD_PAGE = "<!doctype html><html lang=en><main>half of it</main></html>"


@pytest.fixture(scope="module")
def house(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run one house for all tests of this file; the one that corrects and takes down comes last of them."""
    with house_on_copy(prepared_data, tmp_path_factory.mktemp("keeping") / "house") as house:
        yield house


@pytest.fixture
def wire(house: House) -> Iterator[Wire]:
    """Lay a wire to the house, for a browser that must lose its network."""
    with wire_to(house.running.site) as wire:
        yield wire


def names_of_caches(page: Page) -> list[str]:
    names: list[str] = page.evaluate("caches.keys()")
    return names


def registrations(page: Page) -> int:
    count: int = page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)")
    return count


def test_kept_route_opens_without_a_network_until_it_is_removed(wire: Wire, page: Page) -> None:
    assert_nothing_is_kept_unasked(page, wire.site)
    tap_keep(page, wire.site)
    assert names_behind(page) == []
    fresh = {path: open_page(page, wire.site + path) for path in PARTS}
    assert not any("Kept on" in text for text in fresh.values())

    wire.cut()
    for path, text in fresh.items():
        kept = open_page(page, wire.site + path)
        assert re.match(r"Kept on \d+ \w+ \d{4}\. May be out of date\.", kept), kept[:80]
        assert text in kept
    assert_other_page_says_that_it_is_not_kept(page, wire.site)

    # At the edge of the network nothing fails and nothing comes: the kept page does.
    wire.stall()
    assert "Kept on" in open_page(page, wire.site + "/en/cmed/risks/")

    wire.cut()
    page.goto(wire.site + KEEP)
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".state")).to_have_text("Removed. Nothing of it is kept.")
    assert names_of_caches(page) == []
    assert registrations(page) == 0


def assert_nothing_is_kept_unasked(page: Page, site: str) -> None:
    for path in (*PARTS, KEEP):
        page.goto(site + path)
        page.wait_for_load_state("networkidle")
    expect(page.get_by_role("button", name="Remove")).to_be_hidden()
    assert names_of_caches(page) == []
    assert registrations(page) == 0
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def assert_other_page_says_that_it_is_not_kept(page: Page, site: str) -> None:
    said = open_page(page, site + "/en/wafr-atl/")
    assert "There is no network, and this page is not kept on this phone." in said
    assert page.title() == "Information"
    page.get_by_role("link", name="Central Mediterranean").click()
    expect(page.locator("h1")).to_have_text("Central Mediterranean")


def test_keeping_that_is_cut_off_keeps_nothing(wire: Wire, page: Page) -> None:
    page.goto(wire.site + KEEP)
    wire.cut()
    page.get_by_role("button", name="Keep on this phone").click()
    expect(page.locator(".state")).to_have_text("That did not work. Nothing was kept.")
    assert names_of_caches(page) == []
    assert registrations(page) == 0

    # A phone that died in the middle leaves half a route: it counts for nothing and is swept away.
    wire.mend()
    page.evaluate(
        "page => caches.open('kept-1 /en/wafr-atl/ 5')"
        ".then(cache => cache.put('/en/wafr-atl/', new Response(page)))",
        OLD_PAGE,
    )
    page.goto(wire.site + "/en/wafr-atl/keep/")
    expect(page.get_by_role("button", name="Remove")).to_be_hidden()
    tap_keep(page, wire.site)
    page.goto(wire.site + "/en/cmed/")
    page.wait_for_function("caches.keys().then(names => names.length == 1)")
    wire.cut()
    assert "half of it" not in open_page(page, wire.site + "/en/wafr-atl/")


LEAVE = {
    "Esc": "dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}))",
    "button": "getElementById('leave').click()",
}


def test_quick_exit_blanks_the_page_before_it_asks_for_the_next_one(
    house: House, page: Page
) -> None:
    site = house.running.site
    for way in LEAVE.values():
        page.goto(site + "/ar/cmed/")
        # To a page of our own, where what the page looked like can be asked for afterwards.
        page.evaluate(f"document.getElementById('leave').href = '{site}/robots.txt'")
        page.evaluate(
            "addEventListener('beforeunload', () => localStorage.setItem('left',"
            " location.pathname + getComputedStyle(document.documentElement).display))"
        )
        page.evaluate(f"setTimeout(() => document.{way}, 50)")
        page.wait_for_url("**/robots.txt")
        assert page.evaluate("localStorage.getItem('left')") == "/none"
        page.evaluate("localStorage.clear()")


def test_quick_exit_takes_the_place_of_the_page_in_the_history(
    house: House, context: BrowserContext, page: Page
) -> None:
    came_from: list[str | None] = []

    def answer(route: Route) -> None:
        came_from.append(route.request.header_value("referer"))
        route.fulfill(body="the weather")

    context.route(f"{EXIT}**", answer)
    for way in LEAVE.values():
        page.goto("about:blank")
        page.goto(house.running.site + "/ar/cmed/")
        page.evaluate(f"setTimeout(() => document.{way}, 50)")
        page.wait_for_url(EXIT)
        page.go_back()
        assert page.url == "about:blank"
    assert came_from == [None, None]


def test_correction_reaches_what_is_kept_and_what_is_taken_down_goes(
    house: House, wire: Wire, page: Page
) -> None:
    tap_keep(page, wire.site)
    age_of_an_hour(page)
    house.run_module("tests.browser.seed_correction")

    assert NEW_TEXT in open_page(page, wire.site + "/en/cmed/risks/")
    # The rest of the route follows by itself: the new list stands in a new cache.
    wait_for_news(page)
    wire.cut()
    kept = open_page(page, wire.site + "/en/cmed/risks/")
    assert NEW_TEXT in kept
    assert "Kept on" in kept

    wire.mend()
    house.manage("shell", "-c", TAKE_DOWN)
    page.goto(wire.site + "/en/cmed/")
    page.wait_for_function("caches.keys().then(names => names.length == 0)")


@pytest.mark.usefixtures("starter")
@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl"), ("am", "ltr")])
def test_single_file_opens_from_a_memory_card_and_asks_the_network_for_nothing(
    context: BrowserContext, page: Page, tmp_path: Path, language: str, direction: str
) -> None:
    file = tmp_path / f"information-{language}.html"
    file.write_bytes(Client().get(f"/{language}/cmed/information.html").content)
    asked: list[str] = []
    refused: list[Any] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: refused.append(message.text))

    page.goto(file.as_uri())

    assert asked == [file.as_uri()]
    assert refused == []
    assert page.locator("html").get_attribute("dir") == direction
    assert page.locator("html").evaluate("e => getComputedStyle(e).direction") == direction
    assert page.locator("a[href^='tel:']").count() > 3
    # Styled, and no wider than the phone.
    assert (
        page.locator(".call").first.evaluate("e => getComputedStyle(e).display") == "inline-block"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("a[href='#help']").click()
    expect(page.locator("#help")).to_be_in_viewport()
