"""The sandbox's SQLite file: its tables, and its rows as frozen values."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    direction TEXT NOT NULL,
    channel TEXT NOT NULL,
    number TEXT NOT NULL,
    sender TEXT NOT NULL,
    body TEXT NOT NULL,
    template TEXT NOT NULL,
    callback TEXT NOT NULL,
    created_at REAL NOT NULL,
    status TEXT NOT NULL,
    code TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS message_by_number ON message (number, id);
CREATE INDEX IF NOT EXISTS message_heard ON message (sender, id) WHERE direction = 'inbound';
CREATE TABLE IF NOT EXISTS phone (number TEXT PRIMARY KEY, newest INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS phone_by_newest ON phone (newest);
CREATE TABLE IF NOT EXISTS callback (
    id INTEGER PRIMARY KEY,
    message INTEGER NOT NULL,
    due_at REAL NOT NULL,
    word TEXT NOT NULL,
    code TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS content (
    sid TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    body TEXT NOT NULL,
    category TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'unsubmitted'
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tried (digest TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
"""

# A later word never takes back an earlier, better one, in whatever order they come.
RANKS = {
    "queued": 0,
    "received": 0,
    "unanswered": 0,
    "sent": 1,
    "undelivered": 2,
    "failed": 2,
    "delivered": 3,
    "read": 4,
}
SMS, WHATSAPP = "sms", "whatsapp"
OUT, REPLY, IN = "outbound-api", "outbound-reply", "inbound"


@dataclass(frozen=True, slots=True)
class Message:
    """Hold one message; `number` is always the phone's, `sender` always ours."""

    sid: str
    direction: str
    channel: str
    number: str = field(repr=False)
    sender: str
    body: str = field(repr=False)
    created_at: float
    status: str = "queued"
    template: str = ""
    callback: str = field(default="", repr=False)
    code: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """Hold when a callback is to go out."""

    due_at: float
    id: int


@dataclass(frozen=True, slots=True)
class Content:
    """Hold one template."""

    sid: str
    name: str
    language: str
    body: str
    category: str = ""
    status: str = "unsubmitted"


_COLUMNS = ", ".join(f"message.{field}" for field in Message.__slots__)


def open_store(path: Path) -> sqlite3.Connection:
    """Open the file, made and filled with empty tables where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA synchronous=NORMAL")
    base.executescript(_SCHEMA)
    return base


def select_messages(base: sqlite3.Connection, rest: str, *values: object) -> Iterator[Message]:
    """Yield the messages that `rest` of a SELECT picks.

    `rest` is always fixed text of this package; what a caller names goes in as values.
    """
    rows = base.execute(f"SELECT {_COLUMNS} FROM message {rest}", values)  # noqa: S608
    return (Message(*row) for row in rows)
