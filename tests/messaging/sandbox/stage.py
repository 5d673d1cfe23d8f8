"""A sandbox and a site for it to call, both running in a thread of the test."""

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import urllib3
from aiohttp import web

from messaging.providers.twilio import Twilio
from messaging.sandbox.server import Options, Sandbox
from messaging.wire import SMS, Outgoing

ACCOUNT = "AC" + "0" * 32
TOKEN = "a token for tests"
OURS = "+9990000001"
PHONE = "+9992210000042"

T = TypeVar("T")


@dataclass(frozen=True)
class Heard:
    """One call that the site took."""

    path: str
    form: dict[str, str]
    signature: str


@dataclass
class Site:
    """Takes callbacks and inbound messages; answers as told."""

    heard: list[Heard] = field(default_factory=list)
    twiml: str = "<Response/>"
    status: int = 200
    cuts: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def take(self, http: web.Request) -> web.Response:
        if self.cuts and http.transport:
            self.cuts -= 1
            http.transport.close()
            return web.Response()
        form = {name: str(value) for name, value in (await http.post()).items()}
        self.heard.append(Heard(http.path, form, http.headers["X-Twilio-Signature"]))
        return web.Response(status=self.status, text=self.twiml, content_type="text/xml")

    def words(self, path: str = "/status/one/") -> list[str]:
        return [heard.form["MessageStatus"] for heard in self.heard if heard.path == path]


class Stage:
    """Starts and stops sandbox and site on one loop in a thread."""

    def __init__(self, store: Path, *, pace: str = "fast") -> None:
        self.store = store
        self.pace = pace
        self.site = Site()
        self._pool = urllib3.PoolManager(retries=False)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._site_runner: web.AppRunner | None = None
        self.open_site()
        self.open_sandbox()

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(60)

    def open_site(self) -> None:
        self.run(self._open_site())

    async def _open_site(self) -> None:
        app = web.Application()
        app.router.add_post("/{path:.*}", self.site.take)
        self._site_runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._site_runner.setup()
        await web.TCPSite(self._site_runner, "127.0.0.1", self.site.port).start()
        self.site.port = self._site_runner.addresses[0][1]

    def close_site(self) -> None:
        if self._site_runner:
            self.run(self._site_runner.cleanup())

    def open_sandbox(self, *, port: int = 0) -> None:
        self.sandbox = self.run(self._make_sandbox(port))
        self.run(self.sandbox.start())

    async def _make_sandbox(self, port: int) -> Sandbox:
        inbound = f"{self.site.url}/inbound/"
        options = Options(ACCOUNT, TOKEN, port, self.store, inbound, pace=self.pace)
        return Sandbox(replace(options, sign_ins=self.store.with_name("sign-ins.json")))

    def close_sandbox(self) -> None:
        self.run(self.sandbox.stop())

    def close(self) -> None:
        self.close_sandbox()
        self.close_site()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox.port}"

    @property
    def provider(self) -> Twilio:
        return Twilio(ACCOUNT, (TOKEN,), self.url, self.url)

    def ask(self, method: str, path: str, **more: Any) -> urllib3.BaseHTTPResponse:
        more.setdefault("headers", urllib3.make_headers(basic_auth=f"{ACCOUNT}:{TOKEN}"))
        return self._pool.request(method, self.url + path, redirect=False, **more)

    def create(self, **fields: str) -> tuple[int, dict[str, Any]]:
        given = {"To": PHONE, "From": OURS, "Body": "hello"} | fields
        answer = self.ask(
            "POST",
            f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
            fields=given,
            encode_multipart=False,
        )
        return answer.status, json.loads(answer.data)

    def messages(self, query: str = "") -> dict[str, Any]:
        answer = self.ask("GET", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json?{query}")
        return dict(answer.json())

    def ledger(self) -> dict[str, Any]:
        return dict(self.ask("GET", "/ledger.json").json())

    def outgoing(self, **changes: Any) -> Outgoing:
        callback = f"{self.site.url}/status/one/"
        given = {"channel": SMS, "sender": OURS, "to": PHONE, "body": "hello"}
        return Outgoing(**(given | {"callback": callback} | changes))

    def has_settled(self) -> bool:
        return bool(self.ledger()["tallies"]["callbacks waiting"] == 0)


@contextmanager
def open_stage(folder: Path, **how: Any) -> Iterator[Stage]:
    stage = Stage(folder / "sandbox.sqlite3", **how)
    try:
        yield stage
    finally:
        stage.close()
