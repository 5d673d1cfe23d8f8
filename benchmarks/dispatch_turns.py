"""The turns of `benchmarks.dispatch`, against the services that the environment names."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from benchmarks import dispatch_seed, naive  # noqa: E402
from benchmarks.dispatch_parts import read_megabytes, running  # noqa: E402

Figures = dict[str, float]

PROCESSES, ROUNDS = 2, 5
# The naive design takes long; its rate is the same for fewer.
NAIVE_SHARE, FEWEST = 20, 200
_TICK = os.sysconf("SC_CLK_TCK")


def measure(people: int, delays: list[int]) -> None:
    """Measure everything against the services that the environment names."""
    dispatch_seed.prepare(people)
    figures: dict[str, dict[str, float]] = {}
    for delay in delays:
        # Side by side again and again: the machine may be another one a minute later.
        rounds = [measure_round(people, delay) for _ in range(ROUNDS)]
        for name in ("bare", "ours"):
            figures[f"{name} {delay} ms"] = take_medians([one[name] for one in rounds])
        few = max(FEWEST, people // NAIVE_SHARE)
        figures[f"naive {delay} ms"] = run_one("naive", run_naive, few, delay)
        ours = figures[f"ours {delay} ms"]["rate"]
        figures[f"ratios {delay} ms"] = {
            "to bare": median(one["ours"]["rate"] / one["bare"]["rate"] for one in rounds),
            "to naive": ours / figures[f"naive {delay} ms"]["rate"],
        }
    json.dump(figures, sys.stdout, indent=1)


def measure_round(people: int, delay: int) -> dict[str, dict[str, float]]:
    """Measure the bare loop and ours, one after the other."""
    return {
        "bare": run_one("bare", run_bare, people, delay),
        "ours": run_one("ours", run_ours, people, delay),
    }


def run_one(name: str, run: Callable[[int], Figures], people: int, delay: int) -> Figures:
    """Plan for so many people, send to them, and see that each got it once."""
    dispatch_seed.plan(people)
    tell(f"/delay/{delay}", b"")
    found = run(people)
    taken = tell("/count")
    assert taken == {"requests": people, "doubled": 0}, (name, taken)
    print(name, delay, {k: round(v, 2) for k, v in found.items()}, file=sys.stderr)
    return found


def take_medians(rounds: list[Figures]) -> Figures:
    """Return the median of each figure."""
    return {name: median(one[name] for one in rounds) for name in rounds[0]}


def tell(path: str, body: bytes | None = None) -> dict[str, int]:
    """Ask the stand-in for its count, or tell it something."""
    request = Request(os.environ["BENCH_PROVIDER"] + path, data=body)  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310 (loopback)
        return dict(json.load(answer))


def run_ours(people: int) -> Figures:
    """Let two workers drain until nothing is due."""
    return run_children("dispatch_worker", PROCESSES, people)


def run_bare(people: int) -> Figures:
    """Let one loop post the same requests, with nothing else to do."""
    return run_children("dispatch_bare", 1, people)


def run_children(module: str, count: int, people: int) -> dict[str, float]:
    """Start processes, let them begin together, and read what each says at its end."""
    command = [sys.executable, "-m", f"benchmarks.{module}", str(people)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with ExitStack() as stack:
        children = [stack.enter_context(running(command, **pipes)) for _ in range(count)]
        for child in children:
            assert child.stdout
            assert child.stdout.readline() == "ready\n"
        began = time.monotonic()
        for child in children:
            assert child.stdin
            child.stdin.write("go\n")
            child.stdin.flush()
        said = [json.loads(child.stdout.readline()) for child in children if child.stdout]
        seconds = max(one["ended"] for one in said) - began
    cpu = sum(one["cpu"] for one in said)
    return {
        "rate": people / seconds,
        "cpu ms": 1000 * cpu / people,
        "MB": max(one["mb"] for one in said),
    }


def run_naive(people: int) -> Figures:
    """Let two Celery processes take a task for each row."""
    command = [sys.executable, "-m", "celery", "-A", "benchmarks.naive", "worker"]
    command += ["-P", "prefork", "-c", str(PROCESSES), "-l", "ERROR", "--without-gossip"]
    ids = dispatch_seed.find_ids()
    with running(command, stdout=subprocess.DEVNULL) as worker:
        naive.send.delay(ids[0])
        wait_until_taken(1)
        before, began = read_cpu(worker.pid), time.monotonic()
        for pk in ids[1:]:
            naive.send.delay(pk)
        wait_until_taken(people)
        seconds, cpu = time.monotonic() - began, read_cpu(worker.pid) - before
        megabytes = max(read_megabytes(pid) for pid in find_tree(worker.pid))
    return {"rate": people / seconds, "cpu ms": 1000 * cpu / people, "MB": megabytes}


def wait_until_taken(requests: int) -> None:
    """Wait until the stand-in took so many."""
    while tell("/count")["requests"] < requests:
        time.sleep(0.05)


def find_tree(pid: int) -> list[int]:
    """Return a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def read_cpu(pid: int) -> float:
    """Return the seconds of CPU that a process and its children used."""
    stats = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2] for one in find_tree(pid)]
    return sum(sum(map(int, stat.split()[11:13])) for stat in stats) / _TICK


if __name__ == "__main__":
    measure(int(sys.argv[1]), [int(one) for one in sys.argv[2:]])
