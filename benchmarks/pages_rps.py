"""Measure how fast a stored page is served, beside the same bytes as a static file of the same process.

`python -m benchmarks.pages_rps` sets up a house in the data folder that WAYMARK_DATA_DIR names (or in
the database of WAYMARK_DATABASE_URL), which should be one of its own, starts the site as `make run`
does, and prints the figures as JSON. Both are asked for turn by turn over connections kept open, so
that whatever else the machine does falls on both.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from cms.models import StoredAnswer  # noqa: E402
from cms.publishing.making import make  # noqa: E402
from config.running import answers, programs  # noqa: E402

PAGE = "/en/cmed/ways/"
STATIC = "/static/bench/page.html"
CONNECTIONS = 8
TURNS, SECONDS = 7, 2.0
RENDERED = 15
READY_WITHIN = 60.0
FOLDER = Path(settings.DATA_DIR) / "bench-static"

# The server imports this module: its static files are then ours as well.
settings.STATICFILES_DIRS = [str(FOLDER)]
FOLDER.mkdir(parents=True, exist_ok=True)


def serve(environ: dict[str, object], start_response: object) -> object:
    """Answer as the site does."""
    return _site()(environ, start_response)


def _site() -> WSGIHandler:
    global _handler  # noqa: PLW0603 - made once, in the server alone
    if _handler is None:
        _handler = WSGIHandler()
    return _handler


_handler: WSGIHandler | None = None


def main() -> None:
    """Print requests a second of both, their ratio, and the time to make the page."""
    call_command("setup", stdout=sys.stderr)
    make(PAGE)
    stored = StoredAnswer.objects.get(path=PAGE)
    file = FOLDER / "bench" / "page.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(make(PAGE).body)
    file.with_suffix(".html.br").write_bytes(bytes(stored.body_br))
    render = _time_render()
    connections.close_all()
    with _served():
        rates: dict[str, list[float]] = {PAGE: [], STATIC: []}
        for path in rates:
            _ask(path, seconds=0.5)
        for _turn in range(TURNS):
            for path, measured in rates.items():
                measured.append(_ask(path, seconds=SECONDS))
    ratios = [page / plain for page, plain in zip(rates[PAGE], rates[STATIC], strict=True)]
    figures = {
        "stored page": median(rates[PAGE]),
        "static file": median(rates[STATIC]),
        "stored to static": median(ratios),
        "made anew": render,
    }
    print(json.dumps(figures))


def _time_render() -> float:
    """Return the milliseconds that one page takes where nothing is stored."""
    taken = []
    for _turn in range(RENDERED):
        started = time.perf_counter()
        make(PAGE, anew=True, keep=False)
        taken.append(time.perf_counter() - started)
    return median(taken) * 1000


@contextmanager
def _served() -> Iterator[None]:
    site = next(one for one in programs() if one.name == "site")
    command = [word.replace("config.wsgi", "benchmarks.pages_rps:serve") for word in site.command]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR)
    deadline = time.monotonic() + READY_WITHIN
    try:
        while not answers(site.answers_at):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit("The site did not start.")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _ask(path: str, *, seconds: float) -> float:
    """Return how many requests a second were answered over a few connections."""
    end = time.monotonic() + seconds
    counts = [0] * CONNECTIONS
    threads = [
        threading.Thread(target=_ask_again, args=(path, end, counts, number))
        for number in range(CONNECTIONS)
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - started)


def _ask_again(path: str, end: float, counts: list[int], number: int) -> None:
    host = urlsplit(settings.PUBLIC_URL).netloc
    asked = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: br\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", settings.HTTP_PORT), timeout=10) as connection:
        while time.monotonic() < end:
            connection.sendall(asked)
            _read_answer(connection)
            counts[number] += 1


def _read_answer(connection: socket.socket) -> None:
    got = b""
    while b"\r\n\r\n" not in got:
        got += _receive(connection)
    head, _blank, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head[:80]
    assert b"ontent-Encoding: br" in head, head
    length = next(
        int(line.partition(b":")[2])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    )
    while len(body) < length:
        body += _receive(connection)


def _receive(connection: socket.socket) -> bytes:
    got = connection.recv(65536)
    if not got:
        raise ConnectionError("The site has hung up.")
    return got


if __name__ == "__main__":
    main()
