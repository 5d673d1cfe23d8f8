"""Measure the readers' pages as a cheap phone meets them, beside a hand-written page in the same run.

A real Chromium, 360 px wide, its cache empty, its processor slowed four times, the network emulated:
2G as 50 kbit/s with 500 ms, slow 3G as 400 kbit/s with 400 ms. The hand-written page is 9 KB of Arabic
with its style inside, compressed once and served by a bare server. Emulation leaves out the name's
look-up, TCP's and TLS's first round trips and slow start.

Run in a process of its own, with WAYMARK_DATA_DIR naming an empty folder: it sets up a house there.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

import brotli
from playwright.sync_api import Browser, sync_playwright

from tests.harness.house import BASE_DIR, House, house_environment, running_house
from tests.harness.services import find_chromium

PLAIN = Path(__file__).with_name("plain_page.html")
LANGUAGES = ("en", "ar", "am")
PAINT = "performance.getEntriesByName('first-contentful-paint')"
TURNS = 3
SLOWED = 4
CHROMIUM = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@dataclass(frozen=True, slots=True)
class Network:
    """One emulated network: bits a second, and the round trip in milliseconds."""

    name: str
    rate: int
    latency: int


@dataclass(frozen=True, slots=True)
class Visit:
    """What one cold visit cost: first paint in seconds, bytes on the wire, requests."""

    paint: float
    size: int
    requests: int


NETWORKS = (Network("2G", 50_000, 500), Network("slow 3G", 400_000, 400))
# Page types by where they are below a language, on the starter pack.
PLACES = {
    "home": "",
    "route": "cmed/",
    "risks": "cmed/risks/",
    "legal ways": "cmed/ways/",
    "is it true?": "cmed/claims/",
    "help": "help/ly/",
    "plain page": "privacy/",
    "search": "search/",
}


def main() -> None:
    """Print the heaviest page, the most requests and the worst ratio of first paints, as JSON."""
    with new_house() as house, plain_server() as plain, chromium() as browser:
        addresses = {
            f"{name} ({language})": f"{house.running.site}/{language}/{place}"
            for name, place in PLACES.items()
            for language in LANGUAGES
        }
        json.dump(measure(browser, addresses, plain), sys.stdout)


@contextmanager
def new_house() -> Iterator[House]:
    """Set up a house in the data folder of the environment, and run it."""
    environment = house_environment(dict(os.environ))
    subprocess.run(
        [sys.executable, "manage.py", "setup"],
        env=environment,
        cwd=BASE_DIR,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    with running_house(environment) as house:
        yield house


def measure(browser: Browser, addresses: dict[str, str], plain: str) -> dict[str, float]:
    """Visit each page and the plain one turn by turn on each network; tell each on standard error."""
    figures: dict[str, float] = {"heaviest page": 0, "most requests": 0}
    for network in NETWORKS:
        ratios = []
        for name, address in addresses.items():
            pairs = [
                (visit(browser, address, network), visit(browser, plain, network))
                for _turn in range(TURNS)
            ]
            ours, theirs = (median(one.paint for one in side) for side in zip(*pairs, strict=True))
            seen = pairs[0][0]
            ratios.append(ours / theirs)
            figures["heaviest page"] = max(figures["heaviest page"], seen.size / 1024)
            figures["most requests"] = max(figures["most requests"], seen.requests)
            print(
                f"{network.name:8} {name:20} {seen.size:6} bytes {seen.requests} requests "
                f"{ours:5.2f} s beside {theirs:5.2f} s: {ours / theirs:4.2f}",
                file=sys.stderr,
            )
        figures[f"first paint {network.name}"] = max(ratios)
    return figures


def visit(browser: Browser, address: str, network: Network) -> Visit:
    """Open a page as somebody who was never there."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    wire = context.new_cdp_session(page)
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    wire.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": network.latency,
            "downloadThroughput": network.rate / 8,
            "uploadThroughput": network.rate / 8,
        },
    )
    answer = page.goto(address, wait_until="networkidle", timeout=120_000)
    assert answer is not None
    assert answer.status == 200, address
    # On a busy machine the network is done before the paint is noted.
    page.wait_for_function(f"{PAINT}.length")
    paint = page.evaluate(f"{PAINT}[0].startTime")
    context.close()
    return Visit(paint / 1000, int(sum(sizes)), len(sizes))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the installed Chromium."""
    found = find_chromium()
    if found is None:
        sys.exit("No Chromium here. To install it: sudo apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(found), args=CHROMIUM)
        yield browser
        browser.close()


class PlainHandler(BaseHTTPRequestHandler):
    """Answer everything with one page, compressed once; keep no log."""

    protocol_version = "HTTP/1.1"

    def __init__(self, body: bytes, *rest: object) -> None:
        self.body = body
        super().__init__(*rest)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Send the page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Encoding", "br")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def plain_server() -> Iterator[str]:
    """Serve the hand-written page on loopback; yield its address."""
    body = brotli.compress(PLAIN.read_bytes())
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(PlainHandler, body))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


if __name__ == "__main__":
    main()
