# Receipts found by their delivery, absences that two looks proved, and what was taken out at the provider.

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0013_pausing_and_failing_over'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempt', models.PositiveSmallIntegerField()),
                ('first_at', models.DateTimeField()),
                ('proven_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='storedreceipt',
            name='one_receipt',
        ),
        migrations.AddField(
            model_name='delivery',
            name='redacted_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='inboundmessage',
            name='redacted_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='storedreceipt',
            name='refused',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='alarm',
            name='kind',
            field=models.CharField(choices=[('many_stops', 'far more people than usual said stop'), ('stop_page', 'the stop page is used in bulk'), ('sign_ups', 'sign-ups have reached a limit'), ('seals', 'a number could not be opened'), ('breaker', 'a sender was halted: its provider refuses or does not answer'), ('paused', 'a broadcast paused itself: too much of it fails'), ('stuck', 'messages are due and nothing moves'), ('forged', 'a receipt came for a message that was never sent'), ('doubled', 'a provider lists a message more than once'), ('lost', "a provider's callbacks did not come: it had to be asked"), ('codes', 'a provider used a code that is not in the table'), ('templates', 'WhatsApp paused, refused or changed a wording'), ('poison', 'a message could not be prepared, and failed alone')], max_length=20),
        ),
        migrations.AlterField(
            model_name='storedreceipt',
            name='delivery_id',
            field=models.BigIntegerField(),
        ),
        migrations.AddIndex(
            model_name='storedreceipt',
            index=models.Index(condition=models.Q(('refused', True)), fields=['id'], name='receipt_refused'),
        ),
        migrations.AddConstraint(
            model_name='storedreceipt',
            constraint=models.UniqueConstraint(fields=('delivery_id', 'ref', 'word'), name='one_receipt'),
        ),
        migrations.AddField(
            model_name='absence',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='absence',
            name='delivery',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='absences', to='messaging.delivery'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.UniqueConstraint(fields=('delivery', 'attempt'), name='one_absence'),
        ),
    ]
