"""One HTTP call, once: pooled, bounded in time and size, and honest about what became of it.

Everything that fails while connecting happens before the first byte of the request, so the other
side cannot have it: `NotAccepted`. Everything that fails later is `Unclear`.
"""

import time
from dataclasses import dataclass, field

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationValueError
from urllib3.exceptions import TimeoutError as PoolTimeout

from messaging.wire import BAD_ANSWER, NO_ANSWER, NO_CONNECTION, NotAccepted, SendError, Unclear

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
POOL_SIZE = 64
CHUNK = 16 * 1024


class _NotConnected(Exception):
    """Say that no connection was made; urllib3 passes it through, as it is none of its own."""


class _PlainConnection(HTTPConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except Exception:  # noqa: BLE001  # whatever it was, nothing had been written
            raise _NotConnected from None


class _SecureConnection(HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except Exception:  # noqa: BLE001  # whatever it was, nothing had been written
            raise _NotConnected from None


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


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


class Client:
    """Make single attempts from any number of threads."""

    def __init__(self, *, connect: float = CONNECT_SECONDS, total: float = TOTAL_SECONDS) -> None:
        self._total = total
        self._pool = PoolManager(
            maxsize=POOL_SIZE,
            retries=False,
            timeout=Timeout(connect=connect, read=total, total=total),
        )
        self._pool.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def call(self, call: Call) -> Answer:
        """Return the answer, or raise NotAccepted or Unclear."""
        failure: SendError
        try:
            return self._exchange(call)
        except (_NotConnected, LocationValueError):
            failure = NotAccepted(NO_CONNECTION)
        except (PoolTimeout, TimeoutError):
            failure = Unclear(NO_ANSWER)
        except (HTTPError, OSError):
            failure = Unclear(BAD_ANSWER)
        # Raised out here so that it has no context: urllib3's errors hold the address.
        raise failure

    def _exchange(self, call: Call) -> Answer:
        deadline = time.monotonic() + self._total
        response = self._pool.request(
            call.method,
            call.url,
            body=call.body,
            headers=call.headers,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            body = self._read(response, call.limit, deadline)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return Answer(response.status, response.headers.get("Retry-After", ""), body)

    def _read(self, response: BaseHTTPResponse, limit: int, deadline: float) -> bytes:
        # A time-out of the socket starts again with each byte; a dripping answer needs a deadline.
        chunks = bytearray()
        while chunk := response.read1(CHUNK):
            chunks += chunk
            if len(chunks) > limit:
                raise HTTPError("answer too long")
            if time.monotonic() > deadline:
                raise TimeoutError
        return bytes(chunks)
