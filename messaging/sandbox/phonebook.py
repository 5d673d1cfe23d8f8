"""Reading the ledger: one message, a phone, all phones, and the sums."""

import sqlite3

from messaging.sandbox.store import OUT, SMS, WHATSAPP, Message, select_messages

# Senders in use are looked for among the newest messages only, so that a large ledger is quick.
_RECENT = 5000


class Phonebook:
    """Look things up in the ledger."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def find(self, sid: str) -> Message | None:
        """Return the message with this id."""
        return next(select_messages(self._base, "WHERE sid = ?", sid), None)

    def messages(self, to: str, sender: str, *, limit: int, offset: int) -> list[Message]:
        """Return the messages between two addresses, newest first; an empty one is any."""
        clauses, values = [], []
        # What a phone wrote goes from its number to our sender, so the two change places.
        for address, inbound, outbound in (
            (to, "sender", "number"),
            (sender, "number", "sender"),
        ):
            if address:
                clauses.append(
                    f"(direction = 'inbound' AND {inbound} = ?"
                    f" OR direction <> 'inbound' AND {outbound} = ?) AND channel = ?"
                )
                bare = address.removeprefix("whatsapp:")
                values += [bare, bare, SMS if bare == address else WHATSAPP]
        where = f"WHERE {' AND '.join(clauses)}" if clauses else ""
        rest = f"{where} ORDER BY id DESC LIMIT ? OFFSET ?"
        return list(select_messages(self._base, rest, *values, limit, offset))

    def count_messages(self, number: str) -> int:
        """Count the messages of a phone."""
        query = "SELECT count(*) FROM message WHERE number = ?"
        return int(self._base.execute(query, (number,)).fetchone()[0])

    def conversation(self, number: str, *, limit: int) -> list[Message]:
        """Return the newest messages of a phone, oldest first."""
        where = "WHERE number = ? ORDER BY id DESC LIMIT ?"
        return list(select_messages(self._base, where, number, limit))[::-1]

    def after(self, row: int, *, limit: int) -> list[Message]:
        """Return messages in the order they came, from the one after this row."""
        return list(select_messages(self._base, "WHERE id > ? ORDER BY id LIMIT ?", row, limit))

    def lines_of(self, number: str) -> list[tuple[str, str]]:
        """Return the (channel, sender) pairs a phone has met, the newest first."""
        rows = self._base.execute(
            "SELECT channel, sender FROM message WHERE number = ?"
            " GROUP BY channel, sender ORDER BY max(id) DESC",
            (number,),
        )
        return [(channel, sender) for channel, sender in rows]

    def senders(self) -> list[tuple[str, str]]:
        """Return the (channel, sender) pairs in use."""
        rows = self._base.execute(
            "SELECT DISTINCT channel, sender FROM"
            " (SELECT channel, sender FROM message ORDER BY id DESC LIMIT ?)"
            " ORDER BY channel, sender",
            (_RECENT,),
        )
        return [(channel, sender) for channel, sender in rows]

    def phones(self, search: str, *, limit: int, offset: int) -> list[Message]:
        """Return the newest message of each phone, newest first; `search` is in number or text."""
        where, values = _matching(search)
        rest = f"JOIN phone ON phone.newest = message.id {where} ORDER BY newest DESC"
        found = select_messages(self._base, f"{rest} LIMIT ? OFFSET ?", *values, limit, offset)
        return list(found)

    def count_phones(self, search: str) -> int:
        """Count the phones that `phones` would list."""
        where, values = _matching(search)
        join = "JOIN message ON phone.newest = message.id " if search else ""
        query = f"SELECT count(*) FROM phone {join}{where}"  # noqa: S608  # fixed text
        return int(self._base.execute(query, values).fetchone()[0])

    def statuses(self) -> dict[str, int]:
        """Count what was taken by its status."""
        rows = self._base.execute(
            "SELECT status, count(*) FROM message WHERE direction = ? GROUP BY status", (OUT,)
        )
        return dict(rows.fetchall())

    def tallies(self) -> dict[str, int]:
        """Return what was counted, and how many callbacks wait."""
        waiting = self._base.execute("SELECT count(*) FROM callback").fetchone()[0]
        counted = self._base.execute("SELECT name, count FROM tally").fetchall()
        return {**dict(counted), "callbacks waiting": waiting}


def _matching(search: str) -> tuple[str, tuple[str, ...]]:
    if not search:
        return "", ()
    # instr, not LIKE: a searched % or _ means itself.
    return "WHERE instr(message.number, ?) OR instr(lower(body), lower(?))", (search, search)
