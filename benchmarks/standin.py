"""A provider to measure against: it answers 201 in Twilio's form, and counts. Nothing else.

Raw asyncio, so that it costs the least: `python -m benchmarks.standin PORT` keeps connections alive,
waits as long as it was last told (`POST /delay/<milliseconds>`) and tells what it took (`GET /count`).
"""

import asyncio
import sys
from collections import Counter
from urllib.parse import parse_qsl

_HEAD = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


class StandIn:
    """Hold what was taken, and how long each answer waits."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.requests = 0
        self.delay = 0.0

    def answer(self, method: bytes, path: bytes, body: bytes) -> tuple[int, bytes, float]:
        """Return status, body and delay of one answer."""
        if method == b"POST" and path.startswith(b"/delay/"):
            self.delay = int(path.rpartition(b"/")[2]) / 1000
            self.taken.clear()
            self.requests = 0
            return 200, b"{}", 0.0
        if path == b"/count":
            doubled = sum(times > 1 for times in self.taken.values())
            return 200, b'{"requests": %d, "doubled": %d}' % (self.requests, doubled), 0.0
        self.requests += 1
        self.taken[dict(parse_qsl(body.decode())).get("To", "")] += 1
        return 201, b'{"sid": "SM%032x", "status": "queued"}' % self.requests, self.delay


class Connection(asyncio.Protocol):
    """Read requests of one connection and answer each."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in
        self._data = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where answers go."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._data += data
        while b"\r\n\r\n" in self._data:
            head, _, rest = self._data.partition(b"\r\n\r\n")
            size = _read_length(head)
            if len(rest) < size:
                return
            method, path, _version = head.split(b"\r\n", 1)[0].split(b" ")
            status, body, delay = self._stand_in.answer(method, path, rest[:size])
            self._data = rest[size:]
            whole = _HEAD % (status, len(body)) + body
            if delay:
                asyncio.get_running_loop().call_later(delay, self._write, whole)
            else:
                self._write(whole)

    def _write(self, whole: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(whole)


def _read_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def serve(port: int) -> None:
    """Serve on loopback until the process is ended."""
    stand_in = StandIn()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(stand_in), "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
