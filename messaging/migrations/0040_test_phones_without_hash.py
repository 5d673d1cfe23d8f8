"""Nobody looks for a test phone by its number."""

from django.db import migrations


class Migration(migrations.Migration):
    """Drop the hash of a test phone's number."""

    dependencies = [("messaging", "0030_kept_secrets")]
    operations = [migrations.RemoveField(model_name="testphone", name="number_hash")]
