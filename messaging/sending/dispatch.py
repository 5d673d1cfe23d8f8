"""Dispatch: one sender's due deliveries, claimed, let through the last gate, called and recorded.

While calls are in flight, the next batch is claimed and committed, and the answers that came are
recorded in bulk: one thread does the database's work, the loop of the process makes the calls. Any
number of workers may drain one sender; its pace is kept in the database (`messaging.senders.pacing`). What
nobody can know is `unknown` and is never sent again.

A batch is never larger than the calls that can start at once: so many are free, and within a second
the sender's pace lets them go.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from messaging.guarding import backlog
from messaging.guarding.fencing import may_send
from messaging.guarding.readiness import have_keys
from messaging.models import Sender
from messaging.providers.base import Provider
from messaging.providers.loop import wait_for
from messaging.senders import breaker, capacity, pacing
from messaging.senders.calls import Call, Outcome, Step
from messaging.senders.roster import read_ceilings
from messaging.senders.tally import Tally
from messaging.sending.claiming import claim_due
from messaging.sending.flight import Address, Bell, Flight, address_call
from messaging.sending.flight import make_call as make_call_on_loop
from messaging.sending.gate import Gate, Submitted, submit
from messaging.sending.record import record, strike
from messaging.wire import Outgoing

__all__ = ["Drainer", "claim_due", "drain", "make_call", "submit"]

# Fewer free slots than this part of all are not worth a batch, while others are in flight.
_WORTH = 4
# A paced sender is asked for more once so much of what it has been given has gone.
_SOON = pacing.AHEAD / 2
_LOOK_AGAIN = 1.0
# Longer than the longest call: whatever is not back by then is unknown, which its lease will say.
_LONGEST_FLIGHT = 25.0
_RECORD_AGAIN = 0.5

Clock = Callable[[], datetime]
log = logging.getLogger("waymark.dispatch")


class Drainer:
    """Send what is due of one sender, step by step, as fast as pace and provider allow."""

    def __init__(self, sender: Sender, owner: str, provider: Provider, bell: Bell) -> None:
        self.sender, self._owner = sender, owner
        self._most = settings.CALLS_AT_ONCE
        self._gate, self._tally = Gate(sender.pk, owner), Tally(sender.pk)
        self._flight = Flight(provider, bell, many=max(1, self._most // 2))
        self._address = Address(sender.address, read_ceilings(sender.pk))
        self._looked_at = self._free_at = float("-inf")
        self._open = self._may_go = self._limited = False
        self._rate = 1.0
        # Of `time.monotonic`: when there may be something to do again, whatever lands until then.
        self.wakes_at = float("-inf")
        self.handled = 0
        # Nothing was due when it was asked last, or nothing may go now.
        self.idle = False
        # Something unforeseen went wrong: what is in flight still lands, and no more is sent.
        self.broken = False

    @property
    def done(self) -> bool:
        """Say whether there is nothing to do for now, in flight or due."""
        return self.idle and not self._flight.aloft

    def step(self, *, now: datetime) -> bool:
        """Record what landed, put more into flight if that can start; say whether anything moved."""
        moved = self.take(now=now)
        limit = self.room(now=now)
        if not limit:
            return moved
        return bool(self.send(limit, now=now).claimed) or moved

    def send(self, limit: int, *, now: datetime) -> Step:
        """Claim up to `limit`, let them through the gate and put them into flight."""
        probing = self._may_go and not self._open and self._may_try(now=now)
        if not self._may_go or not (self._open or probing):
            return self._rest()
        ids = claim_due(self.sender, self._owner, limit=1 if probing else limit)
        if not ids:
            return self._rest()
        self.idle = False
        through = self._pass(ids, probing=probing, now=now)
        self._free_at = time.monotonic() + through.free_in
        self.handled += len(ids)
        if through.given_back and not through.calls:
            self.wakes_at = time.monotonic() + max(_SOON, through.free_in - _SOON)
        if not self._limited:
            self._tally.note_sent(through.calls)
        self._flight.start(through.calls, self._address)
        return Step(len(ids), sum(call.parts for call in through.calls))

    def _may_try(self, *, now: datetime) -> bool:
        """Take a halted sender's turn to try, if there is something to try with."""
        due = backlog.find_due(now=now).filter(sender=self.sender)
        return due.exists() and breaker.may_probe(self.sender, now)

    def _pass(self, ids: Sequence[int], *, probing: bool, now: datetime) -> Submitted:
        """Let claims through the gate; where that fails, one by one, so that poison fails alone."""
        try:
            return self._gate.submit(ids, now=now, probing=probing)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001  (rolled back: nothing of it was sent)
            log.error("deliveries cannot be committed: %s", type(error).__name__)
        if len(ids) == 1:
            strike(ids, self._owner, now=now)
            return Submitted((), 1, 0.0)
        alone = [self._pass([one], probing=probing, now=now) for one in ids]
        calls = tuple(call for one in alone for call in one.calls)
        return Submitted(calls, len(ids) - len(calls), max(one.free_in for one in alone))

    def take(self, *, now: datetime) -> bool:
        """Record what has landed; say whether anything had."""
        landed = self._flight.take()
        if landed:
            record_patiently(landed, now=now)
            self._tally.note_landed(landed, now=now)
        return bool(landed)

    def land(self, bell: Bell, *, clock: Clock) -> None:
        """Wait for what is in flight and record it."""
        until = time.monotonic() + _LONGEST_FLIGHT
        while self._flight.aloft and time.monotonic() < until:
            if not self.take(now=clock()):
                bell.wait(_LOOK_AGAIN)
        self._tally.tell(now=clock())
        if self._flight.aloft:
            log.error("sender %s: %s calls never ended", self.sender.pk, self._flight.aloft)

    def wait_for_pace(self) -> None:
        """Wait until the sender's pace lets a message go."""
        while (pace := pacing.read_pace(self.sender.pk)) and pace.free_in > _SOON:
            time.sleep(pace.free_in - _SOON)

    def room(self, *, now: datetime) -> int:
        """Return how many messages can start at once, by what is free and by the sender's pace."""
        at = time.monotonic()
        free = self._most - self._flight.aloft
        if at < self.wakes_at or (self._flight.aloft and free < max(1, self._most // _WORTH)):
            return 0
        if at - self._looked_at > _LOOK_AGAIN:
            self._look(at, now=now)
        wait = self._free_at - at
        if wait > _SOON:
            self.wakes_at = at + wait - _SOON
            return 0
        return min(free, max(1, int((pacing.AHEAD - max(0.0, wait)) * self._rate)))

    def _look(self, at: float, *, now: datetime) -> None:
        """Read again what changes seldom; the gate has the last word on all of it."""
        self._looked_at = at
        pace = pacing.read_pace(self.sender.pk)
        self._may_go = pace is not None and have_keys(now=now) and may_send()
        if pace is not None:
            self._open, self._limited, self._rate = pace.open, pace.limited, pace.rate
            self._free_at = at + pace.free_in
            if pace.limited and capacity.left_today(self.sender) == 0:
                self._may_go = False

    def _rest(self) -> Step:
        self.idle = True
        self.wakes_at = time.monotonic() + _SOON
        return Step(0, 0)


def drain(
    sender: Sender, owner: str, *, provider: Provider, now: datetime, most: int | None = None
) -> Step:
    """Send one batch of a sender, `most` at most, and wait for its end; first for its pace."""
    bell = Bell()
    drainer = Drainer(sender, owner, provider, bell)
    drainer.wait_for_pace()
    room = drainer.room(now=now)
    step = drainer.send(min(room, most or room), now=now)
    drainer.land(bell, clock=lambda: now)
    return step


def make_call(call: Call, sender: Sender, provider: Provider) -> Outcome:
    """Make one call, waiting for it in this thread, and return what it taught; never raise."""
    addressed = address_call(call, Address(sender.address))
    if isinstance(addressed, Outgoing):
        return wait_for(make_call_on_loop(call, addressed, provider))
    return addressed


def record_patiently(outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Record outcomes; wait for a database that is away, and let what it refuses fail alone."""
    until = time.monotonic() + _LONGEST_FLIGHT
    while True:
        try:
            record(outcomes, now=now)
        except (OperationalError, InterfaceError):
            if time.monotonic() > until or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(_RECORD_AGAIN)
        except DatabaseError as error:
            if len(outcomes) == 1:
                log.error("an outcome cannot be recorded: %s", type(error).__name__)
                return
            for outcome in outcomes:
                record_patiently([outcome], now=now)
            return
        else:
            return
