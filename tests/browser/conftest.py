"""A real Chromium, the one that is installed on the machine, without any access beyond it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.harness.house import House
from tests.harness.services import find_chromium

ARGUMENTS = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A name that is not this machine leads nowhere.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
PATIENCE_MS = 20_000
# What takes longest begins first, so that it is not the last that is waited for.
LONGEST = (
    "test_static_site.py",
    "test_accessible.py",
    "test_content_journey.py",
    "test_by_hand.py",
    "test_keeping.py",
)
NARROW: ViewportSize = {"width": 360, "height": 740}
WIDE: ViewportSize = {"width": 1280, "height": 900}
# A house that has just started on a busy machine answers late.
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, so that a machine without Chromium can say what it left out."""
    turns = {name: turn for turn, name in enumerate(LONGEST)}
    items.sort(key=lambda item: turns.get(item.path.name, len(LONGEST)))
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not find_chromium():
                item.add_marker(pytest.mark.skip(reason="needs Chromium: apt-get install chromium"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the installed Chromium once."""
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's calls run inside an event loop, where Django would refuse the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), headless=True, args=arguments
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Open a window of a phone's size that has never been anywhere."""
    context = browser.new_context(viewport=NARROW, locale="en")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def sign_in(browser: Browser, house: House) -> Iterator[Callable[..., Page]]:
    """Return what opens a window on the house as one of its people, as wide as a phone or `wide`."""
    opened: list[BrowserContext] = []
    # A code is taken once, so a second window of the same person goes on with the first one's session.
    states = house.sessions

    def open_as(email: str, *, wide: bool = False) -> Page:
        size = WIDE if wide else NARROW
        context = browser.new_context(viewport=size, locale="en", storage_state=states.get(email))
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        page = context.new_page()
        if email in states:
            page.goto(f"{house.running.site}/accounts/login/")
        # Somebody may have ended that session.
        if email not in states or "/accounts/login/" in page.url:
            give_password_and_code(page, house, email)
            states[email] = context.storage_state()
        return page

    yield open_as
    for context in opened:
        context.close()


def give_password_and_code(page: Page, house: House, email: str) -> None:
    """Sign one of the house's people in through the pages."""
    page.goto(f"{house.running.site}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", house.sign_ins[email])
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/authenticate/")
    page.fill("input[name=code]", house.make_code(email))
    page.press("input[name=code]", "Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Open an empty page in a phone's size."""
    return context.new_page()


@pytest.fixture
def wide_page(browser: Browser) -> Iterator[Page]:
    """Open an empty page in a laptop's size."""
    context = browser.new_context(viewport=WIDE, locale="en")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()
