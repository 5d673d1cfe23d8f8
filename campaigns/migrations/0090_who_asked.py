"""Who asked for the approval of a broadcast decides about it as little as its author."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from campaigns import triggers


def drop(apps, schema_editor):
    """Drop the triggers: those that are there know nothing of who asked, and are made anew afterwards."""
    triggers.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0080_prices_of_senders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(drop, migrations.RunPython.noop),
        migrations.AddField(
            model_name="broadcast",
            name="asked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
