"""Tally: what a worker tells of a sender now and then, not at every batch: its health, and its use.

A failure is told at once; that all is well, once a second, for it costs a statement each time.
"""

import time
from collections.abc import Sequence
from datetime import datetime

from messaging.senders import breaker, capacity
from messaging.senders.calls import Call, Outcome
from messaging.wire import NO_CONNECTION, AccountProblem, NotAccepted, Refused, SendError

_EVERY = 1.0
# The provider was not asked, so that these say nothing of it.
_NOT_MADE = {"paused_too_long", "spoilt", "decrypt"}


class Tally:
    """Count the calls of one sender in this process, and tell the breaker and the day's use."""

    def __init__(self, sender: int) -> None:
        self._sender = sender
        self._well = self._messages = self._parts = 0
        self._told_at = time.monotonic()

    def note_sent(self, calls: Sequence[Call]) -> None:
        """Count what went out of a sender whose day has no limit; else the gate has counted it."""
        self._messages += len(calls)
        self._parts += sum(call.parts for call in calls)

    def note_landed(self, outcomes: Sequence[Outcome], *, now: datetime) -> None:
        """Tell how many calls were made, and how many failed on the way or by our account."""
        made = [one.error for one in outcomes if was_made(one.error)]
        refused = any(isinstance(error, AccountProblem) for error in made)
        failures = sum(map(failed_on_way, made))
        self._well += len(made) - failures
        if failures or time.monotonic() - self._told_at > _EVERY:
            self.tell(failures=failures, account_problem=refused, now=now)

    def tell(self, *, failures: int = 0, account_problem: bool = False, now: datetime) -> None:
        """Tell all that was counted."""
        calls, self._well = self._well + failures, 0
        if calls:
            breaker.note_calls(
                self._sender,
                calls=calls,
                failures=failures,
                account_problem=account_problem,
                now=now,
            )
        if self._messages:
            capacity.note_used(self._sender, self._messages, self._parts, now)
        self._messages = self._parts = 0
        self._told_at = time.monotonic()


def was_made(error: SendError | None) -> bool:
    """Say whether the provider was asked at all, by how a call ended."""
    return error is None or error.reason not in _NOT_MADE


def failed_on_way(error: SendError | None) -> bool:
    """Say whether a call failed on its way or by our account, and not by its message."""
    if isinstance(error, NotAccepted):
        return isinstance(error, AccountProblem) or error.reason == NO_CONNECTION
    return error is not None and not isinstance(error, Refused)
