"""A provider as a process of its own: it speaks as Twilio does, misbehaves on cue, and keeps a ledger.

`python -m tests.faults.stand_in FOLDER` prints the port of the provider and the port by which tests
steer it (a line of JSON in, a line of JSON out). It knows nothing of Waymark but the form of a token.
"""

import asyncio
import json
import random
import re
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from config.processes import die_with_parent
from tests.faults.answers import ANSWERS, TAKEN, Answering, say
from tests.faults.ledger import NO_DELIVERY, Entry, Writer, read_entries
from tests.faults.receipting import send_receipts

_TOKEN = re.compile(r"/(\d+)\.(\d+)\.[0-9a-f]{16,}")


@dataclass(slots=True)
class Manner:
    """Hold how calls are answered now."""

    # What is done instead of taking a message, and with what share of the calls.
    rules: list[dict[str, Any]] = field(default_factory=list)
    # Seconds before a message is taken and before the answer, each drawn from 0 to this.
    before: float = 0.0
    after: float = 0.0
    # Exactly this long before the answer.
    wait: float = 0.0
    # Calls wait here until they are let through: before they are taken, or after it.
    hold: str = ""
    retry_after: int = 1
    seed: int = 1


class Desk:
    """Decide on every call, and keep the ledger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: asyncio.Server | None = None
        self.port = 0
        self.open: set[Conversation] = set()
        self.turn_over("ledger")

    def turn_over(self, name: str) -> None:
        """Begin a ledger, or go on with one that is there."""
        path = self.folder / name
        self.entries: list[Entry] = read_entries(path)
        self.by_number: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            self._index(entry)
        self.writer = Writer(path)
        self.counts: Counter[str] = Counter(entry.what for entry in self.entries)
        self.waiting: list[Callable[[], None]] = []
        self.behave(Manner())

    def behave(self, manner: Manner) -> None:
        """Answer in another manner from the next call on."""
        self.manner = manner
        self.chance = random.Random(manner.seed)

    def choose(self) -> str:
        """Return what becomes of the next call."""
        roll = self.chance.random()
        for rule in self.manner.rules:
            if "next" in rule:
                if rule["next"] > 0:
                    rule["next"] -= 1
                    return str(rule["what"])
                continue
            roll -= float(rule["share"])
            if roll < 0:
                return str(rule["what"])
        return "ok"

    def note(self, came: int, what: str, form: dict[str, str], path: str) -> Entry:
        """Write one call into the ledger."""
        callback = form.get("StatusCallback", "")
        token = _TOKEN.search(callback)
        taken = what in TAKEN
        entry = Entry(
            came=came,
            at=time.time_ns(),
            what=what,
            taken=taken,
            sid=f"SM{len(self.entries):032x}" if taken else "",
            delivery=int(token.group(1)) if token else NO_DELIVERY,
            attempt=int(token.group(2)) if token else 0,
            to=form.get("To", ""),
            sender=form.get("MessagingServiceSid") or form.get("From", ""),
            body=form.get("Body", ""),
            callback=callback,
            path=path,
            validity=int(form.get("ValidityPeriod", "0")),
        )
        self.writer.write(entry)
        self.entries.append(entry)
        self._index(entry)
        self.counts[what] += 1
        return entry

    def list_for(self, to: str) -> list[dict[str, object]]:
        """Return what was taken for one number, in Twilio's form, the newest first."""
        return [_as_json(entry) for entry in reversed(self.by_number[to])]

    def state(self) -> dict[str, object]:
        """Return what the tests wait for."""
        taken = sum(self.counts[what] for what in TAKEN)
        return {
            "taken": taken,
            "calls": self.counts.total(),
            "waiting": len(self.waiting),
            "counts": dict(self.counts),
        }

    def _index(self, entry: Entry) -> None:
        if entry.taken:
            self.by_number[entry.to].append(entry)


def _as_json(entry: Entry) -> dict[str, object]:
    is_service = entry.sender.startswith("MG")
    return {
        "sid": entry.sid,
        "from": None if is_service else entry.sender,
        "messaging_service_sid": entry.sender if is_service else None,
        "to": entry.to,
        "body": entry.body,
        "status": "sent",
        "direction": "outbound-api",
        "date_created": formatdate(entry.at / 1e9),
        "error_code": None,
        "num_segments": "1",
        "price": "-0.05000",
        "price_unit": "USD",
    }


class Conversation(asyncio.Protocol):
    """Speak HTTP/1.1 on one connection, one call after the other."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.held = desk, bytearray()
        self.loop = asyncio.get_running_loop()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.desk.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.desk.open.discard(self)

    def data_received(self, data: bytes) -> None:
        self.held += data
        while (end := self.held.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.held[:end]).decode("latin-1")
            length = re.search(r"(?im)^content-length:\s*(\d+)", head)
            whole = end + 4 + (int(length.group(1)) if length else 0)
            if len(self.held) < whole:
                return
            body = bytes(self.held[end + 4 : whole])
            del self.held[:whole]
            self._answer(head.split("\r\n", 1)[0], body)

    def _answer(self, line: str, body: bytes) -> None:
        came, desk = time.time_ns(), self.desk
        method, target, _version = line.split(" ", 2)
        assert self.transport is not None
        if method == "GET":
            asked = parse_qs(urlsplit(target).query)
            messages = desk.list_for(asked.get("To", [""])[0])
            say(self.transport, 200, {"messages": messages, "next_page_uri": None})
            return
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        self._decide(came, desk.choose(), form, target)

    def _decide(self, came: int, what: str, form: dict[str, str], target: str) -> None:
        manner = self.desk.manner

        def take() -> None:
            entry = self.desk.note(came, what, form, target)
            self._later(
                manner.wait + random.uniform(0, manner.after), "after", lambda: finish(entry)
            )

        def finish(entry: Entry) -> None:
            assert self.transport is not None
            asked = Answering(self.transport, self.loop, entry, manner.retry_after)
            ANSWERS[what](asked)

        self._later(random.uniform(0, manner.before), "before", take)

    def _later(self, seconds: float, place: str, go_on: Callable[[], None]) -> None:
        def pass_gate() -> None:
            if self.desk.manner.hold == place:
                self.desk.waiting.append(go_on)
            else:
                go_on()

        if seconds > 0:
            self.loop.call_later(seconds, pass_gate)
        else:
            pass_gate()


class Steering:
    """Do what the tests ask."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one line after the other."""
        while line := await reader.readline():
            asked = json.loads(line)
            said = await getattr(self, f"do_{asked.pop('do')}")(**asked)
            writer.write(json.dumps(said or {}).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def do_state(self) -> dict[str, object]:
        return self.desk.state()

    async def do_behave(self, **manner: Any) -> None:
        self.desk.behave(Manner(**manner))

    async def do_let_through(self) -> None:
        """Open the gate for those who wait and for all who come."""
        self.desk.manner.hold = ""
        waiting, self.desk.waiting = self.desk.waiting, []
        for go_on in waiting:
            go_on()

    async def do_turn_over(self, name: str) -> None:
        await self.do_rise()
        self.desk.writer.close()
        self.desk.turn_over(name)

    async def do_die(self) -> None:
        """Refuse connections, and end those there are, until `do_rise`."""
        if self.desk.server is not None:
            self.desk.server.close()
            self.desk.server = None
        for one in list(self.desk.open):
            if one.transport is not None:
                one.transport.abort()

    async def do_rise(self) -> None:
        if self.desk.server is None:
            await listen(self.desk)

    async def do_send_receipts(self, **asked: Any) -> dict[str, object]:
        taken = [entry for entry in self.desk.entries if entry.taken and entry.callback]
        return await send_receipts(taken, **asked)


async def listen(desk: Desk) -> None:
    """Take calls, on the same port as before if there was one."""
    loop = asyncio.get_running_loop()
    desk.server = await loop.create_server(
        lambda: Conversation(desk), "127.0.0.1", desk.port, backlog=1024
    )
    desk.port = desk.server.sockets[0].getsockname()[1]


async def main(folder: Path) -> None:
    """Serve until killed."""
    desk = Desk(folder)
    await listen(desk)
    steering = await asyncio.start_server(Steering(desk).serve, "127.0.0.1", 0)
    print(desk.port, steering.sockets[0].getsockname()[1], flush=True)
    await steering.serve_forever()


if __name__ == "__main__":
    # Ctrl-C is for who started it; this ends with that process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    asyncio.run(main(Path(sys.argv[1])))
