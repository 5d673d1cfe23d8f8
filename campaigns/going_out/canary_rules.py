"""The rule of the first few: how many they are, and when they fared too badly for all others to follow.

Pure. A share of so few people is uncertain, so they are judged by the lower end of its interval
(Wilson, 99.5% on this side): it stops what is bad almost surely, not what was unlucky.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import sqrt

from django.conf import settings

FEWEST, MOST, ONE_IN = 50, 500, 100
# Of the messages that a provider was asked to take, and of the people who were handed one.
MOST_FAILED, MOST_STOPPED = 0.08, 0.02
_Z = 2.576

FAILING, STOPS, NOBODY = "failing", "stops", "nobody"


@dataclass(frozen=True, slots=True)
class Fared:
    """Count how the first few fared: handed to a provider, failed there, said stop since."""

    tried: int
    failed: int
    stopped: int

    def as_data(self) -> dict[str, int]:
        """Return the counts as plain data."""
        return asdict(self)


def count_first(people: int) -> int:
    """Return how many of so many go first: 1%, at least 50 and at most 500; none where they are few."""
    if people <= settings.CANARY_OVER:
        return 0
    return min(MOST, max(FEWEST, -(-people // ONE_IN)))


def find_trouble(fared: Fared) -> list[str]:
    """Return in which ways too many failed or said stop; empty where all is well so far."""
    found = []
    if bound_below(fared.failed, fared.tried) > MOST_FAILED:
        found.append(FAILING)
    if bound_below(fared.stopped, fared.tried - fared.failed) > MOST_STOPPED:
        found.append(STOPS)
    return found


def bound_below(part: int, whole: int) -> float:
    """Return the lower end of the interval of a share (Wilson 1927)."""
    if whole <= 0 or part <= 0:
        return 0.0
    share, square = min(part, whole) / whole, _Z**2
    middle = share + square / (2 * whole)
    spread = _Z * sqrt(share * (1 - share) / whole + square / (4 * whole**2))
    return max(0.0, (middle - spread) / (1 + square / whole))


def read_fared(counts: Mapping[str, int]) -> Fared:
    """Return the counts that were kept; nought where none were."""
    return Fared(counts.get("tried", 0), counts.get("failed", 0), counts.get("stopped", 0))
