"""What the stand-in can answer: in order, busy, broken, endless, elsewhere, or not at all."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.ledger import Entry

REASONS = {200: "OK", 201: "Created", 307: "Temporary Redirect", 400: "Bad Request"}
HUGE = 10 * 1024 * 1024
_LINGER_NOT = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Answering:
    """Hold what an answer needs."""

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    entry: Entry
    retry_after: int


def say(transport: asyncio.Transport, status: int, content: object, *headers: str) -> None:
    """Answer with JSON."""
    if not transport.is_closing():
        transport.write(_head(status, body := json.dumps(content).encode(), *headers) + body)


def _head(status: int, body: bytes, *headers: str, length: int | None = None) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {REASONS.get(status, 'Said')}",
        "Content-Type: application/json",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def _created(one: Answering) -> None:
    say(one.transport, 201, {"sid": one.entry.sid, "status": "queued"})


def _busy(one: Answering) -> None:
    say(one.transport, 429, {"code": 20429, "message": "Too many requests"})


def _busy_wait(one: Answering) -> None:
    wait = f"Retry-After: {one.retry_after}"
    say(one.transport, 429, {"code": 20429, "message": "Too many requests"}, wait)


def _error(one: Answering) -> None:
    say(one.transport, 500, {"message": "Internal error"})


def _garbage(one: Answering) -> None:
    body = b"\xff\xfe{not json at all"
    if not one.transport.is_closing():
        one.transport.write(_head(201, body) + body)


def _silence(one: Answering) -> None:
    """Say nothing for ever."""


def _half(one: Answering) -> None:
    body = json.dumps({"sid": one.entry.sid}).encode()
    if not one.transport.is_closing():
        one.transport.write(_head(201, body) + body[: len(body) // 2])
        one.transport.close()


def _half_closed(one: Answering) -> None:
    """End our side of the connection and keep the other open, with no answer."""
    with contextlib.suppress(OSError, RuntimeError):
        one.transport.write_eof()


def _reset(one: Answering) -> None:
    held: socket.socket | None = one.transport.get_extra_info("socket")
    if held is not None:
        with contextlib.suppress(OSError):
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    one.transport.abort()


def _drip(one: Answering) -> None:
    """Answer with one byte in two seconds: a time-out of each read would never come."""
    rest = bytearray(_head(201, body := json.dumps({"sid": one.entry.sid}).encode()) + body)

    def drop() -> None:
        if rest and not one.transport.is_closing():
            one.transport.write(bytes([rest.pop(0)]))
            one.loop.call_later(2, drop)

    drop()


def _huge(one: Answering) -> None:
    if not one.transport.is_closing():
        one.transport.write(_head(201, b"", length=HUGE))
        one.transport.write(b" " * HUGE)


def _elsewhere(one: Answering) -> None:
    say(one.transport, 307, {}, f"Location: {one.entry.path}?again=1")


def _refuse(status: int, code: int) -> Callable[[Answering], None]:
    def answer(one: Answering) -> None:
        say(one.transport, status, {"code": code, "message": "No", "status": status})

    return answer


ANSWERS: dict[str, Callable[[Answering], None]] = {
    "ok": _created,
    "busy": _busy,
    "busy_wait": _busy_wait,
    "error": _error,
    "error_taken": _error,
    "garbage": _garbage,
    "garbage_taken": _garbage,
    "silent": _silence,
    "silent_taken": _silence,
    "half_taken": _half,
    "half_closed_taken": _half_closed,
    "reset": _reset,
    "reset_taken": _reset,
    "drip_taken": _drip,
    "huge_taken": _huge,
    "redirect": _elsewhere,
    "bad_number": _refuse(400, 21211),
    "opted_out": _refuse(400, 21610),
    "account": _refuse(401, 20003),
}
# What the provider has, whatever it answered.
TAKEN = frozenset(name for name in ANSWERS if name == "ok" or name.endswith("_taken"))
