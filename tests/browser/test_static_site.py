"""The site as files, behind a plain file server: every link checked, and read with JavaScript off."""

import functools
import http.server
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request

import pytest
from playwright.sync_api import Browser, Page, expect

from cms.publishing.manifest import NAME
from cms.publishing.references import read_references
from config.loopback import open_local
from tests.browser.keeping import (
    age_of_an_hour,
    names_behind,
    open_page,
    tap_keep,
    wait_for_news,
)
from tests.harness.house import House, environment_on_copy
from tests.harness.ports import free_port
from tests.harness.wire import wire_to
from tests.publishing.sites import LIVE

RISKS = "/en/cmed/risks/"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Python's file server, without its log; it sends what `_headers` says, as some hosts do."""

    def log_message(self, *_: object) -> None:
        pass

    def end_headers(self) -> None:
        for line in (Path(self.directory) / "_headers").read_text().splitlines()[1:]:
            name, _colon, value = line.strip().partition(": ")
            self.send_header(name, value)
        super().end_headers()


@dataclass(frozen=True, slots=True)
class Served:
    """A site as files: its address, and the folder."""

    address: str
    root: Path


@pytest.fixture(scope="module")
def served(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Publish the starter pack to a folder and serve it.

    The pages name the address they will have, so the server's port is known before they are made.
    """
    port, root = free_port(), tmp_path_factory.mktemp("static") / "site"
    address = f"http://127.0.0.1:{port}"
    copy = tmp_path_factory.mktemp("static") / "house"
    environment = environment_on_copy(prepared_data, copy) | {"WAYMARK_PUBLIC_URL": address}
    house = House(None, environment, copy)  # type: ignore[arg-type]
    house.run_module("tests.browser.seed_static")
    house.manage("publish_site", "--to", str(root))
    handler = functools.partial(QuietHandler, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Served(address, root)
        server.shutdown()


def fetch(address: str, path: str) -> tuple[int, str, bytes]:
    try:
        with open_local(Request(f"{address}{path}"), timeout=10) as answer:  # noqa: S310
            return answer.status, answer.headers.get_content_type(), answer.read()
    except HTTPError as refused:
        return refused.code, "", b""


def test_every_link_of_the_static_site_leads_somewhere(served: Served, browser: Browser) -> None:
    site = served.address
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


def test_page_that_an_edge_still_had_old_is_asked_for_again(served: Served, page: Page) -> None:
    """Keep a route while a host has its new list already and one page of it not yet."""
    file = served.root / RISKS.strip("/") / "index.html"
    fresh = file.read_bytes()
    file.write_bytes(fresh.replace(b"</h1>", b"</h1><p>As it was before.</p>", 1))
    with wire_to(served.address) as wire:
        tap_keep(page, wire.site)
        assert names_behind(page) == [RISKS]
        wire.cut()
        kept = open_page(page, wire.site + RISKS)
        assert "Kept on" in kept
        assert "As it was before." in kept

        file.write_bytes(fresh)
        # This server compares times by the second.
        os.utime(file, (time.time() + 5, time.time() + 5))
        wire.mend()
        age_of_an_hour(page)
        open_page(page, wire.site + "/en/cmed/")
        wait_for_news(page)
        assert names_behind(page) == []
        wire.cut()
        kept = open_page(page, wire.site + RISKS)
        assert "Kept on" in kept
        assert "As it was before." not in kept
