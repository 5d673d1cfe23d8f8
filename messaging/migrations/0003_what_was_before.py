"""Bring what stood before the ledger knew confirmations: each old yes was one, and people count once."""

from django.db import migrations

PERSONS = """
    UPDATE messaging_delivery
       SET person = COALESCE(
           (SELECT MIN(other.id)
              FROM messaging_subscriber mine
              JOIN messaging_subscriber other ON other.number_hash = mine.number_hash
             WHERE mine.id = messaging_delivery.subscriber_id),
           subscriber_id)
     WHERE person = 0"""


def confirm_each_yes(apps, schema_editor):
    """Add a confirmation behind every yes: until now a yes was enough."""
    entries = apps.get_model("messaging", "ConsentEntry").objects
    latest = {}
    for row in entries.order_by("pk").iterator():
        latest[bytes(row.number_hash), row.channel] = row
    for row in latest.values():
        if row.verdict == "granted":
            row.pk, row.verdict = None, "confirmed"
            row.save(force_insert=True)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_people_who_asked")]

    operations = [
        migrations.RunSQL(PERSONS, migrations.RunSQL.noop),
        migrations.RunPython(confirm_each_yes, migrations.RunPython.noop),
    ]
