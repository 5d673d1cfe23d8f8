"""Find the confirmations that a list brought by what proves them, and leave room for the longest id."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0007_notices_and_aliases")]

    operations = [
        migrations.AddIndex(
            model_name="consententry",
            index=models.Index(
                condition=models.Q(("method", "import"), ("verdict", "granted")),
                fields=["evidence"],
                name="consent_of_lists",
            ),
        ),
        migrations.AlterField(
            model_name="subscriber",
            name="number_sealed",
            field=models.BinaryField(max_length=320),
        ),
    ]
