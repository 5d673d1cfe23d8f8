"""What PostgreSQL and SQLite say differently in the statements that we write ourselves: time, mostly.

Fragments of fixed text; `{…}` in them never comes from outside. Time is the database's own.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

_SQLITE_TIME = "'%%Y-%%m-%%d %%H:%%M:%%f'"


def is_postgres() -> bool:
    """Say whether the database has row locks, and statements that write in more than one table."""
    return connection.vendor == "postgresql"


def now() -> str:
    """Return the moment, read anew each time it is evaluated."""
    return "clock_timestamp()" if is_postgres() else f"STRFTIME({_SQLITE_TIME}, 'NOW')"


def later(seconds: str) -> str:
    """Return the moment so many seconds from now; `seconds` is an expression, such as `%s`."""
    if is_postgres():
        return f"clock_timestamp() + make_interval(secs => {seconds})"
    return f"STRFTIME({_SQLITE_TIME}, 'NOW', PRINTF('%%.4f seconds', {seconds}))"


def seconds_until(moment: str) -> str:
    """Return how many seconds are left until a moment, negative once it has passed."""
    if is_postgres():
        return f"EXTRACT(EPOCH FROM {moment} - clock_timestamp())::float8"
    return f"(julianday({moment}) - julianday('NOW')) * 86400.0"


def among(column: str) -> str:
    """Return the condition that a column is one of the ids of a parameter made by `as_list`."""
    if is_postgres():
        return f"{column} = ANY(%s::bigint[])"
    return f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608 (our own text)


def as_list(ids: Iterable[int]) -> Any:
    """Return ids as the one parameter that `among` takes."""
    # As one text: a list would be turned into one number by number.
    text = ",".join(map(str, ids))
    return f"{{{text}}}" if is_postgres() else f"[{text}]"


def lock(rows: str = "") -> str:
    """Return what locks the rows of a SELECT (of one table of it); SQLite has one writer anyway."""
    if not is_postgres():
        return ""
    return f"FOR NO KEY UPDATE OF {rows}" if rows else "FOR NO KEY UPDATE"


def fetch(statement: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def fetch_each(statements: Sequence[tuple[str, Sequence[Any]]]) -> list[list[tuple[Any, ...]]]:
    """Run several statements and return the rows of each; on PostgreSQL they make one round trip.

    Under READ COMMITTED each of them still sees what was committed before it began.
    """
    if not is_postgres():
        return [fetch(statement, params) for statement, params in statements]
    with connection.cursor() as cursor:
        cursor.execute(
            ";".join(statement for statement, _params in statements),
            [one for _statement, params in statements for one in params],
        )
        found = [cursor.fetchall()]
        while cursor.nextset():
            found.append(cursor.fetchall())
    return found


def run(statement: str, params: Sequence[Any]) -> int:
    """Run one statement and return how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        changed: int = cursor.rowcount
    return changed


def as_parameter(moment: datetime) -> Any:
    """Return a moment as the database takes it in a statement of ours."""
    return connection.ops.adapt_datetimefield_value(moment.astimezone(UTC))


def skip_ids(table: str, first: int) -> None:
    """Let the next id of a table be higher than `first`; one that is already so stays."""
    if is_postgres():
        fetch(
            """SELECT setval(ids.name::regclass, GREATEST(nextval(ids.name::regclass), %s))
                 FROM (SELECT pg_get_serial_sequence(%s, 'id') AS name) ids""",
            [first, table],
        )
        return
    if not run("UPDATE sqlite_sequence SET seq = MAX(seq, %s) WHERE name = %s", [first, table]):
        run("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, first])
