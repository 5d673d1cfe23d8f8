"""The sandbox as one server: its rooms put together, started and stopped."""

import asyncio
import errno
import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from messaging.sandbox.callbacks import Courier
from messaging.sandbox.codes import Codes
from messaging.sandbox.content_api import ContentApi
from messaging.sandbox.guards import answer_faults, check_credentials, keep_strangers_out
from messaging.sandbox.ledger import Ledger
from messaging.sandbox.messages_api import MessagesApi, Rules
from messaging.sandbox.pace import PACES
from messaging.sandbox.phonebook import Phonebook
from messaging.sandbox.phones import Phones
from messaging.sandbox.requests import LOOPBACK
from messaging.sandbox.signing import Caller
from messaging.sandbox.store import open_store
from messaging.sandbox.writing import Writer

HOST = "127.0.0.1"
LARGEST_REQUEST = 256 * 1024

# aiohttp's own log lines can hold a request's address, and so a number.
_silent = logging.getLogger("waymark.sandbox.http")
_silent.setLevel(logging.CRITICAL + 1)


class PortTaken(OSError):
    """Say that something else listens on the sandbox's port."""


@dataclass(frozen=True, slots=True)
class Options:
    """Hold what a run of the sandbox is told; port 0 takes a free one."""

    account: str
    token: str = field(repr=False)
    port: int
    store: Path
    inbound_url: str
    pace: str = "natural"
    seed: str = "waymark"
    # Where the rehearsal keeps how its people sign in; without it no codes are shown.
    sign_ins: Path | None = None


class Sandbox:
    """Answer as Twilio does, on loopback."""

    def __init__(self, options: Options, clock: Callable[[], float] = time.time) -> None:
        self._options = options
        self._base = open_store(options.store)
        ledger, phonebook = Ledger(self._base), Phonebook(self._base)
        self._caller = Caller(options.account, options.token)
        self._courier = Courier(ledger, self._caller, clock)
        rules = Rules(
            account=options.account,
            pace=PACES[options.pace],
            seed=options.seed,
            hosts=LOOPBACK,
            clock=clock,
        )
        writer = Writer(options.inbound_url, ledger, self._caller, clock)
        app = web.Application(
            middlewares=[
                answer_faults,
                keep_strangers_out,
                check_credentials(options.account, options.token),
            ],
            client_max_size=LARGEST_REQUEST,
        )
        app.add_routes(MessagesApi(rules, ledger, phonebook, self._courier).routes())
        app.add_routes(ContentApi(options.account, ledger).routes())
        app.add_routes(Phones(phonebook, writer).routes())
        if options.sign_ins is not None:
            app.add_routes(Codes(options.sign_ins, clock).routes())
        self._runner = web.AppRunner(
            app, access_log=None, logger=_silent, handle_signals=False, shutdown_timeout=1
        )

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        address: tuple[str, int] = self._runner.addresses[0]
        return address[1]

    async def start(self) -> None:
        """Listen and go on with the callbacks that wait; raise PortTaken if the port is."""
        await self._caller.open()
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self._options.port).start()
        except OSError as error:
            await self.stop()
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(f"Port {self._options.port} is in use.") from None
            raise
        self._courier.start()

    async def stop(self) -> None:
        """Stop listening and calling; what waits stays in the ledger."""
        await self._runner.cleanup()
        await self._courier.stop()
        await self._caller.close()
        self._base.close()


async def serve(sandbox: Sandbox, announce: Callable[[int], None]) -> None:
    """Run a sandbox until SIGINT or SIGTERM; `announce` is told the port once it listens."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    await sandbox.start()
    announce(sandbox.port)
    await stopping.wait()
    await sandbox.stop()
