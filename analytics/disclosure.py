"""Disclosure: which counts may be shown so that no small one can be read or worked out. Pure.

Where a count is under the threshold, the smallest count that is not, and its equals, are hidden with
it. Exchange any two hidden counts, and everything shown stays the same, the total included: whatever
is known of the rules and the total, none can be told from another, and each may be the large one.
Two small ones alone would not do: equals have nothing to be exchanged with. What is shown is rounded
to 5.

Zero is hidden like any small count. On a page that is counted again all the time, a zero that turns
into "not shown" would tell when the first person of a small group was reached; and "nobody of this
group" is a statement about each of them.

What this does not stop: comparing two tables whose groups overlap, or two broadcasts with nearly
the same audience.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

THRESHOLD = 10
_STEP = 5

Key = TypeVar("Key", bound=Hashable)


def choose_hidden(cells: Mapping[Key, int], threshold: int = THRESHOLD) -> frozenset[Key]:
    """Return the cells that must not be shown; show their total only as `publish` gives it."""
    if threshold < THRESHOLD:
        raise ValueError(f"The threshold may be raised above {THRESHOLD}, never lowered.")
    if all(count >= threshold for count in cells.values()):
        return frozenset()
    cover = min((count for count in cells.values() if count >= threshold), default=threshold)
    return frozenset(key for key, count in cells.items() if count <= cover)


def hide_small(cells: Mapping[Key, int], threshold: int = THRESHOLD) -> dict[Key, int | None]:
    """Return the cells as they may be shown: rounded to 5, or None where hidden."""
    hidden = choose_hidden(cells, threshold)
    return {
        key: None if key in hidden else publish(count, threshold) for key, count in cells.items()
    }


def publish(count: int, threshold: int = THRESHOLD) -> int | None:
    """Return one count rounded to 5, never below the threshold, or None when it is too small."""
    if count < threshold:
        return None
    smallest = -(-threshold // _STEP) * _STEP
    return max(smallest, (count + _STEP // 2) // _STEP * _STEP)
