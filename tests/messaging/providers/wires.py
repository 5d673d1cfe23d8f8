"""Servers that speak HTTP badly: each does one thing to a raw connection."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Doing = Callable[[socket.socket], None]


class BadServer:
    """Takes connections on loopback and does the same bad thing with each."""

    def __init__(self, doing: Doing) -> None:
        self._doing = doing
        self.seen: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if seen := read_request(connection):
                self.seen.append(seen)
                self._doing(connection)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    size = next(
        (int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-le")),
        0,
    )
    while len(body) < size:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def bad_server(doing: Doing) -> Iterator[BadServer]:
    server = BadServer(doing)
    try:
        yield server
    finally:
        server.close()


def answer(status: str, body: bytes, *headers: str, after: str = "close") -> Doing:
    """Answer once, and say that the connection ends: else a client may ask on it just as it is cut."""

    def do(connection: socket.socket) -> None:
        said = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", f"Connection: {after}")
        lines = [*said, *headers, "", ""]
        connection.sendall("\r\n".join(lines).encode() + body)

    return do


def close_at_once(connection: socket.socket) -> None:
    connection.close()


def reset(connection: socket.socket) -> None:
    linger = (1).to_bytes(4, "little") + bytes(4)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    connection.close()


def answer_half(connection: socket.socket) -> None:
    connection.sendall(b'HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"sid": "SM')


def answer_nothing(connection: socket.socket) -> None:
    time.sleep(2)


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 5000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def answer_ten_megabytes(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 10000000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"x" * 10_000)


def speak_nonsense(connection: socket.socket) -> None:
    connection.sendall(b"\x16\x03\x01 what?\r\n\r\n")
