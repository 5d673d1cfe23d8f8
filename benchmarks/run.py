"""Measure what the catalog names, in a fresh clone, and add a dated row to the table in README.md.

The clone is of the last commit; packages come from pip's cache where it has them. Everything runs on
loopback in a temporary folder, on ports of its own, and is stopped by its pid.
"""

import contextlib
import json
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.catalog import CATALOG
from config.loopback import open_local

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "benchmarks" / "README.md"
PORT, SANDBOX_PORT = 8460, 8461
FIRST_PAGE = f"http://127.0.0.1:{PORT}/en/"
LONGEST = 900.0


def main() -> None:
    """Measure everything once and write the row."""
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as folder:
        house = Path(folder) / "waymark"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(house)], check=True)
        environment = _environment(Path(folder))
        figures = {"cold start": _time_first_page(house, environment)}
        figures["warm start"] = _time_first_page(house, environment)
        # The first demonstration lets 2,000 people join; the second is the one that counts.
        _time_demo(house, environment)
        figures["demo"] = _time_demo(house, environment)
        figures |= _read_rates(Path(folder) / "data" / "waymark.sqlite3")
        figures |= _measure_apart("benchmarks.sealing", house, Path(folder) / "sealing")
        figures |= _measure_apart("benchmarks.content_seed", house, Path(folder) / "content")
        figures |= _measure_apart("benchmarks.desk", house, Path(folder) / "desk")
        figures |= _measure_apart("benchmarks.sweep", house, Path(folder) / "sweep")
        for module in ("pages_rps", "pages", "lighthouse"):
            figures |= _measure_apart(f"benchmarks.{module}", house, Path(folder) / module)
    _write(figures)


def _environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WAYMARK_", "VIRTUAL_ENV"))}
    return kept | {
        "WAYMARK_DATA_DIR": str(folder / "data"),
        "WAYMARK_PORT": str(PORT),
        "WAYMARK_SANDBOX_PORT": str(SANDBOX_PORT),
    }


def _time_first_page(house: Path, environment: dict[str, str]) -> float:
    started = time.monotonic()
    with _running(house, environment) as process:
        while not _answers():
            if process.poll() is not None or time.monotonic() - started > LONGEST:
                sys.exit("`make run` did not bring up the first page.")
            time.sleep(0.05)
        return time.monotonic() - started


@contextlib.contextmanager
def _running(house: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        ["make", "run"],
        cwd=house,
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)


def _answers() -> bool:
    try:
        with open_local(FIRST_PAGE, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _time_demo(house: Path, environment: dict[str, str]) -> float:
    started = time.monotonic()
    subprocess.run(["make", "demo"], cwd=house, env=environment, check=True)
    return time.monotonic() - started


def _read_rates(database: Path) -> dict[str, float]:
    """Return messages and deliveries a second of the last batch, from its own ledger."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        batch, size, start = connection.execute(
            "SELECT id, size, julianday(created_at) FROM messaging_batch ORDER BY id DESC LIMIT 1"
        ).fetchone()
        handed, final = connection.execute(
            "SELECT (SELECT max(julianday(started_at)) FROM messaging_attempt a"
            "          JOIN messaging_delivery d ON d.id = a.delivery_id WHERE d.batch_id = ?),"
            "       (SELECT max(julianday(at)) FROM messaging_event"
            "         WHERE batch_id = ? AND state IN ('delivered', 'read', 'failed'))",
            (batch, batch),
        ).fetchone()
    day = 24 * 3600
    return {
        "hand-over": size / ((handed - start) * day),
        "receipts": size / ((final - start) * day),
    }


def _measure_apart(module: str, house: Path, data: Path) -> dict[str, float]:
    """Return what a module measures in a process and a database of its own."""
    environment = _environment(data.parent) | {"WAYMARK_DATA_DIR": str(data)}
    command = [str(house / ".venv" / "bin" / "python"), "-m", module]
    done = subprocess.run(
        command, cwd=house, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _write(figures: dict[str, float]) -> None:
    today = datetime.now(tz=UTC).date().isoformat()
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite"
    # What needs a server or minutes of its own is measured by hand: its own module says how.
    rows = "".join(
        f"| {today} | {m.name} | {figures[m.name]:.1f} {m.unit} | {machine} |\n"
        for m in CATALOG
        if m.name in figures
    )
    TABLE.write_text(TABLE.read_text("utf-8") + rows, "utf-8")
    print(rows)


if __name__ == "__main__":
    main()
