"""One HTTP call, once: pooled, bounded in time and size, and honest about what became of it.

Everything that fails while connecting happens before the first byte of the request, so the other
side cannot have it: `NotAccepted`. Everything that fails later is `Unclear`.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.connector import Connection
from yarl import URL

from messaging.providers.loop import at_end, wait_for
from messaging.wire import BAD_ANSWER, NO_ANSWER, NO_CONNECTION, NotAccepted, SendError, Unclear

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
# Shorter than any provider keeps an idle connection, so that hardly a call meets one just closed.
KEPT_SECONDS = 14.0
CHUNK = 16 * 1024
_SECONDS = re.compile(r"[0-9]{1,5}")

_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, ClientSession] = WeakKeyDictionary()


class _NotConnected(Exception):
    """Say that no connection was made: nothing of the request had been written."""


class _TooLong(Exception):
    """Say that an answer is longer than was allowed."""


@dataclass(frozen=True, slots=True)
class Call:
    """Hold one request; its address and body may name a number."""

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    limit: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold a whole answer."""

    status: int
    retry_after: str
    body: bytes = field(repr=False)
    # Some providers name what went wrong here, and not in the body.
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def wait(self) -> float | None:
        """Return after how many seconds to come again; None where it names a date, or nonsense."""
        return float(self.retry_after) if _SECONDS.fullmatch(self.retry_after) else None


class _Connector(TCPConnector):
    async def connect(self, *args: Any, **kwargs: Any) -> Connection:
        try:
            return await super().connect(*args, **kwargs)
        except Exception:  # noqa: BLE001  # whatever it was, nothing had been written
            raise _NotConnected from None


class Client:
    """Make single attempts, any number at once: `exchange` on the loop, `call` from other threads."""

    def __init__(self, *, connect: float = CONNECT_SECONDS, total: float = TOTAL_SECONDS) -> None:
        self._timeout = ClientTimeout(total=total, connect=connect, sock_connect=connect)

    def call(self, call: Call) -> Answer:
        """Return the answer, or raise NotAccepted or Unclear; wait for it in this thread."""
        return wait_for(self.exchange(call))

    async def exchange(self, call: Call) -> Answer:
        """Return the answer, or raise NotAccepted or Unclear; await it on the loop of this process."""
        failure: SendError
        try:
            return await self._exchange(call, _read_url(call.url))
        except _NotConnected:
            failure = NotAccepted(NO_CONNECTION)
        except TimeoutError:
            failure = Unclear(NO_ANSWER)
        except Exception:  # noqa: BLE001  # whatever it was, the request may have been written
            failure = Unclear(BAD_ANSWER)
        # Raised out here so that it has no context: aiohttp's errors hold the address.
        raise failure

    async def _exchange(self, call: Call, url: URL) -> Answer:
        response = await _session().request(
            call.method,
            url,
            data=call.body,
            headers=call.headers,
            allow_redirects=False,
            timeout=self._timeout,
        )
        try:
            body = await _read(response, call.limit)
        except BaseException:
            response.close()
            raise
        response.release()
        headers = response.headers
        return Answer(response.status, headers.get("Retry-After", ""), body, headers)


def _read_url(text: str) -> URL:
    try:
        # As it stands: what is signed or escaped already must arrive as it was.
        url = URL(text, encoded=True)
        complete = url.port is not None and bool(url.host)
    except ValueError:
        raise _NotConnected from None
    if not complete or url.scheme not in ("http", "https"):
        raise _NotConnected
    return url


async def _read(response: ClientResponse, limit: int) -> bytes:
    chunks = bytearray()
    while chunk := await response.content.read(CHUNK):
        chunks += chunk
        if len(chunks) > limit:
            raise _TooLong
    return bytes(chunks)


async def _close() -> None:
    if session := _sessions.pop(asyncio.get_running_loop(), None):
        await session.close()


def _session() -> ClientSession:
    """Return the session of the running loop, which dies with it."""
    loop = asyncio.get_running_loop()
    session = _sessions.get(loop)
    if session is None:
        at_end(_close)
        session = _sessions[loop] = ClientSession(
            # How many calls run at once is for whoever makes them to say.
            connector=_Connector(limit=0, keepalive_timeout=KEPT_SECONDS),
            cookie_jar=DummyCookieJar(),
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,
        )
        # One attempt: without this a GET goes out twice where a kept connection was cut.
        session._retry_connection = False
    return session
