"""Servers that can be crashed, stopped and started again: PostgreSQL, Redis, and a pooler before it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import psycopg

from config.processes import die_with_parent
from tests.harness import services
from tests.harness.ports import free_port
from tests.harness.waiting import wait_until


class Server:
    """One server process, with its data in a folder that outlives it."""

    def __init__(self, command: list[str], *, port: int, folder: Path, user: str | None) -> None:
        self.command, self.port, self.folder, self.user = command, port, folder, user
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        with (self.folder / "log").open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                user=self.user,
                extra_groups=[] if self.user else None,
                cwd="/",
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 (one system call, no other thread yet)
            )
        listens = partial(services.listens, self.port)
        services.wait_for("a server", self.process, answers=listens, log=self.folder / "log")

    def send(self, number: int) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self, number: int = signal.SIGINT) -> None:
        """End it in one of its ways and wait for that."""
        if self.process is None:
            return
        self.send(signal.SIGCONT)
        self.send(number)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


class Postgres(Server):
    """PostgreSQL whose commits outlive a crash."""

    def __init__(self, folder: Path, *options: str, data: Path | None = None) -> None:
        self.binaries = services.find_postgres()
        assert self.binaries is not None
        user = services._unprivileged(folder)
        self.data = data or folder / "data"
        port = free_port()
        self.address = f"postgres://waymark:waymark@127.0.0.1:{port}/postgres"
        said = [word for option in options for word in ("-c", option)]
        command = [
            *(str(self.binaries / "postgres"), "-D", str(self.data), "-p", str(port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"),
            *("-c", "max_connections=100", "-c", "shared_buffers=64MB"),
            # What is written lies with the kernel, which no crash of a server takes away.
            *("-c", "fsync=off", *said),
        ]
        self._writer = 0
        super().__init__(command, port=port, folder=folder, user=user)

    def initialise(self) -> None:
        """Make an empty cluster."""
        assert self.binaries is not None
        services._call(
            [
                *(str(self.binaries / "initdb"), "--pgdata", str(self.data)),
                *("--username", "waymark", "--auth", "trust", "--encoding", "UTF8"),
                *("--locale", "C.UTF-8", "--no-sync"),
            ],
            user=self.user,
        )

    def start(self) -> None:
        """Start it and wait until it answers: after a crash it mends itself first."""
        super().start()
        wait_until(self.answers, seconds=60, what="PostgreSQL answers")

    def answers(self) -> bool:
        """Say whether it takes a query."""
        with suppress(psycopg.Error), psycopg.connect(self.address, connect_timeout=2) as held:
            held.execute("SELECT 1")
            return True
        return False

    def hold_log(self) -> None:
        """Let nobody write to the log but who waits for it; until the crash.

        Otherwise a process of its own writes each page as it is full, and a crash would find nothing to
        forget: a power cut, which takes what lies with the kernel as well, forgets far more.
        """
        with psycopg.connect(self.address) as held:
            found = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'"
            (self._writer,) = held.execute(found).fetchone() or (0,)
        assert self._writer
        os.kill(self._writer, signal.SIGSTOP)

    def crash(self) -> None:
        """End it at once, as a power cut does: nothing is written that was not."""
        assert self.process is not None
        self.process.send_signal(signal.SIGQUIT)
        if self._writer:
            # What it has been told meanwhile comes first: it ends, and writes nothing.
            time.sleep(0.1)
            os.kill(self._writer, signal.SIGCONT)
            self._writer = 0
        self.stop(signal.SIGQUIT)

    def address_of(self, database: str) -> str:
        """Return where a database of the same name stands here."""
        return f"{self.address.rpartition('/')[0]}/{database.rpartition('/')[2]}"

    def stop_listening(self) -> None:
        """As a replica, hear no more of the server that is followed."""
        with psycopg.connect(self.address, autocommit=True) as held:
            held.execute("ALTER SYSTEM SET primary_conninfo = ''")
            held.execute("SELECT pg_reload_conf()")
        wait_until(lambda: not self._listens(), seconds=20, what="the replica hears no more")

    def promote(self) -> None:
        """As a replica, become the server that takes what is written."""
        with psycopg.connect(self.address, autocommit=True) as held:
            held.execute("SELECT pg_promote(true, 60)")

    def _listens(self) -> bool:
        with psycopg.connect(self.address, autocommit=True) as held:
            return bool(held.execute("SELECT 1 FROM pg_stat_wal_receiver").fetchall())

    def take_over(self, source: str) -> str:
        """Copy a database of another server into this one; return its address."""
        assert self.binaries is not None
        name, target = source.rpartition("/")[2], self.address_of(source)
        with psycopg.connect(self.address, autocommit=True) as held:
            held.execute(f'CREATE DATABASE "{name}"')
        copy_database(self.binaries, source, target)
        return target


def copy_database(binaries: Path, source: str, target: str) -> None:
    """Copy everything of one database into another, as a backup and its restore do."""
    with subprocess.Popen(
        [str(binaries / "pg_dump"), "--dbname", source, "--no-owner"], stdout=subprocess.PIPE
    ) as dump:
        subprocess.run(
            [str(binaries / "psql"), "--dbname", target, "--quiet", "-v", "ON_ERROR_STOP=1"],
            stdin=dump.stdout,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    assert dump.returncode == 0


@contextmanager
def make_folder(name: str) -> Iterator[Path]:
    """Yield a folder with a short path that another user may write to."""
    folder = Path(tempfile.mkdtemp(prefix=f"waymark-{name}-", dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def run_postgres(*options: str, folder: Path | None = None) -> Iterator[Postgres]:
    """Run PostgreSQL that writes through to the disk."""
    with make_folder("pg") as own:
        place = folder or own
        server = Postgres(place, *options)
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def run_replica(primary: Postgres, *options: str) -> Iterator[Postgres]:
    """Run a second server that follows another one, a moment behind."""
    assert primary.binaries is not None
    with make_folder("replica") as folder:
        server = Postgres(folder, *options)
        source = primary.address.rpartition("/")[0]
        services._call(
            [
                *(str(primary.binaries / "pg_basebackup"), "--dbname", source),
                *("--pgdata", str(server.data), "--write-recovery-conf", "--wal-method=stream"),
                *("--checkpoint=fast", "--no-sync"),
            ],
            user=server.user,
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def run_redis() -> Iterator[Server]:
    """Run Redis with nothing written to disk."""
    found = services.find_redis()
    assert found is not None
    with make_folder("redis") as folder:
        port = free_port()
        command = [
            *(str(found), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)),
            *("--save", "", "--appendonly", "no"),
        ]
        server = Server(command, port=port, folder=folder, user=None)
        server.start()
        try:
            yield server
        finally:
            server.stop(signal.SIGTERM)


def find_pooler() -> str | None:
    """Return the path of pgbouncer."""
    return shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")


@contextmanager
def run_pooler(address: str) -> Iterator[str]:
    """Run pgbouncer before a database, each transaction on any connection; yield its address."""
    program, port = find_pooler(), free_port()
    assert program is not None
    server, _, name = address.rpartition("/")
    host = server.rpartition("@")[2]
    with make_folder("pooler") as folder:
        user = services._unprivileged(folder)
        users, settings = folder / "users", folder / "settings"
        users.write_text('"waymark" "waymark"\n')
        settings.write_text(
            f"[databases]\n{name} = host={host.split(':')[0]} port={host.split(':')[1]}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = trust\n"
            f"auth_file = {users}\npool_mode = transaction\nmax_client_conn = 200\n"
            f"default_pool_size = 8\nunix_socket_dir =\nlogfile = {folder}/pooler.log\n"
            "ignore_startup_parameters = extra_float_digits,options\n"
        )
        for path in (users, settings):
            if user:
                shutil.chown(path, user)
        one = Server([program, str(settings)], port=port, folder=folder, user=user)
        one.start()
        try:
            yield f"postgres://waymark:waymark@127.0.0.1:{port}/{name}"
        finally:
            one.stop(signal.SIGINT)


@contextmanager
def small_volume(megabytes: int) -> Iterator[Path | None]:
    """Yield a volume that is soon full, or None where this user may not mount one."""
    with make_folder("volume") as folder:
        if os.geteuid() != 0:
            yield None
            return
        options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        done = subprocess.run(["mount", *options], capture_output=True, check=False)
        if done.returncode:
            yield None
            return
        try:
            yield folder
        finally:
            time.sleep(0.2)
            subprocess.run(["umount", "--lazy", str(folder)], check=False)
