"""The browser itself: it is a real one, and it reaches this machine only."""

import pytest
from playwright.sync_api import Error, Page
from pytest_django.live_server_helper import LiveServer


@pytest.mark.django_db(transaction=True)
def test_browser_reads_a_page_of_the_live_server(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/healthz")

    assert page.locator("body").inner_text() == "ok"


def test_browser_reaches_no_other_machine(page: Page) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://waymark.example/")
