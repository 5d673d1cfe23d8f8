"""A progress bar for a terminal; on anything else, a line now and then."""

import sys
import time
from typing import TextIO

_WIDTH = 32
_EVERY = 5.0


class Bar:
    """Show how far a count has come, on one line that is drawn anew."""

    def __init__(self, label: str, total: int, out: TextIO = sys.stdout) -> None:
        self.label, self.total, self.out = label, total, out
        self._drawn_at = float("-inf")
        self._line = ""

    def show(self, done: int, note: str = "") -> None:
        """Draw the bar at `done` of the total."""
        self._line = f"{self.label:<10} {done:>5} of {self.total}  {note}".rstrip()
        share = min(1.0, done / self.total) if self.total else 1.0
        if self.out.isatty():
            filled = round(_WIDTH * share)
            bar = "█" * filled + "░" * (_WIDTH - filled)
            line = f"{self.label:<10} {bar} {done:>5} of {self.total}  {note}"
            self.out.write(f"\r\033[K{line[:118]}")
        elif time.monotonic() - self._drawn_at > _EVERY:
            self.out.write(f"{self._line}\n")
            self._drawn_at = time.monotonic()
        self.out.flush()

    def end(self) -> None:
        """Leave the last bar standing."""
        self.out.write("\n" if self.out.isatty() else f"{self._line}\n")
        self.out.flush()
