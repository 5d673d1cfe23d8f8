"""The ledger of consent only grows: the database itself says no, to whoever asks."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from messaging import triggers
from messaging.models import ConsentEntry
from tests.messaging.factories import make_subscriber

pytestmark = [pytest.mark.django_db, pytest.mark.database]
# SQLite alone has it, and by itself deletes without asking a trigger for deletes.
REPLACE = "REPLACE INTO messaging_consententry SELECT * FROM messaging_consententry"
CHANGES = (
    "UPDATE messaging_consententry SET verdict = 'granted'",
    "UPDATE messaging_consententry SET until = NULL WHERE id = 0"
    if connection.vendor == "postgresql"
    else "UPDATE messaging_consententry SET until = NULL",
    "DELETE FROM messaging_consententry",
    "DELETE FROM messaging_consententry WHERE verdict = 'confirmed'",
    *([] if connection.vendor == "postgresql" else [REPLACE]),
)


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("statement", CHANGES)
def test_raw_sql_cannot_change_or_delete_an_entry(statement: str) -> None:
    make_subscriber()
    before = list(ConsentEntry.objects.order_by("pk").values())
    with pytest.raises(DatabaseError, match="only grows"):
        run(statement)
    assert list(ConsentEntry.objects.order_by("pk").values()) == before


@pytest.mark.postgres
def test_the_table_cannot_be_emptied_at_a_stroke() -> None:
    make_subscriber()
    with pytest.raises(DatabaseError, match="only grows"):
        run("TRUNCATE messaging_consententry")
    assert ConsentEntry.objects.count() == 2


def test_the_ways_around_the_model_end_at_the_database() -> None:
    make_subscriber()
    entry = ConsentEntry.objects.order_by("pk")[0]
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        Model.delete(entry)
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        ConsentEntry._base_manager.bulk_update([entry], ["wording"])
    assert ConsentEntry.objects.filter(wording="test-1").count() == 2


def test_an_insert_that_meets_an_entry_cannot_change_it() -> None:
    make_subscriber()
    entry = ConsentEntry.objects.order_by("pk")[0]
    entry.verdict = "withdrawn"
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        ConsentEntry.objects.bulk_create(
            [entry], update_conflicts=True, unique_fields=["id"], update_fields=["verdict"]
        )


def test_the_triggers_can_be_dropped_and_created_again_any_number_of_times() -> None:
    make_subscriber()
    triggers.drop(connection)
    triggers.drop(connection)
    run("DELETE FROM messaging_consententry")
    triggers.create(connection)
    triggers.create(connection)
    make_subscriber(2)
    with pytest.raises(DatabaseError, match="only grows"):
        run("DELETE FROM messaging_consententry")
    assert triggers.find_missing(connection) == []


def test_they_are_made_again_after_every_migration() -> None:
    triggers.drop(connection)
    assert triggers.find_missing(connection)
    call_command("migrate", verbosity=0, skip_checks=True)
    assert triggers.find_missing(connection) == []


@pytest.mark.postgres
def test_a_trigger_that_is_switched_off_is_missing() -> None:
    run("ALTER TABLE messaging_consententry DISABLE TRIGGER consent_only_grows")
    assert triggers.find_missing(connection) == ["consent_only_grows"]
    triggers.create(connection)
    assert triggers.find_missing(connection) == []
