"""A short code for every page of a route or a message, in each language one of its own.

Until now all languages of a message shared the code of its original, which keeps it: links that
were sent lead by it to the message in whatever language stands in the link.
"""

import secrets

from django.db import migrations, models

LETTERS = "23456789bcdfghjkmnpqrstvwxyz"


def draw(taken):
    code = ""
    while not code or code in taken:
        code = "".join(secrets.choice(LETTERS) for _letter in range(5))
    taken.add(code)
    return code


def give_each_its_own(apps, schema_editor):
    MessagePage, RoutePage = apps.get_model("cms", "MessagePage"), apps.get_model("cms", "RoutePage")
    messages = list(MessagePage.objects.order_by("pk").values_list("pk", "code", "translation_state"))
    taken = {code for _pk, code, _state in messages}
    # The original first: it keeps the code, or else the oldest that there is does.
    messages.sort(key=lambda row: row[2] != "original")
    kept = set()
    for pk, code, _state in messages:
        if code and code not in kept:
            kept.add(code)
            continue
        MessagePage.objects.filter(pk=pk).update(code=draw(taken))
    for pk in RoutePage.objects.order_by("pk").values_list("pk", flat=True):
        RoutePage.objects.filter(pk=pk).update(code=draw(taken))


class Migration(migrations.Migration):
    dependencies = [("cms", "0006_stored_answers")]

    operations = [
        migrations.AddField(
            "routepage",
            "code",
            models.CharField(default="", editable=False, max_length=8, verbose_name="short code"),
            preserve_default=False,
        ),
        migrations.RunPython(give_each_its_own, migrations.RunPython.noop),
        migrations.AlterField(
            "messagepage",
            "code",
            models.CharField(editable=False, max_length=8, unique=True, verbose_name="short code"),
        ),
        migrations.AlterField(
            "routepage",
            "code",
            models.CharField(editable=False, max_length=8, unique=True, verbose_name="short code"),
        ),
    ]
