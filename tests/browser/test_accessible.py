"""Every kind of reader's page for everybody: by thumb, by keys, enlarged, read aloud, without script."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, Route, ViewportSize, expect

from cms.budgets import COMPLETE, FIRST_PAINT, REQUESTS, REQUESTS_TO_PAINT
from tests.browser.conftest import NARROW, PATIENCE_MS
from tests.browser.seed_reading import ALERT, STORY
from tests.harness.house import house_on_copy

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
EXIT = "https://www.google.com/"
# Told by the browser and not asked for again and again, which the page's policy forbids.
PAINT = """() => new Promise((done) => new PerformanceObserver((list) => {
  const found = list.getEntriesByName('first-contentful-paint');
  if (found.length) done(found[0].startTime);
}).observe({ type: 'paint', buffered: true }))"""
SMALLEST: ViewportSize = {"width": 320, "height": 568}
PAGES = {
    "first page": "/{l}/",
    "route": "/{l}/cmed/",
    "risks": "/{l}/cmed/risks/",
    "ways": "/{l}/cmed/ways/",
    "claims": "/{l}/cmed/claims/",
    "stories": "/{l}/cmed/stories/",
    "help on a route": "/{l}/cmed/help/",
    "keep": "/{l}/cmed/keep/",
    "countries": "/{l}/help/",
    "country": "/{l}/help/tn/",
    "search": "/{l}/search/",
    "story": f"/{{l}}/story/{STORY.lower()}/",
    "alert": f"/{{l}}/alert/{ALERT.lower()}/",
    "message": "/{l}/{message}/",
    "plain": "/{l}/privacy/",
    "in the nearest language": "/wo/cmed/",
    "nothing there": "/{l}/nothing/here/",
}
EVERY_PAGE = pytest.mark.parametrize(
    "opened",
    [("chooser", ""), *((kind, language) for kind in PAGES for language in ("en", "ar"))],
    ids="-".join,
    indirect=True,
    scope="module",
)
# What stands alone is as large as a thumb; a link inside a sentence is as high as its line.
SMALL_TARGETS = """() => [...document.querySelectorAll('a,button,summary,input,audio')].filter(e => {
  const alone = e.textContent.trim() === e.parentElement.textContent.trim();
  const shown = e.getClientRects().length && !e.matches('.skip');
  return shown && (alone || getComputedStyle(e).display !== 'inline');
}).map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 44)
  .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
TOO_WIDE = """() => [...document.querySelectorAll('body *:not(.skip)')]
  .filter(e => { const b = e.getBoundingClientRect();
    return b.width && (b.right > innerWidth + 1 || b.left < -1); })
  .map(e => e.outerHTML.slice(0, 90))"""
COVERED = """() => { const box = document.activeElement.getBoundingClientRect();
  const bar = document.getElementById('leave').getBoundingClientRect();
  return document.activeElement.id !== 'leave' && box.top >= bar.top && box.bottom <= bar.bottom; }"""

IS_LAID_OUT = """(card) => new Promise((done) => requestAnimationFrame(() =>
  requestAnimationFrame(() => done(
    card.querySelector('p').checkVisibility({ contentVisibilityAuto: true })))))"""


@dataclass(frozen=True)
class Site:
    address: str
    message: str

    def page(self, kind: str, language: str = "en") -> str:
        """Return the address of a page of one kind."""
        path = PAGES.get(kind, "/").format(l=language, message=self.message)
        return f"{self.address}{path}"


@dataclass(frozen=True)
class Seen:
    """What one visit cost: bytes of the page and of all it loads, and what had come before the paint."""

    address: str
    painted: float
    first: int
    total: int
    requests: int
    before_paint: list[str]


def load_slowly(page: Page, address: str) -> Seen:
    """Load a page at 50 kbit/s with 500 ms, on a slow phone that was never there."""
    wire = page.context.new_cdp_session(page)
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    wire.on(
        "Network.requestWillBeSent", lambda e: names.update({e["requestId"]: e["request"]["url"]})
    )
    wire.on(
        "Network.loadingFinished",
        lambda e: sizes.update({names[e["requestId"]]: int(e["encodedDataLength"])}),
    )
    wire.send("Network.enable")
    wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    speed = {"downloadThroughput": 50_000 / 8, "uploadThroughput": 50_000 / 8}
    wire.send("Network.emulateNetworkConditions", {"offline": False, "latency": 500, **speed})
    page.goto(address, wait_until="networkidle")
    painted = float(page.evaluate(PAINT))
    came = page.evaluate(
        "performance.getEntriesByType('resource').map(e => [e.name, e.responseEnd])"
    )
    fetched = {name: size for name, size in sizes.items() if name.startswith("http")}
    return Seen(
        address=address,
        painted=painted,
        first=fetched[address],
        total=sum(fetched.values()),
        requests=len(fetched),
        before_paint=[address, *(name for name, end in came if end < painted)],
    )


@pytest.fixture(scope="module")
def site(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run one house for all tests of this file, for they only read."""
    with house_on_copy(prepared_data, tmp_path_factory.mktemp("reading") / "house") as house:
        message = house.run_module("tests.browser.seed_reading").split()[-1]
        yield Site(house.running.site, message)


@dataclass(frozen=True)
class Opened:
    """A page that was opened once, in a window of its own, for all checks that only look at it."""

    page: Page
    asked: tuple[Request, ...]
    faults: tuple[str, ...]


@pytest.fixture(scope="module")
def opened(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Opened]:
    """Open one page of one kind and note what it asks for until it has come to rest."""
    context = browser.new_context(viewport=NARROW, locale="en")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    asked: list[Request] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - no builtin will do
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.goto(site.page(*request.param), wait_until="networkidle")
    yield Opened(page, tuple(asked), tuple(faults))
    context.close()


@pytest.fixture
def elsewhere(page: Page) -> Page:
    """Return a page for which the place that the exit leads to is there."""
    page.route(f"{EXIT}**", lambda route: route.fulfill(body="Weather", content_type="text/html"))
    return page


@EVERY_PAGE
def test_page_asks_for_little_and_only_here(opened: Opened, site: Site) -> None:
    here = [request.url for request in opened.asked if request.resource_type != "image"]
    assert len(here) <= 3
    assert opened.asked
    assert all(request.url.startswith(site.address) for request in opened.asked)
    assert opened.page.context.cookies() == []
    assert [line for line in opened.faults if "404" not in line] == []


@EVERY_PAGE
def test_page_is_light_and_painted_without_waiting_for_more(
    page: Page, site: Site, opened: Opened
) -> None:
    seen = load_slowly(page, opened.page.url)
    assert seen.first < FIRST_PAINT
    assert seen.total < COMPLETE
    assert seen.requests <= REQUESTS
    # The script is asked for with the page and waits for it; nothing else may come first.
    assert set(seen.before_paint) <= {seen.address, f"{site.address}/reader.js"}, seen
    assert len({*seen.before_paint} - {f"{site.address}/reader.js"}) <= REQUESTS_TO_PAINT


@EVERY_PAGE
def test_page_breaks_no_rule(opened: Opened) -> None:
    found = Axe().run(opened.page, options=RULES).response["violations"]
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []


@EVERY_PAGE
def test_page_can_be_used_by_thumb(opened: Opened) -> None:
    assert opened.page.evaluate(SMALL_TARGETS) == []


@EVERY_PAGE
def test_page_is_never_wider_than_the_window(opened: Opened) -> None:
    page = opened.page.context.new_page()
    # 320 points is also what is left of 640 at 200%, and of 1280 at 400%.
    page.set_viewport_size(SMALLEST)
    page.goto(opened.page.url)
    assert page.evaluate(TOO_WIDE) == []
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST["width"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_keys_reach_the_way_past_the_head_then_the_way_out(
    page: Page, site: Site, language: str
) -> None:
    page.goto(site.page("route", language))
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(page.locator("#leave")).to_be_focused()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_that_keys_reach_lies_under_the_way_out(
    page: Page, site: Site, language: str
) -> None:
    page.goto(site.page("help on a route", language))
    count = page.locator("a").count()
    for key, times in (("Tab", count), ("Shift+Tab", count - 3)):
        for _ in range(times):
            page.keyboard.press(key)
            assert not page.evaluate(COVERED)


def test_way_out_stays_in_sight(page: Page, site: Site) -> None:
    page.goto(site.page("risks"))
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert page.evaluate("scrollY") > 0
    expect(page.locator("#leave")).to_be_in_viewport(ratio=1)


def test_entries_below_the_window_wait_until_they_are_reached(page: Page, site: Site) -> None:
    """Shaping a long list in a script of joined letters is what a first paint waits for."""
    page.goto(site.page("help on a route", "ar"))
    last = page.locator(".card").last
    assert not last.evaluate(IS_LAID_OUT)
    # Read aloud all the same.
    assert page.locator(".card h3").last.inner_text() in page.locator("main").aria_snapshot()
    last.scroll_into_view_if_needed()
    # A busy machine draws the frame that lays it out when it comes to it: this waits for it.
    page.wait_for_function(IS_LAID_OUT, arg=last.element_handle())


@pytest.mark.parametrize("way", ["Escape", "click"])
def test_way_out_leaves_nothing_to_go_back_to(elsewhere: Page, site: Site, way: str) -> None:
    elsewhere.goto(site.page("first page"))
    elsewhere.goto(site.page("risks"))
    if way == "click":
        elsewhere.click("#leave")
    else:
        elsewhere.keyboard.press(way)
    elsewhere.wait_for_url(EXIT)
    expect(elsewhere.locator("body")).to_have_text("Weather")
    elsewhere.go_back()
    assert elsewhere.url == site.page("first page")


def test_what_is_left_behind_is_not_told_where_she_came_from(page: Page, site: Site) -> None:
    said: list[Any] = []

    def note(route: Route) -> None:
        said.append(route.request.all_headers())
        route.fulfill(body="Weather")

    page.route(f"{EXIT}**", note)
    page.goto(site.page("risks"))
    page.click("#leave")
    page.wait_for_url(EXIT)
    assert said
    assert not any("referer" in headers for headers in said)


def test_everything_works_without_script(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport=SMALLEST, java_script_enabled=False)
    page = context.new_page()
    page.route(f"{EXIT}**", lambda route: route.fulfill(body="Weather", content_type="text/html"))
    page.goto(f"{site.address}/")
    page.click("a[hreflang=ar]")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.click('main a[href="/ar/cmed/"]')
    page.click('main a[href="/ar/cmed/risks/"]')
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".keys")).to_be_hidden()
    page.click('header a[hreflang="en"]')
    expect(page).to_have_url(site.page("risks"))
    page.click("#leave")
    expect(page.locator("body")).to_have_text("Weather")
    context.close()


def test_page_is_mirrored_and_not_only_its_text(page: Page, site: Site) -> None:
    sides = {}
    for language in ("en", "ar"):
        page.goto(site.page("route", language))
        tile = page.locator(".tiles a").first
        drawing, box = tile.locator("svg").bounding_box(), tile.bounding_box()
        assert drawing is not None
        assert box is not None
        sides[language] = drawing["x"] < box["x"] + box["width"] / 2
    assert sides == {"en": True, "ar": False}


def test_colours_for_the_night_break_no_rule_either(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport=SMALLEST, color_scheme="dark")
    page = context.new_page()
    for kind in ("route", "help on a route", "keep", "search", "alert"):
        page.goto(site.page(kind))
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []
    assert re.match(r"rgb\(1\d, ", page.evaluate("getComputedStyle(document.body).backgroundColor"))
    context.close()
