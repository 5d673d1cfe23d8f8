"""What was known when a batch paused itself, and an index of what WhatsApp refused."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0019_watching")]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="failed_before",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="batch",
            name="tried_before",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("channel", "whatsapp"), ("provider_ref", ""), ("state", "failed")),
                fields=["batch"],
                name="delivery_refused",
            ),
        ),
    ]
