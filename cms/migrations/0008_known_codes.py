"""Codes of countries and languages, and keys, are checked where they are typed; no column changes."""

import cms.models.codes
import cms.models.vocabularies
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0007_short_links"),
    ]

    operations = [
        migrations.AlterField(
            model_name="alert",
            name="key",
            field=models.CharField(
                help_text="A stable name, the same in every language: CM-R1.",
                max_length=20,
                validators=[cms.models.vocabularies.check_key],
                verbose_name="key",
            ),
        ),
        migrations.AlterField(
            model_name="claim",
            name="key",
            field=models.CharField(
                help_text="A stable name, the same in every language: CM-R1.",
                max_length=20,
                validators=[cms.models.vocabularies.check_key],
                verbose_name="key",
            ),
        ),
        migrations.AlterField(
            model_name="contactpoint",
            name="key",
            field=models.CharField(
                help_text="A stable name, the same in every language: CM-R1.",
                max_length=20,
                validators=[cms.models.vocabularies.check_key],
                verbose_name="key",
            ),
        ),
        migrations.AlterField(
            model_name="contactpoint",
            name="languages",
            field=cms.models.codes.CodesField(
                blank=True,
                default=list,
                validators=[cms.models.vocabularies.check_languages],
                verbose_name="languages spoken",
            ),
        ),
        migrations.AlterField(
            model_name="contactpoint",
            name="reach_from",
            field=cms.models.codes.CodesField(
                blank=True,
                default=list,
                validators=[cms.models.vocabularies.check_countries],
                verbose_name="can be reached from",
            ),
        ),
        migrations.AlterField(
            model_name="fact",
            name="key",
            field=models.CharField(
                help_text="A stable name, the same in every language: CM-R1.",
                max_length=20,
                validators=[cms.models.vocabularies.check_key],
                verbose_name="key",
            ),
        ),
        migrations.AlterField(
            model_name="pathway",
            name="key",
            field=models.CharField(
                help_text="A stable name, the same in every language: CM-R1.",
                max_length=20,
                validators=[cms.models.vocabularies.check_key],
                verbose_name="key",
            ),
        ),
        migrations.AlterField(
            model_name="story",
            name="key",
            field=models.CharField(
                help_text="A stable name, the same in every language: CM-R1.",
                max_length=20,
                validators=[cms.models.vocabularies.check_key],
                verbose_name="key",
            ),
        ),
    ]
