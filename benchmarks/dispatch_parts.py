"""What the processes of `benchmarks.dispatch` share: the message, the start, and what each used."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SENDER = "+9990000001"
BODY = "The boat that was promised is not there. Ask for help before you pay: example.org/h"


@contextmanager
def running(command: list[str], **more: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a process and end it."""
    process = subprocess.Popen(command, text=True, **more)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def read_megabytes(pid: int) -> float:
    """Return the most memory that a process has held."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def report(began: float) -> None:
    """Say when this process ended, and what it used since it began."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime - began
    said = {"ended": time.monotonic(), "cpu": cpu, "mb": read_megabytes(os.getpid())}
    print(json.dumps(said), flush=True)


def wait_for_start() -> float:
    """Say that this process is ready, wait for its turn, and return the CPU used until then."""
    print("ready", flush=True)
    sys.stdin.readline()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
