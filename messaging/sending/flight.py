"""Calls in flight: prepared in the thread that drains, made on the loop, taken back in bulk.

Nothing here touches the database. A call that waited too long after its commit is not made: a process
that was stopped in between must not outlive an opt-out.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings

from messaging.consenting.consent import open_number
from messaging.providers.base import Provider
from messaging.providers.loop import the_loop
from messaging.sealing.crypto import SealError
from messaging.sealing.tokens import make_token
from messaging.senders.calls import Call, Outcome, Spoilt, Undecipherable
from messaging.wire import Accepted, NotAccepted, Outgoing, SendError, Unclear

LONGEST_PAUSE = 5.0
# Moments closer than this are one: a rate is kept by the second, and each timer costs.
_GRAIN = 0.01
# Answers that come within this are recorded together.
_GATHER = 0.02
# How much of its time a late call takes: within the tenth by which a rate may be passed.
_HURRY = 0.92
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

log = logging.getLogger("waymark.dispatch")


def read_clock() -> float:
    """Return seconds of a clock that runs on while the machine sleeps, where there is one."""
    return time.clock_gettime(_CLOCK)


@dataclass(frozen=True, slots=True)
class Address:
    """Hold what messages come from, and by country the most that one part of them may cost, in dollars."""

    sender: str
    ceilings: Mapping[str, Decimal] = field(default_factory=dict)


def address_call(call: Call, address: Address) -> Outgoing | Outcome:
    """Open a call's number and return what goes to the provider, or how it ended before that."""
    try:
        number = open_number(call.subscriber_uid, call.sealed, purpose="sending")
        token = make_token(call.delivery, call.attempt)
        most = address.ceilings.get(call.country, 0) * call.parts
        return Outgoing(
            channel=call.channel,
            sender=address.sender,
            to=number,
            body=call.body,
            callback=f"{settings.PUBLIC_URL}/hooks/twilio/status/{token}/",
            template=call.template,
            validity=call.validity,
            token=token,
            max_price=str(most or ""),
        )
    except SealError:
        log.error("delivery %s: its number cannot be opened", call.delivery)
        return Outcome(call, error=Undecipherable("decrypt"))
    except Exception as error:  # noqa: BLE001  (one bad row must not stop those after it)
        log.error("delivery %s cannot be prepared: %s", call.delivery, type(error).__name__)
        return Outcome(call, error=Spoilt("spoilt"))


async def make_call(call: Call, outgoing: Outgoing, provider: Provider) -> Outcome:
    """Make one call and return what it taught."""
    name = f"delivery {call.delivery}"
    said = await hand_over(outgoing, provider, committed=call.committed, name=name)
    return Outcome(call, error=said) if isinstance(said, SendError) else Outcome(call, said)


async def hand_over(
    outgoing: Outgoing, provider: Provider, *, committed: float, name: str
) -> Accepted | SendError:
    """Hand a message over and return what was said, or went wrong; never raise, for poison must fail alone.

    `committed` is when its commit was, by `read_clock`; `name` stands in the log.
    """
    if read_clock() - committed > LONGEST_PAUSE:
        return NotAccepted("paused_too_long")
    try:
        return await provider.send(outgoing)
    except SendError as error:
        return error
    except Exception as error:  # noqa: BLE001  (anything unforeseen after the first byte is unclear)
        log.warning("the call of %s went wrong: %s", name, type(error).__name__)
        return Unclear(type(error).__name__)


class Bell:
    """Wake the draining thread: soon after an answer came, at once after many."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._soon = False

    def wait(self, seconds: float) -> None:
        """Wait until it rings, for so many seconds at most."""
        self._rung.wait(seconds)
        self._rung.clear()

    def ring(self) -> None:
        """Wake whoever waits."""
        self._soon = False
        self._rung.set()

    def ring_soon(self) -> None:
        """Wake whoever waits in a moment, so that more can be taken together; call it on the loop."""
        if not self._soon:
            self._soon = True
            asyncio.get_running_loop().call_later(_GATHER, self.ring)


class Flight:
    """Hold the calls of one sender that are under way."""

    def __init__(self, provider: Provider, bell: Bell, *, many: int) -> None:
        self._provider = provider
        self._bell = bell
        self._many = many
        self._landed: deque[Outcome] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._free_at = 0.0
        # Counted in the draining thread alone: started, and not taken back yet.
        self.aloft = 0

    def start(self, calls: Sequence[Call], address: Address) -> None:
        """Let calls go out, each at its own moment."""
        self.aloft += len(calls)
        ready: list[tuple[Call, Outgoing]] = []
        for call in calls:
            addressed = address_call(call, address)
            if isinstance(addressed, Outgoing):
                ready.append((call, addressed))
            else:
                self._landed.append(addressed)
        if ready:
            the_loop().call_soon_threadsafe(self._spread, ready)
        if len(ready) < len(calls):
            self._bell.ring()

    def take(self) -> list[Outcome]:
        """Return what has landed since it was asked last."""
        landed = []
        while self._landed:
            landed.append(self._landed.popleft())
        self.aloft -= len(landed)
        return landed

    def _spread(self, ready: Iterable[tuple[Call, Outgoing]]) -> None:
        loop, clock = asyncio.get_running_loop(), read_clock()
        later: dict[int, list[tuple[Call, Outgoing]]] = {}
        for one in ready:
            call = one[0]
            # Of a late batch not all goes at once: what is late catches up slowly.
            at = max(call.committed + call.start, clock, self._free_at)
            self._free_at = at + call.hold * _HURRY
            later.setdefault(int((at - clock) / _GRAIN), []).append(one)
        for grains, group in later.items():
            if grains:
                loop.call_later(grains * _GRAIN, self._launch, group)
            else:
                self._launch(group)

    def _launch(self, group: Iterable[tuple[Call, Outgoing]]) -> None:
        loop = asyncio.get_running_loop()
        for call, outgoing in group:
            task = loop.create_task(self._fly(call, outgoing))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _fly(self, call: Call, outgoing: Outgoing) -> None:
        self._landed.append(await make_call(call, outgoing, self._provider))
        if len(self._landed) >= self._many:
            self._bell.ring()
        else:
            self._bell.ring_soon()
