"""The history of every delivery, kept by a trigger that only a test's database has."""

import psycopg

_TABLE = """
CREATE TABLE faults_history (
    id bigserial PRIMARY KEY, delivery bigint NOT NULL, before text NOT NULL, after text NOT NULL,
    rank_before smallint, rank_after smallint, attempts_before int NOT NULL, attempts int NOT NULL,
    owner_before text NOT NULL, at timestamptz NOT NULL)"""
_FUNCTION = """
CREATE FUNCTION faults_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO faults_history (delivery, before, after, rank_before, rank_after, attempts_before,
                                attempts, owner_before, at)
    VALUES (OLD.id, OLD.state, NEW.state, OLD.rank, NEW.rank, OLD.attempts, NEW.attempts,
            OLD.owner, clock_timestamp());
    RETURN NULL;
END $$"""
_TRIGGER = """
CREATE TRIGGER faults_history AFTER UPDATE ON messaging_delivery FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.rank IS DISTINCT FROM NEW.rank)
    EXECUTE FUNCTION faults_note()"""


def keep_history(address: str) -> None:
    """Let a database note every change of a delivery's state."""
    with psycopg.connect(address, autocommit=True) as held:
        for statement in (_TABLE, _FUNCTION, _TRIGGER):
            held.execute(statement)
