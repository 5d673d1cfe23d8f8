# How batches are counted, which database the fence is for, and the beats of the clock.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0012_pace_by_the_clock'),
    ]

    operations = [
        migrations.CreateModel(
            name='Beat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('at', models.DateTimeField()),
                ('took_ms', models.PositiveIntegerField(default=0)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('failed_with', models.CharField(blank=True, default='', max_length=60)),
            ],
        ),
        migrations.AddField(
            model_name='batch',
            name='count_ms',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='batch',
            name='counting_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='batch',
            name='rate',
            field=models.FloatField(default=0.0),
        ),
        migrations.AddField(
            model_name='batch',
            name='still_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='fence',
            name='checks',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='fence',
            name='place',
            field=models.CharField(blank=True, default='', max_length=80),
        ),
    ]
