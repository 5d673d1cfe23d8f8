"""Keep each purpose with an end of its own, and give what stood before its place in that."""

from datetime import timedelta

from django.db import migrations, models
from django.db.models import F

# As the default of WAYMARK_SUPPRESSION_DAYS.
KEPT = timedelta(days=1826)


def take_over(apps, schema_editor):
    """Note who wants nothing any more, and until when the stop list keeps whom."""
    subscribers = apps.get_model("messaging", "Subscriber").objects
    subscribers.exclude(state="subscribed").update(messages=False)
    subscribers.filter(heard_on__isnull=True).update(heard_on=F("joined_at__date"))
    stopped = apps.get_model("messaging", "Suppression").objects.filter(expires_at__isnull=True)
    stopped.update(expires_at=F("at") + KEPT)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_only_grows")]

    operations = [
        migrations.AddField(
            model_name="subscriber",
            name="messages",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="survey_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="urgent_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="batch",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("messages", "information"),
                    ("survey", "a question now and then"),
                    ("urgent", "urgent alerts"),
                ],
                default="messages",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="counts",
            field=models.JSONField(
                default=dict, help_text="deliveries by state, as they were then"
            ),
        ),
        migrations.AddIndex(
            model_name="storedreceipt",
            index=models.Index(fields=["received_at"], name="receipt_age"),
        ),
        migrations.AddIndex(
            model_name="inboundmessage",
            index=models.Index(
                fields=["received_at"],
                name="inbound_text",
                condition=models.Q(("text_sealed", b""), _negated=True),
            ),
        ),
        migrations.RemoveIndex(model_name="subscriber", name="audience"),
        migrations.AddIndex(
            model_name="subscriber",
            index=models.Index(
                fields=[
                    *("country", "language", "channel", "messages"),
                    *("consent_until", "number_hash", "id"),
                ],
                name="audience",
                condition=models.Q(("state", "subscribed")),
            ),
        ),
        migrations.AddIndex(
            model_name="subscriber",
            index=models.Index(
                fields=["state", "asked_on"],
                name="leaving",
                condition=models.Q(("state__in", ["asked", "stopped"])),
            ),
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
