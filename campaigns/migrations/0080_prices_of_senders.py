"""A sender may have prices of its own, beside those of its channel."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0070_chosen_senders"),
        ("messaging", "0040_test_phones_without_hash"),
    ]

    operations = [
        migrations.AddField(
            model_name="price",
            name="sender",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="messaging.sender",
            ),
        ),
        migrations.RemoveConstraint(model_name="price", name="one_price"),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sender__isnull", True)),
                fields=("channel", "country", "category", "valid_from"),
                name="one_price",
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sender__isnull", False)),
                fields=("sender", "country", "category", "valid_from"),
                name="one_price_of_a_sender",
            ),
        ),
    ]
