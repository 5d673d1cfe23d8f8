"""Measure sending beside the naive design and beside a bare HTTP loop, with the same provider and rows.

`python -m benchmarks.dispatch [people] [delays in ms…]` starts PostgreSQL (durable), Redis and a
stand-in provider on loopback, and prints figures as JSON: messages a second, CPU milliseconds a message
(of the sending processes), resident megabytes of the largest. Ours and the naive one have two processes.
"""

import os
import subprocess
import sys
from contextlib import ExitStack

from benchmarks.dispatch_parts import running
from tests.harness import services
from tests.harness.ports import free_port

PEOPLE, DELAYS = 20_000, (0, 100)


def run_beside_services(module: str, *words: int) -> None:
    """Run a module of the benchmarks beside PostgreSQL, Redis and the stand-in; it prints what it saw."""
    with ExitStack() as stack:
        binaries, server = services.find_postgres(), services.find_redis()
        if binaries is None or server is None:
            raise SystemExit("PostgreSQL and Redis have to be installed.")
        port = free_port()
        provider = f"http://127.0.0.1:{port}"
        os.environ |= {
            "WAYMARK_DATABASE_URL": stack.enter_context(services.postgres(binaries, durable=True)),
            "BENCH_BROKER": stack.enter_context(services.redis(server)),
            "BENCH_PROVIDER": provider,
            "WAYMARK_TWILIO_URL": provider,
        }
        stack.enter_context(running([sys.executable, "-m", "benchmarks.standin", str(port)]))
        subprocess.run([sys.executable, "-m", module, *map(str, words)], check=True)


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    run_beside_services(
        "benchmarks.dispatch_turns", *(given[:1] or [PEOPLE]), *(given[1:] or DELAYS)
    )
