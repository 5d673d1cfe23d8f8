"""A provider outside our processes: it answers as Twilio does and keeps a ledger nobody can undo."""

import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from messaging.tokens import read_token

_TOKEN = re.compile(r"/status/([^/]+)/")


@dataclass(frozen=True, slots=True)
class Taken:
    """Hold one message that was accepted, whatever became of the answer."""

    sid: str
    delivery: int
    form: dict[str, str] = field(repr=False)
    at: datetime


@dataclass(slots=True)
class FakeProvider:
    """Hold the ledger and the address of one fake provider."""

    url: str
    slowest: float
    taken: list[Taken] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    opened: threading.Event = field(default_factory=threading.Event)
    waiting: int = 0

    def wait_until_open(self) -> None:
        """Keep a call waiting before it is taken, while the test wants it so."""
        with self.lock:
            self.waiting += 1
        self.opened.wait(60)
        with self.lock:
            self.waiting -= 1

    def take(self, form: dict[str, str]) -> Taken:
        """Accept one message for good."""
        found = _TOKEN.search(form["StatusCallback"])
        owner = read_token(found.group(1)) if found else None
        assert owner is not None, "a message came without a token of ours"
        with self.lock:
            taken = Taken(f"SM{len(self.taken):032d}", owner[0], form, datetime.now(UTC))
            self.taken.append(taken)
        return taken

    def count_by_delivery(self) -> Counter[int]:
        """Return how often each delivery was accepted; more than once is the worst there is."""
        with self.lock:
            return Counter(taken.delivery for taken in self.taken)

    def list_for(self, to: str) -> list[dict[str, object]]:
        """Return what was taken for one number, in Twilio's form."""
        with self.lock:
            return [_as_json(taken) for taken in self.taken if taken.form["To"] == to]


def _as_json(taken: Taken) -> dict[str, object]:
    return {
        "sid": taken.sid,
        "from": taken.form["From"],
        "to": taken.form["To"],
        "body": taken.form["Body"],
        "status": "sent",
        "direction": "outbound-api",
        "date_created": format_datetime(taken.at),
        "error_code": None,
    }


@contextmanager
def run_provider(*, slowest: float) -> Iterator[FakeProvider]:
    """Answer on a free port of loopback, each call within `slowest` seconds."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.provider = FakeProvider(f"http://127.0.0.1:{server.server_port}", slowest)
    server.provider.opened.set()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.provider
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    provider: FakeProvider

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a caller that was killed leaves a broken pipe behind."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        half = random.uniform(0, self.server.provider.slowest) / 2
        # A kill may fall before the message is taken, or after it and before the answer.
        time.sleep(half)
        self.server.provider.wait_until_open()
        taken = self.server.provider.take(form)
        time.sleep(half)
        self._answer(201, {"sid": taken.sid})

    def do_GET(self) -> None:
        to = parse_qs(urlsplit(self.path).query)["To"][0]
        self._answer(200, {"messages": self.server.provider.list_for(to)})

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""
