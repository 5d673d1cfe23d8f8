"""Triggers by which the database itself refuses to change or delete what only grows.

They hold against raw SQL and every client; whoever may alter tables can still drop them, which
`manage.py audit verify` shows. SQLite forgets those of a table that a migration builds anew: they are
made again after every migration.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "messaging_consententry"
_REFUSAL = "The ledger of consent only grows."

# Name, what sets it off, and when. SQLite's REPLACE deletes an entry without asking the second of them.
_SQLITE = (
    ("consent_only_grows_update", "UPDATE", ""),
    ("consent_only_grows_delete", "DELETE", ""),
    (
        "consent_only_grows_replace",
        "INSERT",
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)",  # noqa: S608
    ),
)
_NAME = "consent_only_grows"
_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION consent_only_grows() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
    END $$"""
_DROP = f"DROP TRIGGER IF EXISTS consent_only_grows ON {TABLE}"
# By statement: TRUNCATE has no rows, and a DELETE that finds none is refused as well.
_TRIGGER = f"""
    CREATE TRIGGER consent_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION consent_only_grows()"""
_POSTGRES = (_FUNCTION, _DROP, _TRIGGER)


def find_missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that are not there, or switched off."""
    wanted, statement = [_NAME], "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
    if connection.vendor != "postgresql":
        wanted = [name for name, _act, _when in _SQLITE]
        statement = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(statement)
        there = {name for (name,) in cursor.fetchall()}
    return [name for name in wanted if name not in there]


def create(connection: BaseDatabaseWrapper) -> None:
    """Make the database refuse UPDATE, DELETE, REPLACE and TRUNCATE; repeats are harmless."""
    missing = find_missing(connection)
    if connection.vendor == "postgresql":
        _run(connection, _POSTGRES if missing else ())
        return
    _run(
        connection,
        tuple(
            f"CREATE TRIGGER {name} BEFORE {act} ON {TABLE} {when} "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            for name, act, when in _SQLITE
            if name in missing
        ),
    )


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away; repeats are harmless, and so is a table that is not there yet."""
    if TABLE not in connection.introspection.table_names():
        return
    if connection.vendor == "postgresql":
        _run(connection, (_DROP,))
        return
    _run(connection, tuple(f"DROP TRIGGER IF EXISTS {name}" for name, _act, _when in _SQLITE))


def create_after_migrating(using: str = "default", **_signal: Any) -> None:
    """Make them once their table is there."""
    if TABLE in connections[using].introspection.table_names():
        create(connections[using])


def _run(connection: BaseDatabaseWrapper, statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
