"""The site as files, behind a plain file server: every link checked, and read with JavaScript off."""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request

import pytest
from playwright.sync_api import Browser, expect

from cms.publishing.manifest import NAME
from cms.publishing.references import read_references
from config.loopback import open_local
from tests.harness.house import House
from tests.harness.ports import free_port
from tests.publishing.sites import LIVE


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Python's file server, without its log."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(house_settings: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Publish the starter pack to a folder and serve it; yield its address.

    The pages name the address they will have, so the server's port is known before they are made.
    """
    port, root = free_port(), tmp_path / "site"
    address = f"http://127.0.0.1:{port}"
    environment = house_settings | {"WAYMARK_PUBLIC_URL": address}
    house = House(None, environment, Path(environment["WAYMARK_DATA_DIR"]))  # type: ignore[arg-type]
    house.run_module("tests.browser.seed_static")
    house.manage("publish_site", "--to", str(root))
    handler = functools.partial(QuietHandler, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield address
        server.shutdown()


def fetch(address: str, path: str) -> tuple[int, str, bytes]:
    try:
        with open_local(Request(f"{address}{path}"), timeout=10) as answer:  # noqa: S310
            return answer.status, answer.headers.get_content_type(), answer.read()
    except HTTPError as refused:
        return refused.code, "", b""


def test_every_link_of_the_static_site_leads_somewhere(site: str, browser: Browser) -> None:
    listed = json.loads(fetch(site, f"/{NAME}")[2])["files"]
    # From the first page and from every file that is there, whether a page leads to it or not.
    waiting = ["/", *(f"/{name.removesuffix('index.html')}" for name in listed)]
    seen: set[str] = set()
    dead: list[str] = []
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        status, media_type, body = fetch(site, path)
        if status != 200:
            dead.append(path)
        else:
            found = read_references(body, media_type, path=path, home=site)
            # Joining and stopping are answered by the live server, which this one is not.
            waiting += [target for target, _anchor in found.inside if not LIVE.fullmatch(target)]

    assert dead == []
    assert len(seen) > 350
    _read_without_script(site, browser)


def _read_without_script(site: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="ar")
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.goto(f"{site}/ar/cmed/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    # The style came through the policy that the page carries.
    assert page.locator("#leave").evaluate("e => getComputedStyle(e).backgroundColor") != (
        "rgba(0, 0, 0, 0)"
    )
    page.locator("main a[href$='/risks/']").first.click()
    page.wait_for_url("**/ar/cmed/risks/")
    expect(page.locator("main h1")).to_be_visible()
    assert faults == []
    context.close()
