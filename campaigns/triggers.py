"""Triggers by which the database itself holds to two promises: the audit only grows, and nobody
approves her own broadcast, or one for which she asked, whatever the row of the approval says.

They hold against raw SQL and every client; whoever may alter tables can still drop them, which
`manage.py audit verify` shows. SQLite forgets those of a table that a migration builds anew, and will
not rename a table that a trigger of another one reads: there they are dropped before every migration
and made again after it.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

_ENTRY, _HEAD = "campaigns_auditentry", "campaigns_audithead"
_APPROVAL, _BROADCAST = "campaigns_approval", "campaigns_broadcast"
TABLES = (_ENTRY, _HEAD, _APPROVAL, _BROADCAST)
_GROWS = "The audit only grows."
_TWO = "Nobody approves her own broadcast."
_ASKED = "Nobody approves what she asked for."

_AUTHOR = f"(SELECT author_id FROM {_BROADCAST} WHERE id = NEW.broadcast_id)"  # noqa: S608
_ASKER = f"(SELECT asked_by_id FROM {_BROADCAST} WHERE id = NEW.broadcast_id)"  # noqa: S608
_OWN = f"NEW.approver_id = {_AUTHOR} OR NEW.author_id <> {_AUTHOR}"
_APPROVED = f"EXISTS (SELECT 1 FROM {_APPROVAL} WHERE broadcast_id = NEW.id)"  # noqa: S608
# What counts no more may be hers: then she asks anew for what she approved before.
_HERS = f"NEW.void_at IS NULL AND NEW.approver_id = {_ASKER}"
_STANDS = f"EXISTS (SELECT 1 FROM {_APPROVAL} WHERE broadcast_id = NEW.id AND void_at IS NULL)"  # noqa: S608
_OTHER_ASKER = f"COALESCE(NEW.asked_by_id, 0) <> COALESCE(OLD.asked_by_id, 0) AND {_STANDS}"
_ENTRY_THERE = f"EXISTS (SELECT 1 FROM {_ENTRY} WHERE id = NEW.id OR number = NEW.number)"  # noqa: S608
_HEAD_THERE = f"EXISTS (SELECT 1 FROM {_HEAD} WHERE id = NEW.id)"  # noqa: S608
# Name, what sets it off, when, and what it says.
_SQLITE = (
    ("audit_grows_update", f"UPDATE ON {_ENTRY}", "", _GROWS),
    ("audit_grows_delete", f"DELETE ON {_ENTRY}", "", _GROWS),
    # SQLite's REPLACE deletes a row without asking a trigger for deletes.
    ("audit_grows_replace", f"INSERT ON {_ENTRY}", _ENTRY_THERE, _GROWS),
    ("audit_head_update", f"UPDATE ON {_HEAD}", "NEW.number <> OLD.number + 1", _GROWS),
    ("audit_head_replace", f"INSERT ON {_HEAD}", _HEAD_THERE, _GROWS),
    ("audit_head_delete", f"DELETE ON {_HEAD}", "", _GROWS),
    ("approval_two_insert", f"INSERT ON {_APPROVAL}", _OWN, _TWO),
    ("approval_two_update", f"UPDATE ON {_APPROVAL}", _OWN, _TWO),
    (
        "approval_two_author",
        f"UPDATE OF author_id ON {_BROADCAST}",
        f"NEW.author_id <> OLD.author_id AND {_APPROVED}",
        _TWO,
    ),
    ("approval_asker_insert", f"INSERT ON {_APPROVAL}", _HERS, _ASKED),
    ("approval_asker_update", f"UPDATE ON {_APPROVAL}", _HERS, _ASKED),
    ("approval_asker_other", f"UPDATE OF asked_by_id ON {_BROADCAST}", _OTHER_ASKER, _ASKED),
)
_RAISE = "RAISE EXCEPTION '{}' USING ERRCODE = 'integrity_constraint_violation'"
_FUNCTIONS = {
    "campaigns_audit_grows": f"{_RAISE.format(_GROWS)};",
    "campaigns_audit_head": (
        f"IF NEW.number <> OLD.number + 1 THEN {_RAISE.format(_GROWS)}; END IF; RETURN NEW;"
    ),
    # The row is locked, so that its author, or who asked, cannot become another one at the same moment.
    "campaigns_approval_two": f"""
        PERFORM 1 FROM {_BROADCAST} WHERE id = NEW.broadcast_id FOR SHARE;
        IF {_OWN} THEN {_RAISE.format(_TWO)}; END IF;
        IF {_HERS} THEN {_RAISE.format(_ASKED)}; END IF;
        RETURN NEW;""",
    "campaigns_approval_author": f"""
        IF NEW.author_id <> OLD.author_id AND {_APPROVED} THEN {_RAISE.format(_TWO)}; END IF;
        RETURN NEW;""",
    "campaigns_approval_asker": f"""
        IF {_OTHER_ASKER} THEN {_RAISE.format(_ASKED)}; END IF;
        RETURN NEW;""",
}
# Name, what sets it off, for each what, and which function.
_POSTGRES = (
    (
        "audit_grows",
        f"UPDATE OR DELETE OR TRUNCATE ON {_ENTRY}",
        "STATEMENT",
        "campaigns_audit_grows",
    ),
    ("audit_head_delete", f"DELETE OR TRUNCATE ON {_HEAD}", "STATEMENT", "campaigns_audit_grows"),
    ("audit_head_update", f"UPDATE ON {_HEAD}", "ROW", "campaigns_audit_head"),
    ("approval_two", f"INSERT OR UPDATE ON {_APPROVAL}", "ROW", "campaigns_approval_two"),
    (
        "approval_two_author",
        f"UPDATE OF author_id ON {_BROADCAST}",
        "ROW",
        "campaigns_approval_author",
    ),
    (
        "approval_asker_other",
        f"UPDATE OF asked_by_id ON {_BROADCAST}",
        "ROW",
        "campaigns_approval_asker",
    ),
)


def find_missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that are not there, or switched off."""
    wanted = [row[0] for row in (_POSTGRES if _is_postgres(connection) else _SQLITE)]
    statement = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if _is_postgres(connection):
        statement = "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
    with connection.cursor() as cursor:
        cursor.execute(statement)
        there = {name for (name,) in cursor.fetchall()}
    return [name for name in wanted if name not in there]


def create(connection: BaseDatabaseWrapper) -> None:
    """Make those that are missing; repeats are harmless."""
    missing = set(find_missing(connection))
    if not missing:
        return
    with connection.cursor() as cursor:
        for statement in _compose(connection, missing):
            cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take them away; repeats are harmless, and so is a table that is not there yet."""
    there = connection.introspection.table_names()
    rows = _POSTGRES if _is_postgres(connection) else _SQLITE
    with connection.cursor() as cursor:
        for name, event, *_rest in rows:
            table = event.rpartition(" ")[2]
            on = f" ON {table}" if _is_postgres(connection) else ""
            if table in there:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def drop_before_migrating(using: str = "default", **_signal: Any) -> None:
    """Let SQLite build tables anew without the triggers, which would be in the way."""
    if connections[using].vendor == "sqlite":
        drop(connections[using])


def create_after_migrating(using: str = "default", **_signal: Any) -> None:
    """Make them once all their tables are there."""
    there = set(connections[using].introspection.table_names())
    if there.issuperset(TABLES):
        create(connections[using])


def _compose(connection: BaseDatabaseWrapper, missing: set[str]) -> list[str]:
    if not _is_postgres(connection):
        return [
            f"CREATE TRIGGER {name} BEFORE {event} {f'WHEN {when} ' if when else ''}"
            f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
            for name, event, when, says in _SQLITE
            if name in missing
        ]
    functions = [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {body} END $$"
        for name, body in _FUNCTIONS.items()
    ]
    # One that is switched off is there, and would be in the way.
    return functions + [
        statement
        for name, event, each, function in _POSTGRES
        if name in missing
        for statement in (
            f"DROP TRIGGER IF EXISTS {name} ON {event.rpartition(' ')[2]}",
            f"CREATE TRIGGER {name} BEFORE {event} FOR EACH {each} EXECUTE FUNCTION {function}()",
        )
    ]


def _is_postgres(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "postgresql"
