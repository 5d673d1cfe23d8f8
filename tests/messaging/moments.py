"""When calls may go and when they went, so that a pace is judged on a machine that stalls as well."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from messaging.sending import flight

# Moments closer than this are one to whoever sends.
_GRAIN = 0.02


@dataclass(frozen=True, slots=True)
class Moment:
    """Hold when the sender's pace let a call go, and when it went, by one clock."""

    reserved: float
    went: float

    @property
    def is_early(self) -> bool:
        """Say whether it went before its time; late is what a busy machine makes it."""
        return self.went < self.reserved - _GRAIN


def note_moments(patch: pytest.MonkeyPatch) -> list[Moment]:
    """Note each call that a worker of this process makes from now on."""
    noted: list[Moment] = []
    make_call = flight.make_call

    async def note(call: Any, *rest: Any) -> Any:
        noted.append(Moment(call.committed + call.start, flight.read_clock()))
        return await make_call(call, *rest)

    patch.setattr(flight, "make_call", note)
    return noted


def busiest_second(moments: Sequence[Moment], *, parts: int = 1, second: float = 1.0) -> int:
    """Return how many parts were let go in the fullest second."""
    times = sorted(one.reserved for one in moments)
    return max(sum(parts for other in times if at <= other < at + second) for at in times)
