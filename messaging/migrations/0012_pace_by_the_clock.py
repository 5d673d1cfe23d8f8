# One rate for a sender by the database's clock: no worker needs it alone. Due rows are found by batch.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0011_sending'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='sender',
            name='drained_by',
        ),
        migrations.RemoveField(
            model_name='sender',
            name='drained_until',
        ),
        migrations.RemoveIndex(
            model_name='delivery',
            name='delivery_due',
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'planned')), fields=['sender', 'batch', 'not_before', 'id'], name='delivery_due'),
        ),
    ]
