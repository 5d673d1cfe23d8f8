"""Measure the readers' pages as a cheap phone meets them, beside a hand-written page in the same run.

A real Chromium, 360 px wide, its cache empty, its processor slowed four times, the network emulated:
2G as 50 kbit/s with 500 ms, slow 3G as 400 kbit/s with 400 ms. The hand-written page is 9 KB of Arabic
with its style inside, compressed once and served by a bare server: 176 bytes of headers, where ours
send a policy and other protections of about 600 bytes more, and no script. That is in its favour. That
it comes from another process is not in ours: a stored page is answered in 1 or 2 ms.

What the emulation does: bytes arrive in packets of 1,500, headers included, one every 0.24 s on 2G. A
page is painted with the packet that brings its first words, so it matters what comes in the first two:
the hand-written page is whole in them; ours has its style and its head there, and the rest follows. It
leaves out the name's look-up, TCP's and TLS's first round trips and slow start.

Run in a process of its own, with WAYMARK_DATA_DIR naming an empty folder: it sets up a house there.
`python -m benchmarks.pages 2G risks help` limits it to networks and page types.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
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
# Told by the browser, on a busy machine long after the network is done, and not asked for again and
# again, which the policy of the pages forbids.
PAINT = """() => new Promise((done) => new PerformanceObserver((list) => {
  const found = list.getEntriesByName('first-contentful-paint');
  if (found.length) done(found[0].startTime);
}).observe({ type: 'paint', buffered: true }))"""
TURNS = 7
# Single visits differ by a tenth: a page that seems to be over the bar is looked at more closely.
BAR, MORE_TURNS = 1.15, 24
# A new window of Chromium loads pages of its own first, which is no part of a visit.
REST_MS = 700
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
# Page types by where they are below a language: the starter pack, a story and an alert.
PLACES = {
    "home": "",
    "route": "cmed/",
    "risks": "cmed/risks/",
    "legal ways": "cmed/ways/",
    "is it true?": "cmed/claims/",
    "stories": "cmed/stories/",
    "help on a route": "cmed/help/",
    "help": "help/ly/",
    "countries": "help/",
    "story": "story/cm-s1/",
    "alert": "alert/al-1/",
    "message": "msg-cm-1/",
    "plain page": "privacy/",
    "search": "search/",
    "keep": "cmed/keep/",
}


def main(*wanted: str) -> None:
    """Print the heaviest page, the most requests and the worst ratio of first paints, as JSON."""
    places = {name: place for name, place in PLACES.items() if name in wanted} or PLACES
    networks = [one for one in NETWORKS if one.name in wanted] or NETWORKS
    with new_house() as house, plain_server() as plain, chromium() as browser:
        addresses = {
            f"{name} ({language})": f"{house.running.site}/{language}/{place}"
            for name, place in places.items()
            for language in LANGUAGES
        }
        json.dump(measure(browser, addresses, plain, networks=networks), sys.stdout)


@contextmanager
def new_house() -> Iterator[House]:
    """Set up a house in the data folder of the environment, run it, and put every kind of page there."""
    environment = house_environment(dict(os.environ))
    subprocess.run(
        [sys.executable, "manage.py", "setup"],
        env=environment,
        cwd=BASE_DIR,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    with running_house(environment) as house:
        house.run_module("tests.browser.seed_reading")
        yield house


def measure(
    browser: Browser, addresses: dict[str, str], plain: str, *, networks: Iterable[Network]
) -> dict[str, float]:
    """Visit each page and the plain one turn by turn on each network; tell each on standard error."""
    figures: dict[str, float] = {"heaviest page": 0, "most requests": 0}
    for network in networks:
        ratios = []
        for name, address in addresses.items():
            pairs = [visit_both(browser, address, plain, network) for _turn in range(TURNS)]
            ours, theirs = take_medians(pairs)
            if ours > BAR * theirs:
                pairs += [visit_both(browser, address, plain, network) for _ in range(MORE_TURNS)]
                ours, theirs = take_medians(pairs)
            seen = pairs[0][0]
            ratios.append(ours / theirs)
            figures["heaviest page"] = max(figures["heaviest page"], seen.size / 1024)
            figures["most requests"] = max(figures["most requests"], seen.requests)
            print(
                f"{network.name:8} {name:20} {seen.size:6} bytes {seen.requests} requests "
                f"{ours:5.2f} s beside {theirs:5.2f} s: {ours / theirs:4.2f} in {len(pairs)} turns",
                file=sys.stderr,
            )
        figures[f"first paint {network.name}"] = max(ratios)
    return figures


def take_medians(pairs: list[tuple[Visit, Visit]]) -> tuple[float, float]:
    """Return the median paints of a page and of the hand-written one."""
    ours, theirs = zip(*pairs, strict=True)
    return median(one.paint for one in ours), median(one.paint for one in theirs)


def visit_both(browser: Browser, address: str, plain: str, network: Network) -> tuple[Visit, Visit]:
    """Open a page and right after it the hand-written one."""
    return visit(browser, address, network), visit(browser, plain, network)


def visit(browser: Browser, address: str, network: Network) -> Visit:
    """Open a page as somebody who was never there."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    wire = context.new_cdp_session(page)
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.wait_for_timeout(REST_MS)
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
    paint = page.evaluate(PAINT)
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
    main(*sys.argv[1:])
