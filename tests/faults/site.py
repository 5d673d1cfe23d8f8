"""The real site, as a deployment runs it, on a rig's database."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.loopback import open_local
from config.processes import die_with_parent
from tests.faults.rig import BASE_DIR, Rig
from tests.harness.ports import free_port
from tests.harness.waiting import wait_until


@dataclass(frozen=True, slots=True)
class Site:
    """Hold a running site's port, its workers' process id and its log."""

    port: int
    pid: int
    log: Path

    def memory(self) -> int:
        """Return the resident memory of its one worker in KiB."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        status = Path(f"/proc/{children.split()[0]}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line)

    def answers(self) -> bool:
        """Say whether it is there."""
        try:
            with open_local(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as response:
                return bool(response.status == 200)
        except OSError:
            return False


@contextmanager
def run_site(rig: Rig) -> Iterator[Site]:
    """Run one worker of eight threads behind gunicorn."""
    port, log = free_port(), rig.nursery.folder / f"site-{id(rig)}.log"
    command = [
        *(sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", "1", "--threads", "8"),
        *("--no-control-socket", "--log-level", "error"),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=rig.environment,
            cwd=BASE_DIR,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 (one system call, no other thread yet)
        )
    site = Site(port, process.pid, log)
    rig.extra_logs.append(log)
    try:
        wait_until(site.answers, seconds=60, what="the site answers")
        yield site
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
