from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0016_receipts'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='subscriber',
            index=models.Index(condition=models.Q(('window_until__isnull', False)), fields=['window_until'], name='window_over'),
        ),
    ]
