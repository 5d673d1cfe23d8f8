"""Questions know which of our addresses they came to; who has not joined may be of no known country."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0004_the_desk")]

    operations = [
        migrations.AddField(
            model_name="question",
            name="written_to",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
        ),
        migrations.AlterField(
            model_name="question",
            name="country",
            field=models.CharField(blank=True, max_length=2),
        ),
    ]
