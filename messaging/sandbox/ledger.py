"""The ledger: what was taken, what is still to be called back, what was counted.

What was answered with 201 was committed before, so it outlives `kill -9` of the sandbox. It may be
lost with the machine's power (`synchronous=NORMAL`): these are fictional phones.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from messaging.sandbox.pace import Step
from messaging.sandbox.store import IN, RANKS, Content, Message, select_messages


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """Hold when a callback is to go out."""

    due_at: float
    id: int


class Ledger:
    """Write messages and callbacks; used by one thread only."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    @contextmanager
    def _commit(self) -> Iterator[None]:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    def add(self, message: Message, steps: Iterable[Step] = ()) -> list[Due]:
        """Write a message and its callbacks in one commit, and return when they are due."""
        with self._commit():
            row = self._base.execute(
                "INSERT INTO message (sid, direction, channel, number, sender, body, template,"
                " callback, created_at, status, code) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (
                    *(message.sid, message.direction, message.channel, message.number),
                    *(message.sender, message.body, message.template, message.callback),
                    *(message.created_at, message.status, message.code),
                ),
            ).lastrowid
            self._base.execute(
                "INSERT INTO phone VALUES (?, ?)"
                " ON CONFLICT (number) DO UPDATE SET newest = excluded.newest",
                (message.number, row),
            )
            return [self._add_step(row, message.created_at + step.delay, step) for step in steps]

    def _add_step(self, row: int | None, due_at: float, step: Step) -> Due:
        cursor = self._base.execute(
            "INSERT INTO callback (message, due_at, word, code) VALUES (?, ?, ?, ?)",
            (row, due_at, step.word, step.code),
        )
        return Due(due_at, cursor.lastrowid or 0)

    def waiting(self) -> list[Due]:
        """Return the callbacks that have not gone out, after a restart."""
        rows = self._base.execute("SELECT due_at, id FROM callback")
        return [Due(*row) for row in rows]

    def find_callback(self, due: Due) -> tuple[Message, Step] | None:
        """Return the message a callback is about and what it says."""
        row = self._base.execute(
            "SELECT message, word, code FROM callback WHERE id = ?", (due.id,)
        ).fetchone()
        message = row and next(select_messages(self._base, "WHERE id = ?", row[0]), None)
        if not message:
            return None
        return message, Step(0.0, row[1], row[2])

    def note_step(self, message: Message, step: Step) -> None:
        """Let a message move on to what a callback says, never back."""
        if RANKS.get(step.word, 0) > RANKS.get(message.status, 0):
            self.set_status(message.sid, step.word, step.code)

    def finish_callback(self, due: Due, *, arrived: bool | None) -> None:
        """Forget a callback that is over; None if nobody was to be called."""
        with self._commit():
            self._base.execute("DELETE FROM callback WHERE id = ?", (due.id,))
            if arrived is not None:
                self._count("callbacks delivered" if arrived else "callbacks lost")

    def set_status(self, sid: str, status: str, code: str = "") -> None:
        """Give a message a status, whatever it had."""
        self._base.execute(
            "UPDATE message SET status = ?, code = ? WHERE sid = ?", (status, code, sid)
        )

    def empty_text(self, sid: str) -> None:
        """Forget the text of a message."""
        self._base.execute("UPDATE message SET body = '' WHERE sid = ?", (sid,))

    def count(self, name: str) -> None:
        """Count one more of something."""
        with self._commit():
            self._count(name)

    def _count(self, name: str) -> None:
        self._base.execute(
            "INSERT INTO tally VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1",
            (name,),
        )

    def try_first(self, digest: str) -> bool:
        """Say whether this is the first try of something, and remember it."""
        made = self._base.execute("INSERT OR IGNORE INTO tried VALUES (?)", (digest,)).rowcount
        return made == 1

    def heard_since(self, message: Message, moment: float) -> bool:
        """Say whether the phone of a message wrote to its sender after a moment."""
        where = (
            "WHERE number = ? AND sender = ? AND channel = ? AND direction = ? AND created_at > ?"
            " LIMIT 1"
        )
        line = (message.number, message.sender, message.channel)
        return any(select_messages(self._base, where, *line, IN, moment))

    def put_content(self, content: Content) -> None:
        """Write a template, or write it anew."""
        self._base.execute(
            "INSERT OR REPLACE INTO content VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(content.sid, content.name, content.language),
                *(content.body, content.category, content.status),
            ),
        )

    def find_content(self, sid: str) -> Content | None:
        """Return a template."""
        row = self._base.execute("SELECT * FROM content WHERE sid = ?", (sid,)).fetchone()
        return Content(*row) if row else None
