"""The nursery: a process with everything imported that forks workers, so that a fresh one costs little.

`python -m tests.faults.nursery FOLDER` reads a line of JSON and writes one. A worker is a real process
with connections, threads and a clock of its own; the nursery itself opens none and has one thread.
Each writes what it logs to `N.log` and what its job returned to `N.json`.
"""

import faulthandler
import gc
import json
import os
import select
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import django

from config.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from tests.faults import jobs  # noqa: E402


class Nursery:
    """Fork workers, and remember how they ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.codes: dict[int, int | None] = {}
        self.born = 0

    def do_start(self, job: str, given: dict[str, Any], rig: dict[str, Any]) -> dict[str, int]:
        """Fork one worker."""
        self.born += 1
        pid = os.fork()
        if pid == 0:
            _live(job, given, rig, self.folder / str(self.born))
        # Signals go to its group, which is not there before it has made it.
        while _group_of(pid) not in {pid, None}:
            time.sleep(0.001)
        self.codes[pid] = None
        return {"pid": pid, "number": self.born}

    def do_code(self, pid: int) -> dict[str, int | None]:
        """Return how a worker ended: its exit code, or minus the signal; None while it lives."""
        self.reap()
        return {"code": self.codes[pid]}

    def reap(self) -> None:
        """Note who has ended."""
        for pid in [pid for pid, code in self.codes.items() if code is None]:
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                self.codes[pid] = os.waitstatus_to_exitcode(status)


def _group_of(pid: int) -> int | None:
    with suppress(ProcessLookupError):
        return os.getpgid(pid)
    return None


def _live(job: str, given: dict[str, Any], rig: dict[str, Any], files: Path) -> None:
    """Be a worker; never return."""
    code = 1
    try:
        os.setsid()
        die_with_parent()
        log = os.open(files.with_suffix(".log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # Where it is, for a test that waited in vain.
        faulthandler.register(signal.SIGUSR1, all_threads=True)
        jobs.move_in(rig)
        returned = getattr(jobs, job)(**given)
        unfinished = files.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(returned))
        unfinished.replace(files.with_suffix(".json"))
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:  # noqa: BLE001  (a test reads it in the log)
        traceback.print_exc()
    finally:
        # A full volume takes nothing, and whatever fails here would let the fork live on.
        with suppress(OSError):
            sys.stdout.flush()
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(code)


def main(folder: Path) -> None:
    """Serve until the parent ends."""
    nursery = Nursery(folder)
    gc.freeze()
    print("{}", flush=True)
    while True:
        ready, _, _ = select.select([0], [], [], 1.0)
        nursery.reap()
        if not ready:
            continue
        line = sys.stdin.readline()
        if not line:
            return
        asked = json.loads(line)
        said = getattr(nursery, f"do_{asked.pop('do')}")(**asked)
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    # Ctrl-C is for who started it; this ends with that process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    main(Path(sys.argv[1]))
