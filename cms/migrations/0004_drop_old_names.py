"""Drop the two columns whose names are rows now."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cms", "0003_carry_over")]

    operations = [
        migrations.RemoveField(
            model_name='route',
            name='frontex_name',
        ),
        migrations.RemoveField(
            model_name='route',
            name='iom_name',
        ),
    ]
