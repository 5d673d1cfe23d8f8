"""Measure how sending and folding receipts grow: `python -m benchmarks.growing [people…]`."""

import sys

from benchmarks.dispatch import run_beside_services

SIZES = (10_000, 100_000, 1_000_000)

if __name__ == "__main__":
    run_beside_services("benchmarks.growing_turns", *([int(one) for one in sys.argv[1:]] or SIZES))
