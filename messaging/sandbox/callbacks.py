"""Status callbacks: kept in the ledger until they went out, so that a restart forgets none.

A clock hands over what is due; a few workers post it. The order of going out is the plan's, not the
lifecycle's: a delivery may be reported before its sending.
"""

import asyncio
import heapq
import logging
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from messaging.sandbox.ledger import Due, Ledger
from messaging.sandbox.pace import Step
from messaging.sandbox.signing import API_VERSION, CONCURRENT, Caller
from messaging.sandbox.store import WHATSAPP, Message

# After a restart of everything the sandbox is often up before the site.
PATIENCE_SECONDS = 60.0
_PROBE_SECONDS = 0.3

log = logging.getLogger("waymark.sandbox")


class Courier:
    """Send each callback when it is due."""

    def __init__(self, ledger: Ledger, caller: Caller, clock: Callable[[], float]) -> None:
        self._ledger = ledger
        self._caller = caller
        self._clock = clock
        self._heap: list[Due] = []
        self._ready: asyncio.Queue[Due] = asyncio.Queue()
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._losing = False

    def add(self, dues: Iterable[Due]) -> None:
        """Take callbacks that the ledger holds."""
        for due in dues:
            heapq.heappush(self._heap, due)
        self._woken.set()

    def start(self) -> None:
        """Go on where the ledger stands."""
        waiting = self._ledger.waiting()
        self.add(waiting)
        self._tasks = [asyncio.create_task(self._run(resumed=waiting))]
        self._tasks += [asyncio.create_task(self._work()) for _ in range(CONCURRENT)]

    async def stop(self) -> None:
        """Stop at once; what was on its way goes out again after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, resumed: list[Due]) -> None:
        if resumed:
            await self._await_site(resumed[0])
        while True:
            now = self._clock()
            while self._heap and self._heap[0].due_at <= now:
                self._ready.put_nowait(heapq.heappop(self._heap))
            pause = self._heap[0].due_at - now if self._heap else None
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), pause)
            except TimeoutError:
                continue

    async def _work(self) -> None:
        while True:
            due = await self._ready.get()
            try:
                await self._see_to(due)
            except Exception as fault:  # noqa: BLE001  # one bad callback must not stop the rest
                log.error("a callback failed: %s", type(fault).__name__)

    async def _see_to(self, due: Due) -> None:
        found = self._ledger.find_callback(due)
        if found is None:
            return
        message, step = found
        self._ledger.note_step(message, step)
        # A message without a callback address still moves on, unheard.
        arrived = await self._deliver(message, step) if message.callback else None
        self._ledger.finish_callback(due, arrived=arrived)

    async def _deliver(self, message: Message, step: Step) -> bool:
        form = form_of(message, step, account=self._caller.account)
        answer = await self._caller.post(message.callback, form)
        if not answer.arrived and not self._losing:
            # One line for a row of losses: thousands may follow while a site is away.
            log.warning("status callbacks get lost: the site answers %s", answer.status or "not")
        self._losing = not answer.arrived
        return answer.arrived

    async def _await_site(self, due: Due) -> None:
        found = self._ledger.find_callback(due)
        address = urlsplit(found[0].callback) if found else None
        if address is None or not address.hostname:
            return
        port = address.port or (443 if address.scheme == "https" else 80)
        deadline = self._clock() + PATIENCE_SECONDS
        while self._clock() < deadline:
            try:
                _reader, writer = await asyncio.open_connection(address.hostname, port)
            except OSError:
                await asyncio.sleep(_PROBE_SECONDS)
                continue
            writer.close()
            return


def form_of(message: Message, step: Step, *, account: str) -> dict[str, str]:
    """Return the form of a status callback, with the fields that Twilio sends."""
    prefix = "whatsapp:" if message.channel == WHATSAPP else ""
    form = {
        "AccountSid": account,
        "ApiVersion": API_VERSION,
        "From": prefix + message.sender,
        "To": prefix + message.number,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": step.word,
        "SmsStatus": step.word,
    }
    if step.code:
        form["ErrorCode"] = step.code
    if prefix:
        form["ChannelPrefix"] = "whatsapp"
    if step.word == "read":
        form["EventType"] = "READ"
    return form
