"""Measure how fast a message is folded and read: `python -m benchmarks.keywords`, figures as JSON.

The texts are those of the tests: stops in twelve languages, sentences that are none, and disguises.
One process, one core. A sentence costs the most: every disguise is taken off before it is no keyword.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from locales.folding import fold
from locales.keywords import read_keyword

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "locales" / "stop_words"
SECONDS = 2.0


def main() -> None:
    """Measure and print."""
    held = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))]
    stops = [str(text) for one in held for text in one["stop"]]
    others = [str(text) for one in held for text in one["not_stop"]]
    figures = {
        "foldings a second": _measure(fold, stops + others),
        "stops read a second": _measure(read_keyword, stops),
        "sentences read a second": _measure(read_keyword, others),
        "texts": len(stops) + len(others),
    }
    print(json.dumps(figures))


def _measure(work: Callable[[str], object], texts: list[str]) -> int:
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        for text in texts:
            work(text)
        done += len(texts)
    return round(done / (time.perf_counter() - started))


if __name__ == "__main__":
    main()
