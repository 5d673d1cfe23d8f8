"""The audit: only grows, is chained, holds nobody's number, and shows what was done to it."""

import logging
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from campaigns import audit, triggers
from campaigns.models import AuditEntry, AuditHead
from messaging import triggers as consent_triggers

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def note_some(number: int) -> None:
    for place in range(number):
        audit.note(
            "paused",
            kind="broadcast",
            code=f"code{place}",
            actor=place or None,
            partner=1,
            details={"people": place * 1_000, "why": "failing"},
            now=NOW + timedelta(seconds=place),
        )


def find_faults() -> list[tuple[int, str]]:
    return [(one.number, one.fault) for one in audit.find_breaks()]


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def tamper(statement: str) -> None:
    """Do what whoever owns the database can do: take the triggers away first."""
    triggers.drop(connection)
    run(statement)
    triggers.create(connection)


@pytest.mark.django_db
@pytest.mark.database
def test_entries_follow_one_another_and_the_chain_holds() -> None:
    note_some(3)
    first, second, third = AuditEntry.objects.order_by("number")
    assert (first.number, first.previous, first.actor_id) == (1, "", None)
    assert (second.previous, third.previous) == (first.digest, second.digest)
    head = AuditHead.objects.get()
    assert (head.number, head.digest) == (3, third.digest)
    assert find_faults() == []


@pytest.mark.django_db
def test_deed_that_is_rolled_back_leaves_no_entry() -> None:
    note_some(1)
    with transaction.atomic():
        note_some(1)
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == 1
    assert find_faults() == []


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE campaigns_auditentry SET verb = 'resumed'",
        "DELETE FROM campaigns_auditentry WHERE number = 2",
        "DELETE FROM campaigns_audithead",
        "UPDATE campaigns_audithead SET number = 1",
    ],
)
def test_the_database_refuses_to_change_or_delete(statement: str) -> None:
    note_some(3)
    with pytest.raises(DatabaseError, match="only grows"):
        run(statement)
    assert find_faults() == []


@pytest.mark.django_db
@pytest.mark.postgres
@pytest.mark.parametrize("table", ["campaigns_auditentry", "campaigns_audithead"])
def test_the_audit_cannot_be_emptied_at_a_stroke(table: str) -> None:
    note_some(1)
    with pytest.raises(DatabaseError, match="only grows"):
        run(f"TRUNCATE {table}")


TAMPERINGS = {
    "UPDATE campaigns_auditentry SET actor_id = 9 WHERE number = 3": [(3, "changed")],
    "UPDATE campaigns_auditentry SET at = '2020-01-01 00:00:00' WHERE number = 3": [(3, "changed")],
    "DELETE FROM campaigns_auditentry WHERE number = 2": [(2, "missing")],
    "DELETE FROM campaigns_auditentry WHERE number = 4": [(4, "not the end that was kept")],
    "UPDATE campaigns_auditentry SET number = 6 - number WHERE number IN (2, 4)": [
        (2, "not after the one before"),
        (2, "changed"),
        (3, "not after the one before"),
        (4, "not after the one before"),
        (4, "changed"),
        (4, "not the end that was kept"),
    ],
}


@pytest.mark.django_db
@pytest.mark.parametrize(("statement", "faults"), TAMPERINGS.items())
def test_what_was_changed_left_out_or_swapped_is_found(
    statement: str, faults: list[tuple[int, str]]
) -> None:
    note_some(4)
    if "6 - number" in statement:
        # Two at once would not be unique on the way.
        triggers.drop(connection)
        run("UPDATE campaigns_auditentry SET number = 99 WHERE number = 2")
        run("UPDATE campaigns_auditentry SET number = 2 WHERE number = 4")
        run("UPDATE campaigns_auditentry SET number = 4 WHERE number = 99")
        triggers.create(connection)
    else:
        tamper(statement)
    assert find_faults() == faults


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"details": {"said": "call me"}},
        {"details": {"number": "+9990000001"}},
        {"details": {"number": "9990000001"}},
        {"details": {"Who": 1}},
        {"details": {"share": 0.5}},
        {"code": "99.900.000-01"},
        {"code": "person@example.org"},
        {"kind": "Broad Cast"},
    ],
)
def test_text_name_or_number_is_refused(wrong: dict[str, object]) -> None:
    deed = {"kind": "broadcast", "code": "abcd2345", "actor": 1, "now": NOW} | wrong
    with pytest.raises(audit.AuditError):
        audit.note("changed", **deed)  # type: ignore[arg-type]
    assert not AuditEntry.objects.exists()


@given(digits=st.text("0123456789", min_size=9, max_size=15))
def test_no_phone_number_is_a_code(digits: str) -> None:
    entry = AuditEntry(verb="changed", kind="broadcast", object_code=digits, details={})
    with pytest.raises(audit.AuditError):
        audit.refuse_private(entry)


# ---- The command ---------------------------------------------------------------------------------


def verify(*logs: Path) -> str:
    out = StringIO()
    call_command("audit", "verify", log=[str(log) for log in logs], stdout=out)
    return out.getvalue()


@pytest.fixture
def log_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: object
) -> Path:
    """Return the log of four entries, as a deployment keeps it elsewhere."""
    committing = django_capture_on_commit_callbacks(execute=True)  # type: ignore[operator]
    with caplog.at_level(logging.INFO, logger="waymark.audit"), committing:
        note_some(4)
    path = tmp_path / "waymark.log"
    path.write_text("\n".join(f"INFO {record.getMessage()}" for record in caplog.records))
    return path


@pytest.mark.django_db
def test_the_command_says_that_the_audit_holds(log_of: Path) -> None:
    said = verify(log_of)
    assert said.startswith("The audit holds: 4 entries")
    assert "4 marks of the log agree" in said


@pytest.mark.django_db
def test_the_command_names_the_entry_that_was_changed(log_of: Path) -> None:
    tamper("UPDATE campaigns_auditentry SET verb = 'resumed' WHERE number = 2")
    out = StringIO()
    with pytest.raises(CommandError, match="does not hold"):
        call_command("audit", "verify", stdout=out)
    assert out.getvalue() == "Entry 2: changed.\n"


@pytest.mark.django_db
def test_a_chain_that_was_written_anew_differs_from_the_log(log_of: Path) -> None:
    triggers.drop(connection)
    AuditEntry.objects.all().delete()
    AuditHead.objects.all().delete()
    triggers.create(connection)
    for place in range(4):
        audit.note("paused", kind="broadcast", code=f"other{place}", actor=2, now=NOW)
    assert verify().startswith("The audit holds")
    with pytest.raises(CommandError):
        verify(log_of)


@pytest.mark.django_db
def test_an_audit_without_its_guard_does_not_hold() -> None:
    note_some(1)
    triggers.drop(connection)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("audit", "verify", stdout=out)
    assert "does not guard it" in out.getvalue()
    triggers.create(connection)
    triggers.create(connection)
    assert triggers.find_missing(connection) == []


@pytest.mark.django_db
def test_a_ledger_of_consent_without_its_guard_is_named_too() -> None:
    note_some(1)
    consent_triggers.drop(connection)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("audit", "verify", stdout=out)
    assert "consent_only_grows" in out.getvalue()
    consent_triggers.create(connection)
    assert verify().startswith("The audit holds")


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite alone has REPLACE")
@pytest.mark.parametrize(
    "statement",
    [
        "REPLACE INTO campaigns_auditentry SELECT * FROM campaigns_auditentry",
        """REPLACE INTO campaigns_auditentry (number, at, verb, kind, object_code, details,
                                              previous, digest)
           SELECT number, at, 'other', kind, object_code, details, previous, digest
             FROM campaigns_auditentry""",
        "REPLACE INTO campaigns_audithead SELECT * FROM campaigns_audithead",
    ],
    ids=["by id", "by number", "head"],
)
def test_an_entry_cannot_be_replaced(statement: str) -> None:
    note_some(2)
    with (
        pytest.raises(DatabaseError, match="only grows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_mark_has_no_digits() -> None:
    assert audit.mark_of("0123456789abcdef" * 4) == "ghijklmnopabcdef"
