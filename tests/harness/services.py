"""Real PostgreSQL and Redis for the tests: installed binaries on free ports, stopped afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from config.processes import die_with_parent
from tests.harness.ports import free_port

# Debian keeps the servers' binaries out of PATH.
POSTGRES_HOMES = "/usr/lib/postgresql/*/bin"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120.0


class ServiceError(Exception):
    """Say which service did not start, with its last words."""


def find_postgres() -> Path | None:
    """Return the folder of PostgreSQL's binaries, the newest where there are several."""
    root = Path(POSTGRES_HOMES.partition("*")[0])
    homes = [home for home in root.glob("*/bin") if (home / "initdb").exists()]
    if homes:
        return max(homes, key=lambda home: float(home.parent.name))
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def find_redis() -> Path | None:
    """Return Redis's server, or Valkey's, which is the same to us."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(found) if found else None


def find_chromium() -> Path | None:
    """Return an installed Chromium."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    return Path(found) if found else None


@contextmanager
def postgres(binaries: Path, *, durable: bool = False) -> Iterator[str]:
    """Run PostgreSQL in a folder that goes away; yield its address, which names its `postgres` database.

    Without `durable` it forgets its data at a power cut, and is quick.
    """
    with _folder("postgres") as folder:
        port = free_port()
        user = _unprivileged(folder)
        data = folder / "data"
        _call(
            [
                *(str(binaries / "initdb"), "--pgdata", str(data), "--username", "waymark"),
                *("--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            ],
            user=user,
        )
        command = [
            *(str(binaries / "postgres"), "-D", str(data), "-p", str(port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"),
            *("-c", "max_connections=100", "-c", "shared_buffers=64MB"),
            *("-c", f"fsync={'on' if durable else 'off'}"),
            *("-c", f"full_page_writes={'on' if durable else 'off'}"),
        ]
        # It takes connections before it serves them.
        ask = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients that stayed connected.
        answers = partial(_succeeds, ask)
        with _process("PostgreSQL", command, folder=folder, user=user, answers=answers, graceful=2):
            yield f"postgres://waymark:waymark@127.0.0.1:{port}/postgres"


@contextmanager
def redis(server: Path) -> Iterator[str]:
    """Run Redis in a folder that goes away, with nothing written to disk; yield its address."""
    with _folder("redis") as folder:
        port = free_port()
        command = [
            *(str(server), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)),
            *("--save", "", "--appendonly", "no"),
        ]
        with _process("Redis", command, folder=folder, user=None, answers=partial(listens, port)):
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    # Not tempfile.TemporaryDirectory: another user writes here, and a short path keeps sockets legal.
    folder = Path(tempfile.mkdtemp(prefix=f"waymark-{name}-", dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> str | None:
    """Return the user to run as where we are root, which PostgreSQL refuses; the folder becomes theirs."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in known else "nobody"
    shutil.chown(folder, user)
    return user


def _call(command: list[str], *, user: str | None) -> None:
    done = subprocess.run(
        command,
        user=user,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        extra_groups=_no_groups(user),
    )
    if done.returncode:
        raise ServiceError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def _no_groups(user: str | None) -> list[int] | None:
    return [] if user else None


@contextmanager
def _process(
    name: str,
    command: list[str],
    *,
    folder: Path,
    user: str | None,
    answers: Callable[[], bool],
    graceful: int = 15,
) -> Iterator[None]:
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            user=user,
            extra_groups=_no_groups(user),
            cwd="/",
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 (one system call, no other thread yet)
        )
    try:
        wait_for(name, process, answers=answers, log=log)
        yield
    finally:
        process.send_signal(graceful)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(
    name: str, process: subprocess.Popen[bytes], *, answers: Callable[[], bool], log: Path
) -> None:
    """Return once a service answers; raise ServiceError with its last words where it does not."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if answers():
            return
        time.sleep(0.05)
    raise ServiceError(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def listens(port: int) -> bool:
    """Say whether somebody takes connections on a port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
