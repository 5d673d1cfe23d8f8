import uuid

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("messaging", "0020_first_and_test_phones"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptSecret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("text_sealed", models.BinaryField()),
                ("key_id", models.PositiveIntegerField(db_index=True, default=1)),
            ],
        ),
    ]
