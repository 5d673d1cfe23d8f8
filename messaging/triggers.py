"""Triggers by which the database itself refuses to change or delete what only grows.

They hold against raw SQL and every client; whoever may alter tables can still drop them, and an
audit of the schema shows that. Tests drop them around the flush of a test database, nothing else does.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "messaging_consententry"
_REFUSAL = "The ledger of consent only grows."

_SQLITE = tuple(
    f"CREATE TRIGGER IF NOT EXISTS consent_only_grows_{act} BEFORE {act.upper()} ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    for act in ("update", "delete")
)
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


def create(connection: BaseDatabaseWrapper) -> None:
    """Make the database refuse UPDATE and DELETE, and TRUNCATE on PostgreSQL; repeats are harmless."""
    _run(connection, _POSTGRES if connection.vendor == "postgresql" else _SQLITE)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away; repeats are harmless, and so is a table that is not there yet."""
    if TABLE not in connection.introspection.table_names():
        return
    if connection.vendor == "postgresql":
        _run(connection, (_DROP,))
        return
    names = ("consent_only_grows_update", "consent_only_grows_delete")
    _run(connection, tuple(f"DROP TRIGGER IF EXISTS {name}" for name in names))


def _run(connection: BaseDatabaseWrapper, statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
