"""Databases made once, by the house's own commands, and copied: migrated, loaded, set up.

To migrate an empty database takes longer than most files of tests. Each template is named after what
it was made from, so that none outlives a changed migration, pack or line of code. The house's own
commands make them, in processes of their own; nothing here knows how.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, LiteralString, Protocol

import psycopg
from psycopg.sql import SQL, Identifier

BASE_DIR = Path(__file__).resolve().parent.parent.parent
# Only migrations; with the starter pack; a whole data folder, with the people of a rehearsal too.
MIGRATED, LOADED, SET_UP = "migrated", "loaded", "set-up"
COMMANDS = {
    MIGRATED: ("migrate", "--skip-checks"),
    LOADED: ("load_starter", "--skip-checks"),
    SET_UP: ("setup",),
}
BELOW = {LOADED: MIGRATED, SET_UP: LOADED}
SOURCES = ("analytics", "campaigns", "cms", "config", "locales", "messaging", "requirements")
SUFFIXES = {".py", ".yaml", ".json", ".po", ".txt", ".lock"}
# Of a run by hand, templates wait this long for the next one.
KEPT_SECONDS = 3600
FILE = "waymark.sqlite3"


class TemplateError(Exception):
    """Say which command could not make a template, with its last words."""


class Templates(Protocol):
    """Where the templates of one kind of database are."""

    def find(self, kind: str) -> str:
        """Return the file or the name of a template; make it where it is missing."""

    def restore(self, kind: str, connection: Any) -> None:
        """Make the database of a connection what the template is, whatever it was."""


class SqliteTemplates:
    """Templates as files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, kind: str) -> str:
        """Return the path of a template."""
        path = self._folder / f"{kind}-{_fingerprint(kind)}.sqlite3"
        with _locked(self._folder, kind):
            if not path.exists():
                self._make(kind, path)
                _forget_unused(self._folder)
        os.utime(path)
        return str(path)

    def find_folder(self) -> Path:
        """Return the data folder of a house that is set up."""
        path = self._folder / f"{SET_UP}-{_fingerprint(SET_UP)}"
        with _locked(self._folder, SET_UP):
            if not path.exists():
                with tempfile.TemporaryDirectory(dir=self._folder) as name:
                    made = Path(name) / "data"
                    made.mkdir()
                    copy_sqlite(self.find(BELOW[SET_UP]), str(made / FILE))
                    _run_command(SET_UP, made)
                    made.rename(path)
        os.utime(path)
        return path

    def restore(self, kind: str, connection: Any) -> None:
        """Write the template over the database, through the connection itself."""
        connection.ensure_connection()
        with closing(sqlite3.connect(self.find(kind))) as template:
            template.backup(connection.connection)

    def _make(self, kind: str, path: Path) -> None:
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            if kind in BELOW:
                copy_sqlite(self.find(BELOW[kind]), f"{name}/{FILE}")
            _run_command(kind, Path(name))
            copy_sqlite(f"{name}/{FILE}", f"{name}/made")
            Path(name, "made").replace(path)


class PostgresTemplates:
    """Templates as databases of a server."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder = folder
        self._address = address

    def find(self, kind: str) -> str:
        """Return the name of a template."""
        name = f"waymark-{kind}-{_fingerprint(kind)}"
        server = hashlib.blake2s(self._address.encode(), digest_size=4).hexdigest()
        with _locked(self._folder, f"{kind}-{server}"):
            if not self._exists(name):
                self._make(kind, name)
        return name

    def restore(self, kind: str, connection: Any) -> None:
        """Put a copy of the template in the place of the database."""
        name, template = connection.settings_dict["NAME"], self.find(kind)
        connection.close()
        self._say("DROP DATABASE {} WITH (FORCE)", name)
        self._say("CREATE DATABASE {} TEMPLATE {}", name, template)

    def _make(self, kind: str, name: str) -> None:
        unfinished = f"{name}-unfinished"
        self._say("DROP DATABASE IF EXISTS {}", unfinished)
        below = self.find(BELOW[kind]) if kind in BELOW else "template1"
        self._say("CREATE DATABASE {} TEMPLATE {}", unfinished, below)
        address = f"{self._address.rpartition('/')[0]}/{unfinished}"
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            _run_command(kind, Path(folder), WAYMARK_DATABASE_URL=address)
        self._say("ALTER DATABASE {} RENAME TO {}", unfinished, name)

    def _exists(self, name: str) -> bool:
        with psycopg.connect(self._address) as server:
            asked = "SELECT 1 FROM pg_database WHERE datname = %s"
            return server.execute(asked, [name]).fetchone() is not None

    def _say(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self._address, autocommit=True) as server:
            server.execute(SQL(statement).format(*map(Identifier, names)))


def find_templates() -> Templates:
    """Return the templates of this run's kind of database."""
    address = os.environ.get("TESTS_DATABASE_URL")
    return PostgresTemplates(store(), address) if address else SqliteTemplates(store())


def store() -> Path:
    """Return the folder of the templates: that of the whole run, or what runs by hand share."""
    folder = Path(os.environ.get("TESTS_TEMPLATES") or BASE_DIR / ".pytest_cache" / "templates")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def copy_sqlite(source: str, target: str) -> None:
    """Copy a database whole, with what still stands in its log, into one file."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
        other.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def _locked(folder: Path, name: str) -> Iterator[None]:
    """Let one process at a time look for a template and make it."""
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run_command(kind: str, data: Path, **more: str) -> None:
    ours = ("WAYMARK_", "TESTS_", "DJANGO_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "manage.py", *COMMANDS[kind], "--verbosity=0"],
        env=environment | {"WAYMARK_DATA_DIR": str(data)} | more,
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise TemplateError(f"{COMMANDS[kind][0]} failed:\n{done.stdout}{done.stderr[-2000:]}")


@cache
def _fingerprint(kind: str) -> str:
    """Return a name for all that a template is made from.

    What is loaded bears the time of loading, so it is another one tomorrow.
    """
    found = hashlib.blake2s(digest_size=8)
    packages = Path(sysconfig.get_path("purelib")).glob("*.dist-info")
    found.update("".join(sorted(path.name for path in packages)).encode())
    for path in sorted(path for root in SOURCES for path in (BASE_DIR / root).rglob("*.*")):
        if path.suffix in SUFFIXES and (kind != MIGRATED or path.parent.name == "migrations"):
            found.update(str(path.relative_to(BASE_DIR)).encode() + path.read_bytes())
    if kind != MIGRATED:
        found.update(str(datetime.now(UTC).date()).encode())
    return found.hexdigest()


def _forget_unused(folder: Path) -> None:
    for path in folder.iterdir():
        is_template = path.name.startswith(tuple(COMMANDS)) and path.suffix != ".lock"
        if is_template and time.time() - path.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


if __name__ == "__main__":
    find_templates().find(LOADED)
    if not os.environ.get("TESTS_DATABASE_URL"):
        SqliteTemplates(store()).find_folder()
