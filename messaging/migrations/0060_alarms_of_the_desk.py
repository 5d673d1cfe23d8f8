"""Alarms for what needs a person at the desk."""

from django.db import migrations, models

KINDS = [
    ("many_stops", "far more people than usual said stop"),
    ("stop_page", "the stop page is used in bulk"),
    ("sign_ups", "sign-ups have reached a limit"),
    ("seals", "a number could not be opened"),
    ("breaker", "a sender was halted: its provider refuses or does not answer"),
    ("paused", "a broadcast paused itself: too much of it fails"),
    ("stuck", "messages are due and nothing moves"),
    ("forged", "a receipt came for a message that was never sent"),
    ("doubled", "a provider lists a message more than once"),
    ("lost", "a provider's callbacks did not come: it had to be asked"),
    ("codes", "a provider used a code that is not in the table"),
    ("templates", "WhatsApp paused, refused or changed a wording"),
    ("poison", "a message could not be prepared, and failed alone"),
    ("urgent", "somebody wrote of danger and waits for an answer"),
    ("missed", "a broadcast missed its time"),
    ("held", "a broadcast was held back at its time"),
    ("void", "the approval of a broadcast is void: something changed"),
]


class Migration(migrations.Migration):
    dependencies = [("messaging", "0040_test_phones_without_hash")]

    operations = [
        migrations.AlterField(
            model_name="alarm",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=20),
        ),
    ]
