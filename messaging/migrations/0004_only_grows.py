"""Let the database itself refuse to change or delete an entry of the ledger of consent."""

from django.db import migrations

from messaging import triggers


def create(apps, schema_editor):
    """Create the triggers."""
    triggers.create(schema_editor.connection)


def drop(apps, schema_editor):
    """Drop them."""
    triggers.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_what_was_before")]

    operations = [migrations.RunPython(create, drop)]
